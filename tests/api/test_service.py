"""`uvicorn api.app:app` as an operator starts and stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from quant.settings import PROJECT_PATH


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(tmp_path: Path, port: int, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "uvicorn", "api.app:app", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "QUANT_DATA_PATH": str(tmp_path), **variables}
    with subprocess.Popen(
        command, cwd=PROJECT_PATH, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def await_answer(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)  # not listening yet
    raise AssertionError(f"{url} did not answer within 30 s")


def test_it_starts_alone_and_stops_cleanly_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port, QUANT_DEMO="true") as process:
        answer = await_answer(f"http://127.0.0.1:{port}/health", process)
        assert (answer.status_code, answer.json()["status"], answer.json()["demo"]) == (503, "starting", True)
        assert "/metrics/{symbol}" in httpx.get(f"http://127.0.0.1:{port}/").json()["endpoints"]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
    assert process.returncode in {0, -signal.SIGTERM}
    assert "Application shutdown complete" in output


@pytest.mark.parametrize(
    ("name", "value"), [("QUANT_READER__THREADS", "none"), ("QUANT_NO_SUCH", "1"), ("QUANT_HOST", "0.0.0.0")]
)
def test_wrong_settings_stop_it_with_a_sentence(tmp_path: Path, name: str, value: str) -> None:
    with started(tmp_path, free_port(), **{name: value}) as process:
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 3  # uvicorn's code for a failed start
    assert "ConfigError: " in output and "Traceback" not in output
