"""What `--param NAME=VALUE` means: by the metric's default a list, weights by symbol, else a number, null or text."""

import ast
import json

from quant.errors import MetricError
from quant.metrics import Metric


def parameters_of(metric: Metric, texts: list[str]) -> dict[str, object]:
    """The parameters by name; one that is given twice is refused, for one of the two would count for nothing."""
    defaults = {each.name: each.default for each in metric.parameters}
    grouping = {each.name for each in metric.parameters if each.maps_to_text}
    found: dict[str, object] = {}
    for text in texts:
        name, value = parameter(text, defaults)
        if name in found:
            raise MetricError(f"--param {name} is given twice: leave one out")
        found[name] = _groups(text.partition("=")[2]) if name in grouping and isinstance(value, str) else value
    return found


def parameter(text: str, defaults: dict[str, str] | None = None) -> tuple[str, object]:
    """`n=21`, `n=[5,10,20]`, `freq=5min`, `ppy=null`; by the default also `n=5,10,20`, `weights=SPY:0.6,TLT:0.4`."""
    name, equals, value = (each.strip() for each in text.partition("="))
    if not equals or not name:
        raise MetricError(f"--param {text!r} must be NAME=VALUE, as in --param n=21")
    default = (defaults or {}).get(name, "")
    if default.startswith("map") and isinstance(_plain(value), str):
        return name, _shares(value.removeprefix("{").removesuffix("}"))  # {SPY: 0.6} is neither JSON nor Python
    if default.startswith("[") and not value.startswith("["):
        return name, [_plain(each) for each in value.split(",")]
    return name, _plain(value)


def _plain(value: str) -> object:
    """What it reads as: JSON, then Python's literals ({'SPY': 0.6}, .5), else text."""
    for read in (json.loads, ast.literal_eval, float):
        try:
            found: object = read(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        return found if isinstance(found, bool | int | float | str | list | dict | None) else value.strip()
    return value.strip()


def _shares(value: str) -> object:
    """SPY:0.6,TLT:0.4; what is none of that stays text, and is refused by what the parameter must be."""
    pairs = [each.rpartition(":") for each in value.split(",")]
    try:
        shares = {symbol.strip(): float(share) for symbol, _, share in pairs}
    except ValueError:
        return value
    return shares if "" not in shares and len(shares) == len(pairs) else value


def _groups(value: str) -> object:
    """AAPL:technology,XOM:energy; what is none of that stays text, and is refused by what the parameter must be."""
    pairs = [[each.strip() for each in pair.rpartition(":")] for pair in value.split(",")]
    groups = {symbol: group for symbol, _, group in pairs}
    return groups if all(symbol and group for symbol, _, group in pairs) and len(groups) == len(pairs) else value
