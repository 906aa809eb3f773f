"""Why a setting is refused: one sentence with the file or variable, the key, the value and the remedy."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from quant.errors import ConfigError


def refuse_unknown_variables(fields: Iterable[str]) -> None:
    """Raise ConfigError for a QUANT_* variable that names no setting: a typing error must not go unnoticed."""
    known = {*(f"QUANT_{name.upper()}" for name in fields), "QUANT_CONFIG"}
    for name in os.environ:
        if name.startswith("QUANT_") and name.split("__")[0] not in known:
            raise ConfigError(f"environment variable {name} is no setting; known are {', '.join(sorted(known))}")


def explain(path: Path, error: ValidationError) -> str:
    """The first fault of `error`, for a person who edits `path` or the environment."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{path} (or a QUANT_* variable): unknown key {key}; remove it or correct its spelling"
    if first["type"] == "missing":
        return f"{path}: key {key} is missing; add it as in the project's config.yaml"
    value = f"{key} = {first['input']!r}: " if key else ""
    return f"{path} (or a QUANT_* variable): {value}{first['msg'].removeprefix('Value error, ')}"


def explain_json(reason: str) -> str:
    """A variable that holds a list or a table is JSON; `reason` names the field, we name the variable."""
    field = reason.split('"')[1] if reason.count('"') >= 2 else ""
    given = sorted(name for name in os.environ if field and name.startswith(f"QUANT_{field.upper()}"))
    names = ", ".join(given) or "a QUANT_* variable"
    return f"""{names} is not valid JSON, as lists and tables must be: '["A", "B"]'"""
