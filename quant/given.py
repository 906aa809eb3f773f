"""What a caller hands in as rows (a file, an Arrow stream, a frame, a relation), as a table whose columns are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from quant.arguments import literal
from quant.doubts import warn
from quant.errors import DataError
from quant.given_sources import in_one_line, source_of, stream_of

TEXT = ("VARCHAR", "ENUM")
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
           "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
INSTANTS = ("TIMESTAMP", "DATE")
REMEDIES = {
    "an instant": "write 2024-01-31 or 2024-01-31T14:30:00Z",
    "a number": "write it with a decimal point and without a thousands separator",
    "a whole number": "write its digits alone",
}
NULLS = ('"NULL"', "NULL")  # the type of a column of nothing


@dataclass(frozen=True)
class Given:
    """A temporary table of the caller's rows as they came, numbered from 1 in `given_row`."""

    cursor: duckdb.DuckDBPyConnection
    table: str
    title: str
    stem: str
    columns: dict[str, tuple[str, str]]  # name in small letters, without blanks -> the caller's name, its type

    def has(self, name: str) -> bool:
        return name in self.columns

    def first_of(self, names: Sequence[str]) -> str | None:
        return next((name for name in names if self.has(name)), None)

    def number(self, name: str) -> str:
        """A column as doubles, in SQL; text that is no number is refused with its row. Blank text is missing."""
        return self._converted(name, "double", NUMBERS, "a number")

    def known_whole(self, name: str) -> str:
        """A column as whole numbers, in SQL, all digits kept; what is none is refused with its row."""
        whole = self._converted(name, "bigint", NUMBERS, "a whole number")
        self.refuse(f"{whole} is null", f"has no {name}", name)
        return whole

    def instant(self, name: str) -> str:
        """A column as instants, in SQL; without a zone they are UTC, a day begins at midnight UTC."""
        return self._converted(name, "timestamptz", INSTANTS, "an instant")

    def text(self, name: str, default: str) -> str:
        """A column as text, or the same text for every row; a row without is refused."""
        if not self.has(name):
            return literal(default)
        self.refuse(f"{self._column(name)} is null", f"has no {name}", name)
        return f"{self._column(name)}::varchar"

    def known_instant(self, name: str) -> str:
        """The same as instant(); a row without is refused."""
        instant = self.instant(name)
        self.refuse(f"({instant} is null or not isfinite({instant}))", f"has no {name}", name)
        return instant

    def refuse(self, condition: str, complaint: str, name: str) -> None:
        """Raise DataError with the first row for which the condition, in SQL, holds."""
        query = f"select given_row, {self._column(name)} from {self.table} where {condition} order by all limit 1"
        if row := self.cursor.execute(query).fetchone():
            value = "" if row[1] is None else f"{self.columns[name][0]} = {row[1]!r} "
            raise DataError(f"{self.title}, row {row[0]}: {value}{complaint}")

    def _converted(self, name: str, type: str, types: Sequence[str], words: str) -> str:
        column, given = self._column(name), self.columns[name][1]
        if given in NULLS:
            return f"null::{type}"
        if given.startswith(TEXT):
            filled = f"nullif(trim({column}::varchar), '')"
            self.refuse(
                f"{filled} is not null and try_cast({filled} as {type}) is null",
                f"is not {words}: {REMEDIES[words]}",
                name,
            )
            return f"try_cast({filled} as {type})"
        if given.startswith(tuple(types)):
            return f"{column}::{type}"
        raise DataError(f"{self.title}: {self.columns[name][0]} is of type {given}, not {words}: {REMEDIES[words]}")

    def _column(self, name: str) -> str:
        return '"' + self.columns[name][0].replace('"', '""') + '"'


def take(cursor: duckdb.DuckDBPyConnection, data: object, role: str) -> Given:
    """Copy the caller's rows into a temporary table of this cursor, given_<role>."""
    table = f"given_{role}"
    source, title, stem = source_of(Path(data), role) if isinstance(data, str | Path) else ("given_stream", role, role)
    try:
        if source == "given_stream":
            cursor.register(source, stream_of(data, role))
        cursor.execute(f"create temp table {table} as select *, row_number() over () as given_row from {source}")
    except (duckdb.Error, pa.ArrowException) as error:
        raise DataError(f"{title} cannot be read: {in_one_line(error)}") from error
    finally:
        cursor.unregister("given_stream")
    columns: dict[str, tuple[str, str]] = {}
    for name, type, *_ in cursor.execute(f"describe {table}").fetchall():
        if other := columns.get(_plain(name)):
            raise DataError(f"{title}: the columns {other[0]!r} and {name!r} are the same: leave one out")
        columns[_plain(name)] = (name, type)
    if not cursor.execute(f"select 1 from {table} limit 1").fetchall():
        warn(f"{title} has no rows, so there is nothing to compute")
    return Given(cursor, table, title, stem, columns)


def _plain(name: str) -> str:
    return "_".join(name.lower().split())
