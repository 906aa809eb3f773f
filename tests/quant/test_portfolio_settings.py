"""Portfolios as they are configured: what is taken, what is refused and with which words, and the tables it becomes."""

import json
from typing import Any

import pytest

from quant.configuration import configuration_tables
from quant.errors import ConfigError
from quant.fingerprint import fingerprint
from quant.settings import Settings, load_settings
from quant.settings.portfolios import Portfolio

SMALL = {"QUANT_CRYPTO__SYMBOLS": '["BTCUSDT", "ETHUSDT"]', "QUANT_PORTFOLIOS__CRYPTO": '"all crypto"'}


def loaded(monkeypatch: pytest.MonkeyPatch, **portfolios: Any) -> Settings:
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    for name, asked in portfolios.items():
        monkeypatch.setenv(f"QUANT_PORTFOLIOS__{name.upper()}", json.dumps(asked))
    return load_settings()


def rows(settings: Settings, table: str, portfolio: str) -> list[dict[str, Any]]:
    return [row for row in configuration_tables(settings)[table].to_pylist() if row["portfolio"] == portfolio]


def test_a_list_is_held_in_equal_weights_restored_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, mine=["SPY", "AAPL"])
    assert settings.portfolios["mine"] == Portfolio.model_validate(["SPY", "AAPL"])
    assert rows(settings, "portfolios", "mine") == [
        {
            "portfolio": "mine", "weighting": "equal", "rebalance": "daily", "volatility_window": None,
            "benchmark": "SPY", "benchmark_source": "yahoo", "is_benchmark_a_portfolio": False,
        }
    ]  # fmt: skip
    assert [row["weight"] for row in rows(settings, "portfolio_members", "mine")] == [0.5, 0.5]


def test_members_know_their_market_class_and_sector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_SECTORS", '{"AAPL": "technology"}')
    monkeypatch.setenv("QUANT_CRYPTO__STREAM_URLS", '["wss://stream.binance.us:9443"]')
    monkeypatch.setenv("QUANT_CRYPTO__REST_URLS", '["https://api.binance.us"]')
    members = rows(loaded(monkeypatch, mine=["AAPL", "BTCUSDT"]), "portfolio_members", "mine")
    assert [(row["source"], row["asset_class"], row["sector"]) for row in members] == [
        ("yahoo", "equity", "technology"), ("binance-us", "crypto", "crypto"),
    ]  # fmt: skip


def test_a_rule_shares_its_weight_equally_and_holds_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_EQUITIES__SYMBOLS", '["SPY", "AAPL", "MSFT", "NVDA", "^IRX"]')
    settings = loaded(monkeypatch, mine={"weights": {"all crypto": 0.4, "all equities": 0.6}, "rebalance": "yearly"})
    weights = {row["symbol"]: row["weight"] for row in rows(settings, "portfolio_members", "mine")}
    equal = pytest.approx(0.15, abs=1e-15)
    assert weights == {"BTCUSDT": 0.2, "ETHUSDT": 0.2, "SPY": equal, "AAPL": equal, "MSFT": equal, "NVDA": equal}
    (mine,) = rows(settings, "portfolios", "mine")
    assert (mine["weighting"], mine["rebalance"], mine["benchmark"]) == ("fixed", "yearly", None)  # of two classes


def test_a_portfolio_whose_rule_finds_nobody_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SMALL, "QUANT_CRYPTO__SYMBOLS", "[]")
    settings = loaded(monkeypatch, mine={"members": "all equities", "benchmark": "crypto"})
    assert rows(settings, "portfolios", "crypto") == rows(settings, "portfolio_members", "crypto") == []
    (mine,) = rows(settings, "portfolios", "mine")
    assert mine["benchmark"] is None  # that portfolio is not there to be compared with


def test_volatility_decides_where_no_weight_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"members": ["SPY", "AAPL"], "weighting": "inverse_volatility"}
    assert loaded(monkeypatch, mine=asked | {"window": None}).portfolios["mine"].window == 63  # not said
    settings = loaded(monkeypatch, mine=asked | {"window": 21})
    assert {row["weight"] for row in rows(settings, "portfolio_members", "mine")} == {None}
    assert rows(settings, "portfolios", "mine")[0]["volatility_window"] == 21


def test_what_is_bought_and_held_may_have_weights_and_a_short_position(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, mine={"weighting": "buy_and_hold", "weights": {"SPY": 1.3, "AAPL": -0.3}})
    assert [row["weight"] for row in rows(settings, "portfolio_members", "mine")] == [1.3, -0.3]
    assert rows(settings, "portfolios", "mine")[0]["rebalance"] == "never"


