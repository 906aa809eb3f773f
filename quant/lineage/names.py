"""The names that a statement may use, and what stands behind each."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from quant.formula_texts import FormulaText
from quant.lineage.traces import Output, Trace, united

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # of each x[1] it says that DuckDB counts from 1
OPEN_SLICE = re.compile(r"\[:(?!:)")  # x[:n], which sqlglot does not read; x::double[] and a[b:c] it does


def parse(sql: str) -> exp.Expr:
    return parse_one(OPEN_SLICE.sub("[1:", sql), dialect="duckdb")


@dataclass(frozen=True)
class Known:
    """What statements may name: relations, files, and the formulas that stand in FROM or in an expression."""

    relation: Callable[[str], Output | None]
    file: Callable[[str], Output | None]
    table_macros: Mapping[str, FormulaText]
    functions: frozenset[str]
    read: Callable[[exp.Expr, Scope], Output]
    bodies: dict[str, exp.Expr | None] = field(default_factory=dict)
    made: dict[tuple[object, ...], Output] = field(default_factory=dict)
    kept: list[object] = field(default_factory=list)

    def body(self, macro: str) -> exp.Expr | None:
        """The query of a table macro; None where it cannot be read."""
        if macro not in self.bodies:
            try:
                self.bodies[macro] = parse(self.table_macros[macro].body)
            except SqlglotError:
                self.bodies[macro] = None
        return self.bodies[macro]


@dataclass(frozen=True)
class Argument:
    """What a table macro was given, and where that is to be read."""

    value: exp.Expr
    scope: Scope


@dataclass(frozen=True)
class Scope:
    """The names that a query sees: CTEs and parameters, its FROM, and what is around it."""

    known: Known
    ctes: dict[str, Output] = field(default_factory=dict)
    parameters: Mapping[str, Argument] = field(default_factory=dict)
    sources: tuple[tuple[str, Output], ...] = ()
    aliases: dict[str, Trace] = field(default_factory=dict)
    outer: Scope | None = None

    def named(self, name: str) -> Output | None:
        """A relation by its name as it is written, `x` or `schema.x`."""
        found = self.ctes.get(name.lower())
        return found if found is not None else self.known.relation(name.lower())

    def inside(self) -> Scope:
        """For a query within this one: it sees the same CTEs, and the columns around it."""
        return Scope(self.known, dict(self.ctes), self.parameters, outer=self)

    def argument(self, value: exp.Expr) -> Argument:
        """A parameter that is passed on stands for what it was given."""
        name = value.name.lower() if isinstance(value, exp.Column) and len(value.parts) == 1 else ""
        return self.parameters[name] if name in self.parameters else Argument(value, self)

    def read(self, query: exp.Expr) -> Output:
        """What a query gives that stands in this scope."""
        return self.known.read(query, self)

    @property
    def everything(self) -> Trace:
        return united(output.whole() for _, output in self.sources).roughly()

    @property
    def rows(self) -> Trace:
        return united(output.rows for _, output in self.sources)
