"""What a function is to DuckDB, apart from what it computes: a name, types, and a call on Arrow arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa

Column: TypeAlias = pa.ChunkedArray  # of at most 2,048 rows
Struct: TypeAlias = pa.StructArray


@dataclass(frozen=True)
class ArrowFunction:
    """A vectorised scalar function: argument types, and the fields of the struct that it returns.

    A row with a NULL argument never reaches it and its struct is NULL as a whole, unless it takes NULLs.
    """

    name: str
    arguments: tuple[str, ...]
    fields: dict[str, str]
    call: Callable[..., Struct]
    takes_nulls: bool = False
