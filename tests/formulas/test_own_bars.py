"""A file of one's own in plain SQL: completed, cleaned, and the same numbers as `quant compute`, in both versions."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import quant
from quant.errors import DataWarning
from quant.formulas import load_formulas
from udfs import register

CLOSES = ["100", "104", "nan", "-5", "0", "98", "97.5", "101", "", "103", "99", "107", "102", "inf", "108", "106"]
WITH = "set TimeZone = 'America/New_York'; with prices as (from '{0}'), bars as (from bars_from('prices', ppy := 365)) "
# Of each metric one that reads the close, one the returns, one the days per year.
VALUES = "select 'rsi' as metric, ts, value from rsi('bars', n := 3) union all by name \
select 'simple_return' as metric, ts, value from simple_return('bars') union all by name \
select 'annual_vol' as metric, ts, value from annual_vol('bars') order by metric, ts"
ROWS = "select columns(* exclude (ts)), epoch(ts)::bigint as ts from bars order by ts"


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dates and closes, some of them no prices; the second day comes again at the end and counts there."""
    path = tmp_path_factory.mktemp("own") / "my.csv"
    days = [date(2026, 3, 1) + timedelta(days=place) for place in range(len(CLOSES))]
    lines = [f"{day},{close}" for day, close in zip(days, CLOSES, strict=True)]
    path.write_text("\n".join(["ts,Close", *lines, f"{days[1]},105"]) + "\n")
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("own") / "formulas.duckdb"
    with duckdb.connect(path, config={"storage_compatibility_version": "v1.4.0"}) as connection:
        register(connection)
        load_formulas(connection)
        connection.execute("checkpoint")
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


def asked(database: duckdb.DuckDBPyConnection, prices: Path, query: str) -> list[tuple[str, ...]]:
    zone, statement = WITH.format(prices).split("; ")
    database.execute(zone)
    return [tuple(map(text, row)) for row in database.execute(statement + query).fetchall()]


def text(value: object) -> str:
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    return "NULL" if value is None else str(value)


def test_what_a_file_lacks_is_completed_and_what_is_no_price_is_missing(
    database: duckdb.DuckDBPyConnection, prices: Path
) -> None:
    rows = asked(database, prices, ROWS)
    # by hand: NaN, negative, infinite and absent closes are missing, zero stays, the later second day counts
    known = ["100.0", "105.0", "NULL", "NULL", "0.0", "98.0", "97.5", "101.0", "NULL", "103.0", "99.0", "107.0"]
    closes = [*known, "102.0", "NULL", "108.0", "106.0"]
    midnight = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    assert rows == [
        ("file", "bars", "1d", "NULL", "NULL", "NULL", close, close, "NULL", "365.0", str(midnight + place * 86400))
        for place, close in enumerate(closes)
    ]


def test_the_metrics_of_a_file_are_those_of_quant_compute_and_of_the_prompt(
    database: duckdb.DuckDBPyConnection, prices: Path
) -> None:
    ours = asked(database, prices, VALUES)
    computed = []
    with pytest.warns(DataWarning):
        for metric, parameters in {"annual_vol": {"ppy": 365}, "rsi": {"n": 3}, "simple_return": {}}.items():
            rows = quant.compute(metric, prices, **parameters).to_pylist()
            computed += [tuple(map(text, (metric, row.get("ts"), row["value"]))) for row in rows]
    assert len(ours) == 2 * len(CLOSES) + 1
    assert sorted(ours) == sorted(computed)
    assert at_the_prompt(database, prices) == ours


def at_the_prompt(database: duckdb.DuckDBPyConnection, prices: Path) -> list[tuple[str, ...]]:
    path = database.execute("select path from duckdb_databases() where path is not null").fetchall()[0][0]
    query = f"{WITH.format(prices)} select metric, epoch(ts)::bigint as ts, value from ({VALUES}) order by metric, ts"
    command = [str(Path(sys.executable).parent / "duckdb"), "-readonly", "-csv", "-noheader", path, "-c", query]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [tuple(row) for row in csv.reader(io.StringIO(done.stdout))]


@pytest.mark.parametrize(
    "given",
    ["date '2026-03-08'", "timestamp '2026-03-08 00:00'", "timestamptz '2026-03-08 01:00+01'"],
)
def test_a_date_a_timestamp_and_an_instant_are_of_utc(database: duckdb.DuckDBPyConnection, given: str) -> None:
    database.execute("set TimeZone = 'America/New_York'")
    query = f"with given as (select {given} as ts, 1 as close) select epoch(ts)::bigint from bars_from('given')"
    assert database.execute(query).fetchall() == [(1772928000,)]  # date -u -d 2026-03-08 +%s


def test_columns_that_are_given_count(database: duckdb.DuckDBPyConnection) -> None:
    query = """
        with given as (
            select * from (values
                (date '2026-03-01', 10, 9.5, 'A', '1w', 52, timestamp '2026-03-09'),
                (date '2026-03-01', 11, 9.0, 'A', '1w', 52, timestamp '2026-03-08'),
                (date '2026-03-08', 12, null, 'A', '1w', 52, timestamp '2026-03-08')
            ) as rows(ts, close, adj_close, symbol, interval, periods_per_year, fetched_at)
        )
        select symbol, interval, close, adj_close, periods_per_year from bars_from('given') order by ts
    """
    # the later pull counts; an adjusted close that is missing is not replaced by one of another scale
    assert database.execute(query).fetchall() == [("A", "1w", 10, 9.5, 52), ("A", "1w", 12, None, 52)]
