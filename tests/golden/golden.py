"""What the make_*.py share: reading prices.csv, writing a golden file with its provenance."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
HERE = Path(__file__).parent


def prices() -> dict[str, Array]:
    """Columns of prices.csv, parsed as DuckDB will: the same doubles."""
    with (HERE / "prices.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "i"}


def returns(price: Array) -> Array:
    """Simple returns; one shorter than the prices."""
    return price[1:] / price[:-1] - 1


def write_trailing(name: str, provenance: str, columns: Mapping[str, Array]) -> None:
    """One row per bar; an empty field is NULL."""
    count = len(next(iter(columns.values())))
    lines = [",".join([str(i), *(_text(column[i]) for column in columns.values())]) for i in range(count)]
    _write(name, provenance, ["i", *columns], lines)


def write_whole(name: str, provenance: str, values: Sequence[tuple[str, float, str]]) -> None:
    """One row per metric of the whole sample: its value and the function that gave it."""
    _write(name, provenance, ["metric", "value", "reference"], [f"{m},{_text(v)},{r}" for m, v, r in values])


def _write(name: str, provenance: str, header: Sequence[str], lines: Sequence[str]) -> None:
    (HERE / name).write_text("\n".join([f"# {provenance}", ",".join(header), *lines]) + "\n")


def _text(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))
