"""A model tagged per_symbol never looks from one symbol at another: nothing of its SQL, with every formula written out,
spans series. Else a shard, which holds some of the symbols, would give other numbers.
"""

import pytest

from tests.repo.conftest import Sharded
from tests.repo.crossings import violations
from tests.repo.formulas_called import formulas

# What looks across, and why the answer of a shard is the same.
HARMLESS_HERE = {
    ("bars.ordered_returns", "ROW_NUMBER() OVER ()"): "where a row lies, from which row_index counts",
    ("bars.crypto_bars", "SELECT MIN(date) - 1"): "the first day that is read, a bound that no bar depends on",
    ("options.quotes", "ASOF LEFT JOIN bills"): "of options.rate_series, which every shard reads (Record.shards)",
    ("options.quotes", "JOIN curve USING (days)"): "rates of config.yaml, one for each number of days that is asked",
}


def test_every_model_of_series_says_whether_a_shard_can_make_it(sharded: Sharded) -> None:
    """By its folder; one that looks across carries `cross_section` as well, which wins."""
    schemas = {"bars", "metrics", "pairs", "portfolio", "options", "signals"}
    silent = {name for name, tags in sharded.tags.items() if not {"per_symbol", "cross_section"} & tags}
    assert {name for name in silent if name.partition(".")[0] in schemas} == set()


def test_what_a_shard_makes_reads_nothing_that_looks_across(sharded: Sharded) -> None:
    across = {name for name, tags in sharded.tags.items() if "cross_section" in tags}
    assert len(across) > 20
    assert {model.relation for model in sharded.needed} & across == set()


def test_no_window_and_no_group_of_a_shard_spans_series(sharded: Sharded) -> None:
    found = [(model.relation, each) for model in sharded.needed for each in violations(model.select, formulas())]
    assert len(sharded.needed) > 60
    assert [
        each for each in found if not any(each[0] == name and each[1].startswith(sql) for name, sql in HARMLESS_HERE)
    ] == []
    assert {name for name, _ in found} == {name for name, _ in HARMLESS_HERE}  # none is allowed for nothing


@pytest.mark.parametrize(
    "sql",
    [
        "select avg(close) over (order by ts) as mean from bars.bars",
        "select ts, avg(close) as mean from bars.bars group by ts",
        "select max(ts) as newest from bars.bars",
        "select cagr(simple_return, periods_per_year) as cagr from bars.returns",
        "select interval, sharpe(excess_return, periods_per_year) as sharpe from bars.returns group by all",
        "select roll_avg(close, 20, interval, ts) as mean from bars.bars",
        "select ts, sum(volume) over day as volume from bars.bars window day as (partition by session_date)",
        "select avg(close) over (partition by length(symbol), source) as mean from bars.bars",
        "select avg(close) over (partition by source, symbol = 'SPY') as mean from bars.bars",
        "select avg(close) over (partition by symbol) as mean from bars.bars",
        "select roll_avg(close, 20, length(symbol), ts) as mean from bars.bars",
        "select symbol, max(close) as top from bars.bars group by symbol",
        "select source, symbol, max(close) as top from bars.bars group by rollup (source, symbol)",
        "select source, length(symbol) as symbol, max(close) as top from bars.bars group by source, symbol",
        "select histogram(close) as closes from bars.bars",
        "select distinct on (ts) source, symbol, close from bars.bars",
        "select distinct ts from bars.bars",
        "select source, symbol, close from bars.bars order by close desc limit 10",
        "select source, symbol from bars.bars where close in (select close from bars.bars order by close limit 3)",
        "with top as (from bars.bars order by close limit 3) select source, symbol, close from top",
        "from bars.bars offset 3",
        "select source, symbol, close from bars.bars using sample 10",
        "select a.close - b.close as gap from bars.bars as a inner join bars.bars as b on a.ts = b.ts",
        "select a.close - b.close as gap from bars.bars as a inner join bars.bars as b using (ts)",
        "select a.close - b.close as gap from bars.bars as a inner join bars.bars as b using (symbol, ts)",
        "select a.close - b.close as gap from bars.bars as a asof join bars.bars as b on a.ts >= b.ts",
        "select a.close - b.close as gap from bars.bars as a, bars.bars as b",
        "select a.close from bars.bars as a join bars.bars as b on a.series_id = b.series_id or a.ts = b.ts",
        "select a.close from bars.bars as a join bars.bars as b on a.series_id = a.series_id",
        "select bars.close from bars.bars cross join config.instruments",
        "select ts, close from bars.bars union select ts, close from bars.returns",
        "select ts, close from bars.bars except all select ts, close from bars.returns",
        "pivot bars.bars on interval using first(close) group by ts",
        "select * from bars.bars pivot (avg(close) for interval in ('1d', '1w') group by ts)",
        "select close - (select b.close from bars.bars as b where symbol = 'SPY' and b.ts = a.ts) from bars.bars as a",
        "select close from bars.bars as a where exists (from bars.bars as b where b.ts = a.ts and b.close > a.close)",
        "with closes as (select close from bars.bars) select symbol, list_max(array(from closes)) from bars.bars",
    ],
)
def test_what_spans_series_is_found(sql: str) -> None:
    assert len(violations(sql, formulas())) >= 1


@pytest.mark.parametrize(
    "sql",
    [
        "select roll_avg(close, 20, series_id, ts) as mean from bars.bars",
        "select source, symbol, cagr(simple_return, periods_per_year) as cagr from bars.returns group by all",
        "select sum(volume) over day as volume from bars.bars window day as (partition by source, symbol, ts)",
        "from newest_sessions('received')",
        "select source, underlying, max(strike) as top from options.quotes group by source, underlying",
        "select avg(value) over (partition by line_key_of(series_id, line)) as mean from metrics.levels",
        "select distinct on (series_id) series_id, ts, close from bars.bars order by ts desc",
        "select series_id, list(close order by close desc limit 3) as top from bars.bars group by series_id",
        "select a.close - b.close as gap from bars.bars as a asof join bars.bars as b "
        "on a.source = b.source and a.symbol = b.symbol and a.ts >= b.ts",
        "with grid as (select unnest([30, 60]) as days) select series_id, days from bars.bars cross join grid",
        "select symbol, rate from config.rates cross join bars.bars",
        "select series_id, ts from bars.bars union select series_id, ts from bars.returns",
        "select close from bars.bars as a where exists (from bars.returns as b where b.series_id = a.series_id)",
        "select close / (select rate from config.rates order by days limit 1) as per_rate from bars.bars",
        "unpivot bars.bars on open, close into name price value amount",
    ],
)
def test_what_stays_in_its_series_is_let_through(sql: str) -> None:
    assert violations(sql, formulas()) == []
