"""How a caller is told what to give: the command line has options and files, Python has arguments."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from quant.metrics import Metric

_AT_THE_PROMPT: ContextVar[bool] = ContextVar("at_the_prompt", default=False)


@contextmanager
def speaking_to_the_prompt() -> Iterator[None]:
    """Until the end of the block, remedies are options of `quant compute`."""
    before = _AT_THE_PROMPT.set(True)
    try:
        yield
    finally:
        _AT_THE_PROMPT.reset(before)


def at_the_prompt() -> bool:
    return _AT_THE_PROMPT.get()


def relation(name: str) -> str:
    """How rows are handed in: `--benchmark FILE` or `benchmark=`."""
    return f"--{name} FILE" if at_the_prompt() else f"{name}="


def value(name: str, example: str) -> str:
    """How a parameter is given: `--param ppy=252` or `ppy=252`."""
    return f"--param {name}={example}" if at_the_prompt() else f"{name}={example}"


def kinds(role: str) -> str:
    """What rows may be."""
    if at_the_prompt():
        return f"--{role} must be a Parquet or CSV file"
    return f"{role} must be a path to Parquet or CSV, an Arrow table or reader, a DuckDB relation or a frame"


def command_of(metric: Metric) -> str:
    """The command that computes it from files."""
    first = "quotes" if metric.is_of_options else "bars"
    given = [first, *(each for each in metric.relations[1:] if each in ("bars", "benchmark", "factors"))]
    return f"quant compute {metric.name} {' '.join(f'--{each} FILE' for each in given)}"
