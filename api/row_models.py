"""Rows of a serving relation as models of an answer: names, types and meanings are those of the yml beside it."""

from datetime import date, datetime
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, Field, create_model

from quant.settings import PROJECT_PATH

MODELS = PROJECT_PATH / "models"
TYPES: dict[str, type] = {
    "varchar": str,
    "double": float,
    "bigint": int,
    "integer": int,
    "boolean": bool,
    "date": date,
    "timestamptz": datetime,
}
Entry = dict[str, Any]


@cache
def columns_of(relation: str) -> dict[str, Entry]:
    """Column -> its entry, of those that a table can hold (a map by quality is none).

    Columns that the yml leaves to other models are described there, and are numbers.
    """
    model = _models(_file(relation))[0]
    meta = model.get("config", {}).get("meta", {})
    own = {column["name"]: column for column in model["columns"] if column["data_type"] in TYPES}
    lent = {
        column["name"]: {"data_type": "double", **column}
        for name in meta.get("columns_of", [])
        for column in _models(next(MODELS.rglob(f"{name}.yml")))[0]["columns"]
        if column["name"] not in {*own, *meta["columns_without"], "series_id", "ts"}
    }
    return own | lent


def described(entry: Entry) -> str:
    """The sentence of the catalogue, with the unit."""
    text = " ".join(entry["description"].split())
    unit = entry.get("config", {}).get("meta", {}).get("unit")
    return f"{text} Unit, {unit}." if unit and "Unit" not in text else text


@cache
def row_model(
    relation: str, without: frozenset[str] = frozenset(), only: tuple[str, ...] = (), name: str | None = None
) -> type[BaseModel]:
    """A row without the columns that the head of the answer says already; what is not knowable is null.

    No column is required: `fields` chooses. It is called by its relation, or by `name` where that has another model.
    """
    fields: dict[str, Any] = {
        column: (TYPES[entry["data_type"]] | None, Field(None, description=described(entry)))
        for column, entry in columns_of(relation).items()
        if column not in without and (not only or column in only)
    }
    titled = "".join(part.title() for part in relation.replace(".", "_").split("_")) + "Row"
    return create_model(name or titled, **fields)


def answer_model(name: str, base: type[BaseModel], noun: str, row: type[BaseModel], said: str) -> type[BaseModel]:
    """The head of an answer with its rows."""
    rows: dict[str, Any] = {noun: (list[row], Field(description=said))}  # type: ignore[valid-type]
    return create_model(name, __base__=base, **rows)


@cache
def _models(path: Any) -> list[Entry]:
    found: list[Entry] = yaml.load(path.read_text(), yaml.CSafeLoader)["models"]
    return found


def _file(relation: str) -> Any:
    """serving.option_history is made by serving_option_history.sql, serving.series_tests by series_tests.sql."""
    schema, _, name = relation.rpartition(".")
    folder = MODELS / (schema or "serving")
    named = folder / f"{folder.name}_{name}.yml"
    return named if named.exists() else folder / f"{name}.yml"
