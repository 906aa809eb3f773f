"""The machine: starts the recorder, compactions and background fills, kills them, and loses power."""

import asyncio
import errno
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from functools import partial
from random import Random

from ingest.errors import BusyError, SourceError
from tests.simulation import programs
from tests.simulation.exchange import Exchange
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop
from tests.simulation.memory_disk import MemoryDisk
from tests.simulation.process import PROCESS, Process
from tests.simulation.process_disk import Machine, ProcessDisk
from tests.simulation.programs import Program
from tests.simulation.reader import Reader
from tests.simulation.scene import Scene
from tests.simulation.trace import Trace

LONGEST_RESTART_SECONDS = 5.0
LONGEST_REBOOT_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 1.5  # of an operation on a slow disk
MOST_BUILDS = 2
LAST_DEEDS = ("mkdir", "mkdir", "rename", "rename", "delete", "rmdir", "create", "sync")  # not durable yet
MOST_OPERATIONS_LEFT = 60  # of a process that is to die at one of them


class MachineRoom:
    """Everything that runs on the simulated machine. Its `on_...` are told at once, to look at the disk."""

    def __init__(self, scene: Scene, exchange: Exchange, faults: Faults, trace: Trace) -> None:
        self.scene, self.exchange, self.faults, self.trace = scene, exchange, faults, trace
        self.loop: VirtualLoop = exchange.loop
        self.random = Random(exchange.random.random())
        self.disk = MemoryDisk()
        self.machine = Machine(self.disk, self.loop, trace, Random(self.random.random()), self._die)
        self.reader = Reader(self.disk, scene.root)
        self.builds: list[datetime] = []
        self.processes: list[Process] = []
        self.problems: list[str] = []
        self.recorder: Process | None = None
        self.stop = asyncio.Event()
        self.on_power_loss: Callable[[], None] = lambda: None
        self.on_kill: Callable[[], None] = lambda: None
        self.on_compaction: Callable[[], None] = lambda: None
        self._count = 0
        self._refusals_known = 0
        self._has_power = True

    def now(self) -> datetime:
        return self.scene.begin + timedelta(seconds=self.loop.time())

    def start_recorder(self) -> None:
        """Unless the machine is off, or it runs; told by whoever made it end."""
        if self._has_power and self.recorder is None:
            self.stop = asyncio.Event()
            self.recorder = self.spawn("recorder", partial(programs.record, stop=self.stop), self._recorder_ended)
            self._doom(self.recorder)

    def spawn(self, name: str, program: Program, ended: Callable[[Process], None]) -> Process:
        """A new process; `ended` hears of its end unless it is killed."""
        self._count += 1
        process = Process(name, self._count)
        self.processes.append(process)
        self.trace.event("start", process)
        context = Context()
        context.run(PROCESS.set, process)
        world = programs.world(ProcessDisk(self.machine, process), self.now, self.exchange, self.random)
        task = self.loop.create_task(program(self.scene, world), context=context)
        task.add_done_callback(partial(self._ended, process, ended), context=Context())
        return process

    def kill(self, process: Process) -> None:
        """SIGKILL: what it wrote stays."""
        if process.is_dead:
            return
        self.trace.event("kill", process)
        self._bury(process)
        self.on_kill()

    def lose_power(self) -> None:
        """Every process dies, the disk forgets what was not synced, and the machine comes back after a while."""
        self.trace.event("power loss")
        self._has_power = False
        for process in list(self.processes):
            self._bury(process)
        self.disk.lose_power(self.random)
        self.on_power_loss()
        self.exchange.later(self.random.uniform(0.5, LONGEST_REBOOT_SECONDS), self._boot)

    def compact(self) -> None:
        """Start a compaction, as the scheduler does."""
        if not self._has_power:
            return
        compaction = partial(programs.compact, builds=list(self.builds))
        self._doom(self.spawn("compaction", compaction, lambda process: self.on_compaction()))

    def build(self) -> None:
        """A build takes over the boundary; an old one goes."""
        if self._has_power:
            self.builds = [*self.builds, self.reader.boundary()][-self.random.randint(1, MOST_BUILDS) :]
            self.trace.event("build", self.builds[-1])

    def fill(self) -> None:
        """Start a background fill, as the scheduler does."""
        if self._has_power:
            self._doom(self.spawn("filler", programs.fill, lambda process: None))

    def shorten(self, process: Process, takes_the_power_along: bool) -> None:
        """Let it die at one of its next disk operations; or right after the next one of a kind."""
        process.takes_the_power_along = takes_the_power_along
        if self.random.random() < 0.5:
            process.dies_at = process.count_operations + self.random.randint(1, MOST_OPERATIONS_LEFT)
        else:
            process.dies_after = self.random.choice(LAST_DEEDS)

    def _doom(self, process: Process) -> None:
        """What lives for a moment would never be there when its hour strikes."""
        if self.random.random() < self.faults.doom_share:
            self.shorten(process, self.random.random() < 0.3)

    def _boot(self) -> None:
        self._has_power = True
        self.start_recorder()

    def _die(self, process: Process) -> None:
        if process.takes_the_power_along:
            self.lose_power()
        else:
            self.kill(process)

    def _bury(self, process: Process) -> None:
        self.loop.kill(process)
        self.processes.remove(process)
        for path in [path for path, holder in self.machine.locks.items() if holder is process]:
            del self.machine.locks[path]
        if process is self.recorder:
            self.recorder = None
            if self._has_power:
                self._restart_soon()

    def _restart_soon(self) -> None:
        self.exchange.later(self.random.uniform(0.1, LONGEST_RESTART_SECONDS), self.start_recorder)

    def _ended(self, process: Process, tell: Callable[[Process], None], task: asyncio.Task[None]) -> None:
        if process.is_dead:
            return
        self.processes.remove(process)
        process.is_dead = True
        error = task.exception()
        self.trace.event("end", process, type(error).__name__ if error else "")
        if error is not None and not self._is_expected(error):
            self.problems.append(f"{process} ended with {error!r}")
        tell(process)

    def _is_expected(self, error: BaseException) -> bool:
        """A busy compaction; or the disk, if it refused something since the last end."""
        refusals, self._refusals_known = self._refusals_known, self.machine.weather.count_refusals
        if isinstance(error, BaseExceptionGroup):
            return all(self._is_expected_one(each, refusals) for each in error.exceptions)
        return self._is_expected_one(error, refusals)

    def _is_expected_one(self, error: BaseException, refusals: int) -> bool:
        if isinstance(error, BusyError | SourceError):
            return True
        is_refusal = isinstance(error, OSError) and error.errno in (errno.EIO, errno.EROFS, errno.ENOSPC)
        return is_refusal and self.machine.weather.count_refusals > refusals

    def _recorder_ended(self, process: Process) -> None:
        self.recorder = None
        self._restart_soon()
