"""The whole product on the stand-in market, on free ports and a throw-away data folder."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from quant.settings import PROJECT_PATH


@dataclass(frozen=True)
class Product:
    """Addresses and environment of a running product; `seconds` from start to healthy."""

    api: str
    standin: str
    dashboard: str
    environment: Mapping[str, str]
    data_path: Path
    pid: int
    seconds: float

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module or script against this product's data."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=dict(self.environment), cwd=PROJECT_PATH, capture_output=True, text=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_product(overrides: Mapping[str, str] | None = None, deadline: float = 180) -> Iterator[Product]:
    """Start `quant up --demo`, wait until API and dashboard are healthy, stop it by SIGTERM at the end."""
    ports = {name: free_port() for name in ("api", "dashboard", "standin")}
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as folder:
        environment = {
            **os.environ,
            "QUANT_DATA_PATH": folder,
            "QUANT_DEMO": "true",
            **{f"QUANT_PORTS__{name.upper()}": str(port) for name, port in ports.items()},
            **(overrides or {}),
        }
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        log = Path(folder) / "up.log"
        with log.open("w") as output:
            command = [sys.executable, "-m", "quant.cli", "up", "--demo"]
            up = subprocess.Popen(command, env=environment, cwd=PROJECT_PATH, stdout=output, stderr=subprocess.STDOUT)
        started = time.monotonic()
        try:
            for url in (urls["api"], urls["dashboard"]):
                _await_healthy(url, up, log, started + deadline)
            seconds = time.monotonic() - started
            yield Product(**urls, environment=environment, data_path=Path(folder), pid=up.pid, seconds=seconds)
        finally:
            up.terminate()
            up.wait(30)


def _await_healthy(url: str, up: subprocess.Popen[bytes], log: Path, deadline: float) -> None:
    while time.monotonic() < deadline:
        if up.poll() is not None:
            raise SystemExit(f"`quant up --demo` ended with {up.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet; the deadline decides
        time.sleep(0.1)
    raise SystemExit(f"{url} is not healthy in time:\n{log.read_text()[-3000:]}")
