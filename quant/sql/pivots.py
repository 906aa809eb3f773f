"""PIVOT as something that DuckDB can show its reading of."""

from sqlglot import exp


def without_pivots(tree: exp.Expr) -> exp.Expr:
    """A PIVOT without IN is two statements to DuckDB, which it does not show: its parts stand in for it."""
    copy = tree.copy()
    for node in [found for found in copy.find_all(exp.Pivot) if isinstance(found.this, exp.Expr)]:
        parts = [*node.expressions, *(node.args.get("using") or []), *_group(node)]
        columns = [part.unalias() if isinstance(part, exp.Alias) else part for part in parts]
        source = node.this
        select = exp.Select(expressions=[exp.Tuple(expressions=columns)]).from_(source)
        select.set("with_", node.args.get("with_"))
        if node is copy:
            return select
        node.replace(select)
    return copy


def _group(node: exp.Pivot) -> list[exp.Expr]:
    group = node.args.get("group")
    return list(group.expressions) if group is not None else []
