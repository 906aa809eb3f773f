"""Runs services as child processes: their lines on one screen, restarts with back-off, and no process left behind."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from quant.addresses import without_addresses
from quant.errors import QuantError
from quant.leash import leashed
from quant.logs import as_log_line
from quant.progress import Progress
from quant.settings import PROJECT_PATH

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green")
BACK_OFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)  # after them a service that keeps dying is given up
SETTLED_SECONDS = 60.0  # a child that lived this long may count its deaths anew
TICK_SECONDS = 0.1


class ServiceError(QuantError):
    """A service cannot be started, or keeps dying."""


@dataclass(frozen=True)
class Service:
    """What to run, and where it says that it is healthy (None: being alive is enough); who sends alerts."""

    name: str
    command: tuple[str, ...]
    health_url: str | None = None
    sends_alerts: bool = False


@dataclass
class Child:
    """One service and its present process; `retry_at` is when a dead one starts again."""

    service: Service
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    deaths: int = 0
    retry_at: float | None = None
    given_up: bool = False
    healthy: bool = False
    pumps: list[threading.Thread] = field(default_factory=list)


class Supervisor:
    """`with supervisor.running(): supervisor.start(...); supervisor.watch()`; all from the main thread.

    The main thread, because the kernel's leash is tied to the thread that started a child.
    """

    def __init__(self, console: Console, patience_seconds: float = 180.0, stop_seconds: float = 10.0) -> None:
        self._console = console
        self._patience, self._stop_seconds = patience_seconds, stop_seconds
        self.children: list[Child] = []
        self.stopping = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Until the end of the block, Ctrl-C and SIGTERM ask `watch` to end; then every child is stopped."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        previous = {number: signal.signal(number, self._ask_to_stop) for number in numbers}
        try:
            yield
        finally:
            self._stop()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def start(self, services: Sequence[Service]) -> None:
        """Start them and wait until all are healthy; returns early when asked to stop."""
        children = [Child(service) for service in services]
        self.children += children
        for child in children:
            self._spawn(child)
        deadline = time.monotonic() + self._patience
        with Progress(self._console, _waiting(children)) as line:
            while not self.stopping.is_set() and not all(child.healthy for child in children):
                self._tick()
                for child in children:
                    child.healthy = child.healthy or _is_healthy(child)
                line.say(_waiting(children))
                self._refuse_hopeless(children, deadline)
                self.stopping.wait(TICK_SECONDS)

    def watch(self) -> None:
        """Restart what dies, until asked to stop."""
        while not self.stopping.is_set():
            self._tick()
            self.stopping.wait(TICK_SECONDS)

    def say(self, name: str, text: str) -> None:
        """One line on the screen, in the colour of its service."""
        names = [child.service.name for child in self.children]
        colour = COLOURS[names.index(name) % len(COLOURS)] if name in names else "bold"
        line = as_log_line(name, text)
        styled = Text(line)
        styled.stylize(colour, 0, len(line) - len(line[9:].split(maxsplit=1)[-1]))
        self._console.print(styled, soft_wrap=True, highlight=False)

    def _spawn(self, child: Child) -> None:
        environment = dict(os.environ) if child.service.sends_alerts else without_addresses(os.environ)
        child.process = subprocess.Popen(
            leashed(child.service.command),
            cwd=PROJECT_PATH,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches us alone, and a group of its own can be ended whole
        )
        child.started_at, child.retry_at = time.monotonic(), None
        pump = threading.Thread(target=self._pump, args=(child.service.name, child.process), daemon=True)
        pump.start()
        child.pumps.append(pump)

    def _pump(self, name: str, process: subprocess.Popen[str]) -> None:
        """Show a child's lines; when our own output is closed, ask to stop but keep the child's pipe from filling."""
        assert process.stdout is not None
        for line in process.stdout:
            try:
                if text := line.rstrip():
                    self.say(name, text)
            except (OSError, SystemExit):  # rich turns a broken pipe into SystemExit
                self.stopping.set()

    def _tick(self) -> None:
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._mourn(child, child.process)
            if child.retry_at is not None and time.monotonic() >= child.retry_at:
                self._spawn(child)

    def _mourn(self, child: Child, process: subprocess.Popen[str]) -> None:
        """Say that a child died, end what it left behind, and set the time of its restart."""
        _signal_group(process.pid, signal.SIGKILL)
        child.process = None
        child.deaths = 1 if time.monotonic() - child.started_at > SETTLED_SECONDS else child.deaths + 1
        reason = f"ended by signal {-process.returncode}" if process.returncode < 0 else f"exit {process.returncode}"
        if child.deaths > len(BACK_OFF_SECONDS):
            child.given_up = True
            self.say(child.service.name, f"died {child.deaths} times ({reason}) and stays down: its lines say why")
            return
        wait = BACK_OFF_SECONDS[child.deaths - 1]
        child.retry_at = time.monotonic() + wait
        self.say(child.service.name, f"died ({reason}); starts again in {wait:.0f} s")

    def _refuse_hopeless(self, children: list[Child], deadline: float) -> None:
        for child in children:
            if child.given_up:
                raise ServiceError(f"{child.service.name} does not start: its lines above say why")
        if time.monotonic() > deadline and not all(child.healthy for child in children):
            raise ServiceError(f"{_waiting(children)} for more than {self._patience:g} s: the lines above say why")

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            self._stop_seconds = 0.0  # asked twice: at once
        self.stopping.set()

    def _stop(self) -> None:
        """SIGTERM to every group, SIGKILL after the deadline; returns when no process of ours is left."""
        self.stopping.set()
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            _signal_group(process.pid, signal.SIGTERM)
        started = time.monotonic()
        with Progress(self._console, "stopping"):
            while any(process.poll() is None for process in alive):
                if time.monotonic() - started >= self._stop_seconds:
                    break
                time.sleep(TICK_SECONDS / 2)
        for process in alive:
            _signal_group(process.pid, signal.SIGKILL)  # also what a child left behind in its group
            process.wait()
        for child in self.children:
            for pump in child.pumps:
                pump.join(1.0)


def answers(url: str, timeout: float = 1.0) -> bool:
    """Whether a GET of a loopback `url` is answered by 200; no proxy of the environment is asked."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
    try:
        connection.request("GET", address.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_healthy(child: Child, probe: Callable[[str], bool] = answers) -> bool:
    if child.process is None or child.process.poll() is not None:
        return False
    return child.service.health_url is None or probe(child.service.health_url)


def _waiting(children: Sequence[Child]) -> str:
    return "waiting for " + ", ".join(child.service.name for child in children if not child.healthy)


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # the whole group is gone already
