"""The supervisor with real child processes: start, restart, stop, and nothing left whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for orphans in /proc")

SERVE = """
import http.server, signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy)
print("listens", flush=True)
server.serve_forever()
"""
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
subprocess.Popen([sys.executable, "-c", child])
print("deaf", flush=True)
time.sleep(300)
"""
MORTAL = "print('short life', flush=True); raise SystemExit(3)"

UP = """
import sys
from rich.console import Console
from quant.supervisor import Service, Supervisor
import quant.supervisor
quant.supervisor.BACK_OFF_SECONDS = (0.05, 0.05)

services = [Service(name, (sys.executable, "-c", code, *arguments), url) for name, code, arguments, url in {services!r}]
supervisor = Supervisor(Console(soft_wrap=True), patience_seconds={patience}, stop_seconds={stop})
with supervisor.running():
    supervisor.start(services)
    if not supervisor.stopping.is_set():
        print("all healthy", flush=True)
    supervisor.watch()
print("ended", flush=True)
"""

Row = tuple[str, str, tuple[str, ...], str | None]


class Up:
    """A supervisor in a process of its own; its output is a file."""

    def __init__(
        self, folder: Path, services: list[Row], *, patience: float = 30, stop: float = 5, piped: bool = False
    ) -> None:
        self._output = folder / "output"
        script = textwrap.dedent(UP).format(services=services, patience=patience, stop=stop)
        # Every process that descends from it carries this mark in its environment, even an orphan.
        self._mark = f"DESCENDS_FROM_{os.getpid()}_{time.monotonic_ns()}"
        environment = os.environ | {self._mark: "1"}
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", script],
                env=environment,
                stdout=subprocess.PIPE if piped else output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def left(self) -> list[int]:
        """Processes that descend from this supervisor and are alive, itself included."""
        wanted = self._mark.encode()
        return [
            int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _carries(entry, wanted)
        ]


def _carries(entry: Path, mark: bytes) -> bool:
    try:
        alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return alive and mark in (entry / "environ").read_bytes()
    except OSError:  # it ended, or is not ours to look at
        return False


@pytest.fixture
def ups() -> Iterator[list[Up]]:
    """Supervisors of one test; whatever they leave is ended."""
    started: list[Up] = []
    yield started
    for up in started:
        for process in up.left():
            os.kill(process, signal.SIGKILL)
        up.process.wait()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _server(port: int) -> Row:
    return ("api", SERVE, (str(port),), f"http://127.0.0.1:{port}/health")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_ends_with_0_and_leaves_no_process(
    ups: list[Up], port: int, tmp_path: Path, wait_for: Any, number: signal.Signals
) -> None:
    up = Up(tmp_path, [_server(port), ("sleeper", "import time; time.sleep(300)", (), None)])
    ups.append(up)
    wait_for(lambda: "all healthy" in up.output)
    assert len(up.left()) == 3
    up.process.send_signal(number)
    assert up.process.wait(20) == 0, up.output
    assert "ended" in up.output
    assert up.left() == []


def test_a_deaf_child_and_its_own_child_are_killed_after_the_deadline(
    ups: list[Up], tmp_path: Path, wait_for: Any
) -> None:
    up = Up(tmp_path, [("deaf", STUBBORN, (), None)], stop=0.3)
    ups.append(up)
    wait_for(lambda: "deaf" in up.output.replace("deaf  ", "") and len(up.left()) == 3)
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(20) == 0
    assert up.left() == []


def test_children_die_with_a_supervisor_that_is_killed(ups: list[Up], port: int, tmp_path: Path, wait_for: Any) -> None:
    up = Up(tmp_path, [_server(port), ("sleeper", "import time; time.sleep(300)", (), None)])
    ups.append(up)
    wait_for(lambda: "all healthy" in up.output)
    up.process.kill()
    up.process.wait()
    wait_for(lambda: up.left() == [])


def test_a_child_that_dies_is_told_and_starts_again(ups: list[Up], port: int, tmp_path: Path, wait_for: Any) -> None:
    up = Up(tmp_path, [_server(port)])
    ups.append(up)
    wait_for(lambda: "all healthy" in up.output)
    (child,) = (process for process in up.left() if process != up.process.pid)
    os.kill(child, signal.SIGKILL)
    wait_for(lambda: up.output.count("listens") == 2)
    assert "api        died (ended by signal 9); starts again" in up.output
    assert child not in up.left()


def test_a_child_that_keeps_dying_ends_the_start_with_one_sentence(ups: list[Up], port: int, tmp_path: Path) -> None:
    up = Up(tmp_path, [_server(port), ("mortal", MORTAL, (), "http://127.0.0.1:1/health")])
    ups.append(up)
    assert up.process.wait(30) == 1
    assert up.output.count("mortal     short life") == 3  # the start and two restarts
    assert "mortal     died 3 times (exit 3) and stays down" in up.output
    assert "ServiceError: mortal does not start: its lines above say why" in up.output
    assert up.left() == []


def test_a_service_that_never_gets_healthy_ends_the_start(ups: list[Up], tmp_path: Path) -> None:
    up = Up(tmp_path, [("slow", "import time; time.sleep(300)", (), "http://127.0.0.1:1/health")], patience=0.5)
    ups.append(up)
    assert up.process.wait(30) == 1
    assert "waiting for slow for more than 0.5 s" in up.output
    assert up.left() == []


def test_it_stops_when_nobody_reads_its_lines_any_more(ups: list[Up], tmp_path: Path) -> None:
    talk = "import time\nwhile True: print('words', flush=True); time.sleep(0.01)"
    up = Up(tmp_path, [("talker", talk, (), None)], piped=True)
    ups.append(up)
    assert up.process.stdout is not None
    up.process.stdout.readline()
    up.process.stdout.close()
    up.process.wait(20)
    assert up.left() == []


def test_lines_carry_the_clock_and_the_name_once(ups: list[Up], tmp_path: Path, wait_for: Any) -> None:
    code = "import time; print('plain'); print('12:00:00 chatty     formatted', flush=True); time.sleep(300)"
    up = Up(tmp_path, [("chatty", code, (), None)])
    ups.append(up)
    wait_for(lambda: "formatted" in up.output)
    lines = [line for line in up.output.splitlines() if "chatty" in line]
    assert lines[0][8:] == " chatty     plain"
    assert lines[1] == "12:00:00 chatty     formatted"
