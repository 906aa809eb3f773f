"""What each host of Binance can do, and that two markets never fall into one series."""

import pytest

from quant.binance_hosts import host_of, market_of
from quant.errors import ConfigError
from quant.settings import load_settings

COM = ["https://api.binance.com", "https://data-api.binance.vision", "wss://stream.binance.com:9443"]
US = ["https://api.binance.us", "wss://stream.binance.us:9443"]


def test_market_data_hosts_have_no_trade_history() -> None:
    assert [host_of(url).has_trade_history for url in [*COM, *US]] == [True, False, True, True, True]


def test_unknown_host_is_a_full_one() -> None:
    assert host_of("http://127.0.0.1:8600") == host_of("https://api3.binance.com")


def test_market_follows_the_hosts() -> None:
    assert (market_of(COM), market_of(US)) == ("binance", "binance-us")


def test_source_of_the_other_market_has_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__STREAM_URLS", '["wss://stream.binance.us:9443"]')
    monkeypatch.setenv("QUANT_CRYPTO__REST_URLS", '["https://api.binance.us"]')
    assert load_settings().crypto_source == "binance-us"


def test_hosts_of_two_markets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__REST_URLS", '["https://api.binance.us"]')
    with pytest.raises(ConfigError, match=r"api\.binance\.us.* are different markets with different trade ids"):
        load_settings()
