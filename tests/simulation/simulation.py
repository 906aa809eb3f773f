"""One seed from beginning to end: faults for a while, then calm; and what was found wrong."""

import gc
import logging
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa

from ingest.crypto import Recorder
from ingest.parquet import _writer_layout
from tests.simulation import faults as drawn_faults
from tests.simulation import oracle, scene
from tests.simulation.exchange import Exchange
from tests.simulation.knowledge import Acknowledged, listening
from tests.simulation.loop import StuckError, VirtualLoop
from tests.simulation.machine_room import MachineRoom
from tests.simulation.mischief import Mischief
from tests.simulation.thread_lock import locks_of
from tests.simulation.trace import Trace
from tests.simulation.watch import Watch

SECONDS = 300.0
FRESH_SECONDS = 40.0  # after the faults a trade is on disk this long after it was made
QUIET_SHARE = 0.95  # of the time: then trading ends
PAGE = 20  # trades of a REST answer; the exchange's is 1000
LAST_TRADES_AFTER = (0.0, 4.0, 8.0)  # seconds
EXTRA_ROUNDS = 20  # of fill and compaction until everything is closed


@dataclass(frozen=True)
class Outcome:
    seed: int
    problems: list[str]
    digest: str
    seconds: float  # of virtual time
    counts: Counter[str]
    count_trades: int


