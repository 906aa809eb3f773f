"""What a query gives, column by column: through CTEs, unions, joins and our table macros."""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from quant.lineage.expressions import open_star, projected, trace_of
from quant.lineage.names import Scope
from quant.lineage.sources import column_names, is_kept_out, named_source, unpivoted
from quant.lineage.traces import Output, Trace, stacked

ROUNDS = 3  # in which what a recursion adds to its own columns is found


def output_of(query: exp.Expr, scope: Scope) -> Output:
    """What a query gives; what is no query is read as something in FROM."""
    scope = _with_ctes(query, scope)
    if isinstance(query, exp.Subquery):
        return unpivoted(query, output_of(query.this, scope).renamed(column_names(query)), scope)
    if isinstance(query, exp.SetOperation):
        above, below = output_of(query.this, scope.inside()), output_of(query.expression, scope.inside())
        if isinstance(query, exp.Except | exp.Intersect):
            return above
        return stacked(above, below, by_name=bool(query.args.get("by_name")))
    if isinstance(query, exp.Select):
        return _selected(query, scope)
    return named_source(query, scope)[1] if isinstance(query, exp.Values | exp.Table) else _value(query, scope)


def _value(query: exp.Expr, scope: Scope) -> Output:
    trace = trace_of(query, scope)
    return Output({"value": trace}, trace, lambda _: trace)


def _with_ctes(query: exp.Expr, scope: Scope) -> Scope:
    """The scope with the query's own WITH, one CTE after the other."""
    clause = query.args.get("with_")
    if clause is None:
        return scope
    inner = replace(scope, ctes=dict(scope.ctes))
    for cte in clause.expressions:
        name, names = cte.alias.lower(), column_names(cte)
        if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
            inner.ctes[name] = output_of(cte.this.this, inner.inside()).renamed(names)
            for _ in range(ROUNDS):
                inner.ctes[name] = output_of(cte.this, inner.inside()).renamed(names)
        else:
            inner.ctes[name] = output_of(cte.this, inner.inside()).renamed(names)
    return inner


def _selected(query: exp.Select, scope: Scope) -> Output:
    here = replace(scope, sources=(), aliases={})
    for item in _items(query):
        source = named_source(item.this if isinstance(item, exp.Join) else item, here)
        if not is_kept_out(item):
            here = replace(here, sources=(*here.sources, source))
    columns: dict[str, Trace] = {}
    others = None
    for place, projection in enumerate(query.expressions):
        for name, trace in projected(projection, here, place):
            columns.setdefault(name, trace)
            here.aliases.setdefault(name, trace)
        others = others or open_star(projection, here)
    return Output(columns, here.rows, others)


def _items(query: exp.Select) -> Iterator[exp.Expr]:
    """Everything in FROM, in order; sqlglot hangs the joins of a FROM without SELECT on its first item."""
    clause = query.args.get("from_")
    if clause is not None:
        yield clause.this
        yield from clause.this.args.get("joins") or []
    yield from query.args.get("joins") or []
