"""The rest after a 429: all of Yahoo is left alone, by every process that uses this data folder."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from ingest.parquet import write_text
from ingest.runs import Clock, now

SHORTEST, LONGEST = timedelta(minutes=2), timedelta(hours=1)


@dataclass(frozen=True)
class Rest:
    """Lies in a small file, so that equities and options, each a process of its own, respect each other's."""

    path: Path
    clock: Clock = now

    def begin(self, retry_after: str | None) -> datetime:
        """No request until the returned instant: what the 429 asked for, two minutes at least, an hour at most."""
        at = self.clock()
        asked = _asked(retry_after, at)
        until = at + min(max(asked, SHORTEST), LONGEST)
        write_text(until.isoformat() + "\n", self.path)
        return until

    def until(self) -> datetime | None:
        """The end of the rest; None if there is none now."""
        if not self.path.is_file():
            return None
        end = datetime.fromisoformat(self.path.read_text().strip())
        return end if self.clock() < end <= self.clock() + LONGEST else None  # a clock set back must not stop us


def _asked(retry_after: str | None, at: datetime) -> timedelta:
    """Seconds or a date, as HTTP has it; nothing if it is neither."""
    text = (retry_after or "").strip()
    if text.isdigit():
        return timedelta(seconds=min(int(text), LONGEST.total_seconds()))
    try:
        return parsedate_to_datetime(text).astimezone(UTC) - at
    except ValueError:
        return timedelta()
