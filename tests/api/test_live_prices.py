"""From the record on disk to the answer: no build in between."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from ingest.binance_record import Trade
from ingest.tail import Tail
from quant.settings import Settings


@pytest.fixture
def tail(demo_warehouse: Settings) -> Iterator[Tail]:
    """Of the demo market's record, which others read: what was added goes again."""
    folder = demo_warehouse.parquet_path / "trades"
    known = set(folder.rglob("*.parquet"))
    yield Tail(demo_warehouse.parquet_path, demo_warehouse.crypto_source, "run-of-the-test", symbols=1)
    for added in set(folder.rglob("*.parquet")) - known:
        added.unlink()


def test_a_trade_is_in_the_next_answer_after_it_is_on_disk(api: httpx.Client, tail: Tail) -> None:
    newest = api.get("/metrics/BTCUSDT").json()["price"]["trade_id"] or 10**12  # None where a kline is newer
    for trade_id in range(newest + 1, newest + 11):
        ts = int(datetime.now(UTC).timestamp() * 1e6)
        price = (60_000 + trade_id % 1000) * 100_000_000  # in units of 1e-8
        tail.write([Trade("BTCUSDT", trade_id, ts, price, 50_000_000, False, "stream", ts)])
        seen = api.get("/metrics/BTCUSDT").json()["price"]
        expected = (trade_id, 60_000.0 + trade_id % 1000, True)
        assert (seen["trade_id"], seen["price"], seen["is_live"]) == expected
