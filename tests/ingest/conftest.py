"""Local counterparts of the two sources."""

from collections.abc import Iterator

import pytest

from ingest.parquet import lay_down_empty_files
from quant.settings import Settings, load_settings
from tests.ingest.exchange import Exchange, running_exchange
from tests.ingest.yahoo_pulls import Pulls
from tests.ingest.yahoo_server import YahooServer, running_yahoo


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with running_exchange() as running:
        yield running


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with running_yahoo() as running:
        yield running


@pytest.fixture
def pulls(yahoo: YahooServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Pulls:
    monkeypatch.setenv("QUANT_EQUITIES__ENDPOINT", yahoo.url)
    monkeypatch.setenv("QUANT_EQUITIES__HISTORY_YEARS", "10")
    lay_down_empty_files(settings.parquet_path)
    return Pulls(load_settings())
