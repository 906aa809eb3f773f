"""The day that is not over, as the exchange told it last."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.binance_record import Kline, klines_table
from ingest.klines import folder_of
from ingest.parquet import write_table
from ingest.runs import Run

AGAIN_AFTER = timedelta(seconds=15)  # of one symbol
KEPT = timedelta(hours=2)  # a reader that listed the files before goes on for a while


class OpenDays:
    """The newest word on each symbol's day, in `open-2026-11-22T07.parquet`: one row, replaced by the next.

    A file keeps the bytes of what it said before (docs/decisions/0006), so each hour begins a new one, and the old go.
    What waits when the recorder ends is not written: the exchange says it again.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._written: dict[str, datetime] = {}

    def write_next(self, waiting: dict[str, Kline]) -> None:
        """Put the bar that is due and waits longest on disk and take it out of `waiting`; durable on return.

        One at a time: of a few symbols each is seconds old, of hundreds all together cost no more than those few.
        """
        now = self._run.clock()
        due = (symbol for symbol in waiting if now - self._written.get(symbol, now - AGAIN_AFTER) >= AGAIN_AFTER)
        if (symbol := next(due, None)) is not None:
            self._write(waiting[symbol])
            self._written[symbol] = now
            del waiting[symbol]

    def _write(self, bar: Kline) -> None:
        hour = datetime.fromtimestamp(bar.fetched_at / 1e6, UTC).replace(minute=0, second=0, microsecond=0)
        path = self._path(bar, hour)
        begins = not self._run.disk.is_file(path)
        write_table(klines_table([bar], self._run.source, self._run.run_id), path, self._run.disk)
        if begins:
            self._delete_before(bar, hour - KEPT)

    def _delete_before(self, bar: Kline, hour: datetime) -> None:
        first = self._path(bar, hour)
        for path in self._run.disk.files(first.parent, "open-*.parquet"):
            if path.name < first.name:
                self._run.disk.delete(path)

    def _path(self, bar: Kline, hour: datetime) -> Path:
        return folder_of(self._run, (bar.symbol, bar.interval)) / f"open-{hour:%Y-%m-%dT%H}.parquet"
