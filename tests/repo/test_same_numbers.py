"""One number, whoever is asked: the stored table, the metric's macro, the API, the live view and the 1.5 prompt."""

import csv
import io
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from api.queries.parts import bars_of, prices_of
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build
from tests.api.conftest import serve_settings
from tests.repo.conftest import Visits

Numbers = dict[tuple[str, str], float | None]  # (metric, symbol) -> value
NEWEST = {
    "sma": "sma(bars, n := 20)",
    "bb_upper": "bb_upper(bars, n := 20, k := 2.0)",
    "bb_lower": "bb_lower(bars, n := 20, k := 2.0)",
    "realized_vol": "realized_vol(bars, n := 21)",
    "log_return": "log_return(bars)",
}
NOT_BY_PROMPT = {"drawdown", "sma"}  # the first is of a bar, see NEWEST for such


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


@pytest.fixture(scope="module")
def stored(build: duckdb.DuckDBPyConnection) -> Numbers:
    """Every whole-sample metric of the risk report that a macro without Python gives."""
    found = build.execute(
        "with report as (select symbol, columns(* exclude (source, symbol, asset_class, interval, benchmark, "
        "first_session_date, session_date, as_of, risk_free_rate, var_confidence, n_obs, periods_per_year, "
        "ingest_run_id))::double from serving.latest_risk), long as (from report unpivot include nulls "
        "(value for metric in (columns(* exclude (symbol))))) "
        "select metric, symbol, value from long join config.metrics using (metric) where not is_python"
    ).fetchall()
    return {(metric, symbol): value for metric, symbol, value in found if metric not in NOT_BY_PROMPT}


@pytest.fixture(scope="module")
def statement(build: duckdb.DuckDBPyConnection, stored: Numbers) -> str:
    """The same of the metric macros, on every final daily bar."""
    rows = build.execute("select metric, needs_benchmark from config.metrics").fetchall()
    asked = [(metric, benchmark) for metric, benchmark in rows if any(metric == name for name, _ in stored)]
    relations = {True: "'bars', 'benchmark'", False: "'bars'"}
    selects = [
        f"select '{metric}' as metric, symbol, value from {metric}({relations[benchmark]})"
        for metric, benchmark in asked
    ]
    return (
        "with bars as materialized (from serving.final_bars where interval = '1d'), "
        "benchmark as materialized (from serving.benchmark_bars where interval = '1d') " + " union all ".join(selects)
    )


def assert_equal(ours: Numbers, expected: Numbers) -> None:
    assert ours.keys() == expected.keys()
    assert {key: (ours[key], value) for key, value in expected.items() if not is_same(ours[key], value)} == {}


def is_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-10, abs_tol=1e-12)


def test_the_risk_report_is_what_the_metrics_give(
    build: duckdb.DuckDBPyConnection, stored: Numbers, statement: str
) -> None:
    assert len({metric for metric, _ in stored}) > 50
    assert_equal({(metric, symbol): value for metric, symbol, value in build.execute(statement).fetchall()}, stored)


def test_the_prompt_gives_the_same(demo_warehouse: Settings, stored: Numbers, statement: str) -> None:
    answers = at_the_prompt(demo_warehouse, statement)
    assert_equal({(row["metric"], row["symbol"]): number(row["value"]) for row in answers}, stored)


def test_the_api_gives_the_same_to_the_last_digit(demo_warehouse: Settings, stored: Numbers) -> None:
    with serve_settings(demo_warehouse) as client:
        for symbol in {symbol for _, symbol in stored}:
            answered = client.get(f"/risk/{symbol}").raise_for_status().json()["metrics"]
            mine = {metric: value for (metric, name), value in stored.items() if name == symbol}
            assert {metric: answered[metric]["value"] for metric in mine} == mine


