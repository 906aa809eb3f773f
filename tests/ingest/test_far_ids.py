"""One id far ahead of the others: an outage, or nonsense that must not make us drop all that follows."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ingest.parquet
from ingest.disk import put
from quant.boundary import EPOCH
from quant.settings import Settings, load_settings
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import seen
from tests.ingest.recorder_session import Session, frames, rows


@pytest.fixture
def session(settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("QUANT_CRYPTO__MAX_BACKFILL_TRADES", "100")
    return Session(load_settings(), exchange)


def test_long_outage_is_an_open_gap_and_live_trades_go_on(session: Session, exchange: Exchange) -> None:
    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(1, 2))
        exchange.send(frames(5001, 5003))
        exchange.send(frames(5004))

    exchange.trades["BTCUSDT"] = rows(*range(1, 6000))
    session.run(script, 5)
    assert seen(session.settings.parquet_path, EPOCH) == [1, 2, 5001, 5002, 5003, 5004]
    assert fates(session) == [(3, 5000, "open"), (5002, 5002, "filled")]
    assert all("fromId=3&" not in request for request in exchange.requests)


def test_nonsense_id_is_a_dead_letter_and_nothing_after_it_is_dropped(session: Session, exchange: Exchange) -> None:
    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(1, 2, 4_000_000, 3, 4, 8_000_000, 5))

    session.run(script, 7)
    assert seen(session.settings.parquet_path, EPOCH) == [1, 2, 3, 4, 5]
    assert fates(session) == []
    assert [letter["reason"] for letter in session.ledger("dead_letters")] == ["id 4000000 is far from all others"]


def test_far_id_that_comes_twice_is_no_nonsense(session: Session, exchange: Exchange) -> None:
    """As it does while one connection takes over from another."""

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(1, 5001, 5001, 5002))

    session.run(script, 4)
    assert seen(session.settings.parquet_path, EPOCH) == [1, 5001, 5002]
    assert session.ledger("dead_letters") == []
    assert session.trades.count_duplicates == 1


def test_hole_is_in_the_ledger_before_the_trades_behind_it_are_on_disk(
    session: Session, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a crash between the two would leave a hole that nobody knows of."""
    order: list[str] = []

    def noting(content: bytes, path: Path, *disk: object) -> None:
        if "gaps" in str(path) or "tail" in str(path):
            order.append(_what(content, path))
        put(content, path, *disk)  # type: ignore[arg-type]

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(1, 6))

    exchange.trades["BTCUSDT"] = rows(1, 2, 5, 6)
    monkeypatch.setattr(ingest.parquet, "put", noting)
    session.run(script, 2)
    assert order == ["gaps absent_upstream", "tail", "gaps absent_upstream filled absent_upstream filled"]


def _what(content: bytes, path: Path) -> str:
    import pyarrow as pa

    if "tail" in str(path):
        return "tail"
    return " ".join(["gaps", *pq.ParquetFile(pa.BufferReader(content)).read()["status"].to_pylist()])


def fates(session: Session) -> list[tuple[object, object, object]]:
    gaps = session.ledger("gaps")
    return [(gap["first_trade_id"], gap["last_trade_id"], gap["status"]) for gap in gaps]
