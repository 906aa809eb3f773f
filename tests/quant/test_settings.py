"""Settings: config.yaml and QUANT_* variables, refused with file, key and remedy when wrong."""

import re
from pathlib import Path

import pytest

from quant.errors import ConfigError
from quant.settings import PROJECT_PATH, load_settings


def test_the_projects_own_config_is_valid_and_live() -> None:
    settings = load_settings()
    assert not settings.demo
    assert settings.root == PROJECT_PATH / "data"
    assert settings.host == "127.0.0.1"
    assert (settings.crypto_source, settings.equity_source) == ("binance", "yahoo")


def test_demo_data_lie_apart_and_come_from_the_standin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_DEMO", "true")
    settings = load_settings()
    assert settings.root == PROJECT_PATH / "data" / "demo"
    assert (settings.crypto_source, settings.equity_source) == ("demo-binance", "demo-yahoo")
    endpoints = [*settings.stream_urls, *settings.rest_urls, settings.yahoo_endpoint]
    assert all(endpoint is not None and "://127.0.0.1:8600" in endpoint for endpoint in endpoints)


def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_PORTS__API", "8001")
    monkeypatch.setenv("QUANT_METRICS__WINDOW_LONG", "63")
    settings = load_settings()
    assert (settings.ports.api, settings.metrics.window_long) == (8001, 63)
    assert settings.ports.dashboard == 8501  # its neighbour in the file stays


def test_the_examples_at_the_head_of_the_file_work(monkeypatch: pytest.MonkeyPatch) -> None:
    head = (PROJECT_PATH / "config.yaml").read_text().split("\n\n")[0]
    examples = re.findall(r"(QUANT_\w+)=(?:'([^']+)'|([\w.]+))", head)
    assert len(examples) == 2
    for name, quoted, plain in examples:
        monkeypatch.setenv(name, quoted or plain)
    assert load_settings().ports.api == 8001


def test_the_refusal_of_a_portfolio_names_a_remedy_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__SYMBOLS", '["BTCUSDT"]')
    with pytest.raises(ConfigError, match=r"ETHUSDT, SOLUSDT is in neither crypto\.symbols") as refused:
        load_settings()
    remedy = re.search(r"(QUANT_\w+)='([^']+)'", str(refused.value))
    assert remedy, str(refused.value)
    monkeypatch.setenv(*remedy.groups())
    assert load_settings().portfolios["crypto"].members == ("BTCUSDT",)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("QUANT_PORTS__API", "http", ("config.yaml", "ports.api", "'http'", "integer")),
        ("QUANT_PORTS__API", "70000", ("ports.api", "65535")),
        ("QUANT_PORTS__APY", "8001", ("ports.apy", "spelling")),
        ("QUANT_PROTS__API", "8001", ("QUANT_PROTS__API", "is no setting", "QUANT_PORTS")),
        ("QUANT_CRYPTO__SYMBOLS", "BTCUSDT", ("QUANT_CRYPTO__SYMBOLS", "not valid JSON", '["A", "B"]')),
        ("QUANT_METRICS__VAR_CONFIDENCE", "95", ("metrics.var_confidence", "less than 1")),
        ("QUANT_OPTIONS__UNDERLYINGS", '["TSLA"]', ("options.underlyings", "TSLA", "equities.symbols")),
        ("QUANT_OPTIONS__RATE_SERIES", "^IRX", ("options.rate_series", "^IRX", "equities.symbols")),
        ("QUANT_EQUITIES__ENDPOINT", "127.0.0.1:8600", ("equities.endpoint", "'127.0.0.1:8600'", "http://")),
        ("QUANT_EQUITIES__ENDPOINT", "http://", ("equities.endpoint", "a host")),
        ("QUANT_EQUITIES__ENDPOINT", "http://a:99999", ("equities.endpoint", "Port")),
        ("QUANT_CRYPTO__STREAM_URLS", '["https://a"]', ("crypto.stream_urls.0", "ws:// or wss://")),
        ("QUANT_CRYPTO__REST_URLS", '["wss://a"]', ("crypto.rest_urls.0", "http:// or https://")),
        ("QUANT_ASSET_CLASSES__EQUITY__TIMEZONE", "America", ("asset_classes.equity.timezone", "no such time zone")),
        ("QUANT_ASSET_CLASSES__CRYPTO__TIMEZONE", "../UTC", ("asset_classes.crypto.timezone", "no such time zone")),
        ("QUANT_SIGNALS__RULES__RSI_LEVEL__LOW", "80", ("): signals.rules.rsi_level: low 80, high 70 must ascend",)),
        ("QUANT_SIGNALS__RULES__RSI_LEVEL__LO", "30", ("): signals.rules.rsi_level: unknown key lo; known are",)),
        ("QUANT_SIGNALS__RULES__RSI_LEVEL", "30", ("signals.rules.rsi_level = ", "{is_on: false} say")),
        ("QUANT_REFRESH_SECONDS__BUILD", "0", ("refresh_seconds.build", "greater than 0")),
    ],
)
def test_a_wrong_variable_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as refused:
        load_settings()
    assert all(word in str(refused.value) for word in words), str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("api: 8000", "api: 8000\n  web: 80"), ("unknown key ports.web",)),
        (("  dashboard: 8501\n", ""), ("ports.dashboard is missing", "config.yaml")),
        (("symbols: [SPY", "symbols: [SP Y"), ("equities.symbols.0", "'SP Y'")),
        (("ports:", "ports: ["), ("not valid YAML", "line")),
        (("window_long: 252", "window_long: 1"), ("metrics.window_long", "greater than or equal to 2")),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], words: tuple[str, ...]
) -> None:
    right = (PROJECT_PATH / "config.yaml").read_text()
    assert change[0] in right
    (tmp_path / "config.yaml").write_text(right.replace(*change, 1))
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "config.yaml"))
    with pytest.raises(ConfigError) as refused:
        load_settings()
    assert all(word in str(refused.value) for word in (str(tmp_path), *words)), str(refused.value)


def test_a_file_that_is_a_list_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_text("- data_path\n")
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "mine.yaml"))
    with pytest.raises(ConfigError, match=r"mine\.yaml must hold `key: value` lines"):
        load_settings()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "absent.yaml"))
    with pytest.raises(ConfigError, match=r"absent\.yaml does not exist: restore config\.yaml"):
        load_settings()


def test_a_misspelt_key_is_named_though_another_is_missing_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text((PROJECT_PATH / "config.yaml").read_text().replace("window_short:", "window_shrt:"))
    monkeypatch.setenv("QUANT_CONFIG", str(file))
    with pytest.raises(ConfigError, match=r"unknown key metrics\.window_shrt"):
        load_settings()