class Simulation:
    """Holds the pieces of one seed together."""

    def __init__(self, seed: int, seconds: float = SECONDS, is_printed: bool = False) -> None:
        random = Random(f"seed {seed}")
        self.seed, self.scene = seed, scene.draw(random, seconds)
        self.loop = VirtualLoop(Random(random.random()))
        self.trace = Trace(self.loop.time, is_printed)
        self.faults = drawn_faults.draw(random, self.scene.stretch)
        self.trace.event("faults", self.faults)
        self.exchange = Exchange(self.loop, Random(random.random()), self.faults, self.trace, self.scene)
        self.acknowledged: Acknowledged = defaultdict(set)
        self.recorders: list[Recorder] = []
        self.room = MachineRoom(self.scene, self.exchange, self.faults, self.trace)
        self.watch = Watch(self.room.reader, list(self.exchange.books))
        self.room.on_power_loss = self._look_after_power_loss
        self.room.on_compaction = self.room.on_kill = self._look_for_doubles
        self.mischief = Mischief(self.room, Random(random.random()))
        self.problems = self.room.problems

    def run(self) -> Outcome:
        """Play the seed; it ends at the first thing that is wrong."""
        try:
            with (
                listening(self.acknowledged, self.recorders),
                locks_of(self.loop),
                patch("ingest.crypto.MOST_PENDING", self.scene.most_pending),
                patch("ingest.crypto_service.HEARTBEAT_SECONDS", 60.0 * self.scene.stretch),
                patch("ingest.inbox.MOST_FRAMES", self.scene.most_frames),
                patch("ingest.gap_fill.PAGE", PAGE),
                patch("ingest.fill.TRADES_PER_STEP", PAGE),
                patch("ingest.compaction.SETTLED_AFTER", self.scene.settled_after),
                patch("ingest.parquet._writer_layout", _quick_layout),
            ):
                self._play()
        except StuckError as error:
            self.problems.append(f"stuck: {error}")
        finally:
            self._clear_up()
        trades = sum(len(book.trades) for book in self.exchange.books.values())
        return Outcome(self.seed, self.problems, self.trace.digest, self.loop.time(), self.trace.counts, trades)

    def _play(self) -> None:
        self.exchange.start()
        self.room.start_recorder()
        self.mischief.start()
        steps = [
            (self.scene.faults_end, self.mischief.end),
            (self.scene.seconds * QUIET_SHARE, self._end_trading),
            (self.scene.seconds + FRESH_SECONDS, self._look_for_progress),
        ]
        for instant, look in steps:
            self._pass_until(instant)
            look()
            if self.problems:
                return
        self._settle()

    def _pass_until(self, instant: float) -> None:
        """Let virtual time pass, looking at the memory now and then."""
        while self.loop.time() < instant and not self.problems:
            self._pass(min(self.scene.stretch, instant - self.loop.time()))
            self._look_at_memory()
            self.problems += self.loop.problems

    def _pass(self, seconds: float) -> None:
        self.exchange.later(seconds, self.loop.stop)
        self.loop.run_forever()

    def _end_trading(self) -> None:
        """With some trades of each symbol: what a reconnect missed is noticed with the next trade that comes."""
        self.exchange.is_open = False
        for symbol in self.exchange.books:
            for delay in LAST_TRADES_AFTER:
                self.exchange.later(delay, partial(self.exchange.burst, symbol))

    def _look_for_losses(self) -> None:
        self.problems += oracle.lost(self.room.reader, self.acknowledged)

    def _look_after_power_loss(self) -> None:
        self.watch.forget()
        self._look_for_losses()
        self._look_for_doubles()

    def _look_for_doubles(self) -> None:
        self.problems += self.watch.look([*self.room.builds, self.room.reader.boundary()])

    def _look_at_memory(self) -> None:
        bound = self.scene.most_pending + 2 * self.scene.most_frames + PAGE
        for recorder in self.recorders:
            if (held := len(recorder._pending)) > bound:
                self.problems.append(f"{held} trades are held in memory, more than {bound}")

    def _look_for_progress(self) -> None:
        """What was made since everything had time to recover is on disk soon, or told to be missing."""
        begin = self._milliseconds(self.scene.recovered_at)
        end = self._milliseconds() - FRESH_SECONDS * 1000
        for symbol, book in self.exchange.books.items():
            due = {made.trade_id for made in book.trades if begin <= made.ms <= end}
            if late := due - self.room.reader.ids_on_disk(symbol) - self.room.reader.fates(symbol).keys():
                self.problems.append(f"{symbol}: {min(late)}, made {FRESH_SECONDS:g} s ago, is not on disk")

    def _milliseconds(self, time: float | None = None) -> float:
        return self.exchange.begin_ms + (self.loop.time() if time is None else time) * 1000

    def _settle(self) -> None:
        """Housekeeping until nothing is left to do; then everything must be right."""
        for _ in range(EXTRA_ROUNDS):
            self.mischief.housekeep()
            self._pass_until(self.loop.time() + 60.0)
            if self.problems or not self._count_open():
                break
        self.room.stop.set()
        self._pass_until(self.loop.time() + 0.05)
        self._look_for_losses()
        reader = self.room.reader
        boundaries = [*self.room.builds, reader.boundary()]
        self._look_for_doubles()
        self.problems += oracle.hidden(reader, self.acknowledged, boundaries)
        for symbol, book in self.exchange.books.items():
            self.problems += oracle.different(reader, self.exchange, symbol, boundaries[-1])
            self.problems += oracle.unexplained(reader, book, boundaries[-1])

    def _count_open(self) -> int:
        return sum("open" in self.room.reader.fates(symbol).values() for symbol in self.exchange.books)

    def _clear_up(self) -> None:
        for process in list(self.room.processes):
            self.loop.kill(process)
        self.loop.bury()
        self.loop.close()


def _quick_layout(schema: pa.Schema) -> dict[str, Any]:
    """Uncompressed: of no matter here, and most of the time otherwise."""
    return {**_writer_layout(schema), "compression": "none"}


def run(seed: int, seconds: float = SECONDS, is_printed: bool = False) -> Outcome:
    """Play one seed; the log of the product is heard only with the trace."""
    logging.basicConfig(level=logging.DEBUG, format="           log %(name)s: %(message)s", force=is_printed)
    logging.disable(logging.NOTSET if is_printed else logging.CRITICAL)
    gc.freeze()  # what was there before need not be looked at again
    gc.disable()  # a seed is short, and its objects are many
    try:
        return Simulation(seed, seconds, is_printed).run()
    finally:
        gc.enable()
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # what the dead never awaited
            gc.collect()
        logging.disable(logging.NOTSET)
