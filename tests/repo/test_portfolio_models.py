"""What a build stores of portfolios is what the metric macros say of the same bars, here and at the 1.5 prompt."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import open_build

MEMBERS = (
    "with bars as (select * replace (session_date::timestamp at time zone 'UTC' as ts) from serving.final_bars "
    "where interval = '1d' and symbol in ({})) "
)
PATHS = {  # of the shipped configuration; seven members, of which four share 0.7 and three 0.3
    "equities": ("'SPY', 'AAPL', 'MSFT', 'NVDA'", "rebalance := 'daily'"),
    "buy_and_hold": ("'SPY', 'AAPL', 'MSFT', 'NVDA'", "rebalance := 'never'"),
    "inverse_volatility": ("'SPY', 'AAPL', 'MSFT', 'NVDA'", "rebalance := 'monthly', volatility_window := 63"),
    "mixed": (
        "'SPY', 'AAPL', 'MSFT', 'NVDA', 'BTCUSDT', 'ETHUSDT', 'SOLUSDT'",
        "rebalance := 'monthly', weights := map {'SPY': 0.175, 'AAPL': 0.175, 'MSFT': 0.175, 'NVDA': 0.175, "
        "'BTCUSDT': 0.1, 'ETHUSDT': 0.1, 'SOLUSDT': 0.1}",
    ),
}
FAR = "max(abs({0}.value - stored.{1})), count(stored.{1}), count_if(({0}.value is null) <> (stored.{1} is null))"


@pytest.fixture(scope="module")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


def paths_statement() -> str:
    """For each portfolio and metric of its path: the greatest difference, how many there are, how many NULL alone."""
    selects = [
        f"(select '{name}' as portfolio, '{metric}' as metric, {FAR.format('asked', column)} from (select value, "
        f"utc_day_of(ts) as session_date from ({MEMBERS.format(members)} "
        f"from {metric}('bars', {parameters}))) as asked "
        f"join portfolio.returns as stored using (session_date) where stored.portfolio = '{name}')"
        for name, (members, parameters) in PATHS.items()
        for metric, column in (("portfolio_return", "portfolio_return"), ("turnover", "turnover"))
    ]
    return " union all ".join(selects)


def test_the_stored_path_is_that_of_the_macros(build: duckdb.DuckDBPyConnection) -> None:
    found = build.execute(paths_statement()).fetchall()
    assert len(found) == 8
    assert all(far < 1e-12 and count > 200 and alone == 0 for *_, far, count, alone in found), found


def test_the_prompt_gives_the_same_path(demo_warehouse: Settings) -> None:
    prompt = Path(sys.executable).with_name("duckdb")
    command = [str(prompt), "-readonly", "-csv", str(demo_warehouse.market_path), paths_statement()]
    done = subprocess.run(command, cwd=PROJECT_PATH, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = [list(row.values()) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert len(found) == 8
    assert all(float(far) < 1e-12 and int(alone) == 0 for *_, far, _, alone in found), found


@pytest.mark.parametrize("table", ["summary", "benchmark_summary"])
def test_a_portfolio_is_judged_by_the_macros_of_a_symbol(build: duckdb.DuckDBPyConnection, table: str) -> None:
    """None of the demo's portfolios trades on more days than its benchmark: no year has to be told."""
    columns = {name for (name, *_) in build.execute(f"describe from portfolio.{table}").fetchall()}
    metrics = build.execute("select metric, needs_benchmark from config.metrics order by metric").fetchall()
    asked = [(name, benchmark) for name, benchmark in metrics if name in columns and name != "drawdown"]
    assert len(asked) >= {"summary": 27, "benchmark_summary": 10}[table]
    for name, needs_benchmark in asked:
        second = ", 'benchmark'" if needs_benchmark else ""
        found = build.execute(
            "with bars as (from portfolio.bars), benchmark as (from portfolio.benchmark_bars) "
            f"select {FAR.format('asked', name)} from {name}('bars'{second}) as asked "
            f"join portfolio.{table} as stored on stored.portfolio = asked.symbol"
        ).fetchone()
        assert found is not None
        assert found[0] < 1e-9, (name, found)
        assert found[1:] == (5, 0), (name, found)


def test_risk_is_that_of_what_is_held_today(build: duckdb.DuckDBPyConnection) -> None:
    """The newest weights of sums that are never touched are those that the prices made of them."""
    held = build.execute(
        "select max(abs(holdings.weight - weights.drifted_weight)), count(*) from portfolio.holdings join "
        "portfolio.weights using (portfolio, source, symbol) where portfolio = 'buy_and_hold' and session_date = "
        "(select max(session_date) from portfolio.weights where portfolio = 'buy_and_hold')"
    ).fetchone()
    assert held == (0, 4)
    weights = build.execute("select map(list(symbol), list(weight)) from portfolio.holdings "
                            "where portfolio = 'buy_and_hold'").fetchone()  # fmt: skip
    assert weights is not None
    asked = build.execute(
        f"{MEMBERS.format(PATHS['buy_and_hold'][0])} "
        f"select value from portfolio_vol('bars', weights := map {weights[0]})"
    ).fetchone()
    stored = build.execute("select portfolio_vol from portfolio.risk where portfolio = 'buy_and_hold'").fetchone()
    assert asked is not None
    assert asked == pytest.approx(stored, rel=1e-12)
