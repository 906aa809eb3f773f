"""Where a statement looks from one series at another: a shard, which holds some of them, would answer otherwise.

A series is a source and a symbol (or the underlying of a chain), or its id. A query is let through if what it puts
together, orders, cuts or joins has these among its keys as bare columns, or if it reads nothing of any series.
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from quant.lineage.names import parse
from tests.repo.formulas_called import Formulas, called, is_aggregate, putting

CLASSES = {
    "series": {"series_id", "chain_id"},
    "symbol": {"symbol", "underlying", "contract_symbol"},
    "source": {"source"},
}
CLASS_OF = {name: kind for kind, names in CLASSES.items() for name in names}
# Numbers that stand for their arguments; two series that share one would share every number of theirs as well.
IDS = {"series_id_of", "line_key_of"}
OF_SERIES = {"instruments"}  # of schema config: a shard has its own; the other tables are whole in each
WITHOUT_SERIES = {"range", "generate_series"}  # functions that stand in FROM
UNCUT = {"0", "9000000000000000000"}  # limits that keep no row, for the types; and all, so that a query stays apart
IN_FROM = exp.CTE | exp.From | exp.Join | exp.SetOperation | exp.Lateral | exp.Table | exp.Pivot


def violations(sql: str, known: Formulas) -> list[str]:
    """Each crossing as it stands; of a formula with its name in front."""
    tree = parse(sql)
    found = [*_crossings(tree), *_groups(tree, known)]
    for name, kind, body in called(tree, known, set()):
        found += [f"{name}: {each}" for each in _crossings(body)]
        found += [f"{name}: {each}" for each in _groups(body, known) if kind == "table"]
    return found


def _crossings(tree: exp.Expr) -> Iterator[str]:
    for find in (_windows, _distincts, _cuts, _joins, _unions, _pivots, _subqueries, _renamings):
        for each in find(tree):
            yield each.sql("duckdb")


def _windows(tree: exp.Expr) -> Iterator[exp.Expr]:
    return (window for window in tree.find_all(exp.Window) if not has_key(_partition(window)))


def _groups(tree: exp.Expr, known: Formulas) -> Iterator[str]:
    for select in tree.find_all(exp.Select):
        if _aggregates(select, known) and not has_key(_grouped(select, known)):
            yield select.sql("duckdb")


def _distincts(tree: exp.Expr) -> Iterator[exp.Expr]:
    for select in tree.find_all(exp.Select):
        if (distinct := select.args.get("distinct")) is not None:
            on = distinct.args.get("on")
            if not (has_key([on] if on is not None else select.expressions) or reads_no_series(select)):
                yield select


def _cuts(tree: exp.Expr) -> Iterator[exp.Expr]:
    """LIMIT, OFFSET and samples of queries; that of list(x order by y limit 3) is within its group."""
    for cut in tree.find_all(exp.Limit, exp.Fetch, exp.Offset, exp.TableSample):
        query, count = cut.parent, cut.args.get("expression")
        if isinstance(query, exp.Query | exp.Table) and not reads_no_series(query):
            if not (isinstance(cut, exp.Limit) and count is not None and count.name in UNCUT):
                yield query


def _joins(tree: exp.Expr) -> Iterator[exp.Expr]:
    for join in tree.find_all(exp.Join):
        using = {each.name.lower() for each in join.args.get("using") or []}
        names = using or _equal(join.args.get("on"))
        if not (_is_key(names) or reads_no_series(join.this) or _begins_without_series(join)):
            yield join


def _begins_without_series(join: exp.Join) -> bool:
    """Whether what stands before it in FROM has no series."""
    select = join.parent
    if not isinstance(select, exp.Select) or select.args.get("from_") is None:
        return False
    joins = select.args["joins"]
    return all(map(reads_no_series, [select.args["from_"], *(each.this for each in joins[: joins.index(join)])]))


def _unions(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Those that compare rows."""
    for union in tree.find_all(exp.SetOperation):
        if union.args.get("distinct") or not isinstance(union, exp.Union):
            if not (has_key(union.selects) or reads_no_series(union)):
                yield union


