"""The simulated exchange: makes trades in bursts and sends them to whoever is connected."""

from collections.abc import Callable
from contextvars import Context
from random import Random

from tests.simulation.connection import Connection
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop
from tests.simulation.market import MINUTE_MS, Book, bar_frame, open_day_frame, trade_frame
from tests.simulation.scene import Scene
from tests.simulation.trace import Trace

LONGEST_HALT_SECONDS = 25.0
LONGEST_LAG_SECONDS = 6.0


class Exchange:
    """Books, connections, and the timers that make something happen. `begin` is its clock at virtual time 0."""

    def __init__(self, loop: VirtualLoop, random: Random, faults: Faults, trace: Trace, scene: Scene) -> None:
        self.loop, self.random, self.faults, self.trace = loop, random, faults, trace
        self.begin_ms = int(scene.begin.timestamp() * 1000) + random.choice([0, 0, -2000, 2000])  # its clock and ours
        self.books = {symbol: Book(symbol, random.randint(1, 10**9)) for symbol in scene.settings.crypto.symbols}
        self.connections: list[Connection] = []
        self.mean_pause_seconds = random.uniform(2.0, 10.0) * scene.stretch  # between two bursts
        self.longest_burst = random.choice([2, 8, 20])
        self.turn_ms = MINUTE_MS if scene.stretch == 1 else 60 * MINUTE_MS  # how often a minute is closed with a bar
        self.is_open = True
        self._own = Context()  # our timers must not die with the process that happens to call us

    def milliseconds(self) -> int:
        return self.begin_ms + int(self.loop.time() * 1000)

    def start(self) -> None:
        """From now on trades happen."""
        self.later(0.0, self._trade_on)
        self.later(self._seconds_to_turn(), self._close_minute)

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        self.loop.call_later(seconds, what, context=self._own)

    def _trade_on(self) -> None:
        if not self.is_open:
            return
        self.burst()
        pause = self.random.expovariate(1 / self.mean_pause_seconds)
        if self.random.random() < self.faults.halt_rate * pause:
            pause += self.random.uniform(0, LONGEST_HALT_SECONDS)
            self.trace.event("halt", f"{pause:.1f}")
        self.later(pause, self._trade_on)

    def burst(self, symbol: str | None = None) -> None:
        """Some trades of one symbol, any one if none is named, at nearly one time."""
        book = self.books[symbol or self.random.choice(list(self.books))]
        frames = []
        for _ in range(self.random.randint(1, self.longest_burst)):
            skip = self.random.choice((1, 2, 30)) if book.ids and self._happens(self.faults.absent_share) else 0
            lag = LONGEST_LAG_SECONDS if self._happens(self.faults.lag_share) else 0.05
            made = book.make(self.random, self.milliseconds(), self.loop.time(), self.random.uniform(0, lag), skip)
            frames.append(trade_frame(book.symbol, made))
        self.trace.event("trades", book.symbol, book.ids[-len(frames)], book.ids[-1])
        self._send(frames)

    def _close_minute(self) -> None:
        begin = self.milliseconds() // MINUTE_MS * MINUTE_MS - MINUTE_MS
        minutes = {symbol: book.minute(begin) for symbol, book in self.books.items()}
        self._send([bar_frame(symbol, trades, begin) for symbol, trades in minutes.items()])
        self._send([open_day_frame(symbol, trades, self.milliseconds()) for symbol, trades in minutes.items()])
        if self.is_open:
            self.burst()  # ids and clock disagree at the turn
            self.later(self._seconds_to_turn(), self._close_minute)

    def _seconds_to_turn(self) -> float:
        return (self.turn_ms - self.milliseconds() % self.turn_ms) / 1000 + 0.05

    def _send(self, frames: list[bytes]) -> None:
        self.connections = [connection for connection in self.connections if connection.is_alive]
        for connection in self.connections:
            connection.send(frames)

    def _happens(self, share: float) -> bool:
        return share > 0 and self.random.random() < share
