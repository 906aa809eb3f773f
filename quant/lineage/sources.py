"""What stands in FROM: a relation, a file, a table function, one of our table macros, UNPIVOT."""

from collections.abc import Iterable

from sqlglot import exp

from quant.formula_texts import FormulaText
from quant.lineage.expressions import projected, trace_of
from quant.lineage.names import Argument, Scope
from quant.lineage.traces import NOTHING, Output, united


def column_names(node: exp.Expr) -> list[str]:
    """a, b of `t(a, b)`."""
    alias = node.args.get("alias")
    return [each.name.lower() for each in alias.args.get("columns") or []] if isinstance(alias, exp.TableAlias) else []


def is_kept_out(item: exp.Expr) -> bool:
    """A join that only lets rows through or holds them back."""
    return isinstance(item, exp.Join) and item.kind in ("SEMI", "ANTI")


def named_source(node: exp.Expr, scope: Scope) -> tuple[str, Output]:
    """Alias and columns of one item of FROM."""
    alias = node.alias_or_name.lower()
    if isinstance(node, exp.Unnest | exp.Explode):
        trace = trace_of(node, scope)
        names = column_names(node) or [alias or "unnest"]
        return alias, Output({name: trace for name in names}, scope.rows | trace, lambda _: trace)
    if isinstance(node, exp.Lateral):
        return alias, named_source(node.this, scope)[1].renamed(column_names(node))
    if isinstance(node, exp.Table):
        return alias, unpivoted(node, _table(node, scope).renamed(column_names(node)), scope)
    if isinstance(node, exp.Values):
        return alias, listed(node)
    return alias, scope.inside().read(node)


def listed(node: exp.Values) -> Output:
    """VALUES: constants."""
    width = len(node.expressions[0].expressions) if node.expressions else 0
    return Output({f"col{place}": NOTHING for place in range(width)}).renamed(column_names(node))


def _table(node: exp.Table, scope: Scope) -> Output:
    if isinstance(node.this, exp.ReadParquet):
        return scope.known.file(node.this.expressions[0].name) or Output({}, NOTHING, lambda _: NOTHING)
    if isinstance(node.this, exp.Identifier):
        name = f"{node.db}.{node.name}" if node.db else node.name
        return scope.named(name) or Output({}, NOTHING, lambda _: NOTHING.roughly())
    return _called(node.this, scope)


def _called(call: exp.Expr, scope: Scope) -> Output:
    """A function in FROM."""
    name, given = call.name.lower(), list(call.expressions)
    if name == "query_table":
        return _relation_of(scope.argument(given[0])) or Output({}, NOTHING, lambda _: NOTHING.roughly())
    if name in scope.known.table_macros:
        return _expanded(scope.known.table_macros[name], _bound(scope.known.table_macros[name], given, scope), scope)
    trace = trace_of(call, scope)  # range(), generate_series(): numbers
    return Output({}, trace, lambda _: trace)


def _relation_of(argument: Argument) -> Output | None:
    """The relation that a text names, where the text was written."""
    value = argument.value
    return argument.scope.named(value.name) if isinstance(value, exp.Literal) and value.is_string else None


def _bound(macro: FormulaText, given: Iterable[exp.Expr], scope: Scope) -> dict[str, Argument]:
    """Each parameter with what it was given, else its default."""
    names = [each.name for each in macro.parameters]
    bound: dict[str, Argument] = {}
    for place, value in enumerate(given):
        if isinstance(value, exp.PropertyEQ):
            bound[value.name.lower()] = scope.argument(value.expression)
        else:
            bound[names[place]] = scope.argument(value)
    return {name: bound.get(name, Argument(exp.Null(), scope)) for name in names}


def _expanded(macro: FormulaText, bound: dict[str, Argument], scope: Scope) -> Output:
    """The body of a table macro with its parameters replaced; what it was asked before is remembered."""
    relations = {name: _relation_of(argument) for name, argument in bound.items()}
    key = (macro.macro, *(_identity(bound[name], relations[name]) for name in bound))
    if key not in scope.known.made:
        body = scope.known.body(macro.macro)
        inner = Scope(scope.known, {}, bound)
        output = inner.read(body) if body is not None else _named_in(macro, relations.values())
        scope.known.made[key] = output.through(macro.macro)
        scope.known.kept.append((*relations.values(), *bound.values()))  # their ids are in the key
    return scope.known.made[key]


def _identity(argument: Argument, relation: Output | None) -> object:
    if relation is not None:
        return id(relation)
    is_plain = next(argument.value.find_all(exp.Column, exp.Query), None) is None
    return argument.value.sql(dialect="duckdb") if is_plain else (argument.value.sql(dialect="duckdb"), id(argument))


def _named_in(macro: FormulaText, relations: Iterable[Output | None]) -> Output:
    """Of a body that cannot be read: every column of its relations that it names, and not exactly."""
    words = set(macro.body.replace("(", " ").replace(")", " ").replace(",", " ").split())
    given = [relation for relation in relations if relation is not None]
    found = united(trace for each in given for name, trace in each.columns.items() if name in words).roughly()
    return Output({}, united(each.rows for each in given), lambda _: found)


def unpivoted(node: exp.Expr, output: Output, scope: Scope) -> Output:
    """What UNPIVOT makes of a relation; of PIVOT, whose columns depend on the data, anything of anything."""
    for pivot in node.args.get("pivots") or []:
        output = _turned(pivot, output, scope) if pivot.args.get("unpivot") else _anything(output)
    return output


def _anything(output: Output) -> Output:
    whole = output.whole().roughly()
    return Output({}, output.rows, lambda _: whole)


def _turned(pivot: exp.Expr, output: Output, scope: Scope) -> Output:
    """The columns that are not turned, a name, and a value that comes from each that is."""
    inner = Scope(scope.known, scope.ctes, scope.parameters, (("", output),))
    turned = {
        name: trace
        for field in pivot.args["fields"]
        for place, each in enumerate(field.expressions)
        for name, trace in projected(each, inner, place)
    }
    kept = {name: trace for name, trace in output.columns.items() if name not in turned}
    names = {field.this.name.lower(): NOTHING for field in pivot.args["fields"]}
    values = {each.name.lower(): united(turned.values()) for each in pivot.expressions}
    return Output({**kept, **names, **values}, output.rows)
