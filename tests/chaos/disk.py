"""`python -m tests.chaos.disk FOLDER`: one life of the recorder over a disk that is full, read-only, then away.

It mounts, so it runs in a mount namespace of its own: see `run_apart`.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import duckdb

from quant.settings import PROJECT_PATH
from tests.chaos.judge import Verdict, judge, newest_ids
from tests.chaos.processes import FOR_EVER, RunningExchange, Victim, environment_of, running_exchange

SMALL_BYTES = 32_000_000
BLOCK = bytes(65_536)
DEADLINE_SECONDS = 60.0
ERROR, RECOVERY = " error: ", "writing again"
APART = ("unshare", "--user", "--map-root-user", "--mount")
RUNS = """
    select dataset, status, row_count, message from read_parquet('{root}/ledger/runs/*/*.parquet')
    where source = 'binance' qualify row_number() over (partition by ingest_run_id order by updated_at desc) = 1
"""


def why_impossible() -> str | None:
    """Why this machine gives us no mount namespace of our own; None if it does."""
    if not shutil.which(APART[0]):
        return "there is no unshare"
    tried = subprocess.run([*APART, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True)
    return tried.stderr.strip() or f"unshare left with {tried.returncode}" if tried.returncode else None


def run_apart(folder: Path, seconds: float) -> int:
    """All of it in a process that may mount; what it prints goes where ours does. Returns its exit code."""
    command = [*APART, sys.executable, "-m", "tests.chaos.disk", str(folder), "--seconds", str(seconds)]
    return subprocess.run(command, cwd=PROJECT_PATH).returncode


@contextmanager
def full(small: Path) -> Iterator[None]:
    """Not a byte is free."""
    ballast = small / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(BLOCK)
        except OSError:
            pass  # full, as it should be
    yield
    ballast.unlink()


@contextmanager
def read_only(small: Path) -> Iterator[None]:
    """As after a remount: a read-only mount of the same files lies over them.

    A true remount is refused while somebody holds a file open for writing, as the recorder does its lock.
    """
    beside = small.with_name("beside")  # made there and moved: nobody can open a file for writing meanwhile
    beside.mkdir()
    _run("mount", "--bind", str(small), str(beside))
    _run("mount", "-o", "remount,bind,ro", str(beside))
    _run("mount", "--move", str(beside), str(small))
    yield
    _run("umount", "--lazy", str(small))


@contextmanager
def away(small: Path) -> Iterator[None]:
    """The folder of all data has gone, and comes back."""
    parquet, elsewhere = small / "data" / "parquet", small / "data" / "elsewhere"
    parquet.rename(elsewhere)
    yield
    assert not parquet.exists(), "the recorder laid down a new data folder instead of waiting for the old one"
    elsewhere.rename(parquet)


class Trial:
    """One life of the recorder, through one outage after the other."""

    def __init__(self, folder: Path, exchange: RunningExchange, recorder: Victim) -> None:
        self.small, self.root = folder / "small", folder / "small" / "data" / "parquet"
        self.exchange, self.recorder, self.verdict = exchange, recorder, Verdict()

    def suffer(self, name: str, outage: Callable[[Path], object], seconds: float) -> None:
        """Let the outage last for `seconds` after the recorder noticed it, then let everything be caught up."""
        begin = self.recorder.log.stat().st_size
        before = self._made()
        with outage(self.small):  # type: ignore[attr-defined]
            self.wait(lambda: ERROR in self._said_since(begin), f"an error because the disk is {name}")
            until = time.monotonic() + seconds
            self.wait(lambda: time.monotonic() > until, "the end of the outage")
        made = self.exchange.tell("state")["made"]
        self.verdict.figures[f"{name}: trades made meanwhile"] = self._made() - before
        self.wait(lambda: RECOVERY in self._said_since(begin), "the recorder to say that it writes again")
        self.wait(lambda: self.has(made), f"what was traded while the disk was {name}")
        errors = [line for line in self._said_since(begin).splitlines() if ERROR in line]
        self.verdict.figures[f"{name}: errors logged"] = len(errors)
        self.verdict.demand(len(errors) == 1, f"{name}: {len(errors)} errors instead of one: {errors[:3]}")
        print(f"  {name}: {errors[0][:200]}", flush=True)

    def has(self, made: dict[str, int]) -> bool:
        stored = newest_ids(self.root)
        return all(stored.get(symbol, 0) >= last for symbol, last in made.items())

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            said = self._said_since(0)[-2000:]
            assert self.recorder.is_running, f"the recorder ended by itself: {said}"
            assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS:g} s in vain for {what}: {said}"
            self.recorder.measure()
            time.sleep(0.1)

    def _made(self) -> int:
        return int(sum(self.exchange.tell("state")["made"].values()))

    def _said_since(self, begin: int) -> str:
        with self.recorder.log.open() as log:
            log.seek(begin)
            return log.read()


def run_trial(folder: Path, seconds: float) -> Verdict:
    """Full, read-only, away; then the recorder is stopped, and what is on disk is judged."""
    small = folder / "small"
    small.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "none", str(small))
    with running_exchange(folder, "--behaving") as exchange:
        environment = environment_of(exchange, small / "data", CRYPTO__FLUSH_SECONDS="0.2")
        recorder = Victim(("ingest", "crypto"), environment, folder / "crypto.log", Random(0), (FOR_EVER, FOR_EVER))
        recorder.start()
        trial = Trial(folder, exchange, recorder)
        trial.wait(lambda: trial.root.is_dir() and bool(newest_ids(trial.root)), "the first trades on disk")
        trial.suffer("full", full, seconds)
        trial.suffer("read-only", read_only, seconds)
        trial.suffer("away", away, seconds)
        made = exchange.tell("stop")["made"]
        trial.wait(lambda: trial.has(made), "the last trades")
        trial.verdict.demand((code := recorder.stop()) == 0, f"the recorder left with {code} when told to stop")
        found = judge(trial.root, exchange.market, made)
        trial.verdict.figures |= found.figures
        trial.verdict.faults += found.faults
        trial.verdict.figures["most memory, MB"] = recorder.peak_bytes // 10**6
        for dataset, *told in duckdb.execute(RUNS.format(root=trial.root)).fetchall():
            trial.verdict.figures[f"the ledger says of the {dataset}"] = told
        return trial.verdict


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=10, help="how long each outage lasts once it is noticed")
    given = parser.parse_args()
    verdict = run_trial(given.folder, given.seconds)
    verdict.print("One recorder, over a disk that was full, read-only and away")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
