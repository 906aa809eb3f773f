"""What proofs do to a build while it runs, or to what it reads, and what must be left of it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from quant.publish import Builds
from quant.scale.store import Store
from quant.settings import Settings
from tests.scale.builds import build, ended
from tests.scale.cluster import Cluster

WAIT_SECONDS = 120.0


def kill_in_the_middle(store: Store, cluster: Cluster, running: subprocess.Popen[str]) -> int:
    """A worker dies once another file of a shard is there; the build succeeds. How many new files there were then."""
    before = len(store.below("build"))
    await_that(lambda: len(store.below("build")) > before, "a shard writes something")
    written = len(store.below("build")) - before
    os.killpg(cluster.workers[0].pid, signal.SIGKILL)
    ended(running)
    cluster.await_workers(1)
    return written


def await_that(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"in vain: {what}")
        time.sleep(0.05)


@contextmanager
def damaged(settings: Settings) -> Iterator[None]:
    """A file of ETHUSDT's holds no rows at all."""
    broken = next((settings.parquet_path / "klines" / "symbol=ETHUSDT").rglob("*.parquet")).with_name("broken.parquet")
    broken.write_bytes(b"no rows at all")
    try:
        yield
    finally:
        broken.unlink()


def refused(settings: Settings, store: Store, command: tuple[str, ...]) -> None:
    """A build fails because of ETHUSDT; the build before answers on, and nothing is left of the new one."""
    before, files = Builds(settings.duckdb_path).current(), [file.address for file in store.below("build")]
    said = build(*command, expected=1)
    assert "ETHUSDT" in said and "broken.parquet" in said
    assert before is not None and Builds(settings.duckdb_path).current() == before
    assert [file.address for file in store.below("build")] == files != []
