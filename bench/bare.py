"""What an answer costs beyond its SQL: the same statements on the same file in one process, by turns with HTTP."""

import http.client
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from unittest.mock import patch

import duckdb
from starlette.testclient import TestClient

from api.app import create_app
from bench.host import Host
from quant.warehouse import Reading, Warehouse, open_build

Statement = tuple[str, Any]
MADE_ANEW = {"Cache-Control": "no-store"}  # not what was given before


class Recorder:
    """A cursor that notes what is asked of it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, statements: list[Statement]) -> None:
        self._cursor, self._statements = cursor, statements

    def sql(self, query: str, *arguments: Any, params: Any = None, **named: Any) -> Any:
        self._statements.append((query, params))
        return self._cursor.sql(query, *arguments, params=params, **named)

    def execute(self, query: str, parameters: Any = None, **named: Any) -> Any:
        self._statements.append((query, parameters))
        return self._cursor.execute(query, parameters, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def recorded(statements: list[Statement]) -> Iterator[None]:
    """Whatever any warehouse of this process is asked is noted."""
    plain = Warehouse._read

    def read(warehouse: Warehouse) -> Reading:
        reading = plain(warehouse)
        return replace(reading, cursor=Recorder(reading.cursor, statements))  # type: ignore[arg-type]

    with patch.object(Warehouse, "_read", read):
        yield


def statements_of(host: Host, path: str) -> list[Statement]:
    """The SQL of one answer: the same application, in this process. What it remembers of its build is not asked."""
    found: list[Statement] = []
    with TestClient(create_app(host.settings), base_url="http://127.0.0.1") as client:
        client.get(path).raise_for_status()
        with recorded(found):
            client.get(path, headers=MADE_ANEW).raise_for_status()
    return found


@dataclass(frozen=True)
class Cost:
    """Medians in milliseconds; those that compare are of pairs.

    `over`: beyond all its queries. `over_main`, `ratio`: beyond the one of them that takes longest, which is the
    question itself; what the others say (a head, a summary) counts as the API's own cost there.
    """

    http: float
    bare: float
    main: float
    over: float
    over_main: float
    ratio: float
    bytes: int
    queries: int
    cpu: float  # of the API beyond that of its queries: other work on the machine hardly moves it


def cost(host: Host, path: str, rounds: int) -> Cost:
    """One after the other, each first in turn; the connection is kept, the body is read whole."""
    statements = statements_of(host, path)
    with open_build(host.settings.market_path.resolve()) as connection:
        connection.execute(f"set global threads = {host.settings.reader.threads}")
        warnings.filterwarnings(
            "ignore", "Arrow output on a DB-API result"
        )  # its copy costs less than a second binding
        cursor, client = connection.cursor(), http.client.HTTPConnection("127.0.0.1", host.port)
        size = len(asked(client, path))
        bare(cursor, statements)
        pairs, used, began = [], 0.0, host.cpu_seconds()
        for number in range(rounds):
            over_http = timed(asked, client, path) if number % 2 else None
            before = time.process_time()
            alone = bare(cursor, statements)
            used += time.process_time() - before
            pairs.append((over_http or timed(asked, client, path), alone))
        client.close()
    return judged(pairs, size, (host.cpu_seconds() - began - used) / rounds * 1000)


def judged(pairs: list[tuple[float, list[float]]], size: int, cpu: float) -> Cost:
    """Of each pair: what HTTP took, and what each of the queries took."""
    times = list(map(median, zip(*(alone for _, alone in pairs), strict=True)))
    place = times.index(max(times))
    return Cost(
        http=median(over_http for over_http, _ in pairs),
        bare=sum(times),
        main=times[place],
        over=median(over_http - sum(alone) for over_http, alone in pairs),
        over_main=median(over_http - alone[place] for over_http, alone in pairs),
        ratio=median(over_http / alone[place] for over_http, alone in pairs),
        bytes=size,
        queries=len(times),
        cpu=cpu,
    )


def timed(work: Any, *arguments: Any) -> float:
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000


def asked(client: http.client.HTTPConnection, path: str) -> bytes:
    client.request("GET", path, headers=MADE_ANEW)
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status}: {body[:300]!r}")
    return body


def bare(cursor: duckdb.DuckDBPyConnection, statements: list[Statement]) -> list[float]:
    """As little as DuckDB can be asked for: bound once (`sql()` binds twice), and no row becomes an object.

    How long each took, in milliseconds.
    """
    return [timed(answer, cursor, sql, parameters) for sql, parameters in statements]


def answer(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Any) -> None:
    cursor.execute(sql, parameters).to_arrow_table()
