"""The steps of every column of a build to the columns that it is made of, and where all steps end."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import yaml
from sqlglot.errors import SqlglotError

from quant.formula_texts import formula_texts
from quant.lineage.names import Known, Scope, parse
from quant.lineage.queries import output_of
from quant.lineage.traces import ROWS, Column, Output, Trace, base, dataset
from quant.settings import PROJECT_PATH

Columns = Mapping[str, Sequence[str]]  # relation -> its columns
LOCATION = re.compile(r"read_parquet\('\{\{ var\('parquet_path'\) \}\}([^']*)'")


@dataclass(frozen=True)
class Edge:
    """One row of meta.lineage."""

    relation: str
    column_name: str
    kind: str  # step: to a relation that it reads; origin: to a raw dataset or the configuration, over all steps
    parent_relation: str
    parent_column: str
    dataset: str | None  # trades, klines, equities, options, ledger or config; NULL for a step to another relation
    depth: int
    macros: str
    is_exact: bool


def edges(models: Mapping[str, str], columns: Columns, functions: Iterable[str]) -> list[Edge]:
    """Of the SQL of each model by its relation: all steps, then all origins."""
    known = _known(columns, functions)
    traces = {
        (relation, name): trace
        for relation, sql in models.items()
        for name, trace in _traces(sql, columns.get(relation, ()), known).items()
    }
    steps = [edge for column, trace in traces.items() for edge in _steps(column, trace)]
    return [*steps, *chain.from_iterable(_origins(column, traces) for column in traces)]


def _known(columns: Columns, functions: Iterable[str]) -> Known:
    stored = {relation: base(relation, names) for relation, names in columns.items()}
    files = raw_datasets()
    texts = formula_texts()
    tables = {each.macro: each for each in texts if each.kind == "table"}
    names = {each.macro for each in texts if each.kind == "scalar"} | set(functions)
    return Known(stored.get, lambda path: _file(path, files), tables, frozenset(names), output_of)


def _file(path: str, files: Mapping[str, str]) -> Output | None:
    return next((dataset(relation) for ending, relation in files.items() if path.endswith(ending)), None)


def raw_datasets() -> dict[str, str]:
    """How the path of a dataset's files ends -> its name, raw.trades_tail, by models/sources.yml."""
    sources = yaml.safe_load((PROJECT_PATH / "models" / "sources.yml").read_text())["sources"]
    raw = next(each for each in sources if each["name"] == "raw")
    located = ((table["name"], LOCATION.match(table["config"]["meta"]["external_location"])) for table in raw["tables"])
    return {match[1]: f"raw.{name}" for name, match in located if match}


@cache
def _dataset(relation: str) -> str | None:
    """By the folder of its files: raw.trades_tail is of `trades`."""
    folders = {name: path.split("/")[1] for path, name in raw_datasets().items()}
    return "config" if relation.startswith("config.") else folders.get(relation)


def _traces(sql: str, names: Sequence[str], known: Known) -> dict[str, Trace]:
    """A trace for each column that the database says the relation has; a missing one may come from anything."""
    try:
        output = output_of(parse(sql), Scope(known))
    except (SqlglotError, RecursionError):
        return {}
    in_order = list(output.columns.values()) if len(output.columns) == len(names) else []
    whole = output.whole().roughly()
    found = {name: output.get(name) for name in names}
    return {
        **{
            name: trace or (in_order[place] if in_order else whole) for place, (name, trace) in enumerate(found.items())
        },
        ROWS: output.rows,
    }


def _steps(column: Column, trace: Trace) -> Iterable[Edge]:
    macros = ", ".join(sorted(trace.macros))
    parents = sorted(trace.columns)
    return (Edge(*column, "step", *each, _dataset(each[0]), 1, macros, trace.is_exact) for each in parents)


def _origins(column: Column, traces: Mapping[Column, Trace]) -> Iterable[Edge]:
    """Every end of the steps from a column, with the fewest steps to it; exact if each of those is."""
    reached: dict[Column, tuple[int, bool]] = {column: (0, True)}
    waiting = [column]
    for each in waiting:
        depth, is_exact = reached[each]
        if (trace := traces.get(each)) is not None:
            for parent in sorted(trace.columns):
                if parent not in reached:
                    reached[parent] = (depth + 1, is_exact and trace.is_exact)
                    waiting.append(parent)
    ends = ((end, *how) for end, how in reached.items() if end not in traces and end != column)
    return (Edge(*column, "origin", *end, _dataset(end[0]), depth, "", sure) for end, depth, sure in sorted(ends))
