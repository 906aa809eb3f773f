"""`ingest equities` and `ingest options`: one pull, or one after the other until told to stop."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa

from ingest.errors import RateLimitedError, RefusedError, SourceError
from ingest.parquet import partition_path, write_table
from ingest.record import EQUITIES, OPTIONS
from ingest.runs import Run, Status
from ingest.sessions import calendar_of
from ingest.yahoo import Yahoo
from ingest.yahoo_equity import prices_table
from ingest.yahoo_options import quotes_table
from quant.errors import COME_BACK_LATER
from quant.settings import Settings

log = logging.getLogger(__name__)

SECONDS_AFTER_FAILURE = 300.0  # until the next pull, if the interval is not shorter
LAST_MOMENT_SECONDS = 1.0  # how long a request in flight may go on after SIGTERM


@dataclass
class Pull:
    """One pass over all symbols of one dataset."""

    dataset: str
    settings: Settings
    yahoo: Yahoo
    stop: threading.Event
    stored: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    failed: dict[str, SourceError] = field(default_factory=dict)  # by symbol
    rate_limited: str | None = None

    def __post_init__(self) -> None:
        self.run = Run(self.settings.parquet_path, self.settings.equity_source, self.dataset)

    def pull(self) -> None:
        """Fetch and store symbol by symbol: what fails gets a second chance at the end; a rate limit ends it all."""
        of_dataset = {
            "equities": (self.settings.equities.symbols, self._pull_prices),
            "options": (self.settings.options.underlyings, self._pull_chains),
        }
        symbols, pull_one = of_dataset[self.dataset]
        self._pull_all(symbols, pull_one)
        self._pull_all(self._transient(), pull_one)

    def close(self) -> int:
        """Write the last word into the ledger. Returns the exit code.

        1 when an error left us with nothing; COME_BACK_LATER after a rate limit, or when some failed that may
        succeed in a few minutes.
        """
        status = self._status()
        parts = {"failed": [str(error) for error in self.failed.values()], "empty": self.empty}
        said = [f"{word}: {'; '.join(symbols)}" for word, symbols in parts.items() if symbols]
        said += [self.rate_limited] if self.rate_limited else []
        said += ["stopped before the end"] if self.stop.is_set() else []
        self.run.finish(status, ", ".join(said) or None)
        log.info("%s: %s, %d rows of %d symbols", self.dataset, status, self.run.row_count, len(self.stored))
        if status == "failed":
            return 1
        return COME_BACK_LATER if self.rate_limited or self._transient() else 0

    def _transient(self) -> list[str]:
        """Symbols that failed, but not because the source does not know them."""
        return [symbol for symbol, error in self.failed.items() if not isinstance(error, RefusedError)]

    def _pull_all(self, symbols: Sequence[str], pull_one: Callable[[str], pa.Table]) -> None:
        for symbol in symbols:
            if self.stop.is_set() or self.rate_limited:
                return
            self._pull_one(symbol, pull_one)

    def _pull_one(self, symbol: str, pull_one: Callable[[str], pa.Table]) -> None:
        started = time.monotonic()
        try:
            table = pull_one(symbol)
        except RateLimitedError as error:
            self.rate_limited = str(error)
            log.warning("%s; stopping this pull", error)
            return
        except SourceError as error:
            self.failed[symbol] = error
            log.warning("%s", error)
            return
        self.failed.pop(symbol, None)
        if not table.num_rows:
            self.empty.append(symbol)
            return
        self._store(symbol, table)
        log.info("%s %s: %d rows in %.1f s", self.dataset, symbol, table.num_rows, time.monotonic() - started)

    def _pull_prices(self, symbol: str) -> pa.Table:
        wanted = self.settings.equities
        frame, currency = self.yahoo.prices(symbol, wanted.history_years)
        final_delay = timedelta(minutes=wanted.final_delay_minutes)
        return prices_table(symbol, frame, currency, calendar_of(wanted.calendar), final_delay, self._origin())

    def _pull_chains(self, symbol: str) -> pa.Table:
        chains = self.yahoo.chains(symbol, self.settings.options.expiries)
        return quotes_table(symbol, chains, calendar_of(self.settings.equities.calendar), self._origin())

    def _store(self, symbol: str, table: pa.Table) -> None:
        dataset = EQUITIES if self.dataset == "equities" else OPTIONS
        today = f"{self.run.clock():%Y-%m-%d}"
        keys = {"symbol": symbol, "underlying": symbol, "source": self.run.source, "interval": "1d", "date": today}
        write_table(table, partition_path(self.run.root, dataset, keys) / f"{self.run.run_id}.parquet")
        self.stored.append(symbol)
        self.run.row_count += table.num_rows

    def _origin(self) -> dict[str, object]:
        return {"source": self.run.source, "fetched_at": self.run.clock(), "ingest_run_id": self.run.run_id}

    def _status(self) -> Status:
        if self.rate_limited:
            return "rate_limited"
        if self.failed:
            return "partial" if self.stored or self.empty else "failed"
        if self.stop.is_set():
            return "partial"
        return "ok" if self.stored else "empty"


def pull_until_stopped(dataset: str, settings: Settings, once: bool) -> int:
    """Pull once, or every `refresh_seconds`, sooner after a failure. Returns the exit code of a single pull."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    seconds = 0.0 if settings.demo else settings.equities.request_seconds  # our own stand-in needs no courtesy
    calendar_of(settings.equities.calendar)  # a wrong name is refused before the first request
    yahoo = Yahoo(settings.yahoo_endpoint, seconds, settings.root / "cache" / "yfinance")
    interval = getattr(settings.refresh_seconds, dataset)
    while True:
        code = _pull_in_background(Pull(dataset, settings, yahoo, stop))
        if stop.is_set():
            return 0
        if once:
            return code
        stop.wait(min(interval, SECONDS_AFTER_FAILURE) if code else interval)


def _pull_in_background(pull: Pull) -> int:
    """Run the pull beside us and return its exit code.

    Beside us, because a request in flight cannot be interrupted, and we need not wait for it when stopped.
    """
    crash: list[BaseException] = []

    def work() -> None:
        try:
            pull.pull()
        except BaseException as error:  # handed to the main thread, below
            crash.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive() and not pull.stop.is_set():
        worker.join(0.1)
    worker.join(LAST_MOMENT_SECONDS)
    if crash:
        pull.run.finish("failed", f"{type(crash[0]).__name__}: {crash[0]}")
        raise crash[0]
    return pull.close()
