"""`quant compute`: parameters as words, the answer in the format asked for."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from quant import compute
from quant.cli.output import format_of, refuse_to_write_over
from quant.cli.query import QueryError, refuse_binary_for_people, write
from quant.cli.words import parameters_of
from quant.computation import metric_asked
from quant.errors import DataWarning
from quant.wording import speaking_to_the_prompt


def compute_file(
    metric: str,
    bars: str | None,
    benchmark: str | None,
    factors: str | None,
    parameters: list[str],
    out: Path | None,
    format: str | None,
    quotes: str | None = None,
) -> None:
    """Print the metric of files, or write it to `out`; what of the data counts for nothing is said on stderr."""
    kind = format_of(out, format)
    refuse_binary_for_people(kind, out)
    refuse_to_write_over(out, (bars, quotes, benchmark, factors))
    with speaking_to_the_prompt(), _doubts_on_stderr():
        asked = metric_asked(metric)
        files = {"quotes": quotes and Path(quotes), "factors": factors and Path(factors)}
        given = parameters_of(asked, parameters)
        answer = compute(asked.name, bars and Path(bars), benchmark=benchmark, **files, **given)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            write(connection.from_arrow(answer), kind, out)
        except duckdb.Error as error:
            raise QueryError(str(error).rstrip()) from error


@contextmanager
def _doubts_on_stderr() -> Iterator[None]:
    """What is doubtful in the data as one line each, also where it is refused in the end."""
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always", DataWarning)
        try:
            yield
        finally:
            for doubt in doubts:
                print(f"quant: {doubt.message}", file=sys.stderr)
