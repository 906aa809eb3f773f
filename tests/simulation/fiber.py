"""A thread of a simulated process: it runs only while the event loop waits for it, so that chance decides alone."""

import threading
from collections.abc import Callable
from typing import Any

from tests.simulation.process import Killed


class Fiber:
    """A function in a thread of its own that is let run from one `pause` to the next."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._its_turn, self._our_turn = threading.Lock(), threading.Lock()
        self._its_turn.acquire()
        self._our_turn.acquire()
        self._thread: threading.Thread | None = None
        self._is_killed = False
        self.pause_seconds = 0.0  # how long it wants to wait, in virtual time
        self.has_ended = False
        self.result: Any = None
        self.error: BaseException | None = None

    def step(self) -> None:
        """Let it run to its next pause or to its end."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._its_turn.release()
        self._our_turn.acquire()

    def pause(self, seconds: float) -> None:
        """Called by the function: let the others run for some virtual time."""
        self.pause_seconds = seconds
        self._our_turn.release()
        self._its_turn.acquire()
        if self._is_killed:
            raise Killed

    def kill(self) -> None:
        """Unwind what is paused; its disk must be dead by now."""
        self._is_killed = True
        while self._thread is not None and not self.has_ended:
            self.step()
        self.has_ended = True

    def _run(self) -> None:
        try:
            self.result = self._function()
        except BaseException as error:
            self.error = error
        self.has_ended = True
        self._our_turn.release()
