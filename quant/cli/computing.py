"""`quant compute`: parameters as words, the answer in the format asked for."""

import json
import sys
import warnings
from pathlib import Path

import duckdb

from quant import compute
from quant.cli.query import COPY_OPTIONS, QueryError, refuse_binary_for_people, write
from quant.errors import DataWarning, MetricError


def compute_file(
    metric: str,
    bars: str,
    benchmark: str | None,
    factors: str | None,
    parameters: list[str],
    out: Path | None,
    format: str | None,
) -> None:
    """Print the metric of a file, or write it to `out`; what of the data counts for nothing is said on stderr."""
    kind = format or (out.suffix.removeprefix(".") if out and out.suffix.removeprefix(".") in COPY_OPTIONS else "table")
    refuse_binary_for_people(kind, out)
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always", DataWarning)
        given = dict(map(parameter, parameters))
        answer = compute(metric, Path(bars), benchmark=benchmark, factors=factors and Path(factors), **given)
    for doubt in doubts:
        print(f"quant: {doubt.message}", file=sys.stderr)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            write(connection.from_arrow(answer), kind, out)
        except duckdb.Error as error:
            raise QueryError(str(error).rstrip()) from error


def parameter(text: str) -> tuple[str, object]:
    """`n=21`, `n=[5,10,20]`, `freq=5min`, `ppy=null`: a number, list or null where it reads as one, else text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise MetricError(f"--param {text!r} must be NAME=VALUE, as in --param n=21")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), _number(value)


def _number(value: str) -> object:
    try:
        return float(value)  # .5, 1., which JSON does not know
    except ValueError:
        return value.strip()
