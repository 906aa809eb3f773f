"""A recorder that starts where others have written: it goes on behind them, and fetches nothing that they brought."""

from datetime import timedelta
from pathlib import Path

import pytest

from ingest.archive import import_archives
from ingest.binance_record import trades_table
from ingest.insertion import insert_now
from ingest.parquet import lay_down_empty_files
from ingest.tail import Tail
from quant.boundary import EPOCH
from quant.settings import Settings
from tests.ingest.archive_zips import DAY, day_lines, zipped
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import SOURCE, at, trade
from tests.ingest.recorder_session import Session, frames, rows
from tests.ingest.staging_view import shown_ids


@pytest.fixture
def root(settings: Settings) -> Path:
    lay_down_empty_files(settings.parquet_path)
    return settings.parquet_path


def test_it_goes_on_behind_an_archive(settings: Settings, root: Path, exchange: Exchange, tmp_path: Path) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(10, DAY - timedelta(days=1))])
    import_archives(settings, [zipped(tmp_path, "BTCUSDT-trades-2024-03-01", day_lines(range(11, 101), 100))])
    session = Session(settings, exchange)
    exchange.trades["BTCUSDT"] = rows(*range(1, 106))

    def play() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(104, 105))

    session.run(play, 2)
    assert shown_ids(root, EPOCH) == list(range(10, 106))
    assert [path.split("fromId=")[1].split("&")[0] for path in exchange.requests if "fromId" in path] == ["101"]


def test_a_hole_that_others_have_filled_is_none(settings: Settings, root: Path, exchange: Exchange) -> None:
    """The recorder died between two minutes; before it starts again, an archive brings what is missing."""
    before = [trade(i, at(8, 59, 0) + timedelta(seconds=i)) for i in (1, 2, 8, 9)]
    Tail(root, SOURCE, "a-run", symbols=1).write(before)
    brought = [trade(i, at(8, 59, 0) + timedelta(seconds=i)) for i in (3, 4, 5, 7)]
    insert_now(root, trades_table(brought, SOURCE, "another-run"))
    session = Session(settings, exchange)
    exchange.trades["BTCUSDT"] = rows(*range(1, 12))

    def play() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(10))

    session.run(play, 1)
    assert shown_ids(root, EPOCH) == list(range(1, 11))
