"""One pass over all symbols of one Yahoo dataset: what is fetched, judged, stored and told."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa

from ingest.errors import RateLimitedError, SourceError
from ingest.outcome import ChangedError, Outcome, Verdict, outcome_of
from ingest.parquet import partition_path, write_table
from ingest.record import EQUITIES, OPTIONS
from ingest.runs import Run, Status
from ingest.sessions import calendar_of
from ingest.yahoo import Yahoo
from ingest.yahoo_chains import judged_chains
from ingest.yahoo_equity import prices_table
from ingest.yahoo_ledger import SymbolLedger, not_fetched_lately
from ingest.yahoo_options import quotes_table
from ingest.yahoo_rest import Rest
from ingest.yahoo_stored import marked_whole, stored_prices
from ingest.yahoo_verdict import judged
from quant.errors import COME_BACK_LATER
from quant.settings import Settings

log = logging.getLogger(__name__)

Answer = tuple[pa.Table, Verdict]
LOST: tuple[Outcome, ...] = ("failed", "unknown_symbol", "changed_shape", "changed_currency", "changed_basis")


@dataclass
class Pull:
    """`pull`, then `close`. `say` is told, in a few words, what goes on now."""

    dataset: str
    settings: Settings
    yahoo: Yahoo
    stop: threading.Event
    say: Callable[[str], None] = log.debug
    rate_limited: str | None = None
    stored: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = Run(self.settings.parquet_path, self.settings.equity_source, self.dataset)
        self.ledger = SymbolLedger(self.run)
        self.rest = Rest(self.settings.root / "cache" / f"{self.run.source}.rest", self.run.clock)
        of_dataset: dict[str, tuple[Sequence[str], Callable[[str], Answer]]] = {
            "equities": (self.settings.equities.symbols, self._pull_prices),
            "options": (self.settings.options.underlyings, self._pull_chains),
        }
        self.symbols, self._fetch = of_dataset[self.dataset]

    def pull(self) -> None:
        """Fetch and store symbol by symbol: what fails gets a second chance at the end; a rate limit ends it all."""
        symbols = self._symbols_to_go()
        if until := self.rest.until():
            self.rate_limited = f"no request before {until:%H:%M:%S} UTC: Yahoo answered 429, too many requests"
            log.warning("%s", self.rate_limited)
            return
        self.yahoo.forgive()
        self._pull_all(symbols)
        self._pull_all(self.ledger.symbols_of("failed"))

    def close(self) -> int:
        """Write the last word into the ledger. Returns the exit code.

        1 when an error left us with nothing; COME_BACK_LATER after a rate limit, or when some failed that may
        succeed in a few minutes.
        """
        for symbol in self.symbols:
            if symbol not in self.ledger.outcomes:
                self.ledger.note(symbol, "not_fetched")
        self.ledger.save()
        status = self._status()
        self.run.finish(status, self._summary())
        log.info("%s: %s, %d rows of %d symbols", self.dataset, status, self.run.row_count, len(self.stored))
        if status == "failed":
            return 1
        return COME_BACK_LATER if self.rate_limited or self.ledger.symbols_of("failed") else 0

    def _symbols_to_go(self) -> Sequence[str]:
        """All, or those that a pull just now was interrupted before."""
        within = timedelta(seconds=getattr(self.settings.refresh_seconds, self.dataset))
        left = [symbol for symbol in not_fetched_lately(self.run, within) if symbol in self.symbols]
        if not left or len(left) == len(self.symbols):
            return self.symbols
        log.info("%s: goes on where the last pull was interrupted, with %s", self.dataset, ", ".join(left))
        for symbol in self.symbols:
            if symbol not in left:
                self.ledger.note(symbol, "ok")
        return left

    def _pull_all(self, symbols: Sequence[str]) -> None:
        for number, symbol in enumerate(symbols):
            if self.stop.is_set() or self.rate_limited:
                return
            place = f"{number + 1} of {len(symbols)}"
            self.say(f"{self.dataset} {symbol}, {place}")
            self._pull_one(symbol, place)

    def _pull_one(self, symbol: str, place: str) -> None:
        started = time.monotonic()
        try:
            table, verdict = self._fetch(symbol)
        except RateLimitedError as error:
            until = self.rest.begin(self.yahoo.retry_after)
            self.rate_limited = f"{error}; no request before {until:%H:%M:%S} UTC"
            log.warning("%s; stopping this pull", self.rate_limited)
            return
        except SourceError as error:
            self._reject(symbol, error)
            return
        if table.num_rows:
            self._store(symbol, table)
        self.ledger.note(symbol, verdict.outcome, verdict.message, table.num_rows)
        if verdict.message:
            level = logging.INFO if verdict.outcome in ("ok", "half_formed") else logging.WARNING
            log.log(level, "%s %s, %s: %s", self.dataset, symbol, verdict.outcome, verdict.message)
        seconds = time.monotonic() - started
        log.info("%s %s (%s): %d rows in %.1f s", self.dataset, symbol, place, table.num_rows, seconds)

    def _reject(self, symbol: str, error: SourceError) -> None:
        """Say why a symbol has nothing new; an answer that has changed is kept as it came."""
        self.ledger.note(symbol, outcome_of(error), str(error))
        log.warning("%s", error)
        if isinstance(error, ChangedError):
            self.run.reject(self.yahoo.last_body, str(error), self.run.clock())

    def _pull_prices(self, symbol: str) -> Answer:
        wanted = self.settings.equities
        answer = self.yahoo.prices(symbol, wanted.history_years)
        calendar, final_delay = calendar_of(wanted.calendar), timedelta(minutes=wanted.final_delay_minutes)
        table = prices_table(symbol, answer.frame, answer.currency, calendar, final_delay, self._origin())
        if not table.num_rows:
            return table, Verdict("empty")
        keys = {"symbol": symbol, "source": self.run.source, "interval": "1d"}
        stored = stored_prices(partition_path(self.run.root, EQUITIES, keys))
        verdict = judged(symbol, table, stored, answer.asked_from, calendar)
        return (marked_whole(table) if verdict.is_whole else table), verdict

    def _pull_chains(self, symbol: str) -> Answer:
        wanted, calendar = self.settings.options, calendar_of(self.settings.equities.calendar)
        chains = self.yahoo.chains(symbol, wanted.expiries)
        table = quotes_table(symbol, chains, calendar, wanted.am_settled, self._origin())
        if not table.num_rows:
            return table, Verdict("empty")
        return judged_chains(symbol, table, self.run.root, wanted.expiries)

    def _store(self, symbol: str, table: pa.Table) -> None:
        dataset = EQUITIES if self.dataset == "equities" else OPTIONS
        day = f"{table.column('fetched_at')[0].as_py():%Y-%m-%d}"
        keys = {"symbol": symbol, "underlying": symbol, "source": self.run.source, "interval": "1d", "date": day}
        write_table(table, partition_path(self.run.root, dataset, keys) / f"{self.run.run_id}.parquet")
        self.stored.append(symbol)
        self.run.row_count += table.num_rows

    def _origin(self) -> dict[str, object]:
        return {"source": self.run.source, "fetched_at": self.run.clock(), "ingest_run_id": self.run.run_id}

    def _status(self) -> Status:
        if self.rate_limited:
            return "rate_limited"
        lost = self.ledger.symbols_of(*LOST)
        if lost:
            return "partial" if len(lost) < len(self.ledger.outcomes) else "failed"
        if self.ledger.symbols_of("short", "not_fetched"):
            return "partial"
        return "ok" if self.stored else "empty"

    def _summary(self) -> str | None:
        """What the run's own row says; details stand in the rows of the symbols."""
        kinds = dict.fromkeys(list(self.ledger.outcomes.values()))
        told = [kind for kind in kinds if kind not in ("ok", "not_fetched")]
        said = [f"{kind}: {', '.join(self.ledger.symbols_of(kind))}" for kind in told]
        said += [self.rate_limited] if self.rate_limited else []
        if left := self.ledger.symbols_of("not_fetched"):
            said.append(f"{'stopped before' if self.stop.is_set() else 'not fetched:'} {', '.join(left)}")
        elif self.stop.is_set():
            said.append("stopped at the end")
        return "; ".join(said) or None
