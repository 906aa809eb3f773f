"""What an expression is made of, and which columns an item of SELECT gives."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from quant.lineage.names import Scope
from quant.lineage.traces import NOTHING, Trace, united


def trace_of(value: exp.Expr, scope: Scope) -> Trace:
    """All columns that stand in an expression, wherever; of one that counts rows, the rows."""
    found, macros, counts = NOTHING, [], False
    for node in _visible(value):
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            found |= _of_table(node.table, scope)
        elif isinstance(node, exp.Column):
            found |= _column(node, scope)
        elif isinstance(node, exp.Query):
            output = scope.inside().read(node)
            found |= united(output.columns.values()) or output.rows
        elif isinstance(node, exp.Star | exp.AggFunc | exp.Window):
            counts = True
        elif isinstance(node, exp.Anonymous) and node.name.lower() in scope.known.functions:
            macros.append(node.name.lower())
    found = found | scope.rows if counts and not found.columns else found
    return found.through(macros)


def _visible(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression from outside in; queries and columns are not entered."""
    yield node
    if not isinstance(node, exp.Query | exp.Column):
        for child in node.iter_expressions():
            yield from _visible(child)


def _column(node: exp.Column, scope: Scope) -> Trace:
    """A column by its name; what nothing here is called may be any column of FROM."""
    names = [part.name.lower() for part in node.parts]
    if _is_bound_by_lambda(node, names[0]):
        return NOTHING
    within: Scope | None = scope
    while within is not None:
        if (found := _found(names, within)) is not None:
            return found
        within = within.outer
    return scope.everything


def _found(names: list[str], scope: Scope) -> Trace | None:
    """A column, a parameter, an earlier item of SELECT, a row as a whole or a field of a struct, in this order."""
    first = names[0]
    if len(names) > 1 and (output := dict(scope.sources).get(first)) is not None:
        if (found := output.get(names[1])) is not None:
            return found
    if (bound := scope.parameters.get(first)) is not None:
        # What a macro is given may name a column that only its own FROM has: weights := held_weights.
        return trace_of(bound.value, replace(scope, parameters=bound.scope.parameters, ctes=bound.scope.ctes))
    for _, output in scope.sources:
        if first in output.columns:
            return output.columns[first]
    if first in scope.aliases:
        return scope.aliases[first]
    for alias, output in scope.sources:
        if alias == first:
            return output.whole()
        if output.others is not None:
            return output.others(first)
    return None


def _is_bound_by_lambda(node: exp.Expr, name: str) -> bool:
    around = node.find_ancestor(exp.Lambda)
    while around is not None:
        if name in (each.name.lower() for each in around.expressions):
            return True
        around = around.find_ancestor(exp.Lambda)
    return False


def _of_table(alias: str, scope: Scope) -> Trace:
    output = dict(scope.sources).get(alias.lower())
    return output.whole() if output is not None else scope.everything


def projected(node: exp.Expr, scope: Scope, place: int) -> Iterator[tuple[str, Trace]]:
    """The columns of one item of SELECT: one, or as many as its star or COLUMNS(...) stands for."""
    bare = node.this if isinstance(node, exp.Alias) else node
    if isinstance(bare, exp.Star) or (isinstance(bare, exp.Column) and isinstance(bare.this, exp.Star)):
        yield from _starred(bare, scope).items()
    elif (stars := next(bare.find_all(exp.Columns), None)) is not None:
        yield from _computed_columns(node, stars, scope)
    elif isinstance(bare, exp.Explode) and len(bare.expressions) > 0:
        others = trace_of(bare, scope)
        yield f"unnest{place}", others
    else:
        yield node.alias_or_name.lower() or f"column{place}", trace_of(bare, scope)


def _starred(star: exp.Expr, scope: Scope) -> dict[str, Trace]:
    """`*`, `t.*`, with EXCLUDE and REPLACE; of columns that two sources share the first."""
    table = star.table.lower() if isinstance(star, exp.Column) else ""
    options = star.this if isinstance(star, exp.Column) else star
    left_out = {each.name.lower() for each in options.args.get("except_") or []}
    replaced = {each.alias.lower(): trace_of(each.this, scope) for each in options.args.get("replace") or []}
    found: dict[str, Trace] = {}
    for alias, output in scope.sources:
        if table in ("", alias):
            for name, trace in output.columns.items():
                if name not in left_out:
                    found.setdefault(name, replaced.get(name, trace))
    return {**found, **{name: trace for name, trace in replaced.items() if name not in found}}


def open_star(node: exp.Expr, scope: Scope) -> Callable[[str], Trace] | None:
    """What an item of SELECT leaves open: columns that nobody listed, of a source or of an unnested struct."""
    if isinstance(node, exp.Explode) and node.expressions:
        trace = trace_of(node, scope)
        return lambda _: trace
    is_star = isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))
    table = node.table.lower() if isinstance(node, exp.Column) else ""
    found = (output.others for alias, output in scope.sources if output.others and table in ("", alias))
    return next(found, None) if is_star else None


def _computed_columns(node: exp.Expr, stars: exp.Columns, scope: Scope) -> Iterator[tuple[str, Trace]]:
    """COLUMNS(...): the expression around it, for each column that it matches."""
    pattern, alias = stars.this, node.alias if isinstance(node, exp.Alias) else ""
    around = trace_of(_without_columns(node, stars), scope)
    columns = _starred(pattern if isinstance(pattern, exp.Star) else exp.Star(), scope)
    for name, trace in columns.items():
        match = re.search(pattern.name, name) if isinstance(pattern, exp.Literal) else re.match(".*", name)
        if match is not None and _is_kept(pattern, name):
            yield (match.expand(alias.replace("\\0", "\\g<0>")) if alias else name).lower(), trace | around


def _without_columns(node: exp.Expr, stars: exp.Columns) -> exp.Expr:
    """The expression with NULL where COLUMNS(...) stood."""
    copy = node.copy()
    for each in list(copy.find_all(exp.Columns)):
        if each is copy:
            return exp.Null()
        each.replace(exp.Null())
    return copy


def _is_kept(pattern: exp.Expr, name: str) -> bool:
    """`lambda name: not starts_with(name, 'state_')` is the one condition on names that the formulas use."""
    if not isinstance(pattern, exp.Lambda):
        return True
    prefix = next((each.name for each in pattern.find_all(exp.Literal)), "")
    return name.startswith(prefix) is not isinstance(pattern.this, exp.Not)
