"""Everything outside itself that the recorder touches: a simulation hands it another one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import httpx

from ingest.dial import Dial, dial
from ingest.disk import LOCAL_DISK, Disk
from ingest.runs import Clock, now


def microseconds() -> int:
    """Since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class World:
    """Clock, files, sockets, REST and chance. Waiting is not here: it follows the time of the event loop."""

    clock: Clock = now
    microseconds: Callable[[], int] = microseconds  # the same clock; asked once for every frame
    disk: Disk = LOCAL_DISK
    dial: Dial = dial
    transport: httpx.AsyncBaseTransport | None = None  # of REST requests; None: the network
    random: Random = field(default_factory=Random)
