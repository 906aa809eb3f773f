"""Where a column comes from: which columns of other relations, through which formulas, and whether that is certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

ROWS = "*"  # stands for the rows of a relation: what a count depends on

Column = tuple[str, str]  # relation, column


@dataclass(frozen=True)
class Trace:
    """The columns that a value is made of. `is_exact` is false where more may be named than were used."""

    columns: frozenset[Column] = frozenset()
    macros: frozenset[str] = frozenset()
    is_exact: bool = True

    def __or__(self, other: Trace) -> Trace:
        if other.columns <= self.columns and other.macros <= self.macros and other.is_exact >= self.is_exact:
            return self
        return Trace(self.columns | other.columns, self.macros | other.macros, self.is_exact and other.is_exact)

    def through(self, macros: Iterable[str]) -> Trace:
        """The same, passed through these formulas as well."""
        added = frozenset(macros)
        return self if added <= self.macros else Trace(self.columns, self.macros | added, self.is_exact)

    def roughly(self) -> Trace:
        return Trace(self.columns, self.macros, False)


NOTHING = Trace()


def united(traces: Iterable[Trace]) -> Trace:
    return reduce(or_, traces, NOTHING)


@dataclass(frozen=True)
class Output:
    """What a query or relation offers: a trace for each column, and one for names that nobody listed."""

    columns: dict[str, Trace]
    rows: Trace = NOTHING
    others: Callable[[str], Trace] | None = field(default=None, compare=False)

    def get(self, name: str) -> Trace | None:
        """The trace of a column; None where there is none of that name."""
        known = self.columns.get(name)
        return known or (self.others(name) if known is None and self.others else known)

    def whole(self) -> Trace:
        """A row as one value."""
        return united(self.columns.values()) | self.rows

    def renamed(self, names: list[str]) -> Output:
        """The first columns under other names, as in `t(a, b)`; the rest keep theirs."""
        if not names:
            return self
        listed = dict(zip([*names, *list(self.columns)[len(names) :]], self.columns.values(), strict=False))
        if len(names) > len(self.columns):
            listed = {name: self.columns.get(name, self.whole()) for name in names}
        return Output(listed, self.rows, self.others)

    def through(self, macro: str) -> Output:
        """What a table macro gives, made of this."""
        columns = {name: trace.through([macro]) for name, trace in self.columns.items()}
        others = self.others
        return Output(columns, self.rows, (lambda name: others(name).through([macro])) if others else None)


def base(relation: str, columns: Iterable[str]) -> Output:
    """A stored relation: each column comes from itself."""
    own = {name: Trace(frozenset({(relation, name)})) for name in columns}
    return Output(own, Trace(frozenset({(relation, ROWS)})))


def dataset(relation: str) -> Output:
    """A relation whose columns nobody lists here: any name is one of them."""
    return Output({}, Trace(frozenset({(relation, ROWS)})), lambda name: Trace(frozenset({(relation, name)})))


def stacked(above: Output, below: Output, *, by_name: bool) -> Output:
    """UNION: column by column, in order or by name."""
    rows = above.rows | below.rows
    others = next((each.others for each in (above, below) if each.others), None)
    if by_name:
        names = dict.fromkeys([*above.columns, *below.columns])
        return Output(dict(_pairs(names, above, below)), rows, others)
    paired = zip(above.columns.items(), below.columns.values(), strict=False)
    merged = {name: one | two for (name, one), two in paired}
    return Output({**above.columns, **merged}, rows, others)


def _pairs(names: Iterable[str], above: Output, below: Output) -> Iterator[tuple[str, Trace]]:
    for name in names:
        yield name, (above.get(name) or NOTHING) | (below.get(name) or NOTHING)