def _pivots(tree: exp.Expr) -> Iterator[exp.Expr]:
    for pivot in tree.find_all(exp.Pivot):
        group = pivot.args.get("group")
        if not pivot.args.get("unpivot") and not has_key(group.expressions if group is not None else []):
            yield pivot


def _subqueries(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Those within expressions that are not tied to the series of the row outside."""
    for query in tree.find_all(exp.Select, exp.SetOperation):
        place = query.parent
        while isinstance(place, exp.Subquery | exp.Paren):
            place = place.parent
        if place is not None and not isinstance(place, IN_FROM):
            if not (_is_key(_equal(query.args.get("where"))) or reads_no_series(query)):
                yield query


def _renamings(tree: exp.Expr) -> Iterator[exp.Expr]:
    """What bears the name of a key and is none: a group by it would be let through. Typed columns of no row may."""
    for alias in tree.find_all(exp.Alias):
        kind, select = CLASS_OF.get(alias.alias.lower()), alias.parent
        if kind is not None and isinstance(select, exp.Select) and not _is_empty(select):
            if kind not in _classes([alias.this]):
                yield alias


def _is_empty(select: exp.Select) -> bool:
    limit, where = select.args.get("limit"), select.args.get("where")
    return (limit is not None and limit.expression.name == "0") or (where is not None and where.this == exp.false())


def has_key(expressions: Iterable[exp.Expr]) -> bool:
    """Whether they keep series apart."""
    kinds = _classes(expressions)
    return "series" in kinds or {"source", "symbol"} <= kinds


def _is_key(names: Iterable[str]) -> bool:
    return has_key(exp.column(name) for name in names)


def _classes(expressions: Iterable[exp.Expr]) -> set[str]:
    """What of a series stands there bare, or as an id."""
    found: set[str] = set()
    for each in map(_bare, expressions):
        if isinstance(each, exp.Tuple):
            found |= _classes(each.expressions)
        elif isinstance(each, exp.Column) and each.name.lower() in CLASS_OF:
            found.add(CLASS_OF[each.name.lower()])
        elif isinstance(each, exp.Anonymous) and each.name.lower() in IDS and has_key(each.expressions):
            found.add("series")
    return found


def _bare(value: exp.Expr) -> exp.Expr:
    return value.unalias().unnest()


def _equal(condition: exp.Expr | None) -> set[str]:
    """Keys that are the same on both sides wherever `condition` holds."""
    if isinstance(condition, exp.Where | exp.Paren):
        return _equal(condition.this)
    if isinstance(condition, exp.And):
        return _equal(condition.this) | _equal(condition.expression)
    if not isinstance(condition, exp.EQ):
        return set()
    left, right = condition.this, condition.expression
    is_of_two = isinstance(left, exp.Column) and isinstance(right, exp.Column) and left.table != right.table
    return {left.name.lower()} if is_of_two and _classes([left]) & _classes([right]) else set()


def reads_no_series(node: exp.Expr) -> bool:
    """Whether it reads the configuration, constants, and what is made of these."""
    return all(map(_has_no_series, node.find_all(exp.Table)))


def _has_no_series(table: exp.Table) -> bool:
    if isinstance(table.this, exp.Func):
        return isinstance(table.this, exp.GenerateSeries) or table.this.name.lower() in WITHOUT_SERIES
    if table.db:
        return table.db == "config" and table.name not in OF_SERIES
    return any(reads_no_series(cte.this) for cte in _named(table))


def _named(table: exp.Table) -> list[exp.CTE]:
    """The query that a name stands for; none if it stands in that query itself."""
    place: exp.Expr | None = table
    while place is not None and not (isinstance(place, exp.CTE) and place.alias == table.name):
        found = [each for each in place.ctes if each.alias == table.name] if isinstance(place, exp.Query) else []
        if found:
            return found[:1]
        place = place.parent
    return []


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
    if is_aggregate(value) or (isinstance(value, exp.Anonymous) and value.name.lower() in putting(known)):
        return True
    return any(_puts_together(each, known) for each in value.iter_expressions())
