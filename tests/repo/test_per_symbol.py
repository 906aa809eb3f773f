"""A model tagged per_symbol never looks from one symbol at another: no window and no group of its SQL, with every
formula written out, spans series. Else a shard, which holds some of the symbols, would give other numbers.
"""

from collections.abc import Iterator, Mapping

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
    "rates_at": "a rate for a number of days, whatever the symbol",
}


def macros() -> dict[str, list[FormulaText]]:
    found: dict[str, list[FormulaText]] = {}
    for text in formula_texts():
        found.setdefault(text.macro, []).append(text)
    return found


def violations(sql: str, known: Mapping[str, list[FormulaText]]) -> list[str]:
    """Each window and each group that spans series, as it stands; of a formula with its name in front."""
    tree = parse(sql)
    return [*_of_query(tree), *(f"{name}: {each}" for name, body in _called(tree, known) for each in _of_query(body))]


def _of_query(tree: exp.Expr) -> Iterator[str]:
    for window in tree.find_all(exp.Window):
        if not _has_key(_partition(window)):
            yield window.sql("duckdb")
    for select in tree.find_all(exp.Select):
        if _aggregates(select) and not _has_key(_grouped(select)):
            yield select.sql("duckdb")


def _partition(window: exp.Window) -> list[exp.Expr]:
    """Of a window that is named, the named one's."""
    if (name := window.args.get("alias")) is not None:
        select = window.find_ancestor(exp.Select)
        named = [each for each in (select.args.get("windows") or [] if select else []) if each.name == window.alias]
        return [key for each in named for key in each.args.get("partition_by") or []] or [name]
    return list(window.args.get("partition_by") or [])


def _grouped(select: exp.Select) -> list[exp.Expr]:
    group = select.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return [each for each in select.expressions if not list(each.find_all(exp.AggFunc))]
    return list(group.expressions)


def _aggregates(select: exp.Select) -> bool:
    """Whether rows are put together: an aggregate outside of a window and of a query inside."""
    if select.args.get("group") is not None:
        return True
    return any(
        each.find_ancestor(exp.Select) is select and each.find_ancestor(exp.Window) is None
        for item in select.expressions
        for each in item.find_all(exp.AggFunc)
    )


def _has_key(expressions: list[exp.Expr]) -> bool:
    return any(column.name.lower() in KEYS for each in expressions for column in each.find_all(exp.Column))


def _called(tree: exp.Expr, known: Mapping[str, list[FormulaText]]) -> Iterator[tuple[str, exp.Expr]]:
    """The body of every formula that is called, with what it is given in the place of its parameters, and so on down."""
    for call in tree.find_all(exp.Anonymous):
        name = call.name.lower()
        if name in HARMLESS or name not in known:
            continue
        text = next((each for each in known[name] if len(each.parameters) >= len(call.expressions)), known[name][-1])
        given = {parameter.name: value for parameter, value in zip(text.parameters, call.expressions, strict=False)}
        body = parse(text.body if text.kind == "table" else f"select {text.body}")
        body = body.transform(lambda node, given=given: _put_in(node, given))
        yield name, body
        yield from ((f"{name} > {inner}", deeper) for inner, deeper in _called(body, known))


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
    known = macros()
    found = {model.relation: violations(model.select, known) for model in sharded.needed}
    assert len(found) > 60
    assert {name: spans for name, spans in found.items() if spans} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "select avg(close) over (order by ts) as mean from bars.bars",
        "select ts, avg(close) as mean from bars.bars group by ts",
        "select max(ts) as newest from bars.bars",
        "select roll_avg(close, 20, interval, ts) as mean from bars.bars",
        "select ts, sum(volume) over day as volume from bars.bars window day as (partition by session_date)",
    ],
)
def test_what_spans_series_is_found(sql: str) -> None:
    assert len(violations(sql, macros())) >= 1


def test_what_stays_in_its_series_is_let_through() -> None:
    sql = "select roll_avg(close, 20, series_id, ts) as mean from bars.bars"
    assert violations(sql, macros()) == []
