"""Rows of a serving relation as models of an answer: names, types and meanings are those of the yml beside it."""

from datetime import date, datetime
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, Field, create_model

from quant.settings import PROJECT_PATH

SERVING = PROJECT_PATH / "models" / "serving"
TYPES: dict[str, type] = {
    "varchar": str,
    "double": float,
    "bigint": int,
    "integer": int,
    "boolean": bool,
    "date": date,
    "timestamptz": datetime,
}


@cache
def columns_of(relation: str) -> dict[str, dict[str, str]]:
    """Column -> its entry, of those that a table can hold (a map by quality is none)."""
    [model] = yaml.safe_load(_file(relation).read_text())["models"]
    return {column["name"]: column for column in model["columns"] if column["data_type"] in TYPES}


@cache
def row_model(relation: str, without: frozenset[str]) -> type[BaseModel]:
    """A row without the columns that the head of the answer says already; what is not knowable is null."""
    fields: dict[str, Any] = {
        name: (TYPES[column["data_type"]] | None, Field(description=" ".join(column["description"].split())))
        for name, column in columns_of(relation).items()
        if name not in without
    }
    return create_model("".join(part.title() for part in relation.split("_")), **fields)


def _file(relation: str) -> Any:
    """serving.option_history is made by serving_option_history.sql, serving.series_tests by series_tests.sql."""
    named = SERVING / f"serving_{relation}.yml"
    return named if named.exists() else SERVING / f"{relation}.yml"
