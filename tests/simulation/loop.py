"""An event loop in virtual time: it never waits, time jumps to the next timer, and chance comes from a seed alone."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from random import Random
from typing import Any

from tests.simulation.fiber import Fiber
from tests.simulation.process import PROCESS, Killed, Process

LONGEST_START_SECONDS = 0.003  # of a thread
MOST_ROUNDS_AT_ONE_INSTANT = 20_000
MOST_LAST_WORDS = 20  # of a coroutine: places where it waits on its way out


class StuckError(Exception):
    """Nothing can ever happen again, or too much happens while no time passes."""


class NumberedTask(asyncio.Task[Any]):
    """Sets of tasks have an order, the same one in each run: a usual task is hashed by its address."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], number: int, **options: Any) -> None:
        self.number = number
        super().__init__(coroutine, **options)

    def __hash__(self) -> int:
        return self.number


class _Selector:
    """Waits by setting the clock forward."""

    def __init__(self) -> None:
        self.now = 0.0
        self._rounds = 0

    def select(self, timeout: float | None) -> Iterable[Any]:
        if timeout is None:
            raise StuckError("every task waits for another")
        self._rounds = self._rounds + 1 if timeout <= 0 else 0
        if self._rounds > MOST_ROUNDS_AT_ONE_INSTANT:
            raise StuckError(f"{self._rounds} rounds of the event loop in no time")
        self.now += max(timeout, 0.0)
        return ()


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs the tasks and threads of all simulated processes, one at a time."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._selector = _Selector()
        self._random = random
        self._count_tasks = 0
        self.fiber: Fiber | None = None  # the thread that runs just now
        self.problems: list[str] = []  # what a live process let fall on the floor
        self._buried: list[NumberedTask] = []
        self.set_task_factory(self._make_task)
        self.set_exception_handler(self._note)

    def time(self) -> float:
        return self._selector.now

    def call_soon(self, callback: Any, *arguments: Any, context: Context | None = None) -> Any:  # type: ignore[override]
        return self._unless_dead(super().call_soon(callback, *arguments, context=_given(context)))

    def call_at(self, when: float, callback: Any, *arguments: Any, context: Context | None = None) -> Any:  # type: ignore[override]
        return self._unless_dead(super().call_at(when, callback, *arguments, context=_given(context)))

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *arguments: Any) -> Any:  # type: ignore[override]
        """As a thread would: begins a little later, and lets others run where the disk pauses it."""
        fiber, future = Fiber(partial(function, *arguments)), self.create_future()
        process = PROCESS.get()
        assert process is not None, "threads belong to processes"
        process.fibers.append(fiber)
        self.call_later(self._random.uniform(0, LONGEST_START_SECONDS), self.step, fiber, future, process)
        return future

    def step(self, fiber: Fiber, future: asyncio.Future[Any], process: Process) -> None:
        """Let a thread run on; when it has ended, tell who waits for it."""
        if fiber.has_ended:
            return
        outer, self.fiber = self.fiber, fiber
        try:
            fiber.step()
        finally:
            self.fiber = outer
        if not fiber.has_ended:
            self.call_later(fiber.pause_seconds, self.step, fiber, future, process)
            return
        process.fibers.remove(fiber)
        if process.is_dead and fiber.error is not None and not isinstance(fiber.error, Killed):
            raise fiber.error
        if isinstance(fiber.error, Killed) or future.done():
            return
        if fiber.error is not None:
            future.set_exception(fiber.error)
        else:
            future.set_result(fiber.result)

    def hurry(self, fiber: Fiber) -> None:
        """Let a paused thread run on at once: the event loop itself waits for it."""
        for handle in self._scheduled:  # type: ignore[attr-defined]
            if handle._args and handle._args[0] is fiber and not handle._cancelled:
                arguments = handle._args
                handle.cancel()
                handle._context.run(self.step, *arguments)
                return
        raise StuckError("the thread that holds a lock is not waiting for its turn")

    def kill(self, process: Process) -> None:
        """From now on nothing of it runs; its threads unwind."""
        process.is_dead = True
        for handle in (*self._ready, *self._scheduled):  # type: ignore[attr-defined]
            if handle._context.get(PROCESS) is process:
                handle.cancel()
        self._buried += process.tasks
        process.tasks = []
        for fiber in [fiber for fiber in process.fibers if fiber is not self.fiber]:
            fiber.kill()

    def bury(self) -> None:
        """Unwind what dead processes left suspended. Their disks are dead, so no `finally` of theirs has any effect."""
        task: Any
        for task in self._buried:
            task._log_destroy_pending = False
            with suppress(BaseException):  # whatever it says on its way out, nobody hears
                for _ in range(MOST_LAST_WORDS):
                    task.get_coro().throw(Killed())
        self._buried = []

    def _unless_dead(self, handle: Any) -> Any:
        process = handle._context.get(PROCESS)
        if process is not None and process.is_dead:
            handle.cancel()
        return handle

    def _make_task(self, loop: Any, coroutine: Any, **options: Any) -> NumberedTask:
        self._count_tasks += 1
        task = NumberedTask(coroutine, self._count_tasks, loop=loop, **options)
        if (process := _given(options.get("context")).get(PROCESS)) is not None:
            process.tasks = [other for other in process.tasks if not other.done()] + [task]
        return task

    def _note(self, loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Killed):
            self.problems.append(f"{context.get('message')}: {error!r}")

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """Generators of dead processes end without a word."""

    def __del__(self) -> None:
        """It holds nothing that somebody else would miss, so nobody need close it."""

    def _process_events(self, event_list: Any) -> None:
        """There are none: what happens, happens by timers."""

    def _write_to_self(self) -> None:
        """Nobody waits, so nobody has to be woken."""


def _given(context: Context | None) -> Context:
    """An empty context counts as false, so it must be asked for by its identity."""
    return copy_context() if context is None else context
