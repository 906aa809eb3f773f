"""The formulas that a statement calls, each written out with what it is given; and those that put rows together."""

from collections.abc import Iterator, Mapping
from functools import cache

import duckdb
from sqlglot import exp

from quant.formula_texts import FormulaText, formula_texts
from quant.lineage.names import parse

# What may look across, and why the answer of a shard is the same.
HARMLESS = {
    "earlier": "a lag over bars.ordered_returns as it lies, which the models cut off where a series begins",
    "newest_so_far": "the same, of the newest marked row",
    "filtered": "a recursion over the same rows, whose decay is 0 where a series begins",
    "is_newest_of_series": "whether the next row is of another series",
    "rates_at": "a rate for a number of days, whatever the symbol",
    "fates_of_ids": "blocks of the ledger of gaps, which each shard reads whole",
}


class Formulas(dict[str, tuple[FormulaText, ...]]):
    """Every formula by its name; hashable by being the one there is."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


@cache
def formulas() -> Formulas:
    found: dict[str, tuple[FormulaText, ...]] = {}
    for text in formula_texts():
        found[text.macro] = (*found.get(text.macro, ()), text)
    return Formulas(found)


@cache
def aggregates() -> frozenset[str]:
    """DuckDB's own, many of which sqlglot takes for any function."""
    query = "select distinct function_name from duckdb_functions() where function_type = 'aggregate'"
    with duckdb.connect() as connection:
        return frozenset(name for (name,) in connection.execute(query).fetchall())


def is_aggregate(value: exp.Expr) -> bool:
    return isinstance(value, exp.AggFunc) or (isinstance(value, exp.Anonymous) and value.name.lower() in aggregates())


@cache
def putting(known: Formulas) -> frozenset[str]:
    """Names of formulas of columns that put rows together, by themselves or by what they call."""
    bodies = {name: [parse(f"select {each.body}") for each in forms] for name, forms in scalars(known).items()}
    found = {name for name, each in bodies.items() if any(map(_has_aggregate, each))}
    while more := {
        name for name, each in bodies.items() if name not in found and any(_calls(body, found) for body in each)
    }:
        found |= more
    return frozenset(found)


def _has_aggregate(body: exp.Expr) -> bool:
    return any(is_aggregate(each) and not each.find_ancestor(exp.Window) for each in body.find_all(exp.Func))


def _calls(body: exp.Expr, names: set[str]) -> bool:
    return any(
        each.name.lower() in names and not each.find_ancestor(exp.Window) for each in body.find_all(exp.Anonymous)
    )


def scalars(known: Formulas) -> dict[str, list[FormulaText]]:
    found = {name: [each for each in forms if each.kind == "scalar"] for name, forms in known.items()}
    return {name: forms for name, forms in found.items() if forms}


def called(tree: exp.Expr, known: Formulas, seen: set[str]) -> Iterator[tuple[str, str, exp.Expr]]:
    """Name, kind and body of every formula that is called, with what it is given in place of its parameters; and so on
    down. A call that was `seen` is not followed again.
    """
    for call in tree.find_all(exp.Anonymous):
        name, said = call.name.lower(), call.sql("duckdb")
        text = _form(call, known.get(name, ()))
        if text is None or name in HARMLESS or said in seen:
            continue
        seen.add(said)
        given = {parameter.name: value for parameter, value in zip(text.parameters, call.expressions, strict=False)}
        body = _body(text).copy().transform(lambda node, given=given: _put_in(node, given), copy=False)
        yield name, text.kind, body
        for inner, kind, deeper in called(body, known, seen):
            yield f"{name} > {inner}", kind, deeper


@cache
def _body(text: FormulaText) -> exp.Expr:
    return parse(text.body if text.kind == "table" else f"select {text.body}")


def _form(call: exp.Expr, forms: tuple[FormulaText, ...]) -> FormulaText | None:
    """A macro of columns and one of a table may share a name, and each may have several forms."""
    kind = "table" if isinstance(call.parent, exp.Table) else "scalar"
    fitting = [each for each in forms if each.kind == kind and len(each.parameters) >= len(call.expressions)]
    return min(fitting, key=lambda each: len(each.parameters), default=None)


def _put_in(node: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Column) and not node.table and node.name in given:
        return given[node.name].copy()
    return node
