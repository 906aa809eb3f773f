"""Pulls with the real yfinance, and what they leave on disk."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.yahoo import Yahoo
from ingest.yahoo_pull import Pull
from quant.settings import PROJECT_PATH, Settings
from tests.ingest.yahoo_server import Body

REAL = PROJECT_PATH.parent / "shared" / "data" / "yahoo"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded Yahoo answers are not beside the project")
Row = dict[str, Any]


def seconds(*at: int) -> int:
    return int(datetime(*at, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


def real_body(name: str) -> Body:
    body: Body = json.loads((REAL / name).read_text())
    return body


class Pulls:
    """Pulls of one data folder, and what they left there."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def pull(self, dataset: str, *symbols: str) -> int:
        """Returns the exit code."""
        names = {"equities": ("equities", "symbols"), "options": ("options", "underlyings")}[dataset]
        section = getattr(self.settings, names[0]).model_copy(update={names[1]: symbols})
        settings = self.settings.model_copy(update={names[0]: section})
        yahoo = Yahoo(settings.yahoo_endpoint, 0.0, settings.root / "cache")
        pull = Pull(dataset, settings, yahoo, threading.Event())
        pull.pull()
        return pull.close()

    def rows(self, folder: str) -> list[Row]:
        files = sorted((self.settings.parquet_path / folder).rglob("*.parquet"))
        return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]

    @property
    def last_run(self) -> Row:
        """The row of the newest run as a whole."""
        return [row for row in self.rows("ledger/runs") if row["symbol"] is None][-1]

    @property
    def outcomes(self) -> dict[str, str]:
        """Status by symbol, of those of which the newest run has something to say."""
        return {symbol: row["status"] for symbol, row in self.said.items()}

    @property
    def said(self) -> dict[str, Row]:
        run_id = self.last_run["ingest_run_id"]
        rows = [row for row in self.rows("ledger/runs") if row["symbol"] and row["ingest_run_id"] == run_id]
        return {row["symbol"]: row for row in rows}
