"""Whether two builds hold the same: every relation, every row, numbers to 1e-12."""

import math
from collections.abc import Mapping
from typing import Any

import duckdb

TOLERANCE = 1e-12


def relations(build: duckdb.DuckDBPyConnection, *schemas: str) -> list[str]:
    """Tables and views of these schemas by name."""
    rows = build.execute(
        "select schema_name || '.' || table_name from duckdb_tables() union all "
        "select schema_name || '.' || view_name from duckdb_views() where not internal order by all"
    ).fetchall()
    return [name for (name,) in rows if name.partition(".")[0] in schemas]


def difference(ours: duckdb.DuckDBPyConnection, theirs: duckdb.DuckDBPyConnection, relation: str) -> str | None:
    """In words; None where they agree. Rows are paired in the order of what is exact in them."""
    columns = [column[:2] for column in ours.execute(f"describe {relation}").fetchall()]
    if columns != (others := [column[:2] for column in theirs.execute(f"describe {relation}").fetchall()]):
        return f"columns {sorted(set(columns) ^ set(others))}"
    mine, other = _rows(ours, relation), _rows(theirs, relation)
    if len(mine) != len(other):
        return f"{len(mine)} rows, {len(other)} there"
    for one, two in zip(mine, other, strict=True):
        if not is_same(one, two):
            names = [name for (name, _), a, b in zip(columns, one, two, strict=True) if not is_same(a, b)]
            return f"{names} of {one!r:.300}: {two!r:.300}"
    return None


def is_same(one: Any, two: Any) -> bool:
    """Equal; of floats to 1e-12, wherever they lie."""
    if isinstance(one, float) and isinstance(two, float):
        return math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(is_same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(is_same(a, b) for a, b in zip(one, two, strict=True))
    return bool(one == two)


def _rows(build: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[Any, ...]]:
    return sorted(build.execute(f"from {relation}").fetchall(), key=_order)


def _order(row: tuple[Any, ...]) -> tuple[str, str]:
    """By what is exact; then by numbers, roughly, so that their last digits do not swap two rows."""
    exact = [value for value in row if not isinstance(value, float | list | dict)]
    return str(exact), str([_roughly(value) for value in row])


def _roughly(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _roughly(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_roughly(each) for each in value]
    return f"{value:.6g}" if isinstance(value, float) else value
