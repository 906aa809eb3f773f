"""The first wall of `POST /sql`: what sqlglot reads must be one select over public relations, by known functions.

What is not known to be harmless is refused. DuckDB never sees the caller's text, only what is rendered from the tree
that was checked here.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, UnsupportedError

from quant.sql.dialect import ENGINE, rendered
from quant.sql.nodes import ALIASES, NODES, REFUSED_ARGS, REMEDIES, TYPES, UNITS
from quant.sql.pivots import without_pivots
from quant.sql.public_names import PublicNames
from quant.sql.refusal import SqlRefusal, place, shown
from quant.sql.scope import OF_THE_SESSION, RESERVED, is_cte, refuse_hidden_names
from quant.sql.text import tokens_of

MOST_NODES = 6000
MOST_JOINS = 12
MOST_QUERIES = 60
ROOTS = (exp.Select, exp.SetOperation, exp.Values, exp.Pivot, exp.Subquery, exp.Table)
ARROWS = (exp.JSONExtract, exp.JSONExtractScalar, exp.Dot)
TABLE_FUNCTIONS = ("unnest", "range", "generate_series")


@cache
def engine_functions() -> frozenset[str]:
    """Functions of DuckDB that were read one by one and found harmless; in lower case."""
    lines = Path(__file__).with_name("functions.txt").read_text().splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


@dataclass(frozen=True)
class Checked:
    """A query that may run; `checkable` is the same without what DuckDB cannot show its own reading of (PIVOT)."""

    sql: str
    checkable: str
    calls: frozenset[str]  # in lower case


def guard(sql: str, names: PublicNames) -> Checked:
    """The query as DuckDB may get it. Raises SqlRefusal, which says what is not allowed, where, and the remedy."""
    try:
        tree = _parse(sql)
        _Reader(sql, names).check(tree)
        calls = frozenset(str(node.this).lower() for node in tree.find_all(exp.Anonymous))
        return Checked(rendered(tree), rendered(without_pivots(tree)), calls)
    except RecursionError:
        raise SqlRefusal("the query is nested too deep: use `with` for its inner parts") from None
    except UnsupportedError as error:
        raise SqlRefusal(f"a part of the query has no form in DuckDB: {shown(str(error))}") from None


def _parse(sql: str) -> exp.Expr:
    tokens = tokens_of(sql)
    try:
        trees = [tree for tree in ENGINE.parser().parse(tokens, sql) if not isinstance(tree, exp.Semicolon | None)]
    except ParseError as error:
        raise _unreadable(sql, error) from None
    except (SqlglotError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise SqlRefusal(f"the query cannot be read ({type(error).__name__}): simplify it") from None
    if len(trees) != 1:
        raise SqlRefusal(f"exactly one statement is allowed, these are {len(trees)}: send one select")
    if not isinstance(trees[0], ROOTS):
        raise _Reader(sql, PublicNames({})).refusal(trees[0], _said(trees[0]))
    return trees[0]


def _unreadable(sql: str, error: ParseError) -> SqlRefusal:
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line"), first.get("col")
    where = f"line {line}, column {column}: " if line else ""
    near = f" near {shown(str(first.get('highlight')))!r}" if first.get("highlight") else ""
    return SqlRefusal(f"{where}the query cannot be read{near}: {first.get('description', 'no reason given')}")


def _said(node: exp.Expr) -> str:
    name = type(node).__name__
    if isinstance(node, exp.Command):
        name = str(node.this).upper()
    return REMEDIES.get(name, f"{shown(name.upper())} is not allowed: only one select over the public relations is")


class _Reader:
    """One walk over the tree; every method raises SqlRefusal or returns."""

    def __init__(self, sql: str, names: PublicNames) -> None:
        self._sql = sql
        self._names = names
        self._functions = engine_functions() | set(names.formulas)
        self._checks: dict[type[exp.Expr], Callable[..., None]] = {
            exp.Table: self._table, exp.Anonymous: self._function, exp.With: self._with, exp.DataType: self._type,
            exp.Lateral: self._lateral, exp.Collate: self._collation, exp.Interval: self._interval,
            exp.Extract: self._unit, exp.TableAlias: self._alias, exp.Literal: self._literal,
            exp.JSONExtract: self._arrow, exp.Column: self._column,
        }  # fmt: skip

    def check(self, tree: exp.Expr) -> None:
        nodes = list(tree.walk())
        self._refuse_much(tree, nodes)
        refuse_hidden_names(tree, self.refusal)
        for node in nodes:
            if type(node) not in NODES:
                raise self.refusal(node, _said(node))
            if refused := [key for key, value in node.args.items() if value and key in REFUSED_ARGS]:
                raise self.refusal(node, REFUSED_ARGS[refused[0]])
            self._checks.get(type(node), _nothing)(node)

    def refusal(self, node: exp.Expr, detail: str, known: tuple[str, ...] = ()) -> SqlRefusal:
        starts = [found.meta["start"] for found in node.walk() if "start" in found.meta]
        where = place(self._sql, min(starts) if starts else None)
        return SqlRefusal(f"{where}{detail}", known=known)

    def _refuse_much(self, tree: exp.Expr, nodes: list[exp.Expr]) -> None:
        if len(nodes) > MOST_NODES:
            raise SqlRefusal(f"the query has {len(nodes)} parts, {MOST_NODES} are allowed: ask for less at once")
        joins = sum(isinstance(node, exp.Join) for node in nodes)
        queries = sum(isinstance(node, exp.Query) for node in nodes)
        if joins > MOST_JOINS:
            raise SqlRefusal(f"the query has {joins} joins, {MOST_JOINS} are allowed: join in steps, or ask twice")
        if queries > MOST_QUERIES:
            raise SqlRefusal(f"the query has {queries} selects, {MOST_QUERIES} are allowed: ask in several queries")

    def _table(self, node: exp.Table) -> None:
        if isinstance(node.this, exp.Anonymous):
            return  # its name is checked as that of a table function
        if not isinstance(node.this, exp.Identifier):
            raise self.refusal(node, "a relation is named by schema and name: write serving.final_bars, say")
        name = ".".join(part.name for part in node.parts).lower()
        if node.args.get("db") is None and is_cte(node, name):
            return
        if name not in self._names.relations:
            raise self._unknown_relation(node, name)

    def _unknown_relation(self, node: exp.Expr, name: str) -> SqlRefusal:
        if name in self._names.absent:
            return self.refusal(node, f"{name} {self._names.absent[name]}")
        known = tuple(sorted(self._names.relations))
        near = [each for each in known if each.split(".")[1] == name.split(".")[-1]]
        near = near or difflib.get_close_matches(name, known, n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else "`from meta.columns` lists them all"
        return self.refusal(node, f"{shown(name)} is no public relation; {hint}", known)

    def _function(self, node: exp.Anonymous) -> None:
        name = str(node.this).lower()
        if isinstance(node.parent, exp.Table | exp.Lateral):
            return self._table_function(node, name)
        if name in TABLE_FUNCTIONS:
            return None
        if name == "array" and [isinstance(argument, exp.Query) for argument in node.expressions] == [True]:
            return None  # array(select ...) is syntax
        if name in self._names.table_formulas and name not in self._functions:
            raise self.refusal(node, f"{name} gives a table: write from {name}('serving.final_bars')")
        if name not in self._functions:
            near = difflib.get_close_matches(name, self._functions, n=2, cutoff=0.7)
            hint = f"did you mean {' or '.join(near)}?" if near else "it is not on the list of functions"
            raise self.refusal(node, f"function {shown(name)} is not allowed; {hint}", tuple(near))
        return None

    def _table_function(self, node: exp.Anonymous, name: str) -> None:
        if name in TABLE_FUNCTIONS:
            return
        if name not in self._names.table_formulas:
            known = ", ".join(TABLE_FUNCTIONS)
            raise self.refusal(
                node, f"table function {shown(name)} is not allowed: use a public relation, {known} or a formula"
            )
        parameters = self._names.table_formulas[name]
        for index, argument in enumerate(node.expressions):
            self._argument(argument, parameters[index] if index < len(parameters) else "", name)

    def _argument(self, argument: exp.Expr, parameter: str, formula: str) -> None:
        if isinstance(argument, exp.PropertyEQ | exp.EQ):
            parameter, argument = argument.this.name.lower(), argument.expression
        if parameter in self._names.relation_parameters:
            return self._relation_argument(argument, parameter, formula)
        for text in argument.find_all(exp.Literal):
            if text.is_string and RESERVED.match(text.name.lower()):
                raise self.refusal(argument, f"{shown(text.name)} is no value for a formula")
        return None

    def _relation_argument(self, argument: exp.Expr, parameter: str, formula: str) -> None:
        """DuckDB reads the relation that a text names: it must be a literal, and a public name."""
        if isinstance(argument, exp.Null):
            return
        if not (isinstance(argument, exp.Literal) and argument.is_string):
            remedy = "the name of a public relation or of a `with` as text, 'serving.final_bars' say"
            raise self.refusal(argument, f"{formula}: {parameter} must be {remedy}")
        name = argument.name
        if not (name in self._names.relations or ("." not in name and is_cte(argument, name.lower()))):
            raise self._unknown_relation(argument, name)

    def _with(self, node: exp.With) -> None:
        if node.args.get("recursive"):
            raise self.refusal(node, "WITH RECURSIVE is not allowed: the formulas have what runs along a series")

    def _type(self, node: exp.DataType) -> None:
        if node.this not in TYPES and str(node.args.get("kind")).lower() not in ALIASES:
            raise self.refusal(node, f"type {shown(node.sql())} is not allowed in a cast: use a plain one")

    def _lateral(self, node: exp.Lateral) -> None:
        if not isinstance(node.this, exp.Subquery | exp.Anonymous | exp.Unnest):
            raise self.refusal(node, "LATERAL takes a select in brackets, or unnest")

    def _collation(self, node: exp.Collate) -> None:
        name = node.expression.name.lower()
        if not set(name.split(".")) <= {"nocase", "noaccent", "nfc", "c", "binary"}:
            raise self.refusal(node, f"collation {shown(name)} is not allowed: use nocase or noaccent")

    def _interval(self, node: exp.Interval) -> None:
        unit = node.args.get("unit")
        if unit is not None and unit.name.lower().removesuffix("s") not in UNITS:
            raise self.refusal(node, "an interval has one of the units from microsecond to millennium: interval 3 days")

    def _unit(self, node: exp.Extract) -> None:
        if not node.this.name.replace("_", "").isalnum():
            raise self.refusal(node, "extract takes the name of a part: extract(year from ts)")

    def _alias(self, node: exp.TableAlias) -> None:
        if RESERVED.match(node.name.lower()):
            raise self.refusal(node, f"{shown(node.name)} is a name of DuckDB's own: choose another")

    def _arrow(self, node: exp.JSONExtract) -> None:
        """In DuckDB `a -> 'b' = 'c'` is a -> ('b' = 'c'), in sqlglot (a -> 'b') = 'c'."""
        above = node.parent
        if isinstance(above, exp.Binary | exp.Not | exp.Neg | exp.In | exp.Between) and not isinstance(above, ARROWS):
            raise self.refusal(node, "put `->` and what it is of in brackets: (a -> 'b') = 'c', or use json_extract")

    def _column(self, node: exp.Column) -> None:
        if len(node.parts) == 1 and node.name.lower() in OF_THE_SESSION:
            raise self.refusal(
                node, f"{shown(node.name)} tells of the session: write t.{shown(node.name)} for a column"
            )

    def _literal(self, node: exp.Literal) -> None:
        if not node.is_string and len(node.name) > 60:
            raise self.refusal(node, "a number has at most 60 digits")


def _nothing(node: exp.Expr) -> None:
    return None
