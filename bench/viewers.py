"""Viewers without a browser: they speak Streamlit's protocol, and ask for fragments again when a browser would."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 60.0  # s for a page
FOREVER = 86_400.0  # s


@dataclass(frozen=True)
class Run:
    """One run of the script: of the whole page, or of fragments that were due."""

    is_whole: bool
    seconds: float
    size: int  # bytes received


@dataclass
class Viewer:
    """Somebody who looks at one address, `/risk?symbol=SPY` say."""

    url: str
    address: str
    runs: list[Run] = field(default_factory=list)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def stay(self, seconds: float) -> None:
        """Open the page, and keep it open so long after it stands; 0 leaves as soon as it does."""
        host = urlsplit(self.url).netloc
        async with connect(
            f"ws://{host}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
        ) as socket:
            await self._ask(socket)
            await asyncio.wait_for(self._read_one_run(socket), PATIENCE)
            try:
                async with asyncio.timeout(seconds):
                    while seconds:
                        await self._read_one_run(socket)
            except TimeoutError:
                pass  # the visit is over
            finally:
                for timer in self._timers.values():
                    timer.cancel()

    async def _ask(self, socket: ClientConnection, fragment: str = "") -> None:
        """For the whole page, or for a fragment that is due."""
        parts = urlsplit(self.address)
        message = BackMsg()
        message.rerun_script.query_string = parts.query
        message.rerun_script.page_name = parts.path.strip("/")
        if fragment:
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
        await socket.send(message.SerializeToString())

    async def _read_one_run(self, socket: ClientConnection) -> None:
        began, size = time.monotonic(), 0
        while True:
            frame = await socket.recv(decode=False)
            size += len(frame)
            message = ForwardMsg()
            message.ParseFromString(frame)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                began = time.monotonic()
            elif kind == "auto_rerun":
                self._repeat(socket, message.auto_rerun)
            elif kind == "script_finished":
                # How it finished does not say: a run that another one follows at once passes for interrupted.
                self.runs.append(Run(not message.metadata.run.fragment_ids, time.monotonic() - began, size))
                return

    def _repeat(self, socket: ClientConnection, wanted: Any) -> None:
        """Ask for a fragment every so often; what it was asked before is replaced."""
        if known := self._timers.pop(wanted.fragment_id, None):
            known.cancel()
        task = asyncio.create_task(self._keep_asking(socket, wanted.fragment_id, wanted.interval))
        self._timers[wanted.fragment_id] = task

    async def _keep_asking(self, socket: ClientConnection, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._ask(socket, fragment)


def stay(url: str, addresses: Iterable[str], seconds: float) -> list[Viewer]:
    """Several viewers at once, each with what was sent to it."""
    viewers = [Viewer(url, address) for address in addresses]

    async def all_of_them() -> None:
        await asyncio.gather(*(viewer.stay(seconds) for viewer in viewers))

    asyncio.run(all_of_them())
    return viewers


def watch(
    url: str, addresses: Iterable[str], settling: float, seconds: float, meter: Callable[[], float]
) -> tuple[list[list[Run]], float]:
    """Runs of each viewer in so many seconds, once all pages have stood for `settling`, and what the meter counts."""
    viewers = [Viewer(url, address) for address in addresses]

    async def settled() -> None:
        while not all(viewer.runs for viewer in viewers):
            await asyncio.sleep(0.1)
        await asyncio.sleep(settling)

    async def watched() -> tuple[list[list[Run]], float]:
        async with asyncio.timeout(PATIENCE + settling):
            await settled()
        before, seen = meter(), [len(viewer.runs) for viewer in viewers]
        await asyncio.sleep(seconds)
        counted = meter() - before
        return [viewer.runs[start:] for viewer, start in zip(viewers, seen, strict=True)], counted

    async def with_all_of_them() -> tuple[list[list[Run]], float]:
        async with asyncio.TaskGroup() as group:
            visits = [group.create_task(viewer.stay(FOREVER)) for viewer in viewers]
            found = await watched()
            for visit in visits:
                visit.cancel()
        return found

    return asyncio.run(with_all_of_them())
