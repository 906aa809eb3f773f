"""`quant explain`: one figure as a page for people, or as JSON."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.tree import Tree

from quant.cli.output import OutputError
from quant.cli.tables import clock, new_console, print_table
from quant.explanation import Asked, explain, keys_from
from quant.settings import Settings
from quant.warehouse import Warehouse

Row = dict[str, Any]
Words = tuple[str | None, str | None, str | None, list[str]]  # source, interval, expiry, keys
DEEP = 12  # steps that the tree shows at most; what stands in it already is not unfolded again


def print_explanation(settings: Settings, symbol: str, metric: str, asked: Words, format: str) -> None:
    """Ask the newest build; refusals name what is known."""
    source, interval, expiry, keys = asked
    meant = Asked(symbol, source, interval, _date(expiry), keys_from(keys))
    with Warehouse(settings).reading() as reading:
        found = {"build_id": reading.build_id, "demo": settings.demo, **explain(reading, metric, meant)}
    if format == "json":
        print(json.dumps(found, indent=2, default=_text))
    elif format == "table":
        _print_page(new_console(), found)
    else:
        raise OutputError(f"an explanation is no table that {format} could hold: choose table or json")


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OutputError(f"--expiry {text} is no date: give one like 2026-12-18") from error


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _print_page(console: Console, found: Row) -> None:
    if found["demo"]:
        console.print("demo data: the market is a stand-in", style="bold yellow")
    keys = " ".join(f"{name} {_text(value)}" for name, value in found["keys"].items())
    of = " ".join(each for each in (found["symbol"], found["source"], found["interval"], keys) if each)
    value = "not knowable yet" if found["value"] is None else found["value"]
    _say(console, f"{found['metric']} of {of}: {value} ({found['unit']}), as of {_text(found['as_of'])}")
    for name in ("description", "range", "reference", "stored_in", "build_id"):
        _say(console, f"{name:<12} {found[name] or ''}")
    console.print()
    for each in found["formulas"]:
        _block(
            console,
            f"{each['file']}:{each['line']}",
            f"-- {each['comment']}\n{each['signature']} as\n    {each['body']}",
        )
    rows = ([each["name"], each["value"], each["default"], each["origin"]] for each in found["parameters"])
    print_table(console, "Parameters", ("parameter", "value", "default", "from"), rows)
    _block(console, "SQL that yields it", found["sql"])
    for title, name in (("Why the stored figure", "note"), ("Computed, in `quant sql`", "computed_sql")):
        if found["note"] and found[name]:
            _block(console, title, found[name])
    if found["compute"]:
        _block(console, "From files of your own", found["compute"])
    if found["window"]:
        _say(console, f"made of the newest {found['window']} bars; none before them entered")
    _print_inputs(console, found["inputs"])
    _print_lineage(console, found["lineage"])


def _print_inputs(console: Console, inputs: Iterable[Row]) -> None:
    cells, runs = [], []
    for each in inputs:
        named = [each["role"], each["source"], each["symbol"], each.get("interval") or ""]
        span = [_clock(each["first_ts"]), _clock(each["last_ts"])]
        cells.append([*named, each["dataset"], str(each["count_rows"]), *span, str(each["count_runs"])])
        runs += [
            [run["ingest_run_id"], run["dataset"], run["status"], _clock(run["started_at"]), str(run["count_rows"])]
            for run in each["runs"]
        ]
    columns = ("input", "source", "symbol", "interval", "dataset", "rows", "first (UTC)", "last (UTC)", "runs")
    print_table(console, "Inputs", columns, cells)
    unique = [list(row) for row in dict.fromkeys(map(tuple, runs))]
    print_table(console, "Ingest runs, newest", ("run", "dataset", "status", "started (UTC)", "rows of this"), unique)


def _print_lineage(console: Console, lineage: Row) -> None:
    parents: dict[str, list[tuple[str, str]]] = {}
    for step in lineage["steps"]:
        name = f"{step['relation']}.{step['column_name']}"
        parents.setdefault(name, []).append((f"{step['parent_relation']}.{step['parent_column']}", step["macros"]))
    tree = Tree(f"Lineage of {lineage['column']}", highlight=False)
    _grow(tree, lineage["column"], parents, set(), DEEP)
    console.print(tree, highlight=False)


def _grow(tree: Tree, name: str, parents: dict[str, list[tuple[str, str]]], shown: set[str], left: int) -> None:
    for parent, macros in parents.get(name, []):
        is_known = parent in shown and parent in parents
        said = f" by {macros}" if macros else ""
        branch = tree.add(f"{parent}{said}{' (above)' if is_known else ''}")
        if not is_known and left:
            shown.add(parent)
            _grow(branch, parent, parents, shown, left - 1)


def _clock(instant: datetime | None) -> str:
    return clock(instant) if instant else "-"


def _block(console: Console, title: str, text: str) -> None:
    console.print(title, style="bold")
    _say(console, text)
    console.print()


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
