"""Holes that nobody knows of are found by the footers, told, and filled."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.audit import untold_holes
from ingest.binance_record import trades_table
from ingest.compaction import close_settled
from ingest.fill_service import fill_gaps
from ingest.gap_ledger import fates
from ingest.insertion import insert_now
from ingest.parquet import lay_down_empty_files
from ingest.runs import Gap, Run
from ingest.tail import Tail
from quant.boundary import EPOCH
from quant.settings import Settings, load_settings
from tests.ingest.exchange import Exchange, trade_row
from tests.ingest.market_time import SOURCE, at, trade
from tests.ingest.staging_view import shown_ids

SYMBOL = "BTCUSDT"


@pytest.fixture
def root(settings: Settings) -> Path:
    lay_down_empty_files(settings.parquet_path)
    return settings.parquet_path


def record(root: Path, *ids: int) -> None:
    """One trade a minute."""
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(i, at(9) + timedelta(minutes=i)) for i in ids])


def test_hole_of_files_that_somebody_took_away_is_found(root: Path) -> None:
    record(root, *range(1, 11), *range(15, 60))
    assert untold_holes(root, SOURCE, SYMBOL) == [range(11, 15)]


def test_hole_in_closed_and_between_closed_and_tail_is_found(root: Path) -> None:
    record(root, *range(1, 30), *range(35, 58))
    close_settled(root, at(10, 5))
    record(root, *range(64, 80))
    assert untold_holes(root, SOURCE, SYMBOL) == [range(30, 35), range(58, 64)]


def test_what_the_ledger_tells_or_another_writer_stored_is_no_hole(root: Path) -> None:
    record(root, 1, 2, 10, 11, *range(20, 30))
    Run(root, SOURCE, "trades").record_gaps([Gap(SYMBOL, 3, 6, "absent_upstream", "why", at(9))])
    brought = [trade(i, at(9) + timedelta(minutes=i)) for i in range(12, 18)]
    insert_now(root, trades_table(brought, SOURCE, "another-run"))
    assert untold_holes(root, SOURCE, SYMBOL) == [range(7, 10), range(18, 20)]


def test_what_was_filled_and_has_gone_since_is_missing(root: Path) -> None:
    record(root, *range(1, 5), *range(10, 20))
    Run(root, SOURCE, "gaps").record_gaps([Gap(SYMBOL, 5, 9, "filled", "why", at(9))])
    assert untold_holes(root, SOURCE, SYMBOL) == [range(5, 10)]


def test_newest_two_minutes_are_the_recorders_affair(root: Path) -> None:
    record(root, *range(1, 10), 15)
    assert untold_holes(root, SOURCE, SYMBOL) == []
    record(root, 16, 17)
    assert untold_holes(root, SOURCE, SYMBOL) == [range(10, 15)]


def test_filler_tells_the_hole_and_fills_it(root: Path, exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_CRYPTO__REST_URLS", f'["{exchange.url}"]')
    monkeypatch.setenv("QUANT_CRYPTO__STREAM_URLS", f'["{exchange.url.replace("http", "ws")}"]')
    milliseconds = int(at(9).timestamp() * 1000)
    exchange.trades[SYMBOL] = [trade_row(i, milliseconds + 60_000 * i) for i in range(1, 60)]
    record(root, *range(1, 11), *range(15, 60))
    assert asyncio.run(fill_gaps(load_settings())) == 0
    assert shown_ids(root, EPOCH) == list(range(1, 60))
    assert [(gap.first_trade_id, gap.last_trade_id, gap.status) for gap in fates(root, SOURCE, SYMBOL)] == [
        (11, 14, "filled")
    ]
