"""Retention: option chains older than config.yaml's `options.keep_days` go, and no reader notices.

As with compaction: first the day since which chains are kept moves on, for builds to come. A date folder is deleted
when it lies before the day of every build on disk, because no view of any of them opens its files.
Every step may be the last before a crash: the next run goes on.
"""

import logging
from datetime import date, timedelta
from pathlib import Path

from ingest.disk import LOCAL_DISK
from ingest.parquet import keys_of, write_text
from ingest.record import OPTIONS
from ingest.runs import Clock, now
from quant.retention import kept_since_in_use, kept_since_path, read_kept_since
from quant.settings import Settings

log = logging.getLogger(__name__)


def keep_recent_chains(settings: Settings, clock: Clock = now) -> None:
    """Move the day on, and delete what no build reads. Safe to kill at any instant."""
    if settings.options.keep_days is not None:
        _advance(settings.parquet_path, clock().date() - timedelta(days=settings.options.keep_days))
    in_use = kept_since_in_use(settings.duckdb_path)
    if in_use:  # without a build nothing is deleted
        _delete_before(settings.parquet_path, min([*in_use, read_kept_since(settings.parquet_path)]))


def _advance(root: Path, wanted: date) -> None:
    """Up to `wanted`, but never past the newest chain of an underlying: that one is shown, however old it is."""
    newest: dict[Path, date] = {}
    for folder, day in _folders(root):
        newest[folder.parent] = max(day, newest.get(folder.parent, day))
    since = min([wanted, *newest.values()])
    if since > read_kept_since(root):
        write_text(f"{since}\n", kept_since_path(root))
        log.info("option chains are kept since %s", since)


def _delete_before(root: Path, since: date) -> None:
    """Whole folders, file by file: who is killed in between leaves the rest to the next."""
    gone = [folder for folder, day in _folders(root) if day < since]
    for folder in gone:
        for path in LOCAL_DISK.files(folder, "*"):
            LOCAL_DISK.delete(path)
        LOCAL_DISK.delete_folder(folder)
        LOCAL_DISK.sync_folder(folder.parent)
    if gone:
        log.info("deleted the option chains of %d days before %s", len(gone), since)


def _folders(root: Path) -> list[tuple[Path, date]]:
    """The date folders of chains, without the one of the empty typed file, which stays for ever."""
    found = LOCAL_DISK.files(root / OPTIONS.folder, "/".join(f"{key}=*" for key in OPTIONS.keys))
    days = [(folder, keys_of(folder)) for folder in found]
    return [(folder, date.fromisoformat(keys["date"])) for folder, keys in days if keys["underlying"] != "0"]
