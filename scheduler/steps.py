"""What each job does, one method each; no method knows when it runs."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from quant.errors import NoBuildError
from quant.notifications import Notifier
from quant.settings import Settings
from quant.status import Status, count_holes, read_status
from scheduler.children import Children, StepError
from scheduler.sessions import MarketHours, utc_now

if TYPE_CHECKING:
    from quant.build import Builder

log = logging.getLogger(__name__)


class Steps:
    """The steps on one data folder, with the one long-lived builder."""

    def __init__(
        self,
        settings: Settings,
        children: Children,
        stopping: threading.Event,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._children, self._stopping, self._clock = settings, children, stopping, clock
        self._building = threading.Lock()  # two jobs build; the second waits
        self._problems: frozenset[str] = frozenset()

    @cached_property
    def builder(self) -> "Builder":
        """Made when first used: importing dbt takes seconds."""
        from quant.scale.building import builder_of

        return builder_of(self._settings)

    @cached_property
    def hours(self) -> MarketHours:
        """Made when first used: the calendar takes a second."""
        wanted = self._settings.options
        delay, grace = timedelta(minutes=wanted.open_delay_minutes), timedelta(minutes=wanted.close_grace_minutes)
        return MarketHours(self._settings.equities.calendar, delay, grace, self._clock)

    @cached_property
    def notifier(self) -> Notifier:
        """Made once: it remembers who is told."""
        return Notifier(self._settings, self._stopping, self._clock)

    def warm_up(self) -> None:
        """Import dbt while nothing else can be done yet."""
        _ = self.builder

    def await_bars(self) -> None:
        """Returns once the recorder has stored bars of every crypto symbol; at once on a folder with history."""
        while missing_bars(self._settings) and not self._stopping.is_set():
            self._stopping.wait(0.2)

    def pull_equities(self) -> None:
        """Fetch the whole window of daily bars, because a dividend or split rewrites it."""
        self._children.run("ingest", "equities", "--once")

    def pull_options(self) -> None:
        """Fetch one snapshot of every chain; live ones only while the market is open, or if there is none yet.

        Outside of its hours quotes are withdrawn or stand still, and would be a history of nothing. The stand-in
        market decides for itself.
        """
        if self._settings.demo or self.hours.are_on() or not has_chains(self._settings):
            self._children.run("ingest", "options", "--once")

    def compact(self) -> None:
        """Move the ticks of finished hours into closed files and advance the boundary of later builds."""
        self._children.run("ingest", "compact")

    def fill_gaps(self) -> None:
        """Fetch the trades that are missing, if there are any; the ledger is read live."""
        if count_holes(self._settings):
            self._children.run("ingest", "fill")

    def build(self) -> None:
        """Build and publish, with every data test if the last ones are too old."""
        with self._building:
            self.builder.build(tests=self._tests_are_due())

    def refresh_after_close(self) -> None:
        """The session's daily bars are final: fetch and build them now instead of at the next full interval.

        What did come is built, even if a pull failed; then its StepError is raised.
        """
        failures: list[StepError] = []
        for pull in (self.pull_equities, self.pull_options):
            try:
                pull()
            except StepError as error:
                failures.append(error)
        self.build()
        if failures:
            raise failures[0]

    def notify(self) -> None:
        """Send what is new to everyone who is to be told; returns once each has taken it, or has not in time."""
        self.notifier.run()

    def check(self) -> None:
        """Log what is stale, open or wrong, whenever that changes."""
        try:
            problems = problems_of(read_status(self._settings))
        except NoBuildError:
            return  # the build job says why
        for problem in sorted(problems - self._problems):
            log.warning("%s", problem)
        for problem in sorted(self._problems - problems):
            log.info("no longer: %s", problem)
        self._problems = problems

    def _tests_are_due(self) -> bool:
        current = self.builder.builds.current()
        if current is None or current.tested_at is None:
            return True
        age = datetime.now(UTC) - datetime.fromisoformat(current.tested_at)
        return age > timedelta(seconds=self._settings.refresh_seconds.tests)


def missing_bars(settings: Settings) -> list[str]:
    """Partitions of the exchange's own bars (data/parquet/klines) without a file of their history yet."""
    partitions = [
        settings.parquet_path
        / "klines"
        / f"symbol={symbol}"
        / f"source={settings.crypto_source}"
        / f"interval={interval}"
        for symbol in settings.crypto.symbols
        for interval in settings.crypto.history_days
    ]
    return [
        str(path.relative_to(settings.parquet_path)) for path in partitions if not any(path.glob("history-*.parquet"))
    ]


def has_chains(settings: Settings) -> bool:
    """Whether any chain of the source (data/parquet/options) is stored."""
    return any((settings.parquet_path / "options").glob(f"*/source={settings.equity_source}/*/*.parquet"))


def problems_of(status: Status) -> frozenset[str]:
    """One sentence per stale source, kind of gap and finding; sentences stay equal while the problem does."""
    stale = {
        f"stale: {row['dataset']} of {row['symbol']} ({row['source']}), promised within {row['promised_seconds']:g} s"
        for row in status.sources
        if row["is_stale"]
    }
    gaps = {
        f"open gaps: {row['count_gaps']} of {row['symbol']} ({row['source']}), {row['trades']} trades"
        for row in status.gaps
        if row["status"] == "open"
    }
    findings = {
        f"finding: {row['finding']}, {row['count_rows']} rows of {row['symbol']} ({row['source']})"
        for row in status.findings
    }
    lost = {
        f"{row['source']} trades {row['symbol']}: ids are missing that the ledger does not explain"
        for row in status.completeness
        if row["count_unexplained"]
    }
    return frozenset(stale | gaps | findings | lost)
