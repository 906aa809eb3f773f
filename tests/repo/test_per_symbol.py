"""A model tagged per_symbol never looks from one symbol at another: no window and no group of its SQL, with every
formula written out, spans series. Else a shard, which holds some of the symbols, would give other numbers.
"""

from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from sqlglot import exp

from quant.formula_texts import FormulaText, formula_texts
from quant.lineage.names import parse
from tests.repo.conftest import Sharded

KEYS = {"series_id", "symbol", "underlying", "contract_symbol", "chain_id"}
# What may look across, and why the answer of a shard is the same.
HARMLESS = {
    "earlier": "a lag over bars.ordered_returns as it lies, which the models cut off where a series begins",
    "newest_so_far": "the same, of the newest marked row",
    "filtered": "a recursion over the same rows, whose decay is 0 where a series begins",
    "is_newest_of_series": "whether the next row is of another series",
    "rates_at": "a rate for a number of days, whatever the symbol",
    "fates_of_ids": "blocks of the ledger of gaps, which each shard reads whole",
}
HARMLESS_HERE = {
    (
        "bars.ordered_returns",
        "ROW_NUMBER() OVER ()",
    ): "where a row lies, from which row_index counts",
    ("bars.crypto_bars", "SELECT MIN(date) - 1"): "the first day that is read, a bound that no bar depends on",
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


def violations(sql: str, known: Formulas) -> list[str]:
    """Each window and each group that spans series, as it stands; of a formula with its name in front."""
    tree = parse(sql)
    found = [*_windows(tree), *_groups(tree, known)]
    for name, kind, body in _called(tree, known, set()):
        found += [f"{name}: {each}" for each in _windows(body)]
        found += [f"{name}: {each}" for each in _groups(body, known) if kind == "table"]
    return found


def _windows(tree: exp.Expr) -> Iterator[str]:
    for window in tree.find_all(exp.Window):
        if not _has_key(_partition(window)):
            yield window.sql("duckdb")


def _groups(tree: exp.Expr, known: Formulas) -> Iterator[str]:
    for select in tree.find_all(exp.Select):
        if _aggregates(select, known) and not _has_key(_grouped(select, known)):
            yield select.sql("duckdb")


def _partition(window: exp.Window) -> list[exp.Expr]:
    """Of a window that is named, the named one's."""
    if (name := window.args.get("alias")) is not None:
        select = window.find_ancestor(exp.Select)
        named = [each for each in (select.args.get("windows") or [] if select else []) if each.name == window.alias]
        return [key for each in named for key in each.args.get("partition_by") or []] or [name]
    return list(window.args.get("partition_by") or [])


def _grouped(select: exp.Select, known: Formulas) -> list[exp.Expr]:
    group = select.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return [each for each in select.expressions if not _puts_together(each, known)]
    return list(group.expressions)


def _aggregates(select: exp.Select, known: Formulas) -> bool:
    """Whether rows are put together: by GROUP BY, or by an aggregate outside of windows and of queries inside."""
    if select.args.get("group") is not None:
        return True
    return any(_puts_together(item, known) for item in select.expressions)


def _puts_together(value: exp.Expr, known: Formulas) -> bool:
    """An aggregate, or a formula that is one, that is neither over a window nor of a query inside."""
    if isinstance(value, exp.Window | exp.Query):
        return False
    if isinstance(value, exp.AggFunc) or (isinstance(value, exp.Anonymous) and value.name.lower() in _putting(known)):
        return True
    return any(_puts_together(each, known) for each in value.iter_expressions())


@cache
def _putting(known: Formulas) -> frozenset[str]:
    """Names of formulas of columns that put rows together, by themselves or by what they call."""
    bodies = {name: [parse(f"select {each.body}") for each in forms] for name, forms in scalars(known).items()}
    found = {name for name, each in bodies.items() if any(map(_has_aggregate, each))}
    while more := {
        name for name, each in bodies.items() if name not in found and any(_calls(body, found) for body in each)
    }:
        found |= more
    return frozenset(found)


def _has_aggregate(body: exp.Expr) -> bool:
    return any(not each.find_ancestor(exp.Window) for each in body.find_all(exp.AggFunc))


def _calls(body: exp.Expr, names: set[str]) -> bool:
    return any(
        each.name.lower() in names and not each.find_ancestor(exp.Window) for each in body.find_all(exp.Anonymous)
    )


def scalars(known: Formulas) -> dict[str, list[FormulaText]]:
    found = {name: [each for each in forms if each.kind == "scalar"] for name, forms in known.items()}
    return {name: forms for name, forms in found.items() if forms}


def _has_key(expressions: list[exp.Expr]) -> bool:
    return any(column.name.lower() in KEYS for each in expressions for column in each.find_all(exp.Column))


def _called(tree: exp.Expr, known: Formulas, seen: set[str]) -> Iterator[tuple[str, str, exp.Expr]]:
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
        for inner, kind, deeper in _called(body, known, seen):
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


def test_every_model_of_series_says_whether_a_shard_can_make_it(sharded: Sharded) -> None:
    """By its folder; one that looks across carries `cross_section` as well, which wins."""
    schemas = {"bars", "metrics", "pairs", "portfolio", "options", "signals"}
    silent = {name for name, tags in sharded.tags.items() if not {"per_symbol", "cross_section"} & tags}
    assert {name for name in silent if name.partition(".")[0] in schemas} == set()


def test_what_a_shard_makes_reads_nothing_that_looks_across(sharded: Sharded) -> None:
    across = {name for name, tags in sharded.tags.items() if "cross_section" in tags}
    assert len(across) > 20
    assert {model.relation for model in sharded.needed} & across == set()


def test_no_window_and_no_group_of_a_shard_spans_series(sharded: Sharded) -> None:
    found = [(model.relation, each) for model in sharded.needed for each in violations(model.select, formulas())]
    assert len(sharded.needed) > 60
    assert [
        each for each in found if not any(each[0] == name and each[1].startswith(sql) for name, sql in HARMLESS_HERE)
    ] == []
    assert {name for name, _ in found} == {name for name, _ in HARMLESS_HERE}  # none is allowed for nothing


@pytest.mark.parametrize(
    "sql",
    [
        "select avg(close) over (order by ts) as mean from bars.bars",
        "select ts, avg(close) as mean from bars.bars group by ts",
        "select max(ts) as newest from bars.bars",
        "select cagr(simple_return, periods_per_year) as cagr from bars.returns",
        "select interval, sharpe(excess_return, periods_per_year) as sharpe from bars.returns group by all",
        "select roll_avg(close, 20, interval, ts) as mean from bars.bars",
        "select ts, sum(volume) over day as volume from bars.bars window day as (partition by session_date)",
    ],
)
def test_what_spans_series_is_found(sql: str) -> None:
    assert len(violations(sql, formulas())) >= 1


@pytest.mark.parametrize(
    "sql",
    [
        "select roll_avg(close, 20, series_id, ts) as mean from bars.bars",
        "select symbol, cagr(simple_return, periods_per_year) as cagr from bars.returns group by all",
        "select sum(volume) over day as volume from bars.bars window day as (partition by symbol, session_date)",
        "from newest_sessions('received')",
    ],
)
def test_what_stays_in_its_series_is_let_through(sql: str) -> None:
    assert violations(sql, formulas()) == []
