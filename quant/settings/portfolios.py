"""The `portfolios` section of config.yaml: who belongs to each, what everyone weighs, when that is restored."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from quant.refusals import explain_lack
from quant.settings.section import Section, Symbol

RULES: Mapping[str, tuple[str, ...]] = {
    "all equities": ("equity",),
    "all crypto": ("crypto",),
    "all": ("equity", "crypto"),
}
SUM_TOLERANCE = 1e-9
DEFAULT_WINDOW = 63
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}$")]  # it stands in an address
Weighting = Literal["equal", "buy_and_hold", "fixed", "inverse_volatility"]
Calendar = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "never"]


def listed(value: Any) -> Any:
    """A rule is one name, symbols are several: both are a tuple of names from here on."""
    return (value,) if isinstance(value, str) else value


Members = Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]


class Portfolio(Section):
    """One portfolio as it is asked for; `members` and the keys of `weights` are symbols or rules."""

    members: Members
    weighting: Weighting
    weights: dict[str, FiniteFloat] | None = None
    rebalance: Calendar
    window: Annotated[int, Field(ge=2, le=2520)] | None = None
    benchmark: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, value: Any) -> Any:
        """A list, or a rule, is its members; what is not said follows from what is."""
        if isinstance(value, str | list | tuple):
            value = {"members": value}
        if not isinstance(value, dict):
            raise ValueError("a portfolio is a list of symbols, or `members: [...]` with `weighting:` and the like")
        said = {name: each for name, each in value.items() if each is not None}  # `window:` alone says nothing
        if isinstance(weights := said.get("weights"), dict | list):
            said.setdefault("members", list(weights))
        said.setdefault("weighting", "fixed" if said.get("weights") is not None else "equal")
        said.setdefault("rebalance", "never" if said["weighting"] == "buy_and_hold" else "daily")
        if said["weighting"] == "inverse_volatility":
            said.setdefault("window", DEFAULT_WINDOW)
        return said

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        for reason in self._contradictions():
            raise ValueError(reason)
        return self

    def _contradictions(self) -> Iterator[str]:
        if self.weighting == "fixed" and self.weights is None:
            yield "weighting fixed needs weights, {SPY: 0.6, BTCUSDT: 0.4} say"
        if self.weights is not None:
            yield from self._contradictions_of_weights(self.weights)
        if self.weighting == "buy_and_hold" and self.rebalance != "never":
            yield f"buy_and_hold is never rebalanced: take rebalance: {self.rebalance} out, or another weighting"
        if self.window is not None and self.weighting != "inverse_volatility":
            yield "window is of weighting inverse_volatility alone: take it out"
        if twice := next((name for name in self.members if self.members.count(name) > 1), None):
            yield f"members name {twice} twice: take one out"

    def _contradictions_of_weights(self, weights: Mapping[str, float]) -> Iterator[str]:
        if self.weighting not in ("fixed", "buy_and_hold"):
            yield f"weights and weighting {self.weighting} contradict each other: take one of them out"
        if set(self.members) != set(weights):
            odd = sorted(set(self.members) ^ set(weights))
            yield f"members and weights do not name the same: {', '.join(odd)}; members may be left out beside weights"
        if abs(total := math.fsum(weights.values()) - 1) > SUM_TOLERANCE:
            yield f"weights sum to {1 + total:.12g} and not to 1: change them (a negative one is a short position)"


@dataclass(frozen=True)
class Instrument:
    """A symbol of the configuration, and where its bars come from."""

    source: str
    symbol: str
    asset_class: str


@dataclass(frozen=True)
class Member:
    """`weight` is what the member is given at each rebalancing; None where volatility decides."""

    instrument: Instrument
    weight: float | None


def members_of(portfolio: Portfolio, instruments: Sequence[Instrument]) -> tuple[Member, ...]:
    """Who belongs to it; nobody if a rule finds nobody: such a portfolio is left out.

    Raises ValueError for a name that is unknown, that two markets share, or that comes in twice.
    """
    found = {name: _named(name, instruments) for name in portfolio.members}
    everyone = [each for group in found.values() for each in group]
    symbols = [each.symbol for each in everyone]
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise ValueError(f"members name {symbol} twice: a rule holds it already, or two markets know it")
    if not all(found.values()):
        return ()
    if portfolio.weights is not None:
        total = math.fsum(portfolio.weights.values())  # 1 to 1e-9: 0.3333333333 thrice; in a build it is 1
        shares = {name: portfolio.weights[name] / total / len(group) for name, group in found.items()}
        return tuple(Member(each, shares[name]) for name, group in found.items() for each in group)
    equal = None if portfolio.weighting == "inverse_volatility" else 1 / len(everyone)
    return tuple(Member(each, equal) for each in everyone)


def unknown_members(portfolio: Portfolio, instruments: Sequence[Instrument]) -> list[str]:
    """Names that are neither a rule nor a symbol of the configuration."""
    known = {each.symbol for each in instruments}
    return [name for name in portfolio.members if name not in RULES and name not in known]


def _named(name: str, instruments: Sequence[Instrument]) -> list[Instrument]:
    """Of a rule all of its asset classes, but no index: ^IRX is a rate, which nobody can hold."""
    if name in RULES:
        return [each for each in instruments if each.asset_class in RULES[name] and not each.symbol.startswith("^")]
    return [each for each in instruments if each.symbol == name]


def check_portfolios(portfolios: Mapping[str, Portfolio], instruments: Sequence[Instrument]) -> None:
    """ValueError with key, value and remedy if members or benchmarks of one are not known."""
    for name, portfolio in portfolios.items():
        if missing := unknown_members(portfolio, instruments):
            known = [each for each in portfolio.members if each not in missing]
            if missing[0].lower().startswith("all"):
                raise ValueError(f"portfolios.{name}: {missing[0]!r} is no rule; there are {', '.join(RULES)}")
            raise ValueError(explain_lack(f"portfolios.{name}", missing, known))
        try:
            members_of(portfolio, instruments)
        except ValueError as error:
            raise ValueError(f"portfolios.{name}: {error}") from None
    check_benchmarks(portfolios, instruments)


def check_benchmarks(portfolios: Mapping[str, Portfolio], instruments: Sequence[Instrument]) -> None:
    """ValueError if a benchmark is neither a symbol nor a portfolio, or if following them comes back."""
    everything = [each.symbol for each in instruments]
    symbols = set(everything)
    for name, portfolio in portfolios.items():
        key, benchmark = f"portfolios.{name}.benchmark", portfolio.benchmark
        if name in symbols:
            raise ValueError(f"portfolios.{name}: a symbol has this name; give the portfolio another one")
        if benchmark is not None and benchmark not in symbols | set(portfolios):
            raise ValueError(
                f"{key} = {benchmark!r}: this is neither a symbol of crypto.symbols or equities.symbols nor the name "
                f"of a portfolio ({', '.join(portfolios)}); correct it, or take it out"
            )
        if benchmark is not None and everything.count(benchmark) > 1:
            raise ValueError(f"{key} = {benchmark!r}: two markets know it; take another, or take it out of one")
        path = [name]
        while benchmark in portfolios:
            path.append(str(benchmark))
            if benchmark == name or len(path) > len(portfolios) + 1:
                raise ValueError(f"{key} = {path[1]!r}: benchmarks go in a circle ({' -> '.join(path)}); change one")
            benchmark = portfolios[str(benchmark)].benchmark


Portfolios = dict[Name, Portfolio]
Sectors = dict[Symbol, Annotated[str, Field(min_length=1)]]
