"""Which chain the page shows: the newest one of an underlying, or any that is kept."""

from dataclasses import dataclass, replace
from datetime import datetime

from dashboard import choices, data
from dashboard.data import Record

NEWEST = "Newest"


@dataclass(frozen=True)
class Chain:
    """All expiries of an underlying as one pull saw them; a past one is not the newest."""

    source: str
    underlying: str
    ingest_run_id: str
    is_past: bool = False

    @property
    def key(self) -> dict[str, str]:
        """What every relation of chains is filtered by."""
        return {**self.series, "ingest_run_id": self.ingest_run_id}

    @property
    def series(self) -> dict[str, str]:
        """Whose chains follow each other."""
        return {"source": self.source, "underlying": self.underlying}


def chosen(newest: Record) -> Chain:
    """The visitor's: a day first, then one of its chains, for there are as many as there are quarters of an hour."""
    chain = Chain(newest["source"], newest["underlying"], newest["ingest_run_id"])
    days = [f"{row['day']}" for row in data.rows("option_days", **chain.series)]
    day = choices.choice_of_list("Day", [NEWEST, *days], "day")
    if day == NEWEST:
        return chain
    runs = [row["ingest_run_id"] for row in data.rows("option_snapshots", **chain.series, day=day)]
    named = {name(run): run for run in runs}
    run = named[choices.choice_of_list("Snapshot", list(named), "snapshot")]
    return replace(chain, ingest_run_id=run, is_past=run != newest["ingest_run_id"])


def name(ingest_run_id: str) -> str:
    """20261122T130501.123456Z-9f3ac1 for people: 2026-11-22 13:05:01 9f3ac1, the same for all underlyings of a pull."""
    began, _, chance = ingest_run_id.partition("-")
    try:
        return f"{datetime.strptime(began, '%Y%m%dT%H%M%S.%fZ'):%Y-%m-%d %H:%M:%S} {chance}".strip()
    except ValueError:
        return ingest_run_id