def test_weights_that_are_rounded_sum_to_one_in_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, mine={"weights": dict.fromkeys(("SPY", "AAPL", "MSFT"), 0.3333333333)})
    weights = [row["weight"] for row in rows(settings, "portfolio_members", "mine")]
    assert sum(weights) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["SPY", "TSLA"], ("portfolios.mine: TSLA is in neither", "QUANT_PORTFOLIOS__MINE='[\"SPY\"]'")),
        ("all bonds", ("portfolios.mine: 'all bonds' is no rule; there are all equities, all crypto, all",)),
        ([], ("portfolios.mine.members", "at least 1")),
        ({"weights": {"SPY": 0.6, "AAPL": 0.3}}, ("portfolios.mine", "weights sum to 0.9 and not to 1")),
        ({"weights": {"SPY": 0.6, "AAPL": "nan"}}, ("portfolios.mine.weights.AAPL", "finite")),
        ({"weights": ["SPY"]}, ("portfolios.mine.weights = ['SPY']", "dictionary")),
        ({"weights": {"SPY": 1.0}, "members": ["SPY", "AAPL"]}, ("do not name the same: AAPL",)),
        ({"weights": {"SPY": 1.0}, "weighting": "equal"}, ("weights and weighting equal contradict each other",)),
        ({"members": ["SPY"], "weighting": "fixed"}, ("weighting fixed needs weights",)),
        ({"members": ["SPY"], "weighting": "buy_and_hold", "rebalance": "daily"}, ("never rebalanced",)),
        ({"members": ["SPY"], "window": 21}, ("window is of weighting inverse_volatility alone",)),
        ({"members": ["SPY"], "weighting": "inverse_volatility", "window": 1}, ("mine.window = 1", "equal to 2")),
        ({"members": ["SPY"], "rebalance": "hourly"}, ("portfolios.mine.rebalance = 'hourly'", "'monthly'")),
        ({"members": ["SPY"], "benchmark": "TSLA"}, ("portfolios.mine.benchmark = 'TSLA'", "take it out")),
        ({"members": ["SPY"], "benchmark": "mine"}, ("mine.benchmark = 'mine'", "circle (mine -> mine)")),
        ({"members": ["SPY"], "wieght": 1}, ("unknown key portfolios.mine.wieght",)),
        (["SPY", "SPY"], ("members name SPY twice",)),
        (["SPY", "all equities"], ("portfolios.mine: members name SPY twice",)),
        (5, ("portfolios.mine = 5", "a portfolio is a list of symbols, or")),
    ],
)
def test_a_portfolio_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, asked: object, words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(monkeypatch, mine=asked)
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_benchmarks_may_follow_each_other_but_not_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {"members": ["SPY"], "benchmark": "second"}
    settings = loaded(monkeypatch, first=first, second=["AAPL"])
    (row,) = rows(settings, "portfolios", "first")
    assert (row["benchmark"], row["benchmark_source"]) == ("second", "portfolio")
    with pytest.raises(ConfigError, match=r"in a circle \(first -> second -> first\)"):
        loaded(monkeypatch, first=first, second={"members": ["AAPL"], "benchmark": "first"})


def test_a_benchmark_of_two_markets_is_that_of_the_members_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_EQUITIES__SYMBOLS", '["SPY", "AAPL", "MSFT", "NVDA", "BTCUSDT"]')
    portfolios = {name: ["SPY"] for name in ("equities", "mixed", "inverse_volatility", "buy_and_hold")}
    monkeypatch.setitem(SMALL, "QUANT_PORTFOLIOS__CRYPTO", '["ETHUSDT"]')
    (crypto,) = rows(loaded(monkeypatch, **portfolios), "portfolios", "crypto")
    assert (crypto["benchmark"], crypto["benchmark_source"]) == ("BTCUSDT", "binance")
    with pytest.raises(ConfigError, match=r"mine.benchmark = 'BTCUSDT': two markets know it"):
        loaded(monkeypatch, **portfolios, mine={"members": ["SPY"], "benchmark": "BTCUSDT"})


def test_a_sector_of_a_symbol_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_SECTORS", '{"TSLA": "cars"}')
    with pytest.raises(ConfigError, match="sectors: TSLA is in neither"):
        load_settings()


def test_another_portfolio_or_sector_makes_another_build(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {fingerprint(load_settings())}
    seen.add(fingerprint(loaded(monkeypatch, mine=["SPY"])))
    seen.add(fingerprint(loaded(monkeypatch, mine={"members": ["SPY"], "rebalance": "weekly"})))
    monkeypatch.setenv("QUANT_SECTORS", '{"AAPL": "technology"}')
    seen.add(fingerprint(load_settings()))
    assert len(seen) == 4
