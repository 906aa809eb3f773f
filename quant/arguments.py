"""What a caller gives for a metric's parameters: checked by what they mean, written as SQL that says nothing else."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from numbers import Integral, Real
from typing import Any

from quant.errors import MetricError
from quant.metrics import Metric, Parameter
from quant.wording import at_the_prompt


@dataclass(frozen=True)
class Rule:
    """What a parameter must be, in words and as a check."""

    words: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    return is_real and bool(abs(value) <= sys.float_info.max)


def _number(words: str, above: float = -math.inf, below: float = math.inf) -> Rule:
    return Rule(words, lambda value: _is_number(value) and above < value < below)


def _whole(least: int) -> Rule:
    words = f"a whole number, {least} or more"
    return Rule(words, lambda value: _is_number(value) and value == int(value) and value >= least)


def _is_instant(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, date)
    try:
        return bool(datetime.fromisoformat(value.strip()))
    except ValueError:
        return False


def _list_of(count: int | None) -> Rule:
    def fits(value: Any) -> bool:
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            return False
        return count in (None, len(value)) and all(map(_whole(1).fits, value))

    return Rule(f"a list of {f'{count} ' if count else ''}whole numbers, 1 or more each", fits)


NUMBER, POSITIVE, SHARE = _number("a number"), _number("a number above 0", 0), _number("a number between 0 and 1", 0, 1)
RATE = _number("a rate per year above -1 (0.03 is 3 %)", -1)
TEXT = Rule("a text", lambda value: isinstance(value, str))
FLAG = Rule("true or false", lambda value: isinstance(value, bool))
SHARES = Rule(
    "numbers by symbol, {'SPY': 0.6, 'TLT': 0.4}",
    lambda value: (
        isinstance(value, Mapping) and all(isinstance(e, str) for e in value) and all(map(_is_number, value.values()))
    ),
)
GROUPS = Rule(
    "groups by symbol, {'AAPL': 'technology', 'XOM': 'energy'}",
    lambda value: isinstance(value, Mapping) and all(isinstance(each, str) for each in (*value, *value.values())),
)
AT_THE_PROMPT = {
    SHARES.words: "numbers by symbol, SPY:0.6,TLT:0.4",
    GROUPS.words: "groups by symbol, AAPL:technology,XOM:energy",
}
ANYTHING = Rule("a number, a text or an instant", lambda value: _is_number(value) or isinstance(value, str | date))
LINEAR = "linear in total variance"
FURTHER = ("tenkan", "kijun", "memory", "trials", "months")
NAMED = {
    **dict.fromkeys(("n", "lookback", "fast", "slow", "signal", "d", "smooth_k", "atr", "lags", *FURTHER), _whole(1)),
    **dict.fromkeys(("shift", "lag", "skip"), _whole(0)),
    "anchor": Rule("an instant, 2024-01-31 or 2024-01-31T14:30:00Z", _is_instant),
    "trial_variance": Rule("a number, 0 or more", lambda value: _is_number(value) and value >= 0),
    **dict.fromkeys(
        ("confidence", "lam", "q", "delta", "near", "width", "enter_high", "exit_high", "enter_low", "exit_low"), SHARE
    ),
    **dict.fromkeys(("rf", "mar", "threshold"), RATE),
    **dict.fromkeys(("ppy", "step", "max", "days", "d1", "d2"), POSITIVE),
    **dict.fromkeys(("points", "least_pairs", "volatility_window"), _whole(2)),
    "interp": Rule(f"{LINEAR!r}, the one way there is", lambda value: value == LINEAR),
}


def sql_arguments(metric: Metric, given: Mapping[str, object]) -> list[str]:
    """`name := literal` for each given parameter; an unknown name or a value of the wrong kind is refused."""
    known = {parameter.name: parameter for parameter in metric.parameters}
    if unknown := [name for name in given if name not in known]:
        raise MetricError(f"{metric.name} takes {described(metric)}; there is no {unknown[0]!r}")
    return [f"{name} := {_checked(metric, known[name], value)}" for name, value in given.items()]


def described(metric: Metric) -> str:
    """Every parameter with its default, for a sentence."""
    return ", ".join(f"{each.name} (default {each.default})" for each in metric.parameters) or "no parameters"


def literal(value: Any) -> str:
    """A value as SQL: numbers, text, instants, None, lists and maps of them; a float is a double, never a decimal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        text = repr(float(value))
        return text if "e" in text else f"{text}e0"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return f"timestamptz '{value if value.tzinfo else value.replace(tzinfo=UTC)}'"
    if isinstance(value, date):
        return f"date '{value}'"
    if isinstance(value, Mapping):
        return f"map {{{', '.join(f'{literal(key)}: {literal(each)}' for key, each in value.items())}}}"
    return f"[{', '.join(map(literal, value))}]"


def _checked(metric: Metric, parameter: Parameter, value: Any) -> str:
    plain = value.tolist() if hasattr(value, "tolist") else value  # of NumPy
    if plain is None and parameter.default == "null":
        return "null"
    rule = _rule(parameter)
    if not rule.fits(plain):
        words = AT_THE_PROMPT.get(rule.words, rule.words) if at_the_prompt() else rule.words
        raise MetricError(f"{metric.name}: {parameter.name} must be {words}, not {value!r}")
    if "whole number" in rule.words:
        return literal([int(each) for each in plain] if isinstance(plain, Sequence) else int(plain))
    return literal({key: float(each) for key, each in plain.items()} if rule is SHARES else plain)


def _rule(parameter: Parameter) -> Rule:
    """By the parameter's name where that says it, else by its default."""
    name, default = parameter.name, parameter.default
    if default.startswith("["):
        return _list_of(default.count(",") + 1 if name == "n" else None)
    if default.startswith("map"):
        return GROUPS if parameter.maps_to_text else SHARES
    if (name, default) == ("lags", "null"):
        return _whole(0)  # of a unit-root test, where none is a choice, and the default follows the length
    if name == "k":
        return _whole(1) if default.isdigit() or default == "null" else POSITIVE
    if name in NAMED:
        return NAMED[name]
    if default.startswith("'"):
        return TEXT
    if default in ("true", "false"):
        return FLAG
    return ANYTHING if default == "null" else NUMBER
