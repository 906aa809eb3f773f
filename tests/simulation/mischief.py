"""When what goes wrong: disk faults, kills, power losses, and the housekeeping that they interrupt."""

import errno
from collections.abc import Callable
from random import Random

from tests.simulation.machine_room import (
    LONGEST_PAUSE_SECONDS,
    MachineRoom,
)

REFUSALS = (errno.ENOSPC, errno.EROFS, errno.EIO)


RUSH_SECONDS, BURSTS_OF_A_RUSH = 10.0, 20


class Mischief:
    """Timers that come at random, each kind at the rate that the seed drew for it."""

    def __init__(self, room: MachineRoom, random: Random) -> None:
        self.room, self.random = room, random
        self._weather = room.machine.weather

    def start(self) -> None:
        rates: dict[str, Callable[[], None]] = {
            "kill_rate": self._kill,
            "power_rate": self._lose_power,
            "disk_rate": self._spoil_disk,
            "compact_rate": self.room.compact,
            "fill_rate": self.room.fill,
            "build_rate": self.room.build,
            "stop_rate": lambda: self.room.stop.set(),
            "rush_rate": self._rush,
        }
        for name, act in rates.items():
            self._plan(name, act)
        self.room.exchange.later(self.room.scene.settled_at + self.random.uniform(0, 5), self._compact_settled)

    def _compact_settled(self) -> None:
        """Compactions come when there is something to move."""
        self.room.compact()
        self.room.exchange.later(self.random.uniform(0, 5), self.room.build)
        self.room.exchange.later(self.random.uniform(5, 10), self.room.compact)

    def end(self) -> None:
        """From now on nothing goes wrong, and whoever was to die lives."""
        self.room.trace.event("calm")
        self.room.faults.calm()
        self._mend_disk()
        for process in self.room.processes:
            process.dies_at = process.dies_after = None
        for connection in self.room.exchange.connections:
            connection.cut("an end of all faults")

    def housekeep(self) -> None:
        """What the scheduler does now and then."""
        self.room.compact()
        self.room.fill()

    def _plan(self, name: str, act: Callable[[], None]) -> None:
        rate = getattr(self.room.faults, name)
        if rate > 0:
            self.room.exchange.later(self.random.expovariate(rate), lambda: self._act(name, act))

    def _act(self, name: str, act: Callable[[], None]) -> None:
        if getattr(self.room.faults, name) > 0:
            act()
            self._plan(name, act)

    def _kill(self) -> None:
        """One process at this instant, or at one of its next disk operations."""
        if not self.room.processes:
            return
        process = self.random.choice(self.room.processes)
        if self.random.random() < 0.3:
            self.room.kill(process)
        else:
            self.room.shorten(process, takes_the_power_along=False)

    def _lose_power(self) -> None:
        if self.room.processes and self.random.random() < 0.5:
            self.room.shorten(self.random.choice(self.room.processes), takes_the_power_along=True)
        else:
            self.room.lose_power()

    def _rush(self) -> None:
        """A busy moment of the market; half of them while nothing can be written."""
        if self.random.random() < 0.5:
            self._refuse_writing()
        self.room.trace.event("rush")
        for _ in range(BURSTS_OF_A_RUSH):
            self.room.exchange.later(self.random.uniform(0, RUSH_SECONDS), self.room.exchange.burst)

    def _refuse_writing(self) -> None:
        self._weather.refusal, self._weather.refusal_share = self.random.choice(REFUSALS), 1.0
        self.room.exchange.later(RUSH_SECONDS, self._mend_disk)

    def _spoil_disk(self) -> None:
        """Full, read-only, failing here and there, or slow; for a while."""
        weather = self._weather
        if self.random.random() < self.room.faults.slow_disk_share / 2:
            weather.longest_pause_seconds = LONGEST_PAUSE_SECONDS
        else:
            weather.refusal = self.random.choice(REFUSALS)
            weather.refusal_share = self.random.choice([0.05, 0.3, 1.0])
        self.room.trace.event("disk fault", weather)
        self.room.exchange.later(self.random.uniform(0.1, self.room.faults.outage_seconds), self._mend_disk)

    def _mend_disk(self) -> None:
        self._weather.refusal, self._weather.longest_pause_seconds = None, 0.002
