"""GET /explain: the same explanation as `quant explain`, with refusals as problem documents."""

import httpx
import pytest

from quant.settings import Settings
from quant.warehouse import Warehouse


def test_a_figure_is_answered_with_sql_that_gives_it(api: httpx.Client, demo_warehouse: Settings) -> None:
    body = api.get("/explain/aapl/SHARPE").raise_for_status().json()
    stored = "select sharpe as value from serving.latest_risk where symbol = 'AAPL'"
    (row,) = Warehouse(demo_warehouse).query(stored).to_pylist()
    assert (body["metric"], body["symbol"], body["interval"], body["value"]) == ("sharpe", "AAPL", "1d", row["value"])
    (again,) = Warehouse(demo_warehouse).query(body["sql"].rstrip(";")).to_pylist()
    assert again["value"] == pytest.approx(row["value"], rel=1e-12)
    assert body["demo"] and body["build_id"] and body["formulas"][0]["file"] == "macros/formulas/41_sharpe.sql"
    assert {"raw.equities"} <= {origin["relation"] for origin in body["lineage"]["origins"]}


def test_portfolios_and_underlyings_have_figures_too(api: httpx.Client) -> None:
    portfolio = api.get("/explain/equities/sharpe").raise_for_status().json()
    assert (portfolio["stored_in"], portfolio["source"]) == ("serving.portfolio_summary.sharpe", None)
    assert {given["role"] for given in portfolio["inputs"]} == {"member"}
    chain = api.get("/explain/SPY/atm_iv_30d").raise_for_status().json()
    assert chain["inputs"][0]["dataset"] == "options" and chain["inputs"][0]["count_rows"] > 0


@pytest.mark.parametrize(
    ("metric", "window"),
    [
        ("realized_vol", 22),  # 21 log returns have 22 closes
        ("parkinson_vol", 21),  # of each bar its own high and low
        ("hma", 23),  # the mean of 4, isqrt(20), of what means of 10 and 20 say: 20 + 4 - 1
        ("rsi", None),  # Wilder's mean never forgets
        ("drawdown", None),  # the peak may be any bar
    ],
)
def test_inputs_are_the_bars_that_entered(api: httpx.Client, metric: str, window: int | None) -> None:
    body = api.get(f"/explain/MSFT/{metric}").raise_for_status().json()
    bars = api.get("/bars/MSFT", params={"limit": 100_000, "fields": "ts,end_ts"}).json()["bars"]
    bars = bars[-window:] if window else bars
    [given] = body["inputs"]
    assert (body["window"], body["periods_per_year"], given["count_rows"]) == (window, 252.0, len(bars))
    assert (given["first_ts"], given["last_ts"]) == (bars[0]["ts"], bars[-1]["end_ts"])
    assert body["as_of"] == bars[-1]["end_ts"]  # of rsi too, whose stored row says the bar's start
    assert sum(run["count_rows"] for run in given["runs"]) == len(bars)


@pytest.mark.parametrize("path", ["/explain/AAPL/sharpe", "/options/SPY?limit=5"])
def test_a_document_that_is_known_already_is_not_sent_again(api: httpx.Client, path: str) -> None:
    first = api.get(path).raise_for_status()
    assert (first.headers["X-Demo"], first.headers["X-Build-Id"]) == ("true", first.json()["build_id"])
    assert first.headers["X-As-Of"] == first.json()["as_of"] and first.headers["Cache-Control"] == "private, no-cache"
    again = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = api.get("/explain/AAPL/sortino", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200 and other.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/explain/AAPL/sharp", 404, "did you mean sharpe"),
        ("/explain/AAPL/rma", 404, "quant compute rma --bars FILE"),
        ("/explain/NOBODY/sharpe", 404, "no symbol, portfolio or underlying NOBODY"),
        ("/explain/AAPL/rsi?interval=7m", 422, "interval"),
        ("/explain/AAPL/rsi?intervall=1d", 422, "parameter intervall is unknown"),
        ("/explain/AAPL/autocorrelation?where=lag:99", 404, "leave lag out"),
        ("/explain/AAPL/gex?expiry=tomorrow", 422, "expiry"),
    ],
)
def test_a_refusal_is_a_problem_document_with_the_remedy(api: httpx.Client, path: str, status: int, words: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
