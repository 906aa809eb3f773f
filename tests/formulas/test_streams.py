"""The stored trailing models, which stream over rows as they lie, give what the metric macros give of the same bars."""

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from bench.compiled import compiled
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import load_settings

# Column of a stored model -> the macro with the parameters that config.yaml has for it.
STORED = {
    "trend": {
        "sma_short": "sma('bars', n := 20)", "sma_medium": "sma('bars', n := 50)", "sma_long": "sma('bars', n := 252)",
        "wma": "wma('bars')", "vwma": "vwma('bars')", "hma": "hma('bars')", "bb_upper": "bb_upper('bars')",
        "bb_middle": "bb_middle('bars')", "bb_lower": "bb_lower('bars')", "bb_percent_b": "bb_percent_b('bars')",
        "bb_width": "bb_width('bars')",
    },
    "channels": {
        "donchian_upper": "donchian_upper('bars')", "donchian_middle": "donchian_middle('bars')",
        "donchian_lower": "donchian_lower('bars')", "ichimoku_tenkan": "ichimoku_tenkan('bars')",
        "ichimoku_kijun": "ichimoku_kijun('bars')", "ichimoku_span_a": "ichimoku_span_a('bars')",
        "ichimoku_span_b": "ichimoku_span_b('bars')", "stoch_k": "stoch_k('bars')", "stoch_d": "stoch_d('bars')",
        "williams_r": "williams_r('bars')", "aroon_up": "aroon_up('bars')", "aroon_down": "aroon_down('bars')",
    },
    "averages": {
        "ema_short": "ema('bars', n := 20)", "ema_medium": "ema('bars', n := 50)", "dema": "dema('bars')",
        "tema": "tema('bars')",
    },
    "macd": {
        "macd": "macd('bars')", "macd_signal": "macd_signal('bars')", "macd_hist": "macd_hist('bars')",
        "ppo": "ppo('bars')",
    },
    "momentum": {
        "rsi": "rsi('bars')", "roc": "roc('bars')", "momentum": "momentum('bars')", "trix": "trix('bars')",
    },
    "ranges": {
        "true_range": "true_range('bars')", "atr": "atr('bars')", "natr": "natr('bars')",
        "keltner_upper": "keltner_upper('bars')", "keltner_middle": "keltner_middle('bars')",
        "keltner_lower": "keltner_lower('bars')",
    },
    "directional": {"plus_di": "plus_di('bars')", "minus_di": "minus_di('bars')", "adx": "adx('bars')"},
    "oscillators": {
        "cci": "cci('bars')", "mfi": "mfi('bars')", "ultimate_oscillator": "ultimate_oscillator('bars')",
    },
    "volume": {"obv": "obv('bars')", "ad_line": "ad_line('bars')", "cmf": "cmf('bars')"},
    "volatility": {
        "realized_vol": "realized_vol('bars')", "parkinson_vol": "parkinson_vol('bars')",
        "garman_klass_vol": "garman_klass_vol('bars')", "ewma_vol": "ewma_vol('bars')",
    },
    "range_volatility": {
        "rogers_satchell_vol": "rogers_satchell_vol('bars')", "yang_zhang_vol": "yang_zhang_vol('bars')",
    },
    "performance": {
        "rolling_sharpe": "rolling_sharpe('bars')", "rolling_sortino": "rolling_sortino('bars')",
        "rolling_downside_deviation": "rolling_downside_deviation('bars')",
        "rolling_win_rate": "rolling_win_rate('bars')",
    },
}  # fmt: skip
# These cross zero: how much they differ is measured by what they are made of.
SCALES = {
    **dict.fromkeys(("macd", "macd_signal", "macd_hist", "momentum"), "avg(close) / 100"),
    **dict.fromkeys(("trix", "ppo", "cci", "rolling_sharpe", "rolling_sortino"), "0.01"),
    **dict.fromkeys(("obv", "ad_line"), "avg(volume)"), "cmf": "0.01", "bb_percent_b": "0.01",
}  # fmt: skip
# Five fates: a walk, a price a million times smaller, one without a move, a short history, volume and moves missing.
BARS = """
    create table walk as
    select s, i, exp(0.02 * sin(i * 1.7 + s) + 0.015 * cos(i * i * 0.37 + s) + 0.0004 * i) as x, sin(i * 3.1 + s) as y
    from range(5) as series(s), range(700) as rows(i)
    where s <> 3 or i < 60;
    create table bars as
    select
        'lab' as source, 's' || s as symbol, '1d' as interval,
        timestamptz '2020-01-01 00:00:00+00' + to_days(i::int) as ts,
        case s when 2 then 100 else 100 * x * (1 + 0.004 * y) end * pow(10, -6 * (s = 1)::int) as open,
        case s when 2 then 100 else 101.5 * x end * pow(10, -6 * (s = 1)::int) as high,
        case s when 2 then 100 else 98.5 * x end * pow(10, -6 * (s = 1)::int) as low,
        case s when 2 then 100 else 100 * x * (1 - 0.006 * y) end * pow(10, -6 * (s = 1)::int) as close,
        close as adj_close, case when s = 4 and i % 7 = 0 then 0 else 1000 + 900 * y end as volume,
        252.0::double as periods_per_year, hash(s) % 1000 as series_id, ts + interval 1 day as end_ts,
        ts::date as session_date, 'crypto' as asset_class, 'run' as ingest_run_id
    from walk;
    create table series as
        select distinct series_id, source, symbol, asset_class, interval, periods_per_year from bars;
    alter table bars drop periods_per_year;
"""


