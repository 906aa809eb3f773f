"""The connection under a stream, where the server shows it: small buffers, an end that does not wait, its shutdown.

ASGI knows none of these. uvicorn's `receive` is a method of the object that has them; under another server a slow
client is let go without being cut off, and `bye` comes with the end of the grace period.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from starlette.types import Receive


@dataclass(frozen=True)
class Connection:
    cycle: Any | None = None
    transport: asyncio.Transport | None = None
    was_kept: bool = False

    @classmethod
    def under(cls, receive: Receive) -> Self:
        cycle = getattr(receive, "__self__", None)
        transport = getattr(cycle, "transport", None)
        known = transport if isinstance(transport, asyncio.Transport) else None
        return cls(cycle, known, bool(getattr(cycle, "keep_alive", False)))

    def limit_buffers(self, kilobytes: int) -> None:
        """What was sent and not taken is memory: of the process, and of the kernel, which would give megabytes."""
        if self.transport is None:
            return
        self.transport.set_write_buffer_limits(high=kilobytes * 512)
        self._set(socket.SO_SNDBUF, kilobytes * 512)

    def _set(self, option: int, value: int | bytes) -> None:
        found = self.transport.get_extra_info("socket") if self.transport else None
        if found is not None:
            with suppress(OSError):  # the client has gone, and the socket with it
                found.setsockopt(socket.SOL_SOCKET, option, value)

    @property
    def is_ending(self) -> bool:
        """The server shuts down: it lets answers end, and keeps no connection after them."""
        return self.was_kept and not getattr(self.cycle, "keep_alive", True)

    async def abort(self) -> None:
        """Without waiting for a client that takes nothing; the kernel forgets what it holds for it, too."""
        if self.transport is None:
            return
        self._set(socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the server learns of it, and does not complain of an answer without an end
