"""The registry of metrics: which there are, what each takes, what the command line says of them."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from quant.cli.commands import app
from quant.cli.computing import compute_file
from quant.cli.metric_tables import _said, print_metrics
from quant.cli.words import parameter
from quant.errors import MetricError
from quant.formulas import formula_files
from quant.metric_examples import example, metric_table
from quant.metrics import CALL, Macro, Parameter, _macros, metrics
from quant.settings import PROJECT_PATH, Settings
from udfs.arrow_udfs import FUNCTIONS

PRICES = "symbol,ts,close\nA,2024-01-01,1\nA,2024-01-02,2\nA,2024-01-03,3\n"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    path.write_text(PRICES)
    return path


def macros() -> list[Macro]:
    return [macro for file in formula_files() for macro in _macros(file)]


def test_no_formula_replaces_another_of_its_name() -> None:
    # DuckDB keeps the last macro of a name, and whoever calls the first finds the other one.
    twice = {key: count for key, count in Counter((each.name, each.is_table) for each in macros()).items() if count > 1}
    assert twice == {}


def test_a_metric_is_read_with_its_parameters_relations_and_comment() -> None:
    bands = metrics()["bb_upper"]
    assert bands.parameters == (Parameter("n", "20"), Parameter("k", "2.0"))
    assert bands.relations == ("bars",)
    assert bands.signature == "bb_upper(bars, n := 20, k := 2.0)"
    assert (bands.family, bands.file) == ("bands", "74_bands.sql")
    assert bands.gives_value and "Bollinger" in bands.notes and bands.comment.startswith("mean of n closes plus")
    assert metrics()["beta"].relations == ("bars", "benchmark")
    assert metrics()["ff3_alpha"].relations == ("bars", "factors")
    assert metrics()["bar_open"].relations == ("trades",)
    lists = metrics()["ultimate_oscillator"].parameters
    assert lists == (Parameter("n", "[7, 14, 28]"),)


def test_every_metric_says_what_it_is() -> None:
    assert [name for name, metric in metrics().items() if not (metric.comment and metric.notes)] == []


def test_only_metrics_are_called_bars_or_trades_first() -> None:
    helpers = [each.name for each in macros() if each.is_table and each.name not in metrics()]
    assert "decayed" in helpers and "with_returns" in helpers and "rsi" not in helpers


def test_what_calls_python_however_deep_is_known(settings: Settings) -> None:
    rows = {row["metric"]: row for row in metric_table(settings, [each.name for each in FUNCTIONS]).to_pylist()}
    assert rows["pca_explained"]["is_python"] and rows["ff3_r2"]["is_python"]
    assert not rows["rsi"]["is_python"] and not rows["beta"]["is_python"]
    assert all((row["example"] is None) == (row["is_python"] or row["needs_factors"]) for row in rows.values())


def test_an_example_names_every_parameter_and_reads_a_series_that_is_configured(settings: Settings) -> None:
    assert example(metrics()["rsi"], settings) == (
        "with bars as (from serving.final_bars where symbol = 'SPY' and interval = '1d') "
        "select * exclude (source, interval) from rsi('bars', n := 14) order by ts desc, symbol limit 5;"
    )
    beta = example(metrics()["beta"], settings)  # of a symbol that is not its own benchmark
    assert "benchmark as (from serving.benchmark_bars where symbol = 'AAPL' and interval = '1d')" in beta
    assert "symbol in ('SPY', 'AAPL', 'MSFT', 'NVDA')" in example(metrics()["portfolio_vol"], settings)
    alone = settings.model_copy(update={"equities": settings.equities.model_copy(update={"symbols": ()})})
    assert "symbol = 'BTCUSDT'" in example(metrics()["rsi"], alone)


@pytest.mark.parametrize(
    ("text", "value"),
    [("n=21", 21), ("n=[5, 10, 20]", [5, 10, 20]), ("rf=.03", 0.03), ("freq=5min", "5min"), ("ppy=null", None)],
)
def test_a_parameter_is_a_number_a_list_or_text(text: str, value: Any) -> None:
    assert parameter(text) == (text.partition("=")[0], value)


def test_a_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(MetricError, match="'n' must be NAME=VALUE, as in --param n=21"):
        parameter("n")


def test_compute_prints_or_writes_any_format(prices: Path, capfdbinary: Any, tmp_path: Path) -> None:
    def asked(*options: Any) -> bytes:
        compute_file("sma", str(prices), None, None, ["n=2"], *options)
        return bytes(capfdbinary.readouterr().out)

    assert b"2024-01-03 00:00:00+00" in asked(None, None)
    rows = list(csv.reader(io.StringIO(asked(None, "csv").decode())))
    assert rows[0] == ["symbol", "ts", "value"]
    assert [row[2] for row in rows[1:]] == ["", "1.5", "2.5"]
    assert [row["value"] for row in json.loads(asked(None, "json"))] == [None, 1.5, 2.5]
    for name in ("answer.parquet", "answer.csv", "answer.json"):
        assert asked(tmp_path / name, None) == b""
    assert pq.read_table(tmp_path / "answer.parquet")["value"].to_pylist() == [None, 1.5, 2.5]
    assert (tmp_path / "answer.csv").read_text().splitlines()[-1].endswith(",2.5")


def test_what_counts_for_nothing_is_said_beside_the_answer(prices: Path, capfd: Any) -> None:
    prices.write_text(PRICES + "A,2024-01-03,4\n")
    compute_file("sma", str(prices), None, None, ["n=2"], None, "csv")
    said = capfd.readouterr()
    assert said.out.splitlines()[-1].endswith(",3.0")
    assert said.err == "quant: prices.csv: 1 row has the ts of a later row, which counts instead\n"


def test_the_command_takes_parameters_many_times(prices: Path) -> None:
    from typer.testing import CliRunner

    options = ["compute", "bb_upper", "--bars", str(prices), "--param", "n=2", "--param", "k=1", "--format", "csv"]
    assert CliRunner().invoke(app, options).exit_code == 0


def test_metrics_are_listed_searched_and_shown_without_a_build(settings: Settings, capsys: Any) -> None:
    def shown(*words: str) -> str:
        print_metrics(settings, list(words))
        return str(capsys.readouterr().out)

    assert all(f"{name} " in shown() for name in ("sma", "rsi", "sharpe", "portfolio_vol", "bar_vwap"))
    found = shown("wilder", "gains")
    assert "rsi" in found and "sma" not in found
    whole = shown("rsi")
    for line in ("unit         0 to 100", "formula      rsi(bars, n := 14)", "source       Wilder (1978)",
                 "parameters   n := 14", "macro        macros/formulas/", "example      with bars as"):  # fmt: skip
        assert f"\n{line}" in whole
    assert (
        "\nrelation     no build is here yet\n" in whole and "\ncompute      quant compute rsi --bars FILE\n" in whole
    )
    assert shown("RSI") == whole
    assert "quant compute beta --bars FILE --benchmark FILE" in shown("beta")
    assert "quant compute ff3_r2 --bars FILE --factors FILE" in shown("ff3_r2")
    assert "bars that say nothing else are days of an equity: 252" in shown("sharpe")
    assert "risk_reversal_25d" in shown("skew")
    assert "from bs_greeks(" in shown("greek") and "iv_25d_call" in shown("delta")


def test_words_that_no_metric_has_are_refused_with_the_nearest_name(settings: Settings) -> None:
    for words, hint in (("rsj", "did you mean rsi"), ("quatsch", "`quant metrics` lists all")):
        with pytest.raises(MetricError, match=f"no metric has '{words}' in its name or description: {hint}"):
            print_metrics(settings, [words])


def test_what_a_formula_calls_is_found_in_its_text() -> None:
    assert set(CALL.findall("select sma(close, n) from query_table(bars)")) == {"sma", "query_table"}


def test_a_metric_of_options_has_one_source_in_its_formula_and_in_the_catalogue() -> None:
    files = [*(PROJECT_PATH / "models/options").glob("*.yml"), *(PROJECT_PATH / "models/serving").glob("*option*.yml")]
    models = [model for file in files for model in yaml.safe_load(file.read_text()).get("models", [])]
    columns = [column for model in models for column in model["columns"] if column["name"] in metrics()]
    kept = {each["name"]: each["config"]["meta"]["source"] for each in columns if "meta" in each.get("config", {})}
    said = {name: _said("Sources?", metrics()[name].notes, "$") for name in kept}
    differing = {name: (said[name], source) for name, source in kept.items() if said[name] not in ("", source)}
    assert differing == {} and len(kept) > 20
