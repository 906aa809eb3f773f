"""The SQL of the trailing models as dbt compiles and runs it, without dbt: they use ref, var, the macros in
macros/ and what stands here. Relations are named as the models are, all in schema main."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

import duckdb
from jinja2 import Environment, Template

from quant.settings import PROJECT_PATH

MACRO = re.compile(r"({% macro (\w+)\(.*?{%-? endmacro -?%})", re.DOTALL)
TRAILING = (
    "trend", "channels", "averages", "macd", "momentum", "ranges", "directional", "oscillators", "volume",
    "volatility", "range_volatility", "performance",
)  # fmt: skip
# What a build runs before them, in this order.
BEFORE = ("changes", "ordered_returns", "recent_bars", "states")


class Returned(Exception):
    """What a macro's return() gives: any value, no text."""


class Relation(str):
    """A model's own table."""

    @property
    def identifier(self) -> str:
        return str(self)


@cache
def macro_codes() -> dict[str, CodeType]:
    """The project's macros, read and parsed once: that is dbt's business, and no part of what SQL costs."""
    environment = Environment(extensions=["jinja2.ext.do"])
    files = sorted((PROJECT_PATH / "macros").rglob("*.sql"))
    found = [pair for file in files for pair in MACRO.findall(file.read_text())]
    return {name: environment.compile(text) for text, name in found}


def compiled(model: str, variables: Mapping[str, object]) -> str:
    """The select of a full build."""
    return Build(variables).select(model)


@cache
def text_of(model: str) -> str:
    return next((PROJECT_PATH / "models").rglob(f"{model}.sql")).read_text()


def is_ephemeral(model: str) -> bool:
    rules = PROJECT_PATH / "models" / "signals" / "rules"
    return "materialized='ephemeral'" in text_of(model) or any(rules.rglob(f"{model}.sql"))


def unedited(select: str) -> str:
    return select


@dataclass
class Build:
    """Models over the tables of `connection`: made whole, or going on from what is there."""

    variables: Mapping[str, object]
    connection: duckdb.DuckDBPyConnection | None = None
    is_incremental: bool = False
    edit: Callable[[str], str] = unedited
    _hooks: dict[str, Any] = field(default_factory=dict)
    _inlined: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Names that dbt offers to models, and the project's macros, each of which may call the others."""
        self._jinja = Environment(extensions=["jinja2.ext.do"])
        self._jinja.globals |= {
            "ref": self._named, "source": lambda schema, name: f"{schema}.{name}",
            "var": self.variables.__getitem__, "config": self._configure, "return": give_back,
            "execute": True, "is_incremental": lambda: self.is_incremental,
            "flags": SimpleNamespace(FULL_REFRESH=not self.is_incremental), "load_relation": lambda name: name,
            "run_query": lambda query: SimpleNamespace(rows=self.run(query)),
            "adapter": SimpleNamespace(get_columns_in_relation=self._columns),
        }  # fmt: skip
        for name, code in macro_codes().items():
            template = Template.from_code(self._jinja, code, self._jinja.make_globals(None))
            self._jinja.globals[name] = giving(template, name)

    def select(self, model: str) -> str:
        self._hooks, self._inlined = {}, {}
        select = self._rendered(text_of(model), model)
        inlined = "".join(f"{name} as (\n{text}\n),\n" for name, text in self._inlined.items())
        return self.edit(re.sub(r"^with$", lambda _: f"with\n{inlined}", select, count=1, flags=re.MULTILINE))

    def store(self, model: str) -> None:
        """Run a model as dbt does: hooks, a temporary table of new rows, the insert; or the table itself."""
        select = self.select(model)
        hooks = self._hooks
        if self.is_incremental and hooks.get("materialized") == "incremental":
            self._run_hooks(model, hooks.get("pre_hook", []))
            self.run(f"create or replace temp table {model}__dbt_tmp as {select}")
            columns = ", ".join(column.name for column in self._columns(model))
            self.run(f"insert into {model} ({columns}) select {columns} from {model}__dbt_tmp")
        else:
            self.run(f"create or replace table {model}__new as {select}")
            self.run(f"drop table if exists {model}; alter table {model}__new rename to {model}")
        self._run_hooks(model, hooks.get("post_hook", []))

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        assert self.connection is not None
        return self.connection.execute(statement).fetchall()

    def _run_hooks(self, model: str, hooks: str | list[str]) -> None:
        for hook in [hooks] if isinstance(hooks, str) else hooks:
            if statement := self._rendered(hook, model).strip():
                self.run(statement)

    def _named(self, model: str) -> str:
        """As dbt names what a model reads; an ephemeral model is a CTE of whoever reads it."""
        if not is_ephemeral(model):
            return qualified(model)
        name = f"__dbt__cte__{model}"
        if name not in self._inlined:
            hooks, this = dict(self._hooks), self._jinja.globals["this"]
            text = self._rendered(text_of(model), model)
            self._hooks, self._inlined[name] = hooks, text
            self._jinja.globals["this"] = this
        return name

    def _rendered(self, text: str, model: str) -> str:
        self._jinja.globals["this"] = Relation(model)
        return self._jinja.from_string(text).render()

    def _columns(self, relation: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=row[0]) for row in self.run(f"describe {relation}")]

    def _configure(self, **given: Any) -> str:
        self._hooks.update(given)
        return ""


def qualified(model: str) -> str:
    """As dbt names what a model reads: no CTE of that name hides it."""
    return f"main.{model}"


def give_back(value: Any) -> None:
    raise Returned(value)


def giving(macro: Template, name: str) -> Callable[..., Any]:
    """A macro, which sees the others when it is called; what it returns with return() instead of its text."""

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return getattr(macro.make_module(), name)(*arguments, **named)
        except Returned as returned:
            return returned.args[0]

    return call
