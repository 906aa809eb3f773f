"""The exchange's own bars: history is pulled once, later pulls begin where the last one ended."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import ingest.klines
from ingest.binance_rest import BinanceRest
from ingest.disk import Disk
from ingest.errors import RateLimitedError, SourceError
from ingest.klines import KlineHistory, resume_at
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from tests.ingest.exchange import Exchange
from tests.ingest.market_time import SOURCE

NOW = datetime(2026, 11, 20, 9, 30, 30, tzinfo=UTC)
MINUTE = 60_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_down_empty_files(tmp_path)
    return tmp_path


def minutes(begin: datetime, count: int) -> list[list[object]]:
    first = int(begin.timestamp() * 1000)
    return [
        [first + i * MINUTE, "2", "3", "1", "2.5", "10", first + (i + 1) * MINUTE - 1, "25", 7, "4", "10", "0"]
        for i in range(count)
    ]


def pull(
    root: Path,
    exchange: Exchange,
    now: datetime,
    days: int = 1,
    symbols: Sequence[str] = ("BTCUSDT",),
    times: int = 1,
) -> Run:
    run = Run(root, SOURCE, "klines", clock=lambda: now)

    async def work() -> None:
        rest = BinanceRest([exchange.url], run.reject, clock=lambda: now)
        history = KlineHistory(run, rest, {"1m": days})
        try:
            for _ in range(times):
                await history.pull(symbols)
        finally:
            await rest.close()

    asyncio.run(work())
    return run


def stored(root: Path) -> list[tuple[object, ...]]:
    files = f"{root}/klines/symbol=BTCUSDT/source=binance/interval=1m/*.parquet"
    return duckdb.execute(f"select ts, is_final, close::double from '{files}' order by ts, fetched_at").fetchall()


def starts(exchange: Exchange) -> list[datetime]:
    found = [re.search(r"startTime=(\d+)", path) for path in exchange.requests]
    return [datetime.fromtimestamp(int(match[1]) / 1000, UTC) for match in found if match]


def test_history_is_paged_and_its_last_bar_still_open(root: Path, exchange: Exchange) -> None:
    begin = NOW.replace(second=0) - timedelta(minutes=1440)
    exchange.klines["BTCUSDT", "1m"] = minutes(begin, 1441)
    run = pull(root, exchange, NOW)
    assert starts(exchange) == [begin, begin + timedelta(minutes=1000)]
    bars = stored(root)
    assert len(bars) == run.row_count == 1441
    assert [is_final for _, is_final, _ in bars] == [True] * 1440 + [False]
    assert bars[-1][0] == NOW.replace(second=0)


def test_next_pull_begins_with_the_bar_that_was_open(root: Path, exchange: Exchange) -> None:
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW.replace(hour=9, minute=0, second=0), 100)
    exchange.klines["BTCUSDT", "1m"] = exchange.klines["BTCUSDT", "1m"][:31]
    pull(root, exchange, NOW)
    exchange.requests.clear()
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW.replace(hour=9, minute=0, second=0), 36)
    run = pull(root, exchange, NOW + timedelta(minutes=5))
    assert starts(exchange) == [NOW.replace(second=0)]
    assert run.row_count == 6
    newest = {ts: bool(is_final) for ts, is_final, _ in stored(root)}  # rows come in the order of their fetch
    assert len(newest) == 36
    assert sum(newest.values()) == 35


def test_longer_history_is_fetched_when_asked_for(root: Path, exchange: Exchange) -> None:
    pull(root, exchange, NOW, days=1)
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW - timedelta(days=1), 10)
    pull(root, exchange, NOW, days=1)
    exchange.requests.clear()
    pull(root, exchange, NOW, days=2)
    assert starts(exchange) == [NOW.replace(second=0) - timedelta(days=2)]


def test_empty_answer_writes_no_file(root: Path, exchange: Exchange) -> None:
    assert pull(root, exchange, NOW).row_count == 0
    assert not (root / "klines" / "symbol=BTCUSDT").exists()


def test_unreadable_bar_is_kept_aside(root: Path, exchange: Exchange) -> None:
    bars = minutes(NOW.replace(hour=9, minute=0, second=0), 3)
    bars[1][1] = "many"
    exchange.klines["BTCUSDT", "1m"] = bars
    run = pull(root, exchange, NOW)
    assert (run.row_count, run.count_dead_letters) == (2, 1)


def test_ban_is_told_as_such(root: Path, exchange: Exchange) -> None:
    exchange.refuse_requests = [(418, {"Retry-After": "7200"})]
    with pytest.raises(RateLimitedError, match="asked to wait 7200 s"):
        pull(root, exchange, NOW)


def test_locked_out_client_says_so_without_asking_twice(root: Path, exchange: Exchange) -> None:
    exchange.refuse_requests = [(451, {})]
    with pytest.raises(SourceError, match="answered 451"):
        pull(root, exchange, NOW)
    assert len(exchange.requests) == 1


def test_server_error_is_tried_again(root: Path, exchange: Exchange) -> None:
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW.replace(hour=9, minute=0, second=0), 3)
    exchange.refuse_requests = [(503, {})]
    assert pull(root, exchange, NOW).row_count == 3


def test_series_that_fails_stops_no_other(root: Path, exchange: Exchange) -> None:
    exchange.refuse_symbols = {"AAAUSDT": 400, "ZZZUSDT": 400}
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW.replace(minute=0, second=0), 3)
    with pytest.raises(SourceError, match=r"AAAUSDT 1m: .*400.*; ZZZUSDT 1m: .*400"):
        pull(root, exchange, NOW, symbols=["AAAUSDT", "BTCUSDT", "ZZZUSDT"])
    assert len(stored(root)) == 3


def test_limit_ends_the_whole_pull(root: Path, exchange: Exchange) -> None:
    exchange.refuse_requests = [(418, {"Retry-After": "7200"})]
    with pytest.raises(RateLimitedError):
        pull(root, exchange, NOW, symbols=["AAAUSDT", "BTCUSDT"])
    assert len(exchange.requests) == 1


def test_later_pulls_of_a_run_do_not_read_the_disk_again(
    root: Path, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []

    def counted(folder: Path, begin: int, disk: Disk) -> int:
        reads.append(folder)
        return resume_at(folder, begin, disk)

    monkeypatch.setattr(ingest.klines, "resume_at", counted)
    exchange.klines["BTCUSDT", "1m"] = minutes(NOW.replace(minute=0, second=0), 31)
    pull(root, exchange, NOW, times=3)
    assert len(reads) == 1
    assert starts(exchange) == [NOW.replace(second=0) - timedelta(days=1), *[NOW.replace(second=0)] * 2]
