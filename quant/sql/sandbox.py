"""Runs a query of `POST /sql` in a process of its own, a few at a time; kills it when nobody waits any more."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quant.errors import QuantError
from quant.settings import PROJECT_PATH
from quant.settings.api import Sql
from quant.sql import wire
from quant.sql.refusal import SqlRefusal

log = logging.getLogger(__name__)

# -I: nothing of the caller's environment or folder is imported. The project's own folder is named.
START = "import socket, sys; sys.path.insert(0, sys.argv[2]); from quant.sql.child import main; " + (
    "main(socket.socket(fileno=int(sys.argv[1])))"
)
ENVIRONMENT = {  # what libraries read when they are loaded; forgotten before the first query
    "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "TZ": "UTC",
    "ARROW_DEFAULT_MEMORY_POOL": "system", "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip
GRACE_SECONDS = 0.4  # after the deadline that the kernel keeps: then we kill it ourselves
NO_PROCESS = "the process for queries does not start: see the log, and try again in a few seconds"
OVERHEAD = 4  # Arrow's framing and padding: more than this many times `bytes` is no answer of ours


class SandboxBusyError(QuantError):
    """Too many queries wait already, or this one has waited long enough."""


@dataclass
class SqlAnswer:
    """What a query gave: Arrow IPC, the columns as DuckDB types them, the text that ran."""

    sql: str = ""
    columns: list[dict[str, str]] = field(default_factory=list)
    arrow: bytes = b""
    row_count: int = 0
    truncated: bool = False
    seconds: float = 0.0


class Sandbox:
    """One process that stands ready, made at the first query; each query is a fork of it."""

    def __init__(self, limits: Sql) -> None:
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.at_once)
        self._waiting = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def ask(self, folder: Path, sql: str) -> SqlAnswer:
        """The answer from the build in `folder`. Raises SqlRefusal, or SandboxBusyError where the queue is full."""
        if self._slots.locked() and self._waiting >= self._limits.queue:
            raise SandboxBusyError(f"{self._waiting} queries wait already: try again in a few seconds")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                await self._slots.acquire()
        except TimeoutError:
            waited = f"{self._limits.queue_seconds:g} s"
            raise SandboxBusyError(f"other queries were not done within {waited}: try again in a few seconds") from None
        finally:
            self._waiting -= 1
        try:
            return await self._run(folder, sql)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Let the process go; the kernel kills its forks with it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
        self._control = self._process = self._folder = None

    async def _run(self, folder: Path, sql: str) -> SqlAnswer:
        reader, writer = await asyncio.open_unix_connection(sock=self._fork())
        kill = None
        try:
            kill = _killer(await self._child(reader))
            started = time.monotonic()
            limits = self._limits.model_dump(include={"seconds", "memory_mb", "rows", "bytes"})
            query = json.dumps({"folder": str(folder), "sql": sql, "limits": limits})
            writer.write(wire.frame(wire.QUERY, query.encode()))
            async with asyncio.timeout(self._limits.seconds + GRACE_SECONDS):
                answer = await self._collect(reader)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise self._stopped(time.monotonic() - started) from None
        finally:
            if kill is not None:
                kill()
            writer.close()
        answer.seconds = time.monotonic() - started
        return answer

    async def _child(self, reader: asyncio.StreamReader) -> int:
        """The number of the fork, once it is there; the process that forks may just be starting."""
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                _, payload = await _frame(reader, 1000)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            raise SandboxBusyError(NO_PROCESS) from None
        return int(json.loads(payload)["pid"])

    async def _collect(self, reader: asyncio.StreamReader) -> SqlAnswer:
        answer = SqlAnswer()
        while True:
            kind, payload = await _frame(reader, OVERHEAD * self._limits.bytes + 1_000_000)
            if kind == wire.ROWS:
                answer.arrow = payload
                continue
            content: dict[str, Any] = json.loads(payload)
            if kind == wire.REFUSED:
                if "log" in content:
                    log.error("a query could not be answered: %s", content["log"])
                raise SqlRefusal(content["detail"], content["kind"], tuple(content["known"]))
            for name, value in content.items():
                setattr(answer, name, value)
            if kind == wire.END:
                return answer

    def _stopped(self, seconds: float) -> SqlRefusal:
        if seconds >= self._limits.seconds - 0.05:
            limit = f"{self._limits.seconds:g} s (api.sql.seconds)"
            return SqlRefusal(f"the query was stopped after {limit}: filter earlier or ask for less", "deadline")
        limit = f"{self._limits.memory_mb} MB (api.sql.memory_mb)"
        return SqlRefusal(f"the query broke off, most likely for more than {limit}: ask for less at once", "memory")

    def _fork(self) -> socket.socket:
        """Our end of a socket to a new fork."""
        ours, theirs = socket.socketpair()
        with theirs:
            for _ in range(2):
                control = self._ready()
                try:
                    socket.send_fds(control, [b"q"], [theirs.fileno()])
                    break
                except OSError:
                    self.close()  # the process is gone: a second one is made, once
            else:
                ours.close()
                raise SandboxBusyError(NO_PROCESS)
        ours.setblocking(False)
        return ours

    def _ready(self) -> socket.socket:
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self.close()
        self._control, theirs = socket.socketpair()
        self._folder = tempfile.TemporaryDirectory(prefix="quant-sql-")
        with theirs:
            command = [sys.executable, "-I", "-c", START, str(theirs.fileno()), str(PROJECT_PATH)]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=ENVIRONMENT,
                cwd=self._folder.name,
                stdin=subprocess.DEVNULL,
                process_group=0,  # no session of its own: Linux would give that as much of the CPU as all the rest
            )
        return self._control


async def _frame(reader: asyncio.StreamReader, most: int) -> tuple[bytes, bytes]:
    kind, length = wire.HEAD.unpack(await reader.readexactly(wire.HEAD.size))
    if length > most:
        raise ConnectionError(f"a frame of {length} bytes")
    return kind, await reader.readexactly(length)


def _killer(pid: int) -> Any:
    """Kills that process and no other: on Linux by a handle, because a number may be given away again."""
    if not hasattr(os, "pidfd_open"):
        return lambda: _kill(pid)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return lambda: None

    def kill() -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.close(handle)

    return kill


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
