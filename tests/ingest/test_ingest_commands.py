"""`python -m ingest ...` as other programs start it: processes, signals, exit codes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingest.parquet import partition_path
from ingest.record import DATASETS
from quant.boundary import EPOCH
from quant.errors import COME_BACK_LATER
from quant.settings import PROJECT_PATH
from tests.ingest.exchange import Exchange, running_exchange, trade_frame, trade_row, wait_until
from tests.ingest.market_time import files_below, seen
from tests.ingest.yahoo_server import Day, YahooServer, chart

SECONDS_TO_STOP = 5.0  # a second or two, on a machine that does other things as well


@pytest.fixture
def environment(exchange: Exchange, yahoo: YahooServer, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QUANT_DATA_PATH": str(tmp_path),
        "QUANT_CRYPTO__STREAM_URLS": json.dumps([exchange.url.replace("http", "ws")]),
        "QUANT_CRYPTO__REST_URLS": json.dumps([exchange.url]),
        "QUANT_EQUITIES__ENDPOINT": yahoo.url,
        "QUANT_EQUITIES__REQUEST_SECONDS": "0",
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        env=environment,
        cwd=PROJECT_PATH,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "ingest", *arguments]
    with subprocess.Popen(command, env=environment, cwd=PROJECT_PATH, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def frames(first: int, last: int) -> list[bytes]:
    now = int(time.time() * 1000) - 1000
    return [trade_frame("BTCUSDT", trade_row(trade_id, now)) for trade_id in range(first, last + 1)]


def runs(root: Path) -> list[dict[str, object]]:
    files = sorted((root / "ledger" / "runs").rglob("*.parquet"))
    return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


def test_init_gives_every_dataset_a_typed_file_that_sorts_first(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(environment, "init").returncode == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert run(environment, "init").returncode == 0  # a second time it leaves what is there
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == before
    assert len(before) == len(DATASETS)
    root = tmp_path / "parquet"
    for dataset in DATASETS:
        glob = root / dataset.folder / Path(*["*"] * len(dataset.keys)) / "*.parquet"
        (first,) = duckdb.execute("select file from glob($glob)", {"glob": str(glob)}).fetchall()[0]
        assert pq.read_schema(first).equals(dataset.schema)
        names = re.findall(r"(\w+)=", str(Path(first).relative_to(root)))
        assert names == list(dataset.keys)
        assert first < str(partition_path(root, dataset, dict.fromkeys(dataset.keys, "1970-01-02")) / "00.parquet")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_recorder_ends_cleanly_when_told(
    environment: dict[str, str], exchange: Exchange, tmp_path: Path, number: signal.Signals
) -> None:
    environment["QUANT_CRYPTO__FLUSH_SECONDS"] = "3600"  # what is on disk was flushed by the end alone
    root = tmp_path / "parquet"
    with running(environment, "crypto") as process:
        exchange.wait_for_streams(1)
        exchange.send([*frames(1, 20), *frames(22, 22)])  # it asks for 21 when it has taken in the others
        wait_until(lambda: any("fromId=21" in path for path in exchange.requests), "the question for trade 21")
        wait_until(lambda: any("klines" in path for path in exchange.requests), "the history pull")
        process.send_signal(number)
        begin = time.monotonic()
        assert process.wait(30) == 0
        assert time.monotonic() - begin < SECONDS_TO_STOP
    assert seen(root, EPOCH)[:20] == list(range(1, 21))
    assert {str(row["dataset"]): row["status"] for row in runs(root)} == {"trades": "ok", "klines": "empty"}
    assert all(row["finished_at"] for row in runs(root))


def test_killed_recorder_loses_nothing(environment: dict[str, str], exchange: Exchange, tmp_path: Path) -> None:
    root = tmp_path / "parquet"
    now = int(time.time() * 1000) - 1000
    exchange.trades["BTCUSDT"] = [trade_row(trade_id, now) for trade_id in range(1, 1000)]
    environment["QUANT_CRYPTO__FLUSH_SECONDS"] = "0.05"
    for life in range(1, 4):
        with running(environment, "crypto") as process:
            exchange.wait_for_streams(life)
            exchange.send(frames(life * 100, life * 100 + 50))
            wait_until(lambda life=life: max(seen(root, EPOCH), default=0) >= life * 100, "the first flush")  # type: ignore[misc]
            process.kill()
    stored = seen(root, EPOCH)
    assert stored == list(range(100, stored[-1] + 1))
    assert stored[-1] >= 300


def test_recorder_that_comes_before_the_exchange_has_its_bars_soon(
    environment: dict[str, str], exchange: Exchange, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = int(reserved.getsockname()[1])
    environment["QUANT_CRYPTO__REST_URLS"] = json.dumps([f"http://127.0.0.1:{port}"])
    environment["QUANT_CRYPTO__HISTORY_DAYS"] = json.dumps({"1d": 30})
    midnight = int(time.time()) // 86400 * 86_400_000
    bar = [midnight, "2", "3", "1", "2.5", "10", midnight + 86_399_999, "25", 7, "4", "10", "0"]
    bars = tmp_path / "parquet/klines/symbol=BTCUSDT/source=binance/interval=1d"
    with running(environment, "crypto") as process:
        assert process.stderr is not None
        while "bars are not up to date" not in process.stderr.readline():
            assert process.poll() is None
        with running_exchange(port) as late:
            late.klines["BTCUSDT", "1d"] = [bar]
            wait_until(lambda: list(bars.glob("history-*.parquet")), "bars, long before the next turn in 600 s")


def test_second_recorder_is_refused_in_one_sentence(environment: dict[str, str], exchange: Exchange) -> None:
    with running(environment, "crypto"):
        exchange.wait_for_streams(1)
        refused = run(environment, "crypto")
        pulled = run(environment, "crypto", "--once")
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1] == (
        "ingest crypto: another process records trades into this data folder: stop it first"
    )
    assert pulled.returncode == 0
    assert "pulling bars only" in pulled.stderr


def test_crypto_once_pulls_the_newest_trades_and_what_is_missing_before(
    environment: dict[str, str], exchange: Exchange, tmp_path: Path
) -> None:
    now = int(time.time() * 1000) - 10_000
    exchange.trades["BTCUSDT"] = [trade_row(trade_id, now) for trade_id in range(1, 1201)]
    assert run(environment, "crypto", "--once").returncode == 0
    assert seen(tmp_path / "parquet", EPOCH) == list(range(201, 1201))  # the newest 1000
    exchange.trades["BTCUSDT"] = [trade_row(trade_id, now) for trade_id in range(1, 3001)]
    assert run(environment, "crypto", "--once").returncode == 0
    assert seen(tmp_path / "parquet", EPOCH) == list(range(201, 3001))


def test_exchange_that_locks_us_out_is_a_failed_run(
    environment: dict[str, str], exchange: Exchange, tmp_path: Path
) -> None:
    exchange.refuse_requests = [(451, {})]
    finished = run(environment, "crypto", "--once")
    assert finished.returncode == 1
    assert "451" in finished.stderr
    assert {row["status"] for row in runs(tmp_path / "parquet")} == {"failed"}


def test_equities_go_on_until_told_to_stop(environment: dict[str, str], yahoo: YahooServer, tmp_path: Path) -> None:
    environment |= {"QUANT_REFRESH_SECONDS__EQUITIES": "0.1"}
    yahoo.charts = {symbol: chart(symbol, []) for symbol in ("SPY", "AAPL", "MSFT", "NVDA")}
    with running(environment, "equities") as process:
        wait_until(lambda: len(runs(tmp_path / "parquet")) >= 2, "the second pull")
        process.terminate()
        assert process.wait(SECONDS_TO_STOP) == 0
    assert files_below(tmp_path / "parquet" / "equities") == []


def test_pull_ends_when_told_even_if_the_source_never_answers(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment["QUANT_EQUITIES__ENDPOINT"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with running(environment, "options", "--once") as process:
            connection, _ = silent.accept()
            process.terminate()
            assert process.wait(SECONDS_TO_STOP) == 0
            connection.close()
    assert {(row["symbol"], row["status"], row["message"]) for row in runs(tmp_path / "parquet")} == {
        (None, "partial", "stopped before SPY, AAPL"),
        ("SPY", "not_fetched", None),
        ("AAPL", "not_fetched", None),
    }


def test_equities_once_keep_the_library_cache_in_the_data_folder(
    environment: dict[str, str], yahoo: YahooServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    bar: Day = (1_764_167_400, [10.0, 12.0, 9.0, 11.0, 10.5], 1000)  # 2025-11-26 14:30 UTC
    yahoo.charts = {symbol: chart(symbol, [bar]) for symbol in ("SPY", "AAPL", "MSFT", "NVDA")}
    assert run(environment | {"HOME": str(home)}, "equities", "--once").returncode == 0
    assert len(files_below(tmp_path / "parquet" / "equities")) == 4
    assert list(home.iterdir()) == []
    assert list((tmp_path / "cache").rglob("*.db"))


def test_rate_limit_is_an_exit_code_of_its_own(environment: dict[str, str], yahoo: YahooServer, tmp_path: Path) -> None:
    yahoo.refuse["SPY"] = 429
    assert run(environment, "options", "--once").returncode == COME_BACK_LATER
    assert runs(tmp_path / "parquet")[-1]["status"] == "rate_limited"


def test_wrong_setting_is_one_sentence(environment: dict[str, str]) -> None:
    finished = run(environment | {"QUANT_LOG_LEVEL": "LOUD"}, "init")
    assert finished.returncode == 1
    assert finished.stderr.startswith("ingest init: ")
    assert "LOUD" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_disk_that_cannot_be_written_is_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "parquet").write_text("a file where the folder should be")
    finished = run(environment, "init")
    assert finished.returncode == 1
    assert "Not a directory" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_compact_command_advances_the_boundary(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(environment, "compact").returncode == 0
    assert (tmp_path / "parquet" / "trades" / "boundary").read_text().endswith(":00:00+00:00\n")
