"""From the record on disk to the answer: no build in between."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from ingest.binance_record import Trade
from ingest.tail import Tail
from quant.build import Builder
from quant.settings import Settings, load_settings
from tests.api.conftest import Serve

PATHS = ["/symbols", "/signals", "/catalog", "/health"]


@pytest.fixture(scope="module")
def settings_of_an_empty_record(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The real models, built before anything was ingested; that such a build passes its own tests, .ci/run sees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANT_DATA_PATH", str(tmp_path_factory.mktemp("record")))
        patch.setattr("quant.build._commands", lambda kind, tested: ["run", "--full-refresh"])
        settings = load_settings()
        Builder(settings).build()
    return settings


@pytest.fixture(scope="module")
def api(settings_of_an_empty_record: Settings, serve: Serve) -> Iterator[httpx.Client]:
    with serve(settings_of_an_empty_record) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_a_build_of_an_empty_record_answers(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text


def test_a_trade_is_in_the_next_answer_after_it_is_on_disk(
    api: httpx.Client, settings_of_an_empty_record: Settings
) -> None:
    settings = settings_of_an_empty_record
    tail = Tail(settings.parquet_path, settings.crypto_source, "run-of-the-test", symbols=1)
    for trade_id in range(100, 110):
        ts = int(datetime.now(UTC).timestamp() * 1e6)
        price = (60_000 + trade_id) * 100_000_000  # in units of 1e-8
        tail.write([Trade("BTCUSDT", trade_id, ts, price, 50_000_000, False, "stream", ts)])
        seen = api.get("/metrics/BTCUSDT").json()["price"]
        assert (seen["trade_id"], seen["price"], seen["is_live"]) == (trade_id, 60_000.0 + trade_id, True)