@pytest.fixture(scope="module")
def stored() -> Iterator[duckdb.DuckDBPyConnection]:
    """Bars of five series, and the trailing models built over them."""
    variables = dbt_vars(load_settings())
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute(BARS)
        for model in ["ordered_returns", "returns", *STORED]:
            connection.execute(f"create table {model} as {compiled(model, variables)}")
        connection.execute("alter table bars add periods_per_year double; update bars set periods_per_year = 252.0")
        yield connection


def worst(connection: duckdb.DuckDBPyConnection, model: str, column: str, macro: str) -> dict[str, Any]:
    """How many values were compared, how many of them only one side knows, and the greatest difference."""
    row = connection.execute(
        f"select count(theirs.value), count_if((theirs.value is null) <> (ours.{column} is null)), "
        f"max(abs(theirs.value - ours.{column}) / greatest(abs(theirs.value), scale, 1e-300)) "
        f"from {macro} as theirs join (select symbol, {model}.* from {model} "
        "join (select distinct series_id, symbol from bars) using (series_id)) as ours using (symbol, ts) "
        f"join (select symbol, {SCALES.get(column, '0.0')} as scale from bars group by symbol) using (symbol)"
    ).fetchone()
    assert row is not None
    return dict(zip(("count", "one_sided", "difference"), row, strict=True))


@pytest.mark.parametrize("model", STORED)
def test_stored_columns_equal_the_metric_of_any_bars(stored: duckdb.DuckDBPyConnection, model: str) -> None:
    for column, macro in STORED[model].items():
        found = worst(stored, model, column, macro)
        assert found["count"] > 1000, column
        assert found["one_sided"] == 0, column
        assert found["difference"] < 1e-10, (column, found)


def test_a_series_without_a_move_has_bands_at_its_price(stored: duckdb.DuckDBPyConnection) -> None:
    row = stored.execute(
        "select max(bb_upper), min(bb_lower), count(bb_percent_b) from trend join bars using (series_id, ts) "
        "where symbol = 's2' and bb_upper is not null"
    ).fetchone()
    assert row == (100.0, 100.0, 0)


def test_rows_lie_as_the_models_read_them(stored: duckdb.DuckDBPyConnection) -> None:
    rows = stored.execute("select series_id, row_index from ordered_returns").fetchall()
    assert len(rows) == 4 * 700 + 60
    assert rows == sorted(rows)
    assert [index for _, index in rows if index == 0] == [0] * 5


