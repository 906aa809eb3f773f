"""Which metrics there are: the table macros whose first parameter is `bars`, `trades`, `quotes` or `priced`."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quant.errors import MetricError
from quant.formulas import FORMULAS_PATH, formula_files

CHAINS = ("quotes", "priced")  # of options: as they came, and with volatility and greeks
INPUTS = ("bars", "trades", *CHAINS)
RELATIONS = (*INPUTS, "benchmark", "factors")  # parameters that name a relation; all others are values

GREEKS = ("delta", "gamma", "vega", "theta", "rho", "vanna", "volga", "charm", "speed", "zomma", "color", "veta",
          "ultima", "dividend_rho", "itm_prob", "greek", "greeks")  # fmt: skip
GREEKS_SAID = (
    "in `quant sql`, `from priced('quotes')` has all greeks of a chain, and "
    "`from bs_greeks(is_call := true, s := 100, k := 100, t := 0.5, r := 0.03, sigma := 0.2)` those of one option"
)

STATEMENT = re.compile(r"^create or replace macro (\w+)\(", re.MULTILINE)
COMMENT = re.compile(r"^comment on macro (table )?(\w+) is\s+'((?:[^']|'')*)';", re.MULTILINE)
CALL = re.compile(r"\b([a-z_]\w*)\(")
NOTES = re.compile(r"(?:^--.*\n)+\Z", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """A value that a metric takes; `default` is SQL."""

    name: str
    default: str

    def __str__(self) -> str:
        return f"{self.name} := {self.default}"

    @property
    def maps_to_text(self) -> bool:
        """Of a map by symbol: whether it tells names (of groups) or numbers (weights)."""
        return self.default == "map([]::varchar[], []::varchar[])"


@dataclass(frozen=True)
class Macro:
    """One formula as its file has it: what it takes, what it calls, what is said of it."""

    name: str
    file: str
    is_table: bool
    parameters: tuple[Parameter, ...]
    calls: frozenset[str]
    gives_value: bool
    notes: str


@dataclass(frozen=True)
class Metric:
    """A metric that can be asked of any bars, or of any chain of options, under its id."""

    name: str
    file: str
    relations: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    gives_value: bool  # or columns of its own
    called: frozenset[str]  # every macro and function that it uses, however deep
    comment: str
    notes: str

    @property
    def family(self) -> str:
        """Of 70_trend.sql, `trend`."""
        return self.file.removesuffix(".sql").partition("_")[2]

    @property
    def is_of_options(self) -> bool:
        return self.relations[0] in CHAINS

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join([*self.relations, *map(str, self.parameters)])})"

    def uses(self, functions: Iterable[str]) -> bool:
        return not self.called.isdisjoint(functions)


@cache
def metrics(path: Path = FORMULAS_PATH) -> Mapping[str, Metric]:
    """id -> metric, in the order of the files."""
    macros = [macro for file in formula_files(path) for macro in _macros(file)]
    comments = dict(comment for file in formula_files(path) for comment in _comments(file))
    callees: dict[str, frozenset[str]] = {}
    notes: dict[str, str] = {}
    for macro in macros:
        callees[macro.name] = callees.get(macro.name, frozenset()) | macro.calls
        notes[macro.name] = macro.notes  # of a macro for columns and a table macro of one name, the later
    found = [macro for macro in macros if _is_metric(macro)]
    return {
        macro.name: Metric(
            macro.name, macro.file, *_split(macro), _value_of(macro, macros), _closure(macro.name, callees),
            comments.get(macro.name, ""), notes[macro.name],
        )
        for macro in found
    }  # fmt: skip


def metric_named(name: str) -> Metric:
    """The metric of this id, in any case; an unknown one is refused with the nearest ids."""
    known = metrics()
    if name.lower() in known:
        return known[name.lower()]
    if name.lower() in GREEKS:
        raise MetricError(f"{name.lower()} is no metric of its own: {GREEKS_SAID}")
    near = near_names(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else "`quant metrics` lists all"
    raise MetricError(f"there is no metric {name!r}: {hint}")


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """At most three of the known names, the most alike first."""
    names, name = list(known), name.lower()
    parts = [each for each in names if each in name.split("_")]  # of sma_short, sma
    near = difflib.get_close_matches(name, names, 3, 0.6)
    return near or [each for each in names if len(name) > 2 and name in each][:3] or parts[:3]


def _macros(file: Path) -> Iterable[Macro]:
    text = file.read_text()
    said = ""
    for start in STATEMENT.finditer(text):
        parameters, after = read_parameters(text, start.end())
        body = re.sub(r"--.*", "", text[after:].split(";\n", 1)[0])
        notes = NOTES.search(text[: start.start()])
        said = notes[0].replace("-- ", "").strip() if notes else said  # a block speaks for all macros below it
        yield Macro(
            start[1],
            file.name,
            re.match(r"\s*as\s+table\b", body) is not None,
            parameters,
            frozenset(CALL.findall(body)),
            re.search(r"\bas value\b", body) is not None,
            said,
        )


def _comments(file: Path) -> Iterable[tuple[str, str]]:
    """What is said of each macro, of table macros last: they may share a name with one for columns."""
    found = sorted(COMMENT.finditer(file.read_text()), key=lambda match: bool(match[1]))
    return ((match[2], match[3].replace("''", "'")) for match in found)


def read_parameters(text: str, begin: int) -> tuple[tuple[Parameter, ...], int]:
    """The parameters of a macro whose list begins at `begin`, and where its body does."""
    depth, pieces, end = 1, [""], begin
    while depth:
        letter = text[end]
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 1:
            pieces.append("")
        elif depth:
            pieces[-1] += letter
        end += 1
    named = [piece.partition(":=") for piece in pieces if piece.strip()]
    return tuple(Parameter(name.strip(), default.strip()) for name, _, default in named), end


def _is_metric(macro: Macro) -> bool:
    return macro.is_table and bool(macro.parameters) and macro.parameters[0].name in INPUTS


def _split(macro: Macro) -> tuple[tuple[str, ...], tuple[Parameter, ...]]:
    relations = tuple(each.name for each in macro.parameters if each.name in RELATIONS)
    return relations, tuple(each for each in macro.parameters if each.name not in RELATIONS)


def _closure(name: str, callees: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = {callee for each in waiting for callee in callees.get(each, ())} - found
    return frozenset(found)


def _value_of(macro: Macro, macros: list[Macro]) -> bool:
    """Whether its rows have a `value`: its own select names one, or it passes on what a table macro gives."""
    tables = {each.name: each for each in macros if each.is_table}
    return macro.gives_value or any(
        tables[callee].gives_value for callee in macro.calls if callee in tables and callee != macro.name
    )
