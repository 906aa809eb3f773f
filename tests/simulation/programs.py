"""What runs on the simulated machine: the product's own programs, in a world of our making."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from random import Random
from typing import Any

from ingest import crypto_service
from ingest.binance_rest import BinanceRest
from ingest.compaction import close_settled, delete_unread, sole_compaction
from ingest.errors import BusyError
from ingest.fill import fill_open_gaps
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from ingest.world import World
from tests.simulation.connection import dialler
from tests.simulation.exchange import Exchange
from tests.simulation.process_disk import ProcessDisk
from tests.simulation.rest import RestTransport
from tests.simulation.scene import Scene

Program = Callable[[Scene, World], Coroutine[Any, Any, None]]
FILLED_PER_RUN = 2000  # trades


def world(disk: ProcessDisk, clock: Callable[[], datetime], exchange: Exchange, random: Random) -> World:
    """Everything outside of one process."""
    return World(
        clock=clock,
        microseconds=lambda: int(clock().timestamp() * 1_000_000),
        disk=disk,
        dial=dialler(exchange),
        transport=RestTransport(exchange),
        random=Random(random.random()),
    )


async def record(scene: Scene, world: World, stop: asyncio.Event) -> None:
    """As `ingest crypto`."""
    world.disk.remove_leftovers(scene.root)
    world.disk.sync_all()
    lay_down_empty_files(scene.root, world.disk)
    await crypto_service.record(scene.settings, world, stop)


async def compact(scene: Scene, world: World, builds: Sequence[datetime]) -> None:
    """As `ingest compact`, beside builds with these boundaries."""

    def work() -> None:
        world.disk.sync_all()
        with sole_compaction(scene.root, world.disk):
            close_settled(scene.root, world.clock(), world.disk)
            delete_unread(scene.root, list(builds), world.disk)

    await asyncio.to_thread(work)


async def fill(scene: Scene, world: World) -> None:
    """As `ingest fill`."""
    source, symbols = scene.settings.crypto_source, scene.settings.crypto.symbols
    world.disk.sync_all()
    with world.disk.sole(scene.root / "trades" / "filler.lock", BusyError("another filler runs")):
        run = Run(scene.root, source, "gaps", clock=world.clock, disk=world.disk, random=world.random)
        rest = BinanceRest(scene.settings.rest_urls, run.reject, world.clock, transport=world.transport)
        try:
            await fill_open_gaps(scene.root, source, symbols, rest, run, FILLED_PER_RUN)
        finally:
            await rest.close()
        run.finish("ok")
