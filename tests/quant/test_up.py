"""`quant up --demo` as a user runs it: every service, two addresses, Ctrl-C, nothing left."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from quant.settings import PROJECT_PATH

MARK = f"UP_OF_TEST_{os.getpid()}"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for orphans in /proc")
def test_everything_gets_healthy_answers_and_leaves_no_process(demo: Any, tmp_path: Path) -> None:
    shutil.copytree(demo.settings.data_path, tmp_path / "data", symlinks=True)
    ports = {key: _free_port() for key in ("API", "DASHBOARD", "STANDIN")}
    overrides = {f"QUANT_PORTS__{key}": str(port) for key, port in ports.items()}
    environment = demo.environment | overrides | {"QUANT_DATA_PATH": str(tmp_path / "data"), MARK: "1"}
    log = tmp_path / "log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "quant.cli", "up", "--demo"]
        up = subprocess.Popen(command, cwd=PROJECT_PATH, env=environment, stdout=output, stderr=output)
    try:
        _wait_for_announcement(up, log)
        for key in ("API", "DASHBOARD"):
            assert f"http://127.0.0.1:{ports[key]}" in log.read_text()
            assert httpx.get(f"http://127.0.0.1:{ports[key]}/health").status_code == 200
        assert len(_marked()) >= 6  # the supervisor and five services
        up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0, log.read_text()
        assert _marked() == []
    finally:
        for process in _marked():
            os.kill(process, signal.SIGKILL)
        up.wait()
    assert "Traceback" not in log.read_text()


def _wait_for_announcement(up: subprocess.Popen[bytes], log: Path, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while "duckdb -readonly" not in log.read_text():
        assert up.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _marked() -> list[int]:
    """Processes, zombies aside, that descend from this test's `quant up`."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_marked(entry)]


def _is_marked(entry: Path) -> bool:
    try:
        alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return alive and f"{MARK}=1".encode() in (entry / "environ").read_bytes()
    except OSError:  # it ended, or is not ours to look at
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