@pytest.mark.parametrize("n", [1, 3, 4, 15, 16, 63, 64, 100, 252, 447])
def test_a_window_may_have_any_length_that_the_settings_allow(stored: duckdb.DuckDBPyConnection, n: int) -> None:
    row = stored.execute(
        "with named as (select *, close as of_x from ordered_returns), "
        "fours as (select *, squares_of_rows(of_x, of4_x) as s4 from with_blocks('named')), "
        "sixteens as (select *, squares_of_4(s4, of4_x, of16_x, 4) as s16 from fours), "
        f"streamed as (select *, last_mean(of_x, of4_x, of16_x, of64_x, {n}, row_index) as mean, "
        "squares_of_4(s16, of16_x, of64_x, 16) as s64 from sixteens), "
        "compared as (select mean, "
        f"std_pop_of(last_squares(of_x, of4_x, of16_x, of64_x, s4, s16, s64, mean, {n}), {n}) as std, "
        f"roll_avg(close, {n}, series_id, ts) as frame_mean, roll_std_pop(close, {n}, series_id, ts) as frame_std "
        "from streamed) select max(abs(mean / frame_mean - 1)), max(abs(std - frame_std) / frame_mean), "
        "count_if((mean is null) <> (frame_mean is null)), count(std) - count(frame_std) from compared"
    ).fetchone()
    assert row is not None
    assert math.isclose(row[0], 0, abs_tol=1e-13)
    assert math.isclose(row[1], 0, abs_tol=1e-13)
    assert row[2:] == (0, 0)


@pytest.mark.parametrize("weight", ["ema_weight(3)", "ema_weight(100)", "wilder_weight(50)"])
def test_a_recursion_reaches_as_far_back_as_its_weight_needs(weight: str, stored: duckdb.DuckDBPyConnection) -> None:
    """5,000 rows, against the recursion written out as a loop."""
    stored.execute(
        "create or replace table long as select i as row_index, 100 + sin(i * 0.01) + cos(i * i * 0.3) as x "
        "from range(5000) as rows(i)"
    )
    rows = stored.execute(
        f"with inputs as (select *, average_filter(x, {weight}, 10, 0, row_index) as state_x from long) "
        f"select x, state_x.state, {weight} from filtered('inputs', {weight})"
    ).fetchall()
    state = 0.0
    for i, (x, ours, newest) in enumerate(rows):
        state += (x - state) * (1 / (i + 1) if i < 10 else newest)
        assert math.isclose(ours, state, rel_tol=1e-13)


def test_a_sum_since_the_first_bar_goes_on_over_blocks(stored: duckdb.DuckDBPyConnection) -> None:
    """5,000 rows of the stored model against a frame; the first volumes are not known."""
    stored.execute(
        "create or replace table long_returns as select 1 as series_id, i as row_index, to_timestamp(i) as ts, "
        "10 + sin(i) as close, 12 as high, 8 + cos(i) as low, case when i > 10 and i % 5 > 0 then i * 7.0 end "
        "as volume from range(5000) as rows(i)"
    )
    model = compiled("volume", dbt_vars(load_settings())).replace("from main.ordered_returns", "from long_returns")
    row = stored.execute(
        "with flows as (select *, close_location_of(high, low, close) * volume as located, "
        "signed_volume_of(close, lag(close) over (order by ts), volume) as flow from long_returns), "
        "sums as (select ts, running_sum(flow, 1, ts) as flow, running_sum(located, 1, ts) as located from flows) "
        "select max(abs(obv - flow)), max(abs(ad_line - located)), count(obv), count(flow), count(ad_line) "
        f"from sums join ({model}) as streamed using (ts)"
    ).fetchone()
    assert row is not None
    assert row[0] < 1e-7
    assert row[1] < 1e-7
    assert row[2:] == (4989, 4989, 4989)
