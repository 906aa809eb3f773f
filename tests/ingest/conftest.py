"""Local counterparts of the two sources."""

from collections.abc import Iterator

import pytest

from tests.ingest.exchange import Exchange, running_exchange
from tests.ingest.yahoo_server import YahooServer, running_yahoo


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with running_exchange() as running:
        yield running


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with running_yahoo() as running:
        yield running
