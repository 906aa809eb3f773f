"""One JSON object a request in the log: who asked for what, and what came of it; never a key, never SQL."""

import json
import logging
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from api.exchange import Exchange
from api.middleware.scope import caller_of
from quant.keys import PREFIX

log = logging.getLogger("api.access")

QUIET = ("/health", "/-/metrics")  # probes ask them every few seconds
# Parameters of ours whose values say what was asked for. Of any other one nothing is shown: whoever puts a secret into
# an address shall not find it in the log.
SHOWN = frozenset(
    "source symbol interval from to fields limit latest format rule direction expiry as_of view kind "
    "a b window metric portfolio symbols order since snapshot episodes where".split()
)
SECRET = re.compile(PREFIX + r"\S*")  # a key of ours, wherever it was pasted
LONGEST = 512  # characters of a path or a query


def write_line(exchange: Exchange, level: int | None) -> None:
    """At `level`, which is None where nobody wants the line; probes are one of debugging, unless we failed them."""
    if level is None:
        return
    level = logging.DEBUG if exchange.route in QUIET and exchange.status in (200, 503) else level
    if log.isEnabledFor(level):
        log.log(level, "%s", json.dumps(line_of(exchange), separators=(",", ":"), ensure_ascii=True))


def line_of(exchange: Exchange) -> dict[str, object]:
    caller = caller_of(exchange.scope)
    return {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": exchange.request_id,
        "method": exchange.method[:16],
        "route": exchange.route,
        "path": SECRET.sub("*", exchange.scope["path"][:LONGEST]),
        "query": shown(exchange.scope["query_string"]),
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000, 3),
        "bytes": exchange.count_bytes,
        "client": caller.address,
        "key": caller.key,
        "build_id": exchange.build_id,
    }


def shown(query: bytes) -> str:
    """The query with its known parameters; `*` stands for others."""
    if not query:
        return ""
    pairs = parse_qsl(query[: 4 * LONGEST].decode("latin-1"), keep_blank_values=True)
    text = "&".join(f"{name}={value}" if name in SHOWN else "*" for name, value in pairs)
    return SECRET.sub("*", text)[:LONGEST]
