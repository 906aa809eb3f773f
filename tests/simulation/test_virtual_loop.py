"""Virtual time, and processes that die in it."""

import asyncio
from contextvars import Context
from pathlib import Path
from random import Random

import pytest

from tests.simulation.loop import StuckError, VirtualLoop
from tests.simulation.memory_disk import MemoryDisk
from tests.simulation.process import PROCESS, Process
from tests.simulation.process_disk import Machine, ProcessDisk
from tests.simulation.trace import Trace

HOUR = 3600.0


def loop_and_disk() -> tuple[VirtualLoop, ProcessDisk, Process]:
    loop, process = VirtualLoop(Random(1)), Process("program", 1)
    machine = Machine(MemoryDisk(), loop, Trace(loop.time), Random(1), die=loop.kill)
    return loop, ProcessDisk(machine, process), process


def start(loop: VirtualLoop, process: Process, life: object) -> asyncio.Task[None]:
    context = Context()
    context.run(PROCESS.set, process)
    return loop.create_task(life, context=context)  # type: ignore[arg-type]


def test_time_jumps_to_the_next_timer() -> None:
    loop, _, _ = loop_and_disk()
    loop.run_until_complete(asyncio.sleep(HOUR))
    assert loop.time() == HOUR


def test_a_wait_for_nothing_is_told() -> None:
    loop, _, process = loop_and_disk()

    async def life() -> None:
        await asyncio.Event().wait()

    start(loop, process, life())
    with pytest.raises(StuckError, match="every task waits"):
        loop.run_forever()
    loop.kill(process)
    loop.bury()


def test_a_killed_process_does_not_reach_the_disk_again() -> None:
    loop, disk, process = loop_and_disk()

    async def life() -> None:
        try:
            await asyncio.sleep(HOUR)
        finally:
            disk.make_folder(Path("/last/words"))

    start(loop, process, life())
    loop.call_later(1.0, loop.kill, process, context=Context())
    loop.call_later(2.0, loop.stop, context=Context())
    loop.run_forever()
    loop.bury()
    assert process.count_operations == 0


def test_a_thread_lets_others_run_where_the_disk_pauses_it() -> None:
    loop, disk, process = loop_and_disk()
    disk.machine.weather.pause_share = 1.0
    seen: list[float] = []

    async def tick() -> None:
        for _ in range(20):
            seen.append(loop.time())
            await asyncio.sleep(0.0001)

    async def life() -> None:
        ticking = asyncio.ensure_future(tick())
        await asyncio.to_thread(disk.make_folder, Path("/a/b"))
        assert len(seen) > 1
        await ticking

    loop.run_until_complete(start(loop, process, life()))
