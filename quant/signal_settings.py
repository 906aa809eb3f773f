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
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

RULES_PATH = Path(__file__).resolve().parent.parent / "models" / "signals" / "rules"
KINDS = ("market", "option", "data")
VARIABLE = re.compile(r"""var\(['"](\w+)['"]\)""")

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


class Rule(BaseModel):
    """A rule's own numbers are further keys."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, float] = Field(init=False)

    is_on: bool = True
    intervals: Intervals | None = None

    @property
    def thresholds(self) -> dict[str, float]:
        return dict(self.__pydantic_extra__ or {})


class Signals(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    intervals: Intervals
    rules: dict[str, Rule]

    @model_validator(mode="after")
    def _rules_are_known(self) -> Self:
        known = [file.name for file in rule_files()]
        if unknown := sorted(set(self.rules) - set(known)):
            raise ValueError(
                f"rules: {', '.join(unknown)} is no rule; known are {', '.join(known)}. "
                "A rule is a file in models/signals/rules: add it, or remove the key"
            )
        for name in THRESHOLDS:
            check_thresholds(name, self.of(name).thresholds)
        for file in rule_files():
            check_are_read(file, self.of(file.name).thresholds)
        return self

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


def check_thresholds(rule: str, given: Mapping[str, float]) -> None:
    """Raise ValueError, with the remedy, unless the rule has its numbers, in their order and within their bounds."""
    names, least, greatest = THRESHOLDS[rule]
    if missing := [name for name in names if name not in given]:
        raise ValueError(f"rules.{rule}: {', '.join(missing)} is missing; add it as in the project's config.yaml")
    if unknown := sorted(set(given) - set(names)):
        raise ValueError(f"rules.{rule}: unknown key {', '.join(unknown)}; its thresholds are {', '.join(names)}")
    values = [given[name] for name in names]
    if not all(least <= value <= greatest for value in values):
        raise ValueError(f"rules.{rule}: {', '.join(names)} must lie between {least:g} and {greatest:g}")
    if any(low >= high for low, high in pairwise(values)):
        said = ", ".join(f"{name} {given[name]:g}" for name in names)
        raise ValueError(f"rules.{rule}: {said} must ascend in this order")


def check_are_read(file: RuleFile, given: Mapping[str, float]) -> None:
    """Raise ValueError for a key that the rule's SQL does not read, `is_of: false` say, or that is no finite number."""
    if unread := sorted(name for name in given if f"{file.name}_{name}" not in file.variables):
        raise ValueError(
            f"rules.{file.name}: unknown key {', '.join(unread)}; beside is_on and intervals a rule has the thresholds "
            "that its SQL reads"
        )
    if odd := sorted(name for name, value in given.items() if not isfinite(value)):
        raise ValueError(f"rules.{file.name}: {', '.join(odd)} must be a finite number")


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
    return RuleFile(file.stem, kind, " ".join(comment), tuple(dict.fromkeys(VARIABLE.findall(text))))


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
