"""What each command does, from settings to exit code."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.disk import LOCAL_DISK
from ingest.parquet import lay_down_empty_files
from ingest.same_folder import SameFolder
from quant.errors import QuantError
from quant.settings import Settings

log = logging.getLogger(__name__)


def run(command: str, *, once: bool, files: Sequence[Path], settings: Settings) -> int:
    """Run one command to its end; 0 when it did its work or was asked to stop."""
    folder = SameFolder(settings.parquet_path, secrets.token_hex(8))
    LOCAL_DISK.remove_leftovers(settings.parquet_path)
    LOCAL_DISK.sync_all()  # nothing that a killed process left is trusted before it is durable
    lay_down_empty_files(settings.parquet_path)
    folder.mark()
    commands: dict[str, Callable[[], int]] = {
        "init": lambda: 0,
        "crypto": lambda: _crypto(settings, once),
        "equities": lambda: _yahoo("equities", settings, once),
        "options": lambda: _yahoo("options", settings, once),
        "archive": lambda: _archive(settings, files),
        "fill": lambda: _fill(settings),
        "compact": lambda: _compact(settings),
    }
    return commands[command]()


def _crypto(settings: Settings, once: bool) -> int:
    from ingest.crypto_service import pull_crypto, record_crypto

    try:
        return asyncio.run(pull_crypto(settings) if once else record_crypto(settings))
    except BaseExceptionGroup as group:
        if readable := group.subgroup((QuantError, OSError)):
            raise readable.exceptions[0] from group
        raise


def _yahoo(dataset: str, settings: Settings, once: bool) -> int:
    from ingest.yahoo_service import pull_until_stopped

    return pull_until_stopped(dataset, settings, once)


def _archive(settings: Settings, files: Sequence[Path]) -> int:
    from ingest.archive import import_archives

    return import_archives(settings, files)


def _fill(settings: Settings) -> int:
    from ingest.fill_service import fill_gaps

    return asyncio.run(fill_gaps(settings))


def _compact(settings: Settings) -> int:
    from ingest.compaction import compact
    from ingest.retention import keep_recent_chains
    from ingest.thinning import thin_pulls

    compact(settings)
    keep_recent_chains(settings)
    thin_pulls(settings)
    return 0