def test_the_live_view_the_macro_and_the_prompt_agree_on_the_newest_final_bars(
    build: duckdb.DuckDBPyConnection, demo_warehouse: Settings
) -> None:
    """Of every interval; the live view up to 1e-12 of it, the prompt as well."""
    macros = " union all ".join(
        f"select '{metric}' as metric, symbol, interval, max_by(value, ts) as value "
        f"from {call.replace('bars', repr('serving.final_bars'), 1)} group by symbol, interval"
        for metric, call in NEWEST.items()
    )
    live = build.execute(
        "with final as (from serving.bars semi join serving.final_bars using (source, symbol, interval, ts)), "
        f"newest as (select symbol, interval, {', '.join(f'max_by({name}, ts) as {name}' for name in NEWEST)} "
        "from final group by symbol, interval) "
        "select metric || interval, symbol, value from newest unpivot include nulls "
        f"(value for metric in ({', '.join(NEWEST)}))"
    ).fetchall()
    expected = {(metric, symbol): value for metric, symbol, value in live}
    computed = build.execute(macros).fetchall()
    assert len(expected) > 100
    assert_equal({(metric + interval, symbol): value for metric, symbol, interval, value in computed}, expected)
    prompted = at_the_prompt(demo_warehouse, macros)
    ours = {(row["metric"] + row["interval"], row["symbol"]): number(row["value"]) for row in prompted}
    assert_equal(ours, expected)


@pytest.mark.parametrize(
    ("whole", "kind", "part_of"),
    [
        ("serving.bars", "asset_class, interval", bars_of),
        ("serving.latest_prices", "asset_class", prices_of),
    ],
)
def test_the_parts_that_the_api_reads_are_the_live_view(
    build: duckdb.DuckDBPyConnection, whole: str, kind: str, part_of: Callable[..., str]
) -> None:
    """To the last digit, and each part has its kinds and no others."""
    kinds = build.execute(f"select distinct {kind} from {whole}").fetchall()
    parts = {part_of(*each) for each in kinds}
    for part in parts:
        held = build.execute(f"select distinct {kind} from serving.{part}").fetchall()
        assert {part_of(*each) for each in held} == {part} and whole != f"serving.{part}"
    rows = " union all by name ".join(f"from serving.{part}" for part in parts)
    differing = f"(from {whole} except all ({rows})) union all (({rows}) except all from {whole})"
    assert build.execute(f"select count(*) from ({differing})").fetchall() == [(0,)]


def test_the_newest_value_of_an_example_is_the_stored_one(visits: Visits) -> None:
    """Of every trailing metric, in a build whose windows are not the defaults of the macros."""
    catalogue = visits.whole.execute(
        "select metric, relation, stored_in, example from meta.catalog "
        "join duckdb_columns() on schema_name || '.' || table_name = relation and column_name = 'ts' "
        "where relation like 'metrics.%' and example like '%serving.final_bars where symbol = ''SPY''%' "
        "and example like '% order by ts desc, symbol limit 5;'"
    ).fetchall()
    different = {}
    for metric, relation, stored_in, example in catalogue:
        row = visits.whole.execute(f"select ts, value from ({example.rstrip(';')}) limit 1").fetchall()[0]
        query = (
            f"select ts, {stored_in.rpartition('.')[2]} from {relation} join bars.series using (series_id) "
            "where symbol = 'SPY' and interval = '1d' order by ts desc limit 1"
        )
        ts, value = visits.whole.execute(query).fetchall()[0]
        if ts != row[0] or not is_same(row[1], value):
            different[metric] = (row, (ts, value))
    assert len(catalogue) > 60
    assert different == {}
    shown = dict(visits.whole.execute("select metric, parameters from meta.catalog").fetchall())
    windows = [shown[f"sma_{length}"] for length in ("short", "medium", "long")]
    assert windows == ["n := 3", "n := 5", "n := 8"]  # conftest.ENVIRONMENT


def at_the_prompt(settings: Settings, query: str) -> list[dict[str, str]]:
    command = [str(Path(sys.executable).parent / "duckdb"), "-readonly", "-csv", str(settings.market_path), "-c", query]
    done = subprocess.run(command, cwd=PROJECT_PATH, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def number(text: str) -> float | None:
    return None if text in ("", "NULL") else float(text)
