"""What every task of a build does: the models' own SQL, compiled once, and the configuration that it joins with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from graphlib import TopologicalSorter
from typing import Any

import pyarrow as pa

from quant.scale.record import Dataset

SHARDED = "per_symbol"  # the tag of models that a shard can make by itself ...
ACROSS = "cross_section"  # ... unless they also carry this one: a folder's tag cannot be taken from one of its models
STORED = {"table", "incremental"}
KINDS = {*STORED, "view"}
DATABASE = "market"  # as dbt names it in what it compiles
RELATION = re.compile(rf'"{DATABASE}"\."(\w+)"\."(\w+)"')


@dataclass(frozen=True)
class Model:
    """A relation `schema.name` and its select; dbt calls it `name`. `is_stored` if it is a table, `is_sharded` if tasks
    make it.
    """

    name: str
    relation: str
    select: str
    is_stored: bool
    is_sharded: bool


@dataclass(frozen=True)
class Plan:
    """The same for each shard. `tables` is schema config, as Arrow IPC, because it travels; `code` names the version of
    formulas and UDFs that a worker must have.
    """

    build_id: str
    models: tuple[Model, ...]
    datasets: dict[str, Dataset]
    tables: dict[str, bytes]
    instants: dict[str, datetime]
    kept_since: date
    code: str
    root: str
    memory: str
    threads: int = 1

    @property
    def stored(self) -> list[str]:
        """The relations that shards store."""
        return [model.relation for model in self.models if model.is_stored]


def models_of(nodes: Iterable[Any]) -> tuple[Model, ...]:
    """Models as dbt compiled them, each after those that it reads; ephemeral ones stand in their readers' text."""
    models = {model.relation: model for model in (_model(node) for node in nodes if node.config.materialized in KINDS)}
    reads = {name: set(reads_of(model)) & set(models) for name, model in models.items()}
    return tuple(models[name] for name in TopologicalSorter(reads).static_order())


def needed(models: Iterable[Model]) -> tuple[Model, ...]:
    """The models that tasks make, and the views that these read."""
    known = {model.relation: model for model in models}
    wanted: set[str] = set()
    left = [model.relation for model in known.values() if model.is_sharded]
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += [each for each in reads_of(known[name]) if each in known]
    return tuple(model for name, model in known.items() if name in wanted)


def _model(node: Any) -> Model:
    is_stored = node.config.materialized in STORED
    is_sharded = is_stored and SHARDED in node.tags and ACROSS not in node.tags
    return Model(node.name, f"{node.schema}.{node.alias}", node.compiled_code, is_stored, is_sharded)


def reads_of(model: Model) -> list[str]:
    """The relations that it names."""
    return [f"{schema}.{name}" for schema, name in RELATION.findall(model.select)]


def in_transit(tables: Mapping[str, pa.Table]) -> dict[str, bytes]:
    """Tables as Arrow IPC: small, exact, and readable by any version."""
    return {name: _packed(table) for name, table in tables.items()}


def unpacked(table: bytes) -> pa.Table:
    return pa.ipc.open_stream(table).read_all()


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
