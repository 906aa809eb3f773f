"""Old pulls of daily bars go, but for one a week: each pull holds the whole window, so newer ones say it all again.

Live views open the pulls of the days before their build by name, and nothing older; only a build reads all. So a pull
is deleted while nobody builds, when it is older than what any build on disk looks at, and when what it says is said by
others: by a newer whole pull of its week, and, for sessions that have left the window since, by an older one.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pyarrow.compute as pc

from ingest.disk import LOCAL_DISK
from ingest.parquet import read_schema, read_table
from ingest.record import EQUITIES
from ingest.runs import Clock, now
from ingest.yahoo_stored import WHOLE
from quant.boundary import records_in_use
from quant.errors import BuildError
from quant.publish import Builds
from quant.settings import Settings

log = logging.getLogger(__name__)

ALL_KEPT = timedelta(days=14)
LOOKED_BACK = timedelta(days=8)  # live views: a week before live_since(), which is some hours before the build
NAMED = "%Y%m%dT%H%M%S"


def thin_pulls(settings: Settings, clock: Clock = now) -> int:
    """Delete what is said elsewhere; returns how many files. None while somebody builds: the next run does it."""
    try:
        with Builds(settings.duckdb_path).idle():
            starts = [datetime.fromisoformat(record["started_at"]) for record in records_in_use(settings.duckdb_path)]
            before = min([clock() - ALL_KEPT, *(start - LOOKED_BACK for start in starts)])
            folders = LOCAL_DISK.files(settings.parquet_path / EQUITIES.folder, "symbol=*/source=*/interval=*")
            count = sum(_thin(folder, before) for folder in folders)
    except BuildError as error:
        log.info("old pulls of daily bars stay for now: %s", error)
        return 0
    if count:
        log.info("deleted %d old pulls of daily bars that newer ones repeat", count)
    return count


def _thin(folder: Path, before: datetime) -> int:
    old = [path for path in LOCAL_DISK.files(folder, "*Z-*.parquet") if _pulled_at(path) < before]
    kept: Path | None = None  # the newest whole pull of the weeks before
    gone: list[Path] = []
    for _, group in groupby(old, key=lambda path: _pulled_at(path).isocalendar()[:2]):
        week = list(group)
        whole = [path for path in week if WHOLE in (read_schema(path).metadata or {})]
        if whole:
            older, newer = kept or whole[0], whole[-1]  # the very first one reaches back furthest
            between = [path for path in week[: week.index(newer)] if path != older]
            gone += [path for path in between if _is_said_by(path, older, newer)]
            kept = newer
    for path in gone:
        LOCAL_DISK.delete(path)
    return len(gone)


def _is_said_by(path: Path, older: Path, newer: Path) -> bool:
    """Whether two whole pulls, one from before and one from after, together reach over all sessions of a pull."""
    (first, last), (old_first, old_last), (new_first, new_last) = map(_sessions, (path, older, newer))
    return last <= new_last and (first >= new_first or (old_first <= first and new_first <= old_last))


def _sessions(path: Path) -> tuple[date, date]:
    found = pc.min_max(read_table(path).column("session_date")).as_py()
    return found["min"], found["max"]


def _pulled_at(path: Path) -> datetime:
    return datetime.strptime(path.name.partition(".")[0], NAMED).replace(tzinfo=UTC)
