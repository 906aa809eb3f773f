"""What the views are made of: rows of figures, sheets of them, tables of tests, and charts that may be empty."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import data, formats, layout, links, tiles
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.risk.subject import Subject

MISSING = "It takes more daily bars: `quant ingest equities` or `quant ingest crypto`, then `quant build`."
Notes = Mapping[str, str | None]


def figures(
    subject: Subject,
    names: Sequence[str],
    values: Record,
    notes: Notes | None = None,
    interval: str = "1d",
    border: bool = True,
) -> None:
    """A row of numbers, each with what the catalogue says of it."""
    grid = st.grid(min(len(names), 6), min_column_width=150, gap="xsmall")
    for name in names:
        row = {"unit": None, **subject.catalog.get(name, {}), "metric": name, "value": values.get(name)}
        tiles.metric(grid, row, subject.asked(interval), border, (notes or {}).get(name))


def sheet(
    subject: Subject, title: str, names: Sequence[str], values: Record, digits: int = 2, interval: str = "1d"
) -> None:
    """Many numbers in little space: a line each, its name leads to its explanation."""
    lines = [f"| {title} | |", "| :-- | --: |"]
    for name in names:
        unit = subject.catalog.get(name, {}).get("unit")
        label = links.to_explanation(formats.name(name), name, subject.asked(interval))
        lines.append(f"| {label} | {written(values.get(name), unit, digits)} |")
    st.markdown("\n".join(lines))


def written(value: float | None, unit: str | None, digits: int = 2) -> str:
    if unit == "count":
        return formats.count(value)
    if unit == "probability":
        return probability(value)
    return formats.ratio(value, digits) if unit == "ratio" else formats.value(value, unit)


def probability(value: float | None) -> str:
    """A p-value: what rounds to nothing is said to be small, not 0."""
    if value is None:
        return formats.MISSING
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Cells are markdown; a head that begins with > is of numbers, which stand right."""
    aligned = ["--:" if head.startswith(">") else ":--" for head in heads]
    rows = [[head.removeprefix(">") for head in heads], aligned, *lines]
    st.markdown("\n".join("| " + " | ".join(cells) + " |" for cells in rows))


def tests(subject: Subject, asked: Sequence[tuple[str, str, str, str]], values: Record, interval: str = "1d") -> None:
    """A line per test: (name, statistic, its p-value or "", what a small p-value says)."""
    lines = []
    for name, statistic, pvalue, meaning in asked:
        label = links.to_explanation(name, statistic, subject.asked(interval))
        chance = links.to_explanation(probability(values[pvalue]), pvalue, subject.asked(interval)) if pvalue else ""
        lines.append([label, formats.ratio(values[statistic]), chance, meaning])
    table(["Test", ">Statistic", ">p\u00a0value", "Below 0.05 it says that"], lines)


def drawn(key: str, title: str, rows: pa.Table, draw: Callable[[pa.Table], Any], about: str) -> None:
    """A chart of the rows, or what is missing."""
    if rows.num_rows:
        figure(key, title, draw(rows), rows, about)
        return
    st.subheader(title, anchor=False)
    layout.empty("Nothing to show yet", MISSING)


def explained(subject: Subject, names: Sequence[str], text: str = "", interval: str = "1d") -> None:
    """Below a chart: what it shows, and the way to what each of its numbers is."""
    ways = (links.to_explanation(formats.name(name), name, subject.asked(interval)) for name in names)
    st.caption(f"{text} Explained: {' · '.join(ways)}".strip())


def newest(subject: Subject) -> Record:
    """The trailing figures of the newest day."""
    return data.row("newest", source=subject.source, symbol=subject.symbol, interval="1d") or {}


def provenance(subject: Subject, *relations: str) -> None:
    layout.provenance(", ".join(f"`serving.{name}`" for name in relations), subject.source, subject.risk["as_of"])
