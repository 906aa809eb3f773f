"""The filler and the archive import killed again and again, beside a live recorder and compactions: nothing twice."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.gap_ledger import fates, open_gaps
from ingest.parquet import lay_down_empty_files
from ingest.runs import Gap, Run
from ingest.tail import Tail
from quant.boundary import EPOCH, read_boundary
from quant.settings import PROJECT_PATH
from tests.ingest.archive_zips import zipped
from tests.ingest.exchange import Exchange, trade_frame, trade_row, wait_until
from tests.ingest.market_time import SOURCE, trade
from tests.ingest.staging_view import shown_ids

SYMBOL = "BTCUSDT"
ARCHIVED, MISSED, RECORDED = range(1, 4001), range(4001, 12_001), range(12_001, 12_011)
ROUNDS = 2


@pytest.fixture
def environment(exchange: Exchange, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QUANT_DATA_PATH": str(tmp_path),
        "QUANT_CRYPTO__SYMBOLS": json.dumps([SYMBOL]),
        "QUANT_PORTFOLIOS__CRYPTO": json.dumps([SYMBOL]),
        "QUANT_CRYPTO__STREAM_URLS": json.dumps([exchange.url.replace("http", "ws")]),
        "QUANT_CRYPTO__REST_URLS": json.dumps([exchange.url]),
        "QUANT_CRYPTO__FLUSH_SECONDS": "0.05",
        "QUANT_CRYPTO__FILL_TRADES_PER_RUN": "5000",
        "QUANT_CRYPTO__FILL_PAUSE_SECONDS": "0.01",
    }


class Clock:
    """When each trade happened: the archive's three days ago, the missed ones from two days ago until now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.day = (self.now - timedelta(days=3)).replace(hour=0, minute=0, second=0)

    def __call__(self, trade_id: int) -> datetime:
        if trade_id in ARCHIVED:
            return self.day + timedelta(seconds=20 * trade_id)
        if trade_id in MISSED:
            return self.now - timedelta(hours=6) * ((MISSED.stop - trade_id) / len(MISSED)) - timedelta(seconds=20)
        return min(self.now - timedelta(seconds=20) + timedelta(milliseconds=trade_id), datetime.now(UTC))

    def milliseconds(self, trade_id: int) -> int:
        return int(self(trade_id).timestamp() * 1000)


@contextmanager
def recording(environment: dict[str, str], exchange: Exchange, clock: Clock) -> Iterator[Callable[[], int]]:
    """A recorder with a trade every few milliseconds; what it yields tells the newest id that was sent."""
    sent = RECORDED.stop - 1
    stop = threading.Event()

    def send() -> None:
        nonlocal sent
        while not stop.wait(0.005):
            row = trade_row(sent + 1, clock.milliseconds(sent + 1))
            exchange.trades[SYMBOL].append(row)
            exchange.send([trade_frame(SYMBOL, row)])
            sent += 1

    command = [sys.executable, "-m", "ingest", "crypto"]
    with subprocess.Popen(command, env=environment, cwd=PROJECT_PATH, stderr=subprocess.DEVNULL) as recorder:
        sender = threading.Thread(target=send)
        try:
            exchange.wait_for_streams(1)
            sender.start()
            yield lambda: sent
        finally:
            stop.set()
            sender.join()
            recorder.terminate()
            assert recorder.wait(30) == 0


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ingest", *arguments]
    return subprocess.Popen(
        command, env=environment, cwd=PROJECT_PATH, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_at_work(process: subprocess.Popen[bytes], root: Path, chance: random.Random) -> None:
    """SIGKILL some milliseconds after it wrote its first file; or it has ended before."""
    own = f".{process.pid}.tmp"
    written = {path for path in root.rglob("late-*.parquet")} | {path for path in root.rglob("*-*-*.parquet")}

    def has_begun() -> bool:
        now = {path for path in root.rglob("late-*.parquet")} | {path for path in root.rglob("*-*-*.parquet")}
        return process.poll() is not None or now != written or any(root.rglob(f".*{own}"))

    wait_until(has_begun, "the first file")
    time.sleep(chance.uniform(0, 0.05))
    process.kill()
    process.wait()


def test_killed_again_and_again_each_id_is_stored_once(
    environment: dict[str, str], exchange: Exchange, tmp_path: Path
) -> None:
    root, clock, chance = tmp_path / "parquet", Clock(), random.Random(3)
    lay_down_empty_files(root)
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(i, clock(i)) for i in RECORDED])
    Run(root, SOURCE, "trades").record_gaps([Gap(SYMBOL, MISSED[0], MISSED[-1], "open", "an outage", clock.now)])
    exchange.trades[SYMBOL] = [trade_row(i, clock.milliseconds(i)) for i in (*MISSED, *RECORDED)]
    lines = [f"{i},27000.5,0.25,1,{clock.milliseconds(i)},True,True" for i in ARCHIVED]
    archive = str(zipped(tmp_path, f"{SYMBOL}-trades-{clock.day:%Y-%m-%d}", lines))
    with recording(environment, exchange, clock) as newest:
        for number in range(ROUNDS):
            writers = [start(environment, "fill"), start(environment, "archive", archive)]
            if number == 1:
                writers.append(start(environment, "compact"))
            for writer in writers:
                kill_at_work(writer, root, chance)
        finishing = [start(environment, "archive", archive), start(environment, "compact")]
        assert [process.wait(60) for process in finishing] == [0, 0]
        wait_until(lambda: start(environment, "fill").wait() == 0 and not open_gaps(root, SOURCE, [SYMBOL]), "the fill")
    expected = list(range(1, newest() + 1))
    assert start(environment, "init").wait(30) == 0
    assert shown_ids(root, read_boundary(root)) == expected
    assert shown_ids(root, EPOCH)[-len(MISSED) :] == expected[-len(MISSED) :]  # a build from before the compactions
    assert {gap.status for gap in fates(root, SOURCE, SYMBOL)} == {"filled"}
    assert not list(root.rglob("*.tmp"))
