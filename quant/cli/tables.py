"""`quant status`, `quant doctor`: answers as tables for people."""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from quant.destinations import DeliveryState
from quant.settings import Settings

COMPLETENESS = {
    "source": "source", "symbol": "symbol", "first_date": "since", "row_count": "trades", "last_trade_id": "last id",
    "count_missing_today": "missing today", "count_missing": "missing", "count_absent": "absent", "count_open": "open",
    "count_unexplained": "unexplained", "count_duplicates": "duplicates",
}  # fmt: skip
MARKS = {"ok": "green", "warn": "yellow", "fail": "red"}


def print_status(settings: Settings) -> None:
    """The build, what is wrong with the data folder, one table each for sources, completeness, jobs, gaps, findings."""
    from quant.keys import state_of_keys
    from quant.status import read_status, storage_problems
    from quant.warehouse import nothing_built

    console, status = new_console(), read_status(settings)
    if settings.demo:
        console.print("demo data: the market is a stand-in", style="bold yellow")
    if status.build is None or status.build_age is None:
        console.print(nothing_built(settings), soft_wrap=True)
    else:
        age, tested = duration(status.build_age), status.build.tested_at or "never"
        console.print(f"build {status.build.build_id} ({status.build.kind}, {age} old, tests passed {tested[:19]})")
    console.print(f"API: {state_of_keys(settings)}", soft_wrap=True, highlight=False)
    for problem in storage_problems(status):
        console.print(problem, style="bold red", soft_wrap=True, highlight=False)
    sources = (_source_cells(row) for row in status.sources)
    print_table(console, "Sources", ("source", "dataset", "symbol", "age", "promised", "state"), sources)
    completeness = ([str(row[name]) for name in COMPLETENESS] for row in status.completeness)
    print_table(console, "Completeness of the trades", COMPLETENESS.values(), completeness)
    jobs = ((run.job, run.status, clock(run.started_at), str(run.attempt), run.error or "") for run in status.jobs)
    print_table(console, "Jobs", ("job", "status", "started (UTC)", "attempt", "error"), jobs)
    print_deliveries(console, status.deliveries)
    gaps = ((g["source"], g["symbol"], g["status"], str(g["count_gaps"]), str(g["trades"])) for g in status.gaps)
    print_table(console, "Gaps in the trades", ("source", "symbol", "status", "gaps", "trades"), gaps)
    findings = ((f["finding"], f["source"], f["symbol"], str(f["count_rows"])) for f in status.findings)
    print_table(console, "Findings", ("finding", "source", "symbol", "rows"), findings)


def print_deliveries(console: Console, states: Iterable[DeliveryState]) -> None:
    """Where alerts go, what waits, and what went wrong last; no address is shown."""
    columns = ("to", "state", "pending", "delivered (24 h)", "failed (24 h)", "last delivered (UTC)", "last error")
    print_table(console, "Alerts", columns, map(_delivery_cells, states))


def print_checks(settings: Settings) -> int:
    """One line per check with its remedy; returns the exit code, 1 if any check failed."""
    from quant.doctor import examine

    console = new_console()
    checks = examine(settings)
    for check in checks:
        line = Text.assemble((f"{check.verdict:<5}", MARKS[check.verdict]), f"{check.subject:<16} {check.finding}")
        console.print(line.append(f": {check.remedy}") if check.remedy else line, highlight=False)
    return int(any(check.verdict == "fail" for check in checks))


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 5 min, 3 h, 2 d; a dash when unknown."""
    if seconds is None:
        return "-"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"


def clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def new_console() -> Console:
    """As wide as the terminal; into a pipe or a file lines are never folded."""
    return Console() if sys.stdout.isatty() else Console(width=1000)


def _delivery_cells(state: DeliveryState) -> list[str]:
    delivered = clock(state.last_delivered_at) if state.last_delivered_at else "-"
    error = f"{clock(state.last_error_at)} {state.last_error}" if state.last_error_at else ""
    counts = (state.count_pending, state.count_delivered, state.count_failed)
    return [state.destination, state.condition, *map(str, counts), delivered, error]


def _source_cells(row: dict[str, Any]) -> list[str | None]:
    ages = [duration(row["age_seconds"]), duration(row["promised_seconds"])]
    return [row["source"], row["dataset"], row["symbol"], *ages, "stale" if row["is_stale"] else "fresh"]


def print_table(console: Console, title: str, columns: Iterable[str], rows: Iterable[Iterable[str | None]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell or "") for cell in row))
    if table.row_count:
        console.print(table)
        console.print()
