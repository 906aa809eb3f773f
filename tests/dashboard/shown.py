"""What a page shows, read from what is sent to the browser: numbers, tables, charts and their specifications."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.testing.v1 import AppTest

from tests.dashboard.visits import Answer

Spec = dict[str, Any]
PER_ROW = {"point", "circle", "square", "rect", "bar", "tick", "rule", "text"}
CONCATENATIONS = ("vconcat", "hconcat", "concat")
LINK = re.compile(r"\]\((/catalogue\?[^)]*)\)")
NUMBER = re.compile(r"([+-]?)([\d,]*\.?\d+(?:e[+-]?\d+)?)\s*(%|pts|k|M|B|bn|T)?(?: [a-zA-Z/ ]+)?")
SCALES = {"%": 0.01, "pts": 0.01, "k": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}


@dataclass(frozen=True)
class Unit:
    """One kind of mark, with the encodings, rows and transforms that it inherits."""

    mark: str
    encoding: dict[str, Any]
    rows: str
    transforms: tuple[Spec, ...]

    @property
    def is_filtered(self) -> bool:
        return any("filter" in step for step in self.transforms)

    @property
    def made(self) -> set[str]:
        """Fields that the browser works out."""
        named = [step.get("as") for step in self.transforms]
        return {name for each in named if each for name in (each if isinstance(each, list) else [each])}


@dataclass(frozen=True)
class Chart:
    """A chart as it is sent: its specification, and its rows by the name that the specification gives them."""

    spec: Spec
    text: str
    alt: str
    datasets: dict[str, pa.Table]

    def units(self) -> list[Unit]:
        return [unit for pane in self.panes() for unit in pane]

    def panes(self) -> list[list[Unit]]:
        """The units of each plot of a stack of plots."""
        return list(_panes(self.spec, {}, "", ()))

    def marks(self) -> int:
        """At most so many are drawn: layers that pick rows pick each row once."""
        plain = [unit.rows for unit in self.units() if _is_counted(unit, picked=False)]
        picked = {unit.rows for unit in self.units() if _is_counted(unit, picked=True)}
        return sum(int(self.datasets[name].num_rows) for name in [*plain, *picked])

    def nameless(self) -> str:
        """The specification without the names of its rows, which are all that a refresh may change."""
        text = self.text
        for place, name in enumerate(self.datasets):
            text = text.replace(name, f"rows {place}")
        return text


def _is_counted(unit: Unit, picked: bool) -> bool:
    return unit.mark in PER_ROW and unit.is_filtered is picked


def _panes(spec: Spec, encoding: Spec, rows: str, transforms: tuple[Spec, ...]) -> Iterator[list[Unit]]:
    rows = spec.get("data", {}).get("name", rows)
    transforms = (*transforms, *spec.get("transform", []))
    stacked = [pane for way in CONCATENATIONS for pane in spec.get(way, [])]
    for pane in stacked:
        yield from _panes(pane, {}, rows, transforms)
    if not stacked:
        yield list(_units(spec, encoding, rows, transforms))


def _units(spec: Spec, encoding: Spec, rows: str, transforms: tuple[Spec, ...]) -> Iterator[Unit]:
    encoding = encoding | spec.get("encoding", {})
    for layer in spec.get("layer", []):
        inner = (*transforms, *layer.get("transform", []))
        yield from _units(layer, encoding, layer.get("data", {}).get("name", rows), inner)
    if "mark" in spec:
        mark = spec["mark"]
        yield Unit(mark if isinstance(mark, str) else mark["type"], encoding, rows, transforms)


def read(data: bytes) -> pa.Table:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def charts(page: AppTest) -> list[Chart]:
    found = []
    for element in page.get("vega_lite_chart"):
        proto = element.proto
        datasets = {each.name: read(each.data.data) for each in proto.datasets}
        spec = json.loads(proto.spec)
        if proto.data.data:
            datasets[spec.get("data", {}).get("name", "")] = read(proto.data.data)
        found.append(Chart(spec, proto.spec, proto.alt, datasets))
    return found


def tables(page: Any) -> list[pa.Table]:
    return [read(element.proto.arrow_data.data) for element in page.dataframe if element.proto.arrow_data.data]


def key_of(element: Any) -> str | None:
    """The key that the page gave a widget; it stands at the end of its id."""
    return user_key_from_element_id(element.proto.id)


def links(page: AppTest) -> list[str]:
    """Addresses of explanations, wherever they stand: labels, texts and cells."""
    said = [str(element.value) for element in [*page.markdown, *page.caption]]
    said += [tile.label for tile in page.metric]
    found = [link for text in said for link in LINK.findall(text)]
    return found + [text for table in tables(page) for text in strings(table) if text.startswith("/catalogue?")]


def asked(link: str) -> dict[str, str]:
    """What stands behind the ? of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def numbers(table: pa.Table) -> set[float]:
    """Every number of the table; lists are opened, what is missing is left out. NaN is a number here."""
    return {float(cell) for cell in _cells(table) if isinstance(cell, int | float) and not isinstance(cell, bool)}


def strings(table: pa.Table) -> set[str]:
    return {cell for cell in _cells(table) if isinstance(cell, str)}


def _cells(table: pa.Table) -> Iterator[Any]:
    for column in table.columns:
        for cell in column.to_pylist():
            yield from cell if isinstance(cell, list) else [cell]


def known(answers: tuple[Answer, ...]) -> set[float]:
    """And zero, where a line may always be."""
    return {0.0} | {number for answer in answers for number in numbers(answer.rows)}


def values_of(metric: str, answers: tuple[Answer, ...]) -> set[float]:
    """What the warehouse says of a metric: in a column of its name, or as `value` of rows that name it."""
    found: set[float] = set()
    for answer in answers:
        names = answer.rows.column_names
        if metric in names:
            found |= numbers(answer.rows.select([metric]))
        if {"metric", "value"} <= set(names):
            rows = answer.rows.select(["metric", "value"]).to_pylist()
            found |= {float(row["value"]) for row in rows if row["metric"] == metric and row["value"] is not None}
    return found


def rounds_to(text: str, candidates: set[float]) -> bool:
    """Whether one of the candidates is what the text says, to its last digit."""
    match = NUMBER.fullmatch(text.strip())
    if match is None:
        return False
    sign, digits, scale = match.group(1), match.group(2).replace(",", ""), SCALES.get(match.group(3) or "", 1.0)
    number = float(sign + digits)
    mantissa, _, exponent = digits.partition("e")
    half = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return any(abs(each / scale - number) <= half * (1 + 1e-6) for each in candidates if math.isfinite(each))
