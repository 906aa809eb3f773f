"""One service on a built warehouse of the stand-in market: started as `quant up` does, on a throw-away data folder."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.product import free_port
from quant.services import services
from quant.settings import PROJECT_PATH, Settings, load_settings

# Beside those of config.yaml; the stand-in knows a price for every name.
MORE_SYMBOLS = [f"{first}{second}{third}" for first in "BCDFG" for second in "AEIOU" for third in "KLMNPRSTXZ"]
MINUTE_DAYS = 9  # of crypto: more than 10,000 bars for an answer as Arrow


@dataclass(frozen=True)
class Host:
    settings: Settings
    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident_megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cpu_seconds(self) -> float:
        """Of the service and of what it has started and awaited."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_host(symbols: int, folder: Path | None = None, is_live: bool = True, name: str = "api") -> Iterator[Host]:
    """Ingest, build, and start the API, or the dashboard; trades go on coming if `is_live`. All is ended and deleted.

    `symbols` more equities than config.yaml has. `folder`: where the throw-away folder is made.
    """
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="quant-bench-", dir=folder))
        os.environ.update(_environment(Path(data), symbols))
        settings = load_settings()
        stack.enter_context(_running("standin", sys.executable, "-m", "ingest.standin"))
        _await(f"{settings.standin_url}/api/v3/ping")
        _build()
        if is_live:
            stack.enter_context(_running("ingest", sys.executable, "-m", "ingest", "crypto"))
        service = next(each for each in services(settings) if each.name == name)
        process = stack.enter_context(_running(name, *service.command))
        url = f"http://127.0.0.1:{getattr(settings.ports, name)}"
        _await(f"{url}/health")
        yield Host(settings, url, process.pid)


def _environment(data: Path, symbols: int) -> dict[str, str]:
    """Settings of this process and its children. Log lines of each request are what a product writes, to a file."""
    known = load_settings()
    return {
        "QUANT_DATA_PATH": str(data),
        "QUANT_DEMO": "true",
        "QUANT_PORTS__API": str(free_port()),
        "QUANT_PORTS__DASHBOARD": str(free_port()),
        "QUANT_PORTS__STANDIN": str(free_port()),
        "QUANT_EQUITIES__SYMBOLS": json.dumps([*known.equities.symbols, *MORE_SYMBOLS[:symbols]]),
        "QUANT_EQUITIES__REQUEST_SECONDS": "0",
        "QUANT_CRYPTO__HISTORY_DAYS": json.dumps({"1m": MINUTE_DAYS, "1d": 1500}),
        "QUANT_API__RATE_LIMIT": "null",  # one address asks for everybody here
    }


def _build() -> None:
    started = time.monotonic()
    for dataset in ("crypto", "equities", "options"):
        _run("-m", "ingest", dataset, "--once")
    _run("-m", "quant.cli", "build", "--full-refresh")
    print(f"ingested and built in {time.monotonic() - started:.0f} s", flush=True)


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=PROJECT_PATH, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


@contextmanager
def _running(name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with (load_settings().data_path / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=PROJECT_PATH, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(15)


def _await(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet; the deadline decides
        time.sleep(0.1)
    raise SystemExit(f"{url} is not healthy in time")
