"""The `signals` section of config.yaml, and the rules that there are: every file of models/signals/rules/<kind>.

A rule is found by its file. What config.yaml says of it is optional: whether it is on, for which intervals it judges
bars, and its thresholds, which its SQL reads as var('<rule>_<threshold>').
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

RULES_PATH = Path(__file__).resolve().parents[2] / "models" / "signals" / "rules"
KINDS = ("market", "option", "data")
VARIABLE = re.compile(r"""var\(\s*['"](\w+)['"]\s*([,)])""")  # `,`: it has a default

Interval = Literal["1m", "5m", "15m", "1h", "4h", "1d", "1w"]  # what bars there are; coarser ones come from finer
Intervals = Annotated[tuple[Interval, ...], Field(min_length=1)]

# What the rules of the house need: their thresholds in ascending order, the least and the greatest of them.
THRESHOLDS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "rsi_level": (("low", "high"), 0, 100),
    "level_break": (("touches",), 1, 100),
    "drawdown_limit": (("leave", "enter"), 0, 1),
    "vol_regime": (("enter_low", "exit_low", "exit_high", "enter_high"), 0, 1),
    "iv_rank_extreme": (("enter_low", "exit_low", "exit_high", "enter_high"), 0, 1),
    "parity_breach": (("excess",), 0, 1e9),
}
COUNTS = ("touches",)  # whole numbers


def number(value: Any) -> Any:
    """A number also from a variable's text; what is none is refused later, with the keys that the rule has."""
    try:
        return value if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return value


class Rule(BaseModel):
    """A rule's own numbers are further keys."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Annotated[Any, BeforeValidator(number)]] = Field(init=False)

    is_on: bool = True
    intervals: Intervals | None = None

    @model_validator(mode="before")
    @classmethod
    def _has_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict | Rule):
            raise ValueError("a rule has keys: {is_on: false} say, or {intervals: [1d]}, and its thresholds")
        return value

    @property
    def thresholds(self) -> dict[str, float]:
        return dict(self.__pydantic_extra__ or {})


class Signals(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    intervals: Intervals
    rules: dict[str, Rule]

    def of(self, rule: str) -> Rule:
        return self.rules.get(rule, Rule())

    def intervals_of(self, rule: str) -> list[str]:
        return list(self.of(rule).intervals or self.intervals)


@dataclass(frozen=True)
class RuleFile:
    name: str
    kind: str
    description: str  # the comment that the file begins with
    variables: tuple[str, ...]  # what of config.yaml its SQL reads


def check_signals(signals: Signals) -> None:
    """Raise ValueError with key, value and remedy if a rule is unknown or its numbers are not what it needs."""
    known = [file.name for file in rule_files()]
    if unknown := sorted(set(signals.rules) - set(known)):
        raise ValueError(
            f"signals.rules: {', '.join(unknown)} is no rule; known are {', '.join(known)}. "
            "A rule is a file in models/signals/rules: add it, or remove the key"
        )
    for file in rule_files():
        try:
            given = signals.of(file.name).thresholds
            check_keys(file, given)
            if file.name in THRESHOLDS:
                check_thresholds(file.name, given)
        except ValueError as error:
            raise ValueError(f"signals.rules.{file.name}: {error}") from None


def check_keys(file: RuleFile, given: Mapping[str, Any]) -> None:
    """Raise ValueError for a key that the rule's SQL does not read, `is_of: false` say, or that is no finite number."""
    prefix = f"{file.name}_"
    known = [name.removeprefix(prefix) for name in file.variables if name.startswith(prefix)]
    if unread := sorted(set(given) - set(known)):
        raise ValueError(f"unknown key {', '.join(unread)}; known are {', '.join(['is_on', 'intervals', *known])}")
    for name, value in given.items():
        if not isinstance(value, float) or not isfinite(value):
            raise ValueError(f"{name} = {value!r} must be a finite number")


def check_thresholds(rule: str, given: Mapping[str, float]) -> None:
    """Raise ValueError, with the remedy, unless the rule has its numbers, in their order and within their bounds."""
    names, least, greatest = THRESHOLDS[rule]
    if missing := [name for name in names if name not in given]:
        raise ValueError(f"{', '.join(missing)} is missing; add it as in the project's config.yaml")
    for name in names:
        if not least <= given[name] <= greatest:
            raise ValueError(f"{name} = {given[name]:g} must lie between {least:g} and {greatest:g}")
        if name in COUNTS and not given[name].is_integer():
            raise ValueError(f"{name} = {given[name]:g} must be a whole number")
    if any(low >= high for low, high in pairwise(given[name] for name in names)):
        said = ", ".join(f"{name} {given[name]:g}" for name in names)
        raise ValueError(f"{said} must ascend in this order: change one of them")


@cache
def rule_files(path: Path = RULES_PATH) -> tuple[RuleFile, ...]:
    """Every rule by kind and name: a file that is there is a rule."""
    files = [(kind, file) for kind in KINDS for file in sorted((path / kind).glob("*.sql"))]
    return tuple(_read(kind, file) for kind, file in files)


def _read(kind: str, file: Path) -> RuleFile:
    text = file.read_text()
    comment = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    return RuleFile(
        file.stem, kind, " ".join(comment), tuple(dict.fromkeys(name for name, _ in VARIABLE.findall(text)))
    )


def signal_vars(signals: Signals) -> dict[str, object]:
    """`signal_rules`, kind -> rule -> intervals of those that are on; and each threshold as <rule>_<threshold>."""
    wanted = {
        kind: {
            file.name: signals.intervals_of(file.name)
            for file in rule_files()
            if file.kind == kind and signals.of(file.name).is_on
        }
        for kind in KINDS
    }
    numbers = {
        f"{name}_{threshold}": value
        for name, rule in signals.rules.items()
        for threshold, value in rule.thresholds.items()
    }
    return {"signal_rules": wanted, **numbers}


def rule_rows(signals: Signals, variables: Mapping[str, object]) -> list[dict[str, object]]:
    """One row per rule, as signals.rules shows it; `variables` are all that models are given."""
    return [
        {
            "rule": file.name,
            "kind": file.kind,
            "description": file.description,
            "intervals": ", ".join(signals.intervals_of(file.name)) if file.kind == "market" else None,
            "thresholds": ", ".join(f"{name} {variables[name]}" for name in file.variables if name in variables),
            "is_on": signals.of(file.name).is_on,
        }
        for file in rule_files()
    ]
