"""One JSON object a request in the log: who asked for what, and what came of it; never a key, never SQL."""

import json
import logging
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from api.exchange import Exchange
from api.middleware.scope import caller_of

log = logging.getLogger("api.access")

QUIET = ("/health", "/-/metrics")  # probes ask them every few seconds
# Parameters of ours whose values say what was asked for. Any other one is shown by its name alone: whoever puts a
# secret into an address shall not find it in the log.
SHOWN = frozenset(
    "source symbol interval from to fields limit latest format rule direction expiry as_of view kind weights a b "
    "window metric portfolio benchmark min_strike max_strike is_call".split()
)
LONGEST = 512  # characters of a path or a query


def write_line(exchange: Exchange, level: int | None) -> None:
    """At `level`, which is None where nobody wants the line; probes that went well are one of debugging."""
    if level is None:
        return
    level = logging.DEBUG if exchange.status < 400 and exchange.route in QUIET else level
    if log.isEnabledFor(level):
        log.log(level, "%s", json.dumps(line_of(exchange), separators=(",", ":"), ensure_ascii=True))


def line_of(exchange: Exchange) -> dict[str, object]:
    caller = caller_of(exchange.scope)
    return {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": exchange.request_id,
        "method": exchange.method[:16],
        "route": exchange.route,
        "path": exchange.scope["path"][:LONGEST],
        "query": shown(exchange.scope["query_string"]),
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000, 3),
        "bytes": exchange.count_bytes,
        "client": caller.address,
        "key": caller.key,
        "build_id": exchange.build_id,
    }


def shown(query: bytes) -> str:
    """The query with the values of known parameters; `*` stands for those of others."""
    if not query:
        return ""
    pairs = parse_qsl(query[: 4 * LONGEST].decode("latin-1"), keep_blank_values=True)
    return "&".join(f"{name[:64]}={value if name in SHOWN else '*'}" for name, value in pairs)[:LONGEST]
