"""Bad answers after good ones: through the real yfinance, the real ingest and the real build."""

import json
from pathlib import Path

import duckdb
import pytest

from ingest.parquet import lay_down_empty_files
from quant.build import Builder
from quant.settings import load_settings
from tests.conftest import build_only
from tests.ingest.damaged_answers import CASES, COUNT, DIVIDEND, DIVIDEND_AT
from tests.ingest.yahoo_pulls import Pulls
from tests.ingest.yahoo_server import YahooServer, running_yahoo


def serve(yahoo: YahooServer, place: str) -> None:
    """Give each symbol its first or second answer."""
    answers = {symbol: getattr(case, place)() for symbol, case in CASES.items()}
    yahoo.charts = {symbol: body for symbol, body in answers.items() if body is not None}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Pulls:
    """A good pull of all symbols, a bad one, and one that a 429 ends at once; built once."""
    symbols = list(CASES)
    with running_yahoo() as yahoo, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "QUANT_DATA_PATH": str(tmp_path_factory.mktemp("damaged")),
            "QUANT_EQUITIES__SYMBOLS": json.dumps(symbols),
            "QUANT_EQUITIES__ENDPOINT": yahoo.url,
            "QUANT_OPTIONS__UNDERLYINGS": '["SPY"]',
            "QUANT_PORTFOLIOS": '{"equities": ["SPY"], "crypto": ["BTCUSDT"]}',
        }.items():
            patch.setenv(name, value)
        pulls = Pulls(load_settings())
        lay_down_empty_files(pulls.settings.parquet_path)
        for place in ("first", "second"):
            serve(yahoo, place)
            pulls.pull("equities", *symbols)
        build_only(patch, "+bars", "+quality")
        Builder(pulls.settings).build()
    return pulls


@pytest.fixture(scope="module")
def bars(damaged: Pulls) -> dict[str, list[tuple[float, float]]]:
    """symbol -> (close, adjusted close) of each final session."""
    path = Path(damaged.settings.market_path).resolve()
    query = "select symbol, list((close, adj_close) order by ts) from bars.equity_bars group by symbol"
    with duckdb.connect(str(path), read_only=True) as connection:
        return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize("symbol", list(CASES))
def test_bad_answer_has_its_status_in_the_ledger(damaged: Pulls, symbol: str) -> None:
    assert damaged.outcomes.get(symbol) == CASES[symbol].status


@pytest.mark.parametrize("symbol", list(CASES))
def test_no_answer_takes_a_good_price_away_or_mixes_bases(
    bars: dict[str, list[tuple[float, float]]], symbol: str
) -> None:
    closes = CASES[symbol].closes
    assert [close for close, _ in bars[symbol]] == pytest.approx(closes, rel=1e-6)
    split = closes[0] / 100  # the first close: 100, or 25 once the split is known
    share = 1 - DIVIDEND * split / closes[DIVIDEND_AT - 1]
    adjusted = [close * (share if i < DIVIDEND_AT else 1) for i, close in enumerate(closes)]
    assert [price for _, price in bars[symbol]] == pytest.approx(adjusted, rel=1e-6)


def test_the_pull_as_a_whole_is_partial_and_says_which_symbols_are_why(damaged: Pulls) -> None:
    assert damaged.last_run["status"] == "partial"
    assert "unknown_symbol: GONE" in damaged.last_run["message"]
    assert "changed_currency: PENCE" in damaged.last_run["message"]


def test_refused_answers_are_kept_as_they_came(damaged: Pulls) -> None:
    refused = {symbol for symbol, case in CASES.items() if (case.status or "").startswith("changed_")}
    letters = damaged.rows("ledger/dead_letters")
    assert {letter["reason"].split(":")[0] for letter in letters} == refused
    assert all(b'"chart"' in letter["frame"] for letter in letters)


def test_each_refusal_says_what_is_wrong_and_each_stored_answer_what_it_lacks(damaged: Pulls) -> None:
    said = {symbol: str(row["message"]) for symbol, row in damaged.said.items()}
    assert "prices in GBp cannot join those stored in USD" in said["PENCE"]
    assert f"{COUNT - 3} of {COUNT} stored sessions are missing" in said["SHORT"]
    assert f"no adjusted close in {COUNT} bars" in said["NOADJUSTED"]
    assert "no split says why" in said["UNNAMED"]
    assert "indicators.quote.volume" in said["NOVOLUME"]
    assert "vanished" in said["NOEVENTS"]
