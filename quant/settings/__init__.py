"""config.yaml, overridden by QUANT_* variables: validated once at start, then passed down."""

import os
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from quant.binance_hosts import market_of
from quant.errors import ConfigError
from quant.refusals import checked_time_zone, checked_url, explain, explain_json, explain_lack, refuse_unknown_variables
from quant.settings.api import Api
from quant.settings.factors import Factors
from quant.settings.metrics import Metrics
from quant.settings.notifications import NOT_IN_THE_FILE, Notifications
from quant.settings.options import Options
from quant.settings.portfolios import Instrument, Portfolios, Sectors, check_portfolios
from quant.settings.scale import Scale
from quant.settings.section import Count, Positive, Section, Symbol
from quant.settings.signals import Signals, check_signals

PROJECT_PATH = Path(__file__).resolve().parents[2]

WebUrl = Annotated[str, AfterValidator(partial(checked_url, schemes=("http", "https")))]
StreamUrl = Annotated[str, AfterValidator(partial(checked_url, schemes=("ws", "wss")))]
TimeZone = Annotated[str, AfterValidator(checked_time_zone)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Ports(Section):
    api: Port
    dashboard: Port
    standin: Port


class Crypto(Section):
    symbols: tuple[Symbol, ...]
    stream_urls: Annotated[tuple[StreamUrl, ...], Field(min_length=1)]
    rest_urls: Annotated[tuple[WebUrl, ...], Field(min_length=1)]
    history_days: dict[Literal["1m", "1d"], Count]
    flush_seconds: Positive
    silence_seconds: Positive
    renew_seconds: Positive
    max_backfill_trades: Count
    fill_trades_per_run: Count
    fill_pause_seconds: Annotated[float, Field(ge=0)]
    final_grace_seconds: Positive


class Equities(Section):
    symbols: tuple[Symbol, ...]
    endpoint: WebUrl | None
    history_years: Count
    calendar: str  # quant.calendars knows which there are; importing them takes a second
    final_delay_minutes: Positive
    request_seconds: Annotated[float, Field(ge=0)]


class AssetClass(Section):
    days_per_year: Count
    minutes_per_day: Count
    benchmark: Symbol
    timezone: TimeZone


class AssetClasses(Section):
    crypto: AssetClass
    equity: AssetClass


class RefreshSeconds(Section):
    klines: Positive
    equities: Positive
    options: Positive
    compact: Positive
    gaps: Positive
    build: Positive
    check: Positive
    notify: Positive
    tests: Positive


class PromiseSeconds(Section):
    trades: Positive
    klines: Positive
    equities: Positive
    options: Positive
    build: Positive


class Reader(Section):
    threads: Count
    memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*(MB|GB)$")]


class Settings(BaseSettings):
    """The whole of config.yaml; frozen. Paths are absolute, sources are named for live or demo data."""

    model_config = SettingsConfigDict(
        env_prefix="QUANT_", env_nested_delimiter="__", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    demo: bool = False
    data_path: Path
    least_free_mb: Positive
    host: str
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    ports: Ports
    crypto: Crypto
    equities: Equities
    options: Options
    asset_classes: AssetClasses
    portfolios: Portfolios
    sectors: Sectors = {}
    factors: Factors = Factors()
    metrics: Metrics
    signals: Signals
    notifications: Notifications
    refresh_seconds: RefreshSeconds
    promise_seconds: PromiseSeconds
    reader: Reader
    api: Api
    scale: Scale = Scale()

    @model_validator(mode="after")
    def _hosts_are_of_one_market(self) -> Self:
        try:
            market_of([*self.crypto.stream_urls, *self.crypto.rest_urls])
        except ValueError as error:
            raise ValueError(f"crypto.stream_urls, crypto.rest_urls: {error}") from None
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        known = {*self.crypto.symbols, *self.equities.symbols}
        wanted = {
            "sectors": self.sectors,
            "options.underlyings": self.options.underlyings,
            "notifications.send.symbols": self.notifications.send.symbols or (),
            "options.rate_series": (self.options.rate_series,) if self.options.rate_series else (),
            "asset_classes.crypto.benchmark": (self.asset_classes.crypto.benchmark,) if self.crypto.symbols else (),
            "asset_classes.equity.benchmark": (self.asset_classes.equity.benchmark,) if self.equities.symbols else (),
        }
        for key, symbols in wanted.items():
            if missing := [symbol for symbol in symbols if symbol not in known]:
                raise ValueError(explain_lack(key, missing, [symbol for symbol in symbols if symbol in known]))
        check_portfolios(self.portfolios, self.instruments)
        check_signals(self.signals)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = YamlConfigSettingsSource(settings_cls, yaml_file=config_path())
        if isinstance(section := file.yaml_data.get("notifications"), dict) and section.get("urls"):
            raise ConfigError(f"{config_path()}: {NOT_IN_THE_FILE}")
        return init_settings, env_settings, file

    @cached_property
    def root(self) -> Path:
        """Where this run's data lies; demo data can never be mistaken for real ones."""
        base = self.data_path if self.data_path.is_absolute() else PROJECT_PATH / self.data_path
        return base / "demo" if self.demo else base

    @property
    def parquet_path(self) -> Path:
        return self.root / "parquet"

    @property
    def duckdb_path(self) -> Path:
        return self.root / "duckdb"

    @property
    def market_path(self) -> Path:
        """The symlink that always names the newest published build."""
        return self.duckdb_path / "market.duckdb"

    @property
    def state_path(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def crypto_source(self) -> str:
        """`binance`, or `binance-us`, which is a market of its own."""
        return "demo-binance" if self.demo else market_of(self.crypto.rest_urls)

    @property
    def equity_source(self) -> str:
        return "demo-yahoo" if self.demo else "yahoo"

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every symbol of the configuration, with the market that it is of."""
        crypto = (Instrument(self.crypto_source, symbol, "crypto") for symbol in self.crypto.symbols)
        equity = (Instrument(self.equity_source, symbol, "equity") for symbol in self.equities.symbols)
        return (*crypto, *equity)

    @property
    def standin_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.standin}"

    @property
    def stream_urls(self) -> tuple[str, ...]:
        return (self.standin_url.replace("http", "ws", 1),) if self.demo else self.crypto.stream_urls

    @property
    def rest_urls(self) -> tuple[str, ...]:
        return (self.standin_url,) if self.demo else self.crypto.rest_urls

    @property
    def yahoo_endpoint(self) -> str | None:
        return self.standin_url if self.demo else self.equities.endpoint


def config_path() -> Path:
    return Path(os.environ.get("QUANT_CONFIG", PROJECT_PATH / "config.yaml"))


def load_settings(**overrides: Any) -> Settings:
    """Read config.yaml and QUANT_*; raises ConfigError with file, key, value and remedy."""
    path = config_path()
    if not path.is_file():
        raise ConfigError(f"{path} does not exist: restore config.yaml, or point QUANT_CONFIG at yours")
    refuse_unknown_variables(Settings.model_fields)
    try:
        return Settings(**overrides)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {str(error).splitlines()[-1].strip()}") from error
    except ValidationError as error:
        raise ConfigError(explain(path, error)) from error
    except SettingsError as error:
        raise ConfigError(explain_json(str(error))) from error
    except ValueError as error:
        raise ConfigError(f"{path} must hold `key: value` lines like the project's config.yaml") from error
