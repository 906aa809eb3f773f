"""`quant metrics`: which metrics there are, from the formulas, and where the newest build keeps them."""

import re
from collections.abc import Mapping
from typing import Any

from quant.cli.tables import new_console, print_table
from quant.errors import MetricError
from quant.metric_examples import metric_table
from quant.metrics import GREEKS, GREEKS_SAID, metrics, near_names
from quant.settings import Settings
from quant.wording import command_of
from udfs.arrow_udfs import FUNCTIONS

SHOWN = (
    "metric",
    "description",
    "unit",
    "formula",
    "source",
    "range",
    "parameters",
    "relation",
    "macro",
    "compute",
    "example",
    "notes",
)
Entry = Mapping[str, Any]


def print_metrics(settings: Settings, words: list[str]) -> None:
    """All metrics by family, those that have every word somewhere, or the one whose id it is with all that is known."""
    entries = _entries(settings)
    console = new_console()
    named = [entry for entry in entries if [entry["metric"]] == [word.lower() for word in words]]
    for entry in named:
        for name in SHOWN:
            console.print(f"{name:<12} {_folded(entry.get(name))}", markup=False, highlight=False)
        console.print()
    if named:
        return
    found = _found(entries, words)
    if greeks := [word for word in words if word.lower() in GREEKS]:
        console.print(f"{greeks[0]}: {GREEKS_SAID}\n", markup=False, highlight=False, soft_wrap=True)
        if not found:
            return
    if not found:
        near = near_names(words[0], {entry["metric"] for entry in entries}) if len(words) == 1 else []
        hint = f"did you mean {' or '.join(near)}?" if near else f"`quant metrics` lists all {len(entries)}"
        raise MetricError(f"no metric has {' and '.join(map(repr, words))} in its name or description: {hint}")
    for family in dict.fromkeys(entry["family"] for entry in found):
        rows = ([entry["metric"], entry["description"], entry["formula"], entry["source"]] for entry in found
                if entry["family"] == family)  # fmt: skip
        print_table(console, family, ("metric", "description", "formula", "source"), rows)


def _entries(settings: Settings) -> list[Entry]:
    """One entry per metric and place where the build keeps it; of metrics that no build keeps one from the formulas."""
    known = metric_table(settings, [function.name for function in FUNCTIONS]).to_pylist()
    formulas = {row["metric"]: _of_formula(row) for row in known}
    stored = _stored(settings)
    kept = [
        {**formulas.get(row["metric"], {"family": str(row["relation"]).partition(".")[0]}),
         **{name: value for name, value in row.items() if value is not None}} for row in stored
    ]  # fmt: skip
    names = {row["metric"] for row in stored}
    for entry in kept:
        entry["parameters"] = _told(entry.get("parameters"), settings)
    for entry in formulas.values():
        entry["parameters"] = _told(entry["parameters"], settings)
        entry["relation"] = "stored nowhere: computed when asked" if stored else "no build is here yet"
    entries = [*(entry for name, entry in formulas.items() if name not in names), *kept]
    for entry in entries:
        if metric := metrics().get(entry["metric"]) or metrics().get(str(entry.get("macro"))):
            entry["compute"] = command_of(metric)
    return list(entries)


def _told(parameters: str | None, settings: Settings) -> str:
    """The parameters with their defaults, and what stands in for the bars per year."""
    days = settings.asset_classes.equity.days_per_year
    told = f" (bars per year; bars that say nothing else are days of an equity: {days:g})"
    return re.sub(r"\bppy := null", lambda match: match[0] + told, parameters or "none")


def _of_formula(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "metric": row["metric"],
        "family": row["family"],
        "description": row["comment"],
        "unit": _said("Units?", row["notes"]),
        "formula": row["signature"],
        "source": _said("Sources?", row["notes"], "$"),
        "parameters": row["parameters"] or "none",
        "macro": f"macros/formulas/{row['macro_file']}",
        "example": row["example"] or command_of(metrics()[row["metric"]]),
        "notes": row["notes"],
    }


def _said(word: str, notes: str, end: str = r"\.(?:\s|$)") -> str:
    """What the comment of a formula says after `Unit:` or `Source:`."""
    found = re.search(rf"{word}: (.+?){end}", " ".join(notes.split()))
    return found[1].rstrip(".") if found else ""


def _stored(settings: Settings) -> list[Entry]:
    """meta.catalog of the newest build, if there is one."""
    from quant.warehouse import Warehouse

    if not settings.market_path.exists():
        return []
    with Warehouse(settings).reading() as reading:
        return list(reading.rows("select * from meta.catalog order by relation, metric"))


def _found(entries: list[Entry], words: list[str]) -> list[Entry]:
    """Entries that have every word where a word begins; only if there are none, those that have it anywhere."""
    for begin in (r"(?<![^\W_])", ""):
        patterns = [re.compile(begin + re.escape(word.lower())) for word in words]
        if found := [entry for entry in entries if all(pattern.search(_text(entry)) for pattern in patterns)]:
            return found
    return []


def _text(entry: Entry) -> str:
    names = ("metric", "family", "description", "formula", "source", "notes")
    return " ".join(str(entry.get(name, "")) for name in names).lower()


def _folded(value: object) -> str:
    return "" if value is None else str(value).strip().replace("\n", "\n             ")
