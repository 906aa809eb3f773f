"""quant.compute: what it takes, what it makes of it, what it refuses. Values are small enough to be checked by hand."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import quant
from quant.errors import DataError, DataWarning, MetricError

DAYS = [datetime(2024, 1, 1 + day) for day in range(6)]
BARS = pa.table({"ts": DAYS, "close": [10.0, 11.0, 12.1, 12.1, 11.0, 11.0]})
MEANS = [None, 10.5, 11.55, 12.1, 11.55, 11.0]  # of two closes each


def values(table: pa.Table) -> list[Any]:
    return [each if each is None else round(each, 9) for each in table["value"].to_pylist()]


def changed(name: str, column: list[Any]) -> pa.Table:
    return BARS.set_column(BARS.schema.get_field_index(name), name, [column])


def with_column(name: str, column: Any) -> pa.Table:
    return BARS.append_column(name, [[column] * 6 if not isinstance(column, list) else column])


INPUTS: dict[str, Callable[[Path], Any]] = {
    "table": lambda path: BARS,
    "reader": lambda path: BARS.to_reader(),
    "batch": lambda path: BARS.combine_chunks().to_batches()[0],
    "relation": lambda path: duckdb.connect().from_arrow(BARS),
    "frame": lambda path: BARS.to_pandas(),
    "indexed frame": lambda path: BARS.to_pandas().set_index("ts").rename_axis("Date"),
    "parquet": lambda path: pq.write_table(BARS, path / "it's.parquet") or path / "it's.parquet",
    "csv": lambda path: pyarrow.csv.write_csv(BARS, path / "some.csv") or str(path / "some.csv"),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_any_kind_of_bars_gives_the_same_values(kind: str, tmp_path: Path) -> None:
    found = quant.compute("sma", INPUTS[kind](tmp_path), n=2)
    assert values(found) == MEANS
    assert found.schema.names == ["symbol", "ts", "value"]
    assert found.schema.field("ts").type == pa.timestamp("us", "UTC")
    assert found["ts"].to_pylist() == [each.replace(tzinfo=UTC) for each in DAYS]
    stem = {"parquet": "it's", "csv": "some"}.get(kind, "bars")
    assert set(found["symbol"].to_pylist()) == {stem}


def test_a_file_is_the_one_that_is_named_and_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1]").mkdir()
    for name, close in (("a[1]/x*.csv", 7.0), ("a[1]/xy.csv", 8.0), ("d[1].parquet", 7.0), ("d1.parquet", 8.0)):
        write = pq.write_table if name.endswith("parquet") else pyarrow.csv.write_csv
        write(changed("close", [close] * 6), tmp_path / name)
    for name in ("a[1]/x*.csv", "d[1].parquet"):
        assert values(quant.compute("sma", tmp_path / name, n=1)) == [7] * 6


def test_importing_the_package_imports_neither_duckdb_nor_arrow() -> None:
    code = "import quant, sys; print(sorted({'duckdb', 'pyarrow', 'numpy', 'pydantic'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_columns_are_found_whatever_their_case_and_others_do_not_matter() -> None:
    shouted = BARS.rename_columns(["Date", "CLOSE"]).append_column("colour", [["red"] * 6])
    assert values(quant.compute("sma", shouted, n=2)) == MEANS


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="the columns 'adj_close' and 'Adj Close' are the same: leave one out"):
        quant.compute("sma", with_column("adj_close", 1.0).append_column("Adj Close", [[2.0] * 6]))


def test_factors_may_have_columns_of_any_name() -> None:
    months = {"month": [date(2024, 1 + month, 1) for month in range(6)], "rf": [0.0] * 6, "1 Mo": [1.0] * 6}
    factors = pa.table(months | {name: [0.1, 0.3, 0.2, 0.1, 0.2, 0.4] for name in ("Mkt-RF", "smb", "hml")})
    assert quant.compute("ff3_alpha", BARS, factors=factors).num_rows == 0  # one month of bars has no return


def test_adjusted_prices_are_what_is_earned_and_the_close_stands_in_for_them() -> None:
    assert values(quant.compute("simple_return", BARS)) == [None, 0.1, 0.1, 0, round(-1 / 11, 9), 0]
    adjusted = with_column("Adj Close", [1.0, 2.0, 3.0, 3.0, 3.0, 6.0])
    assert values(quant.compute("simple_return", adjusted)) == [None, 1, 0.5, 0, 0, 1]
    assert values(quant.compute("sma", adjusted, n=2)) == MEANS  # an average is of prices as they were


def test_instants_without_zone_are_utc_and_days_begin_at_midnight_utc() -> None:
    days = changed("ts", [each.date() for each in DAYS])
    texts = changed("ts", [f"{each:%Y-%m-%d}" for each in DAYS])
    east = changed("ts", [each.replace(tzinfo=timezone(timedelta(hours=9))) for each in DAYS])
    for bars in (days, texts):
        assert quant.compute("sma", bars, n=2).equals(quant.compute("sma", BARS, n=2))
    assert quant.compute("sma", east, n=2)["ts"][0].as_py() == datetime(2023, 12, 31, 15, tzinfo=UTC)


def test_bars_may_come_in_any_order_and_of_several_symbols() -> None:
    both = pa.concat_tables([with_column("symbol", "B"), with_column("symbol", "A")]).take(
        [7, 3, 1, 0, 2, 9, 10, 4, 8, 5, 6, 11]
    )
    found = quant.compute("sma", both, n=2)
    assert found["symbol"].to_pylist() == ["A"] * 6 + ["B"] * 6
    assert values(found) == MEANS * 2


def test_source_and_interval_are_told_where_the_symbol_does_not_tell_the_series() -> None:
    both = pa.concat_tables([with_column("interval", "1h"), with_column("interval", "1d")])
    found = quant.compute("sma", both, n=2)
    assert found.schema.names == ["symbol", "interval", "ts", "value"]
    assert values(found) == MEANS * 2


def test_of_two_bars_of_one_instant_the_last_counts_and_a_warning_says_so() -> None:
    doubled = pa.concat_tables([changed("close", [99.0] * 6).slice(2, 2), BARS])
    with pytest.warns(DataWarning, match="bars: 2 rows have the ts of a later row"):
        assert values(quant.compute("sma", doubled, n=2)) == MEANS
    fetched = doubled.append_column("fetched_at", [[DAYS[5]] * 2 + [DAYS[0]] * 6])
    with pytest.warns(DataWarning):
        assert values(quant.compute("sma", fetched, n=1))[2:4] == [99, 99]
    written = changed("ts", ["2024-01-01", "2024-01-01 00:00", *["2024-01-02T01:00+01"] * 3, "2024-01-02"])
    with pytest.warns(DataWarning, match="4 rows have the ts of a later row"):
        assert values(quant.compute("sma", written, n=1)) == [11, 11]


def test_what_is_no_price_is_missing_but_zero_is_a_price() -> None:
    bars = changed("close", [10.0, float("nan"), float("inf"), -1.0, 11.0, 0.0])
    with pytest.warns(DataWarning) as doubts:
        assert values(quant.compute("sma", bars, n=1)) == [10, None, None, None, 11, 0]
    assert [str(doubt.message) for doubt in doubts] == [
        "bars: 2 rows have a negative or infinite number, which counts as missing",
        "bars: 1 row has a price of exactly 0, which counts as a total loss, the first of bars at "
        "2024-01-06T00:00:00Z: remove the row if it is a hole",
    ]
    assert {doubt.filename for doubt in doubts} == {__file__}
    with pytest.warns(DataWarning):
        assert values(quant.compute("simple_return", bars)) == [None, None, None, None, 0.1, -1]


def test_blank_text_is_missing_and_other_text_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("ts,close\n2024-01-01,10\n2024-01-02,\n2024-01-03, 12.5 \n2024-01-04,1e1\n")
    assert values(quant.compute("sma", path, n=1)) == [10, None, 12.5, 10]
    for text, words in (
        ("n/a", "row 2: close = 'n/a' is not a number: write it with a decimal point"),
        ("1,5", "no column 'close'"),
    ):
        path.write_text(f"ts,close\n2024-01-01,10\n2024-01-02,{text}\n")
        with pytest.raises(DataError, match=words):
            quant.compute("sma", path, n=1)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no instant": (lambda: BARS.select(["close"]), "no column 'ts'"),
    "another name": (lambda: BARS.rename_columns(["timestamp", "close"]), "rename 'timestamp' to ts"),
    "no close": (lambda: BARS.rename_columns(["ts", "price"]), "no column 'close'.*found ts, price"),
    "numbers for instants": (lambda: changed("ts", [1, 2, 3, 4, 5, 6]), "ts is of type BIGINT, not an instant"),
    "a bar without instant": (lambda: changed("ts", [*DAYS[:5], None]), "row 6: has no ts"),
    "no day": (
        lambda: changed("ts", ["2024-02-30"] * 6),
        "row 1: ts = '2024-02-30' is not an instant: write",
    ),
    "a symbol missing": (lambda: with_column("symbol", ["A", None, "A", "A", "A", "A"]), "row 2: has no symbol"),
    "flags for prices": (lambda: changed("close", [True] * 6), "close is of type BOOLEAN, not a number"),
    "no file": (lambda: "nowhere.parquet", "there is no file nowhere.parquet"),
    "a folder": (lambda: Path(__file__).parent, "is a folder: bars must be a path to Parquet or CSV"),
    "another kind of file": (lambda: Path(__file__), "neither Parquet nor CSV by its name"),
    "a series": (lambda: BARS.to_pandas()["close"], "not a Series without columns: make it a frame with ts and close"),
    "one name twice": (lambda: BARS.append_column("close", BARS["close"]), "two columns are called 'close'"),
    "a frame's twice": (lambda: BARS.to_pandas()[["ts", "close", "close"]], "Duplicate column names found"),
    "a number": (lambda: 3, "bars must be a path.*, not int"),
    "an unknown asset class": (lambda: with_column("asset_class", "bond"), "asset_class is 'bond'.*crypto, equity"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_are_no_bars_is_refused_with_the_remedy(what: str) -> None:
    bars, words = REFUSED[what]
    with pytest.raises(DataError, match=words):
        quant.compute("sma", bars(), n=2)


def test_a_broken_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(DataError, match=r"broken\.parquet cannot be read"):
        quant.compute("sma", path)


def test_a_column_that_the_metric_reads_and_the_bars_have_not_is_named() -> None:
    for metric, column in (("vwma", "volume"), ("atr", "high"), ("garman_klass_vol", "open")):
        with pytest.raises(DataError, match=f"{metric} needs the column '{column}', which bars has not"):
            quant.compute(metric, BARS)


def test_bars_per_year_follow_the_asset_and_the_bar_and_are_never_guessed() -> None:
    by_hand = float(np.std(np.diff(np.log(BARS["close"].to_numpy())), ddof=1))

    def last_vol(bars: pa.Table, **parameters: float) -> float:
        return float(quant.compute("realized_vol", bars, n=5, **parameters)["value"][-1].as_py())

    assert last_vol(BARS) == pytest.approx(by_hand * 252**0.5, rel=1e-12)
    assert last_vol(with_column("asset_class", "crypto")) == pytest.approx(by_hand * 365**0.5, rel=1e-12)
    assert last_vol(with_column("periods_per_year", 100)) == pytest.approx(by_hand * 10, rel=1e-12)
    assert last_vol(BARS, ppy=4) == pytest.approx(by_hand * 2, rel=1e-12)
    minutes = with_column("interval", "1m").append_column("asset_class", [["crypto"] * 6])
    minutes = minutes.set_column(0, "ts", [[DAYS[0] + timedelta(minutes=each) for each in range(6)]])
    squares = float(np.sum(np.diff(np.log(BARS["close"].to_numpy())) ** 2))  # within the day: per elapsed time
    assert last_vol(minutes) == pytest.approx((squares / 5 * 525_600) ** 0.5, rel=1e-12)
    with pytest.raises(DataError, match=r"nobody knows for interval '7m': give ppy="):
        last_vol(with_column("interval", "7m"))
    assert last_vol(with_column("interval", "7m"), ppy=4) == pytest.approx(by_hand * 2, rel=1e-12)
    assert values(quant.compute("sma", with_column("interval", "7m"), n=2)) == MEANS  # which has no years


def test_a_benchmark_may_be_rows_or_a_symbol_of_the_bars(tmp_path: Path) -> None:
    market = changed("close", [10.0, 10.5, 11.025, 11.025, 10.8, 10.8])
    pq.write_table(market, tmp_path / "market.parquet")
    both = pa.concat_tables([with_column("symbol", "A"), market.append_column("symbol", [["M"] * 6])])
    alone = quant.compute("beta", BARS, benchmark=market)
    # Least squares of the returns 0.1, 0.1, 0, -1/11, 0 on 0.05, 0.05, 0, -0.225/11.025, 0
    ours, theirs = (np.diff(each["close"].to_numpy()) / each["close"].to_numpy()[:-1] for each in (BARS, market))
    assert alone["value"].to_pylist() == [pytest.approx(np.polyfit(theirs, ours, 1)[0], rel=1e-12)]
    assert alone["ts"].to_pylist() == [None]
    assert quant.compute("beta", BARS, benchmark=str(tmp_path / "market.parquet")).equals(alone)
    found = quant.compute("beta", both, benchmark="M")
    assert found["symbol"].to_pylist() == ["A", "M"]
    assert found["value"].to_pylist() == pytest.approx([alone["value"][0].as_py(), 1], rel=1e-12)


def test_a_year_of_a_coin_beside_a_stock_has_the_days_of_the_stock() -> None:
    coin = with_column("symbol", "BTC").append_column("asset_class", [["crypto"] * 6])
    stock = changed("close", [5.0, 6.0, 5.0, 7.0, 5.0, 6.0]).append_column("symbol", [["SPY"] * 6])
    both = pa.concat_tables([coin, stock.append_column("asset_class", [["equity"] * 6])])
    errors = [
        quant.compute("tracking_error", both, benchmark="SPY", ppy=252).filter(pc.field("symbol") == "BTC"),
        quant.compute("tracking_error", both, benchmark="SPY").filter(pc.field("symbol") == "BTC"),
        quant.compute("tracking_error", coin, benchmark=stock, ppy=365),
        quant.compute("tracking_error", coin, benchmark=stock),  # which says not what it is
    ]
    assert values(errors[0]) == values(errors[1])
    assert values(errors[2]) == values(errors[3])


def test_a_benchmark_that_cannot_be_compared_is_refused() -> None:
    several = pa.concat_tables([with_column("symbol", "A"), with_column("symbol", "B")])
    later = changed("ts", [each + timedelta(hours=5) for each in DAYS])
    for benchmark, words in (
        (None, "beta needs a benchmark: give benchmark="),
        (several, "a benchmark is one symbol, and here are A, B"),
        (later, "no row of the benchmark has the interval and ts of a bar"),
        ("SPY", r"'SPY' is neither a file nor a symbol of the bars \(bars\)"),
    ):
        with pytest.raises(ValueError, match=words):
            quant.compute("beta", BARS, benchmark=benchmark)
    with pytest.raises(MetricError, match="sma takes no benchmark"):
        quant.compute("sma", BARS, benchmark=BARS)


@pytest.mark.parametrize(
    ("metric", "parameters", "words"),
    [
        ("vwap_anchored", {"anchor": "last week"}, "anchor must be an instant, 2024-01-31 or .*, not 'last week'"),
        ("sma_shrt", {}, "there is no metric 'sma_shrt': did you mean sma"),
        ("sam", {}, "there is no metric 'sam': did you mean sma"),
        ("rsi", {"length": 14}, r"rsi takes n \(default 14\); there is no 'length'"),
        ("simple_return", {"n": 1}, "simple_return takes no parameters; there is no 'n'"),
        ("sma", {"n": 0}, "sma: n must be a whole number, 1 or more, not 0"),
        ("sma", {"n": 2.5}, "n must be a whole number, 1 or more, not 2.5"),
        ("sma", {"n": "20"}, "n must be a whole number, 1 or more, not '20'"),
        ("sma", {"n": True}, "n must be a whole number, 1 or more, not True"),
        ("sma", {"n": None}, "n must be a whole number, 1 or more, not None"),
        ("sma", {"n": float("nan")}, "n must be a whole number, 1 or more, not nan"),
        ("bb_upper", {"k": -1}, "k must be a number above 0, not -1"),
        ("ewma_vol", {"lam": 1}, "lam must be a number between 0 and 1, not 1"),
        ("realized_vol", {"ppy": 0}, "ppy must be a number above 0, not 0"),
        ("deflated_sharpe", {"trial_variance": -1}, "trial_variance must be a number, 0 or more, not -1"),
        ("adf_stat", {"autolag": "bic"}, "autolag must be one of none, aic, got bic"),
        ("adf_pvalue", {"trend": "constant"}, "trend must be one of n, c, ct, ctt, got constant"),
        ("kpss_stat", {"trend": "n"}, "trend must be one of c, ct, got n"),
        ("phillips_perron_stat", {"trend": "ctt"}, "trend must be one of n, c, ct, got ctt"),
        ("sharpe", {"rf": -1}, "rf must be a rate per year above -1 .*, not -1"),
        ("ultimate_oscillator", {"n": [5, 10]}, "n must be a list of 3 whole numbers, 1 or more each"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_refused_by_name(metric: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(MetricError, match=words):
        quant.compute(metric, BARS, **parameters)


def test_a_weight_of_no_member_is_refused() -> None:
    with pytest.raises(MetricError, match=r"weights name 'SYP', which is no symbol of the bars \(bars\)"):
        quant.compute("portfolio_vol", BARS, weights={"bars": 0.5, "SYP": 0.5})
    assert quant.compute("portfolio_vol", BARS, weights={"bars": 1.0}).num_rows == 1


def test_numbers_of_any_kind_are_taken_for_what_they_are() -> None:
    for n in (2, 2.0, np.int64(2), np.float64(2)):
        assert values(quant.compute("sma", BARS, n=n)) == MEANS
    assert quant.compute("realized_vol", BARS, n=3, ppy=None).equals(quant.compute("realized_vol", BARS, n=3))


def test_text_in_a_parameter_is_text() -> None:
    trades = pa.table({"ts": DAYS, "price": [1.0] * 6, "qty": [1.0] * 6})
    with pytest.raises(MetricError, match="Could not convert string"):
        quant.compute("bar_open", trades, freq="1min'); drop table asset_classes; --")
    assert values(quant.compute("bar_trades", trades, freq="1d")) == [1] * 6


def test_metrics_of_trades_take_trades_and_say_so() -> None:
    trades = pa.table({"ts": [DAYS[0]] * 3, "trade_id": [3, 1, 2], "price": [3.0, 1.0, 2.0], "quantity": [1.0] * 3})
    assert values(quant.compute("bar_open", trades)) == [1]  # in the order of the ids
    assert values(quant.compute("bar_close", trades.drop_columns("trade_id"))) == [2]  # as they stand
    with pytest.raises(DataError, match="no column 'price': this metric is computed from trades"):
        quant.compute("bar_open", BARS)
    with pytest.raises(DataError, match="trades need their size, in a column size, qty, quantity"):
        quant.compute("bar_open", trades.drop_columns("quantity"))
    with pytest.warns(DataWarning, match="1 row has the trade_id of a later row"):
        assert values(quant.compute("bar_volume", pa.concat_tables([trades, trades.slice(0, 1)]))) == [3]
    with pytest.raises(DataError, match="bars, row 2: has no trade_id"):
        quant.compute("bar_open", trades.set_column(1, "trade_id", [[1, None, None]]))
    long_ids = trades.set_column(1, "trade_id", [[2**60 + 3, 2**60 + 1, 2**60 + 2]])  # no double tells them apart
    assert values(quant.compute("bar_open", long_ids)) == [1]


def test_a_vector_has_its_lag_and_a_pair_its_symbols() -> None:
    lags = quant.compute("autocorrelation", BARS, lags=2)
    assert (lags.schema.names, lags["k"].to_pylist(), lags["ts"].to_pylist()) == (
        ["symbol", "ts", "value", "k"], [1, 2], [None, None],
    )  # fmt: skip
    both = pa.concat_tables([with_column("symbol", "A"), with_column("symbol", "B")])
    pairs = quant.compute("correlation_pair", both).select(["a", "b", "value"]).to_pylist()
    assert {"a": "A", "b": "B", "value": pytest.approx(1)} in pairs


def test_no_bars_give_no_rows() -> None:
    with pytest.warns(DataWarning, match="bars has no rows, so there is nothing to compute"):
        assert quant.compute("sma", BARS.slice(0, 0)).num_rows == 0
    with pytest.warns(DataWarning, match="bars has no rows"):
        assert quant.compute("beta", BARS.slice(0, 0), benchmark=BARS).num_rows == 0


def test_threads_do_not_disturb_each_other() -> None:
    def mean_of(shift: int) -> list[Any]:
        return values(quant.compute("sma", changed("close", [each + shift for each in BARS["close"].to_pylist()]), n=2))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(mean_of, range(24)))
    for shift, each in enumerate(found):
        assert each == [None if mean is None else round(mean + shift, 9) for mean in MEANS]


def test_a_frame_of_pandas_keeps_its_days() -> None:
    frame = pd.DataFrame({"date": [date(2024, 1, 1), date(2024, 1, 2)], "close": [1, 2]})
    assert values(quant.compute("sma", frame, n=2)) == [None, 1.5]
