"""What of the caller's bars is doubtful: told or refused, never annualised by a guess that the bars contradict."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import quant
from quant.errors import DataError, DataWarning, MetricError
from quant.settings import Settings

MONDAY = datetime(2024, 1, 1)


def bars(step: timedelta, **columns: Any) -> pa.Table:
    """Nine bars that rise and fall, so that they have a deviation."""
    given = {"ts": [MONDAY + step * i for i in range(9)], "close": [10.0, 11, 10, 12, 11, 13, 12, 14, 13]}
    return pa.table(given | {name: [value] * 9 for name, value in columns.items()})


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (timedelta(hours=1), r"the bars are 1 h apart \(median\) but say no interval, so nobody knows how many make a "
         r"year: add a column interval \('1h'\) or give ppy=N"),
        (timedelta(minutes=5), r"the bars are 5 min apart .* \('5m'\)"),
        (timedelta(hours=3), "the bars are 3 h apart .*: give ppy=N"),
        (timedelta(days=7), r"the bars are 7 d apart .* \('1w'\)"),
    ],
)  # fmt: skip
def test_bars_that_are_no_days_must_say_what_they_are(step: timedelta, words: str) -> None:
    with pytest.raises(DataError, match=words):
        quant.compute("sharpe", bars(step))
    assert quant.compute("sharpe", bars(step), ppy=1764).num_rows == 1
    assert quant.compute("sharpe", bars(step, periods_per_year=1764.0)).num_rows == 1
    assert quant.compute("sharpe", bars(step, interval="1h", asset_class="crypto")).num_rows == 1
    assert quant.compute("sma", bars(step), n=2).num_rows == 9  # which has no years


def test_days_with_weekends_are_told_to_be_annualised_as_an_equity() -> None:
    daily = timedelta(days=1)
    with pytest.warns(DataWarning, match="annualised with 252 as an equity's; give asset_class 'crypto'.* or ppy=365"):
        quant.compute("sharpe", bars(daily))
    for said in ({"asset_class": "equity"}, {"asset_class": "crypto"}, {"periods_per_year": 365}):
        quant.compute("sharpe", bars(daily, **said))
    quant.compute("sharpe", bars(daily), ppy=252)
    quant.compute("sma", bars(daily), n=2)


def test_files_that_hold_nothing_or_something_else_are_told_apart(tmp_path: Path) -> None:
    for name, content, words in (
        ("empty.csv", b"", "empty.csv is empty"),
        ("empty.parquet", b"", "empty.parquet is empty"),
        ("junk.parquet", b"junk", "junk.parquet cannot be read: it is no Parquet file"),
        ("junk.csv", b"\x00\x01\xff\xfe", "junk.csv cannot be read: .*not utf-8 encoded.$"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=words):
            quant.compute("sma", tmp_path / name)


def test_factors_may_be_a_csv_and_lack_no_column(tmp_path: Path) -> None:
    path, daily = tmp_path / "factors.csv", bars(timedelta(days=1))
    path.write_text("month,Mkt-RF,SMB,HML,RF\n2024-01-01,0.01,0.02,0.03,0.001\n")
    assert quant.compute("ff3_alpha", daily, factors=path).num_rows == 0  # one month has no return
    path.write_text("month,Mkt-RF,SMB,RF\n2024-01-01,0.01,0.02,0.001\n")
    with pytest.raises(DataError, match=r"no column 'hml': factors need ts \(or month\), mkt_rf, smb, hml, rf"):
        quant.compute("ff3_alpha", daily, factors=path)


def test_a_stored_column_is_told_as_what_it_is_where_a_build_is(settings: Settings, tiny: Any) -> None:
    with pytest.raises(MetricError, match="there is no metric 'sma_short': did you mean sma"):
        quant.compute("sma_short", bars(timedelta(days=1)))
    tiny.publish(1)  # without a catalogue
    with pytest.raises(MetricError, match="there is no metric 'sma_short': did you mean sma"):
        quant.compute("sma_short", bars(timedelta(days=1)))
    with duckdb.connect(str(settings.market_path.resolve())) as build:
        build.execute(
            "create table meta.catalog as select * from (values "
            "('sma_short', 'sma', 'n := 20', 'metrics.averages.sma_short'), "
            "('iv', null, null, 'options.volatility.iv')"
            ") as t(metric, macro, parameters, stored_in)"
        )
    for name, words in (
        ("sma_short", r"stored column, metrics\.averages\.sma_short; compute sma with n=\.\.\."),
        ("iv", r"iv is a stored column, options\.volatility\.iv, which no bars of your own can be asked for"),
    ):
        with pytest.raises(MetricError, match=words):
            quant.compute(name, bars(timedelta(days=1)))
