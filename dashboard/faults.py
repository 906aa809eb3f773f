"""What is wrong now: one sentence a fault, with the command that mends it. Pure: rows in, faults out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from dashboard import formats
from dashboard.data import Record
from quant.destinations import DeliveryState
from quant.storage import Storage

# Which command brings what: `quant up` runs them all the time.
INGEST = {"trades": "crypto", "klines": "crypto", "equities": "equities", "options": "options"}
FINDINGS = {
    "bar_mismatch": ("minute bars differ from the exchange's own", "quant ingest crypto --once"),
    "unexplained_hole": ("hours miss trades for no known reason", "quant ingest fill"),
    "duplicate_trades": ("hours hold a trade twice", "quant ingest compact"),
    "impossible_bar": ("bars have prices that contradict each other", "quant ingest equities --once"),
    "adjustment_mismatch": ("adjusted closes differ from the vendor's", "quant ingest equities --once"),
}
SAID_ELSEWHERE = frozenset({"open_gap"})  # as of the build; the gaps themselves are live


@dataclass(frozen=True)
class Fault:
    """`sentence` says what is wrong, without a full stop; `command` is what a person types."""

    sentence: str
    command: str


def of_storage(found: Storage) -> list[Fault]:
    """A folder where nothing was ever built is no fault."""
    return [Fault(found.problem, "quant doctor")] if found.problem and not found.is_new else []


def of_build(problem: str | None, newest: Record | None, promised: float) -> list[Fault]:
    """A newer build that cannot be opened, or none for too long."""
    if problem:
        return [Fault(problem, "quant build --full-refresh")]
    if newest is None or newest["age_seconds"] is None or newest["age_seconds"] <= promised:
        return []
    ages = f"{formats.age(newest['age_seconds'])} old, promised are {formats.age(promised)}"
    return [Fault(f"the newest build is {ages}", "quant build")]


def of_freshness(series: Iterable[Record]) -> list[Fault]:
    """One fault per dataset and source, however many symbols are late."""
    stale = sorted((row for row in series if row["is_stale"]), key=_dataset)
    return [_late(list(rows)) for _, rows in groupby(stale, key=_dataset)]


def of_trades(totals: Iterable[Record], gaps: Iterable[Record]) -> list[Fault]:
    """Ids that are missing, and ids that are there twice."""
    found = []
    for row in totals:
        whose = f"{row['symbol']} of {row['source']}"
        if row["count_unexplained"]:
            lost = f"{whose}: {formats.count(row['count_unexplained'])} trade ids are missing for no known reason"
            found.append(Fault(lost, "quant ingest fill"))
        if row["count_duplicates"]:
            twice = f"{whose}: {formats.count(row['count_duplicates'])} trades are stored twice"
            found.append(Fault(twice, "quant ingest compact"))
    for row in gaps:
        said = f"{formats.count(row['count_trades'])} trades in {counted(row['count_gaps'], 'gap')} are to be fetched"
        found.append(Fault(f"{row['symbol']} of {row['source']}: {said}", "quant ingest fill"))
    return found


def of_findings(counts: Iterable[Record]) -> list[Fault]:
    """One fault per kind of finding; what the live relations say better is left to them."""
    known = sorted((row for row in counts if row["finding"] not in SAID_ELSEWHERE), key=lambda row: str(row["finding"]))
    found = []
    for finding, rows in groupby(known, key=lambda row: str(row["finding"])):
        listed = list(rows)
        words, command = FINDINGS.get(finding, (f"rows have the finding {finding}", "quant build --full-refresh"))
        total = sum(row["count_rows"] for row in listed)
        found.append(Fault(f"{formats.count(total)} {words} ({_names(listed)})", command))
    return found


def of_runs(failed: Iterable[Record]) -> list[Fault]:
    """Ingest runs of which the newest of a dataset did not end well."""
    return [
        Fault(
            f"the newest run of {' '.join(filter(None, (row['dataset'], row['symbol'])))} from {row['source']} "
            f"{'ended as' if row['status'] != 'died' else 'has'} {str(row['status']).replace('_', ' ')}"
            + (f": {row['message']}" if row["message"] else ""),
            f"quant ingest {INGEST.get(row['dataset'], 'crypto')}",
        )
        for row in failed
    ]


def of_deliveries(states: Iterable[DeliveryState]) -> list[Fault]:
    return [Fault(state.problem, "quant notify test") for state in states if state.problem]


def counted(count: float, what: str) -> str:
    """1 gap, 2 gaps."""
    return f"{formats.count(count)} {what}{'' if count == 1 else 's'}"


def _late(rows: Sequence[Record]) -> Fault:
    dataset, source = rows[0]["dataset"], rows[0]["source"]
    command = f"quant ingest {INGEST.get(dataset, dataset)}"
    arrived = [row["age_seconds"] for row in rows if row["age_seconds"] is not None]
    if not arrived:
        return Fault(f"{dataset} of {_names(rows)} never arrived from {source}", command)
    ages = f"{formats.age(max(arrived))} old, promised are {formats.age(rows[0]['promised_seconds'])}"
    return Fault(f"{dataset} of {_names(rows)} from {source} are {ages}", command)


def _names(rows: Iterable[Record]) -> str:
    return ", ".join(dict.fromkeys(str(row["symbol"]) for row in rows if row["symbol"]))


def _dataset(row: Record) -> tuple[str, str]:
    return str(row["dataset"]), str(row["source"])
