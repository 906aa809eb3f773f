"""`ingest archive` and `ingest fill` as other programs start them: signals, exit codes, one at a time."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.gap_ledger import open_gaps
from ingest.parquet import lay_down_empty_files
from ingest.runs import Gap, Run
from ingest.tail import Tail
from quant.boundary import EPOCH
from quant.errors import COME_BACK_LATER
from quant.locks import exclusive
from quant.settings import PROJECT_PATH
from tests.ingest.archive_zips import DAY, zipped
from tests.ingest.exchange import Exchange, trade_row, wait_until
from tests.ingest.market_time import SOURCE, trade
from tests.ingest.staging_view import shown_ids

REAL_TRADES = PROJECT_PATH.parent / "shared" / "data" / "binance_btcusdt_trades_2021-01-08.parquet"
SYMBOL = "BTCUSDT"


@pytest.fixture
def environment(exchange: Exchange, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QUANT_DATA_PATH": str(tmp_path),
        "QUANT_CRYPTO__REST_URLS": json.dumps([exchange.url]),
        "QUANT_CRYPTO__FILL_PAUSE_SECONDS": "0",
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Ids 1 and 50 stored, those between them open."""
    root, begin = tmp_path / "parquet", datetime.now(UTC) - timedelta(minutes=2)
    lay_down_empty_files(root)
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(i, begin + timedelta(seconds=i)) for i in (1, 50)])
    Run(root, SOURCE, "trades").record_gaps([Gap(SYMBOL, 2, 49, "open", "an outage", begin)])
    return root


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ingest", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, cwd=PROJECT_PATH, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it said."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def last_run(root: Path, dataset: str) -> dict[str, object]:
    files = (root / "ledger" / "runs").rglob("*.parquet")
    rows = [row for path in files for row in pq.ParquetFile(path).read().to_pylist() if row["dataset"] == dataset]
    return max(rows, key=lambda row: str(row["updated_at"]))


def test_fill_fills_and_says_so(environment: dict[str, str], root: Path, exchange: Exchange) -> None:
    now = int(time.time() * 1000) - 60_000
    exchange.trades[SYMBOL] = [trade_row(i, now) for i in range(1, 51)]
    code, said = finish(start(environment, "fill"))
    assert code == 0
    assert "48 trades filled in, 0 are still missing" in said
    assert shown_ids(root, EPOCH) == list(range(1, 51))
    assert (last_run(root, "gaps")["status"], last_run(root, "gaps")["row_count"]) == ("ok", 48)
    assert "no gap is open" in finish(start(environment, "fill"))[1]


def test_fill_comes_back_later_when_limited(environment: dict[str, str], root: Path, exchange: Exchange) -> None:
    exchange.refuse_requests = [(418, {"Retry-After": "600"})]
    assert finish(start(environment, "fill"))[0] == COME_BACK_LATER
    assert last_run(root, "gaps")["status"] == "rate_limited"
    assert open_gaps(root, SOURCE, [SYMBOL])


def test_only_one_filler_at_a_time(environment: dict[str, str], root: Path) -> None:
    with exclusive(root / "trades" / "filler.lock"):
        code, said = finish(start(environment, "fill"))
    assert code == 1
    assert "another process fills the gaps" in said


def test_an_import_ends_when_told_and_can_be_called_again(environment: dict[str, str], tmp_path: Path) -> None:
    begin = int(DAY.timestamp()) * 1000
    lines = [f"{i},1.5,0.25,1,{begin + i * 160},True,True" for i in range(1, 520_001)]
    path, trades = str(zipped(tmp_path, "ADAUSDT-trades-2024-03-01", lines)), tmp_path / "parquet" / "trades"
    importer = start(environment, "archive", path)
    wait_until(lambda: list(trades.rglob("symbol=ADAUSDT/**/*.parquet")), "the first file")
    importer.terminate()
    assert finish(importer)[0] == 0
    assert last_run(tmp_path / "parquet", "archive")["message"] == (
        "ADAUSDT-trades-2024-03-01.zip: stopped before the end: call it again"
    )
    assert finish(start(environment, "archive", path))[0] == 0
    assert last_run(tmp_path / "parquet", "archive")["status"] == "ok"
    assert shown_ids(tmp_path / "parquet", EPOCH) == list(range(1, 520_001))


@pytest.mark.skipif(not REAL_TRADES.is_file(), reason=f"{REAL_TRADES} is not here")
def test_real_trades_come_back_to_the_row(environment: dict[str, str], tmp_path: Path) -> None:
    real = pq.ParquetFile(REAL_TRADES).read().to_pylist()
    lines = [
        f"{row['trade_id']},{row['price']:.8f},{row['quantity']:.8f},0,"
        f"{round(row['timestamp'].timestamp() * 1000)},{row['buyer_maker']},True"
        for row in real
    ]
    assert finish(start(environment, "archive", str(zipped(tmp_path, "BTCUSDT-trades-2021-01-08", lines))))[0] == 0
    assert shown_ids(tmp_path / "parquet", EPOCH) == [row["trade_id"] for row in real]
