"""Every figure of the catalogue is what its explanation's SQL gives at the DuckDB prompt, run by the older program."""

import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from quant.explanation import Asked, ExplanationError, NotStoredError, UnknownNameError, explain, keys_from
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import Parameters, Reading, Warehouse

COIN = ("rsi", "realized_vol", "ewma_vol", "bb_upper", "vwma", "macd", "obv", "atr", "excess_return", "drawdown")
METRICS = "select distinct metric from meta.catalog union all select 'atm_iv_30d' order by metric"
# Differences of averages, hundreds of times nearer to 0 than what they are the difference of.
CANCELLED = dict.fromkeys(("trix", "macd", "macd_signal", "macd_hist", "ppo", "cci"), 1e-9)
CANCELLED["implied_rate"] = 1e-9  # the logarithm of a discount near 1, from a line through sums in any order
FITTED = 1e-6  # of curves that are fitted anew, step by step, until they no longer change


@pytest.fixture(scope="module")
def reading(demo_warehouse: Settings) -> Iterator[Reading]:
    with Warehouse(demo_warehouse).reading() as found:
        yield found


@dataclass(frozen=True)
class Remembering(Reading):
    """Asks each question once: three hundred explanations of three subjects have much in common."""

    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        key = f"{sql}{sorted((parameters or {}).items())}"
        if key not in self.answers:
            self.answers[key] = super().rows(sql, parameters)
        return self.answers[key]


@pytest.fixture(scope="module")
def explained(reading: Reading) -> list[dict[str, Any]]:
    reading = Remembering(reading.build_id, reading.cursor)
    names = [row["metric"] for row in reading.rows(METRICS)]
    asked = [(name, Asked(symbol)) for symbol in ("AAPL", "equities") for name in names]
    found = []
    with pytest.MonkeyPatch.context() as patch:  # tests of the API look for windows: two queries each
        patch.setattr("quant.explanation.answer.window_of", lambda *_: None)
        for name, which in [*asked, *((name, Asked("BTCUSDT", interval="5m")) for name in COIN)]:
            try:
                found.append(explain(reading, name, which))
            except NotStoredError:
                continue
    return found


def test_most_metrics_of_the_catalogue_are_explained_and_computed_in_sql(explained: list[dict[str, Any]]) -> None:
    """217 are in the catalogue with a value of their own; of tables, pulls and Python the stored figure is selected."""
    assert len({each["metric"] for each in explained}) > 180
    assert len({each["metric"] for each in explained if each["sql"] != each["stored_sql"]}) > 140
    assert [each["metric"] for each in explained if each["sql"] == each["stored_sql"] and not each["note"]] == []


def test_the_sql_gives_the_stored_value_at_the_older_prompt(
    explained: list[dict[str, Any]], demo_warehouse: Settings, tmp_path: Path
) -> None:
    script = "".join(f".output {tmp_path / str(place)}.csv\n{each['sql']}\n" for place, each in enumerate(explained))
    command = [
        str(Path(sys.executable).parent / "duckdb"),
        "-readonly",
        "-bail",
        "-csv",
        str(demo_warehouse.market_path),
    ]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=300, cwd=PROJECT_PATH)
    assert (done.returncode, done.stderr) == (0, "")
    wrong = {}
    for place, each in enumerate(explained):
        rows = (tmp_path / f"{place}.csv").read_text().splitlines()
        if len(rows) != 2 or not same(each["value"], rows[1], CANCELLED.get(each["metric"], 1e-12)):
            wrong[each["metric"], each["symbol"]] = (each["value"], rows[1:3], each["sql"])
    assert wrong == {}


def same(value: object, text: str, tolerance: float) -> bool:
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, int | float):
        return text not in ("", "NULL") and math.isclose(value, float(text), rel_tol=tolerance, abs_tol=0)
    return text in ("", "NULL") if value is None else text == str(value)


def test_the_stored_value_is_selected_and_what_needs_python_is_computed_by_us(
    explained: list[dict[str, Any]], reading: Reading
) -> None:
    wrong = {}
    for each in explained:
        statements = [each["stored_sql"], *([each["computed_sql"]] if each["note"] and each["computed_sql"] else [])]
        for statement in statements:
            rows = reading.rows(statement.rstrip(";"))
            tolerance = FITTED if each["metric"].startswith("svi_") else 1e-12
            found = [row["value"] for row in rows]
            if len(found) != 1 or not (found[0] == each["value"] or same(each["value"], str(found[0]), tolerance)):
                wrong[each["metric"], each["symbol"]] = (each["value"], found[:3], statement)
    assert wrong == {}


def test_each_figure_leads_to_datasets_to_rows_and_to_runs_that_the_ledger_knows(
    explained: list[dict[str, Any]],
) -> None:
    for each in explained:
        datasets = {origin["dataset"] for origin in each["lineage"]["origins"]}
        assert datasets & {"trades", "klines", "equities", "options"}, each["metric"]
        assert each["inputs"], each["metric"]
        for given in each["inputs"]:
            assert given["count_rows"] > 0 and given["count_runs"] >= len(given["runs"]) > 0, each["metric"]
            assert all(run["started_at"] is not None and run["count_rows"] > 0 for run in given["runs"]), each["metric"]


def test_the_inputs_are_the_bars_that_are_there(explained: list[dict[str, Any]], reading: Reading) -> None:
    beta = next(each for each in explained if (each["metric"], each["symbol"]) == ("beta", "AAPL"))
    assert [(given["role"], given["symbol"]) for given in beta["inputs"]] == [("bars", "AAPL"), ("benchmark", "SPY")]
    (counted,) = reading.rows(
        "select count(*) as n, min(ts) as first_ts, max(end_ts) as last_ts from serving.final_bars "
        "where symbol = 'AAPL' and interval = '1d'"
    )
    told = beta["inputs"][0]
    assert (told["count_rows"], told["first_ts"], told["last_ts"]) == tuple(counted.values())
    assert sum(run["count_rows"] for run in told["runs"]) == counted["n"]
    assert told["dataset"] == "equities" and {run["dataset"] for run in told["runs"]} == {"equities"}
    assert {each["name"]: each["value"] for each in beta["parameters"]} == {
        "rf": "0.0",
        "ppy": "252",
        "benchmark": "SPY",
    }


def test_a_key_and_an_expiry_choose_the_row(reading: Reading) -> None:
    fifth = explain(reading, "autocorrelation", Asked("AAPL", keys=keys_from(["lag:5"])))
    assert fifth["keys"] == {"lag": 5} and "k = 5" in fifth["sql"]
    (last,) = reading.rows("select max(expires_at) as at from serving.option_expiries where underlying = 'SPY'")
    far = explain(reading, "atm_forward_iv", Asked("SPY", expiry=last["at"].date()))
    assert far["keys"]["expires_at"] == last["at"]


@pytest.mark.parametrize(
    ("metric", "asked", "kind", "words"),
    [
        ("sharp", Asked("AAPL"), UnknownNameError, "there is no metric sharp: did you mean sharpe"),
        ("sharpe", Asked("APPL"), UnknownNameError, "no symbol, portfolio or underlying APPL: did you mean AAPL"),
        ("rma", Asked("AAPL"), NotStoredError, "no build keeps it; compute it: quant compute rma --bars FILE"),
        ("gex", Asked("MSFT"), NotStoredError, "gex is not stored for MSFT"),
        ("rsi", Asked("AAPL", interval="1m"), NotStoredError, "leave interval out"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_the_remedy(
    reading: Reading, metric: str, asked: Asked, kind: type[ExplanationError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        explain(reading, metric, asked)
