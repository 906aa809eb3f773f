"""The ledger's rows per symbol: one for each symbol of a pull of which there is something to say."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyarrow as pa

from ingest.outcome import Outcome
from ingest.parquet import partition_path, read_table, write_table
from ingest.record import INGEST_RUNS
from ingest.runs import Run


@dataclass
class SymbolLedger:
    """What came of each symbol of one pull; `save` writes it beside the run's own row."""

    run: Run
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    messages: dict[str, str | None] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)

    def note(self, symbol: str, outcome: Outcome, message: str | None = None, row_count: int = 0) -> None:
        """The newest word on a symbol counts."""
        self.outcomes[symbol], self.messages[symbol], self.row_counts[symbol] = outcome, message, row_count

    def symbols_of(self, *outcomes: Outcome) -> list[str]:
        return [symbol for symbol, outcome in list(self.outcomes.items()) if outcome in outcomes]

    def save(self) -> None:
        """Durable on return. A symbol that is plainly ok has no row: the run's says enough."""
        rows = [self._row(symbol) for symbol in list(self.outcomes) if self._is_worth_a_row(symbol)]
        if rows:
            folder = partition_path(self.run.root, INGEST_RUNS, {"date": f"{self.run.started_at:%Y-%m-%d}"})
            write_table(pa.Table.from_pylist(rows, INGEST_RUNS.schema), folder / f"{self.run.run_id}-symbols.parquet")

    def _is_worth_a_row(self, symbol: str) -> bool:
        return self.outcomes[symbol] != "ok" or self.messages[symbol] is not None

    def _row(self, symbol: str) -> dict[str, Any]:
        at = self.run.clock()
        return {
            "ingest_run_id": self.run.run_id,
            "source": self.run.source,
            "dataset": self.run.dataset,
            "symbol": symbol,
            "status": self.outcomes[symbol],
            "row_count": self.row_counts[symbol],
            "count_duplicates": 0,
            "count_ignored": 0,
            "count_dead_letters": 0,
            "message": self.messages[symbol],
            "started_at": self.run.started_at,
            "updated_at": at,
            "finished_at": at,
        }


def not_fetched_lately(run: Run, within: timedelta) -> list[str]:
    """Symbols that the newest earlier pull of this dataset did not come to, if it began within that time of now."""
    folders = {f"{run.started_at - age:%Y-%m-%d}" for age in (timedelta(), within)}
    paths = [
        path
        for day in sorted(folders, reverse=True)
        for path in sorted(partition_path(run.root, INGEST_RUNS, {"date": day}).glob("*.parquet"), reverse=True)
    ]
    earlier = [row for path in paths if not path.name.startswith(run.run_id) for row in _rows(run, path)]
    recent = [row for row in earlier if run.started_at - row["started_at"] < within]
    if not recent:
        return []
    newest = max(row["ingest_run_id"] for row in recent)
    return [row["symbol"] for row in recent if row["ingest_run_id"] == newest and row["status"] == "not_fetched"]


def _rows(run: Run, path: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_table(path).to_pylist()
    return [row for row in rows if (row["source"], row["dataset"]) == (run.source, run.dataset)]
