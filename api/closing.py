"""How what never ends by itself hears that the server is going: streams wait for `request.state.closing`."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ASKED = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def closing_event() -> Iterator[asyncio.Event]:
    """An event that is set as soon as this process is asked to end, and at the latest at the end of the block.

    A server tells its application only after the last answer is given, which an open stream never is. So the signal
    is heard here too, and passed on to the server's own handler. A server in a thread, as in tests, has no signals.
    """
    event = asyncio.Event()
    if threading.current_thread() is threading.main_thread():
        for number in ASKED:
            _hear(number, event, asyncio.get_running_loop())
    try:
        yield event
    finally:
        event.set()  # handlers are the server's to put back: it has set its own before us


def _hear(number: signal.Signals, event: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    previous = signal.getsignal(number)

    def tell(got: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(event.set)
        if callable(previous):
            previous(got, frame)

    if callable(previous):  # SIG_DFL would end us, SIG_IGN nothing: only a server's own handler is passed on to
        signal.signal(number, tell)
