"""`quant compute` at the prompt: where answers go, what parameters may look like, remedies that are options."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from quant.cli.computing import compute_file
from quant.cli.output import OutputError, format_of
from quant.cli.words import parameter, parameters_of
from quant.errors import DataError, MetricError
from quant.metrics import metrics

PRICES = "symbol,ts,close\nA,2024-01-01,1\nA,2024-01-02,2\nA,2024-01-03,3\n"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text(PRICES)
    return path


def asked(metric: str, bars: Path, *parameters: str, **files: Any) -> None:
    out, format = files.get("out"), files.get("format")
    compute_file(metric, str(bars), files.get("benchmark"), files.get("factors"), list(parameters), out, format)


def test_no_input_is_written_over_by_whatever_name(prices: Path, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(prices)
    market = tmp_path / "market.csv"
    market.write_text(PRICES)
    for out in (
        prices,
        tmp_path / "link.csv",
        tmp_path / "." / "prices.csv",
        tmp_path / "../" / tmp_path.name / "prices.csv",
    ):
        with pytest.raises(OutputError, match=r"is the input .*prices\.csv, which would be lost"):
            asked("sma", prices, "n=2", out=out)
    with pytest.raises(OutputError, match=r"is the input .*market\.csv"):
        asked("beta", prices, benchmark=str(market), out=market)
    assert (prices.read_text(), market.read_text()) == (PRICES, PRICES)


def test_the_end_of_a_name_is_the_format_and_nothing_contradicts_it(prices: Path, tmp_path: Path) -> None:
    asked("sma", prices, "n=2", out=tmp_path / "ANSWER.PARQUET")
    assert pq.read_table(tmp_path / "ANSWER.PARQUET")["value"].to_pylist() == [None, 1.5, 2.5]
    assert format_of(tmp_path / "a.txt", "csv") == "csv"
    assert (format_of(None, None), format_of(None, "json")) == ("table", "json")
    for name, format, words in (
        ("a.xlsx", None, r"a\.xlsx: its name says no format: let it end in \.csv, \.json, \.parquet, or add --format"),
        ("a.csv", "parquet", "says csv and --format says parquet"),
        ("a.csv", "table", "says csv and --format says table"),
        ("none/a.csv", None, "there is no folder .*none; make it"),
        (".", None, "it is a folder; name a file in it"),
    ):
        with pytest.raises(OutputError, match=words):
            format_of(tmp_path / name, format)


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [
        ("ultimate_oscillator", "n=5,10,20", [5, 10, 20]),
        ("ultimate_oscillator", "n=[5, 10, 20]", [5, 10, 20]),
        ("portfolio_vol", "weights=SPY:0.6, TLT:.4", {"SPY": 0.6, "TLT": 0.4}),
        ("portfolio_vol", "weights={'SPY': 0.6, 'TLT': 0.4}", {"SPY": 0.6, "TLT": 0.4}),
        ("portfolio_vol", 'weights={"SPY": 0.6}', {"SPY": 0.6}),
        ("portfolio_return", "weights={SPY: 0.6, TLT: -.4}", {"SPY": 0.6, "TLT": -0.4}),
        ("portfolio_vol", "weights=SPY:0.6,TLT", "SPY:0.6,TLT"),
        ("portfolio_vol", "weights=SPY:0.6,SPY:0.4", "SPY:0.6,SPY:0.4"),
    ],
)
def test_a_parameter_reads_as_its_default_does(metric: str, text: str, value: Any) -> None:
    assert parameters_of(metrics()[metric], [text]) == {text.partition("=")[0]: value}


def test_text_that_looks_like_code_stays_text() -> None:
    for text in ("(1, 2)", "1j", "b'x'", "f()", "n ="):
        assert parameter(f"freq={text}") == ("freq", text)


def test_a_parameter_twice_is_refused(prices: Path) -> None:
    with pytest.raises(MetricError, match="--param n is given twice"):
        asked("sma", prices, "n=2", "n=3")


def test_remedies_are_options_of_the_command(prices: Path) -> None:
    hours = PRICES.replace("2024-01-01", "2024-01-02T22:00").replace("2024-01-02,", "2024-01-02T23:00,")
    for metric, text, words in (
        ("beta", PRICES, "beta needs a benchmark: give --benchmark FILE"),
        ("ff3_r2", PRICES, "ff3_r2 needs factors: give --factors FILE"),
        ("sharpe", hours, r"1 h apart .*: add a column interval \('1h'\) or give --param ppy=N"),
        ("sharpe", PRICES.replace("symbol", "interval").replace("A,", "7m,"), "'7m': give --param ppy=252"),
    ):
        prices.write_text(text)
        with pytest.raises((MetricError, DataError), match=words):
            asked(metric, prices)
    with pytest.raises(MetricError, match=r"weights must be numbers by symbol, SPY:0\.6,TLT:0\.4, not 'SPY'"):
        asked("turnover", prices, "weights=SPY")
    with pytest.raises(DataError, match=r"there is no file nowhere\.csv: --bars must be a Parquet or CSV file$"):
        asked("sma", Path("nowhere.csv"))


def test_a_name_may_be_in_any_case(prices: Path, capfd: Any) -> None:
    asked("SMA", prices, "n=3", format="csv")
    assert capfd.readouterr().out.splitlines()[-1].endswith(",2.0")


def test_doubts_are_one_line_each_without_a_place_in_the_source(prices: Path, capfd: Any) -> None:
    prices.write_text("ts,close\n")
    asked("sma", prices, format="csv")
    assert capfd.readouterr().err == "quant: prices.csv has no rows, so there is nothing to compute\n"
