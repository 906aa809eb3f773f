"""A pull that is interrupted leaves nothing half, says where it stopped, and the next one goes on there."""

import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.parquet import read_table
from quant.settings import PROJECT_PATH
from tests.ingest.exchange import wait_until
from tests.ingest.test_yahoo_pull import THANKSGIVING
from tests.ingest.yahoo_pulls import Pulls
from tests.ingest.yahoo_server import YahooServer

SYMBOLS = ("SPY", "AAPL", "MSFT", "NVDA")


@contextmanager
def on_a_terminal(environment: dict[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], list[str]]]:
    """`python -m ingest` with stderr on a terminal, and what it shows there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ingest", *arguments]
    with subprocess.Popen(command, env=environment, cwd=PROJECT_PATH, stderr=theirs) as process:
        os.close(theirs)
        shown: list[str] = []
        reader = threading.Thread(target=_read, args=(ours, shown), daemon=True)
        reader.start()
        try:
            yield process, shown
        finally:
            process.kill()
            process.wait()
            reader.join(30)
            os.close(ours)


def _read(terminal: int, shown: list[str]) -> None:
    try:
        while text := os.read(terminal, 4096):
            shown.append(text.decode(errors="replace"))
    except OSError:
        return  # the other end is closed


def fetched(yahoo: YahooServer) -> list[str]:
    """Symbols of which bars were asked for, in order; the first question of each is for its time zone."""
    asked = [path.rpartition("/")[2] for path, query in yahoo.requests if "period1" in query]
    return list(dict.fromkeys(asked))


def test_an_interrupted_pull_says_where_it_stopped_and_the_next_goes_on_there(pulls: Pulls, yahoo: YahooServer) -> None:
    environment = {**os.environ, "QUANT_EQUITIES__REQUEST_SECONDS": "0", "TERM": "xterm", "COLUMNS": "100"}
    yahoo.charts = dict.fromkeys(SYMBOLS, THANKSGIVING)
    yahoo.held["MSFT"] = threading.Event()
    with on_a_terminal(environment, "equities", "--once") as (process, shown):
        wait_until(lambda: "equities MSFT, 3 of 4" in "".join(shown), "the progress line")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert pulls.last_run["status"] == "partial"
    assert pulls.last_run["message"] == "ended: SPY, AAPL; stopped before MSFT, NVDA"
    assert {name for name, status in pulls.outcomes.items() if status == "not_fetched"} == {"MSFT", "NVDA"}
    assert _stored(pulls) == {"SPY": [3], "AAPL": [3]}
    yahoo.held.pop("MSFT").set()
    yahoo.requests.clear()
    again = subprocess.run(
        [sys.executable, "-m", "ingest", "equities", "--once"],
        env=environment, cwd=PROJECT_PATH, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "goes on where the last pull was interrupted, with MSFT, NVDA" in again.stderr
    assert "equities NVDA (2 of 2): 3 rows" in again.stderr
    assert fetched(yahoo) == ["MSFT", "NVDA"]
    assert pulls.last_run["status"] == "ok"
    assert _stored(pulls) == {symbol: [3] for symbol in SYMBOLS}


def test_a_pull_that_was_interrupted_long_ago_begins_anew(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts = dict.fromkeys(SYMBOLS, THANKSGIVING)
    yahoo.refuse_next["MSFT"] = [429]
    pulls.pull("equities", *SYMBOLS)
    (pulls.settings.root / "cache" / "yahoo.rest").unlink()
    seconds = pulls.settings.refresh_seconds.model_copy(update={"equities": 1e-6})
    yahoo.requests.clear()
    Pulls(pulls.settings.model_copy(update={"refresh_seconds": seconds})).pull("equities", *SYMBOLS)
    assert fetched(yahoo) == list(SYMBOLS)


def test_a_pull_goes_on_after_a_rate_limit_too_and_then_begins_anew(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts = dict.fromkeys(SYMBOLS, THANKSGIVING)
    yahoo.refuse_next["MSFT"] = [429]
    pulls.pull("equities", *SYMBOLS)
    pulls.pull("equities", *SYMBOLS)  # during the rest: nothing is asked, nothing forgotten
    (pulls.settings.root / "cache" / "yahoo.rest").unlink()
    for expected in (["MSFT", "NVDA"], list(SYMBOLS)):
        yahoo.requests.clear()
        assert pulls.pull("equities", *SYMBOLS) == 0
        assert fetched(yahoo) == expected


def _stored(pulls: Pulls) -> dict[str, list[int]]:
    """Symbol -> rows of each of its files; no temporary file anywhere."""
    folder: Path = pulls.settings.parquet_path / "equities"
    assert not list(pulls.settings.parquet_path.rglob(".*.tmp"))
    files = {s: sorted((folder / f"symbol={s}").rglob("*.parquet")) for s in SYMBOLS}
    return {symbol: [read_table(path).num_rows for path in paths] for symbol, paths in files.items() if paths}
