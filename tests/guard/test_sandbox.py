"""The process of a query: what it may do, and how it ends. The whole corpus runs in `make guard`."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from quant.settings import load_settings
from quant.settings.api import Sql
from quant.sql.refusal import SqlRefusal
from quant.sql.sandbox import Sandbox, SandboxBusyError, SqlAnswer
from tests.guard.measure import peak_megabytes

# One of each family: the whole corpus takes minutes.
SOME_BOMBS = [
    "select repeat('x', 2000000000)",
    "select lpad('x', 1000000000, 'y')",
    "select array_agg(range) from range(10000000000)",
    "select unnest(range(1000000000))",
    "select damerau_levenshtein(repeat('a', 100000), repeat('b', 100000))",
    "select count(*) from range(1000000) a, range(1000000) b",
    "select quantile_cont(a.range, 0.5) over (order by b.range rows 99999 preceding) from range(9999) a, range(9999) b",
    "select * from range(100000000000) order by random()",
]
SLOW = "select count(*) from range(1000000) a, range(1000000) b"


@pytest.fixture(scope="module")
def limits() -> Sql:
    return load_settings().api.sql.model_copy(update={"seconds": 1.0})


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def sandbox(limits: Sql, loop: asyncio.Runner) -> Iterator[Sandbox]:
    opened = Sandbox(limits)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def patient(limits: Sql) -> Iterator[Sandbox]:
    """For what shall be answered, on a machine that does ten other things."""
    opened = Sandbox(limits.model_copy(update={"seconds": 60.0}))
    yield opened
    opened.close()


@pytest.fixture
def ask(patient: Sandbox, build: Path, loop: asyncio.Runner) -> Callable[[str], SqlAnswer]:
    return lambda sql: loop.run(patient.ask(build, sql))


def table(answer: SqlAnswer) -> pa.Table:
    return pa.ipc.open_stream(answer.arrow).read_all()


def test_an_answer_is_arrow_with_the_names_and_types_of_duckdb(ask: Callable[[str], SqlAnswer]) -> None:
    answer = ask("select symbol, count(*) as n, 1 as n from serving.final_bars group by symbol order by symbol")
    assert table(answer).to_pylist()[0] == {"symbol": "AAPL", "n": 69, "n_1": 1}  # 60 days, 9 weeks
    assert [column["type"] for column in answer.columns] == ["VARCHAR", "BIGINT", "INTEGER"]
    assert (answer.row_count, answer.truncated) == (4, False)


def test_more_rows_or_bytes_than_allowed_are_cut_off_and_said(ask: Callable[[str], SqlAnswer], limits: Sql) -> None:
    rows = ask("from range(1000000)")
    assert (rows.row_count, rows.truncated, table(rows).num_rows) == (limits.rows, True, limits.rows)
    wide = ask("select repeat('x', 10000) from range(10000)")
    assert wide.truncated and 0.5 * limits.bytes < len(wide.arrow) < 1.1 * limits.bytes
    name = "n" * 19_000  # JSON would say it in each row: 190 MB
    named = ask(f'select 1 as "{name}" from range(10000)')
    assert named.truncated and 0 < named.row_count * len(name) <= limits.bytes


@pytest.mark.parametrize("sql", SOME_BOMBS)
def test_a_bomb_ends_in_time_and_memory(sql: str, sandbox: Sandbox, build: Path, loop: asyncio.Runner) -> None:
    with peak_megabytes() as peak, pytest.raises(SqlRefusal) as refusal:
        loop.run(sandbox.ask(build, sql))
    assert refusal.value.kind in ("deadline", "memory")
    assert 40 < peak.megabytes < 600  # 40: it was seen at all


def test_only_so_many_run_and_wait_and_the_next_is_told_to_come_back(
    limits: Sql, build: Path, loop: asyncio.Runner
) -> None:
    async def flood() -> list[SqlAnswer | BaseException]:
        busy = Sandbox(limits.model_copy(update={"at_once": 1, "queue": 1, "seconds": 0.5}))
        try:
            asked: list[Awaitable[SqlAnswer]] = [busy.ask(build, SLOW) for _ in range(4)]
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            busy.close()

    found = [type(each) for each in loop.run(flood())]
    assert found.count(SqlRefusal) == 2 and found.count(SandboxBusyError) == 2


def test_a_query_that_nobody_waits_for_is_killed(patient: Sandbox, build: Path, loop: asyncio.Runner) -> None:
    async def leave() -> float:
        with peak_megabytes() as seen:
            task = asyncio.create_task(patient.ask(build, SLOW))
            while not seen.running():
                await asyncio.sleep(0.01)
            task.cancel()
            left = time.monotonic()
            while seen.running():
                await asyncio.sleep(0.01)
        return time.monotonic() - left

    assert loop.run(leave()) < 30  # the deadline would be 60 s


def test_the_process_has_no_environment_and_comes_again_when_it_was_killed(
    ask: Callable[[str], SqlAnswer], patient: Sandbox
) -> None:
    ask("select 1")
    process = patient._process
    assert process is not None
    assert b"PATH" not in Path(f"/proc/{process.pid}/environ").read_bytes() if os.path.isdir("/proc/self") else True
    process.kill()
    process.wait()
    assert table(ask("select 2 as two")).to_pylist() == [{"two": 2}]


def test_unusual_types_are_text_and_instants_beyond_what_clients_know_are_refused(
    ask: Callable[[str], SqlAnswer],
) -> None:
    row = table(
        ask("select interval 1 month as i, map {'a': 1} as m, 'x'::blob as b, sum(1)::hugeint as h")
    ).to_pylist()
    assert row == [{"i": "1 month", "m": "{a=1}", "b": "x", "h": 1}]
    for sql in ("select 'infinity'::timestamp", "select [date '0044-03-15 (BC)']"):
        with pytest.raises(SqlRefusal, match="outside the years 1 to 9999: cast it to varchar"):
            ask(sql)


def test_an_error_of_duckdb_says_no_path(ask: Callable[[str], SqlAnswer], build: Path) -> None:
    with pytest.raises(SqlRefusal) as refusal:
        ask("select no_such_column from serving.final_bars")
    assert "no_such_column" in str(refusal.value) and str(build) not in str(refusal.value)
