"""Why a setting is refused: one sentence with the file or variable, the key, the value and the remedy."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from quant.errors import ConfigError

SECRET = "notifications"  # the section whose values may hold passwords
SCALE = "scale"  # one whose data_path may, where it is refused


def refuse_unknown_variables(fields: Iterable[str]) -> None:
    """Raise ConfigError for a QUANT_* variable that names no setting: a typing error must not go unnoticed."""
    known = {*(f"QUANT_{name.upper()}" for name in fields), "QUANT_CONFIG"}
    for name in os.environ:
        if name.startswith("QUANT_") and name.split("__")[0] not in known:
            raise ConfigError(f"environment variable {name} is no setting; known are {', '.join(sorted(known))}")


def checked_url(url: str, schemes: Sequence[str]) -> str:
    """`url` without a slash at its end; ValueError if it has another scheme, no host, or a port that is none."""
    address = urlsplit(url)
    if address.scheme not in schemes or not address.hostname or address.port == 0:
        raise ValueError(f"an address begins with {' or '.join(f'{scheme}://' for scheme in schemes)} and a host")
    return url.rstrip("/")


def checked_time_zone(name: str) -> str:
    """`name` if this machine knows such a time zone, else ValueError."""
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        raise ValueError("no such time zone; use a name like America/New_York or UTC") from None
    return name


def explain_lack(key: str, missing: Sequence[str], known: Sequence[str]) -> str:
    """Why `key` is refused, which names symbols that are `missing` in the lists beside others that are `known`."""
    variable = f"QUANT_{key.upper().replace('.', '__')}"
    example = f"{variable}='{json.dumps(list(known))}'" if known else variable
    return (
        f"{key}: {', '.join(missing)} is in neither crypto.symbols nor equities.symbols: "
        f"add it to one of them, or change {key} too (in the environment {example})"
    )


def explain(path: Path, error: ValidationError) -> str:
    """The first fault of `error`, for a person who edits `path` or the environment."""
    faults = error.errors()
    # A misspelt key is also a missing one: the spelling is what a person can mend.
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = without_secrets(key)
        return f"{path} (or a QUANT_* variable): unknown key {key}; remove it or correct its spelling"
    if first["type"] == "missing":
        return f"{path}: key {key} is missing; add it as in the project's config.yaml"
    value = f"{_shown(key, first['input'])}: " if key else ""
    reason = f"{value}{first['msg'].removeprefix('Value error, ')}"
    return f"{path} (or a QUANT_* variable): {without_secrets(reason) if key.startswith(SECRET) else reason}"


def _shown(key: str, value: object) -> str:
    """The key with its value, unless that is a whole section or must not be seen."""
    if key.startswith(SECRET) and (isinstance(value, dict) or key.split(".")[1:2] == ["urls"]):
        return key
    if key.split(".")[0] == SCALE and re.search("[@?#]", str(value)):
        return key
    return f"{key} = {value!r}"


def without_secrets(text: str) -> str:
    """Addresses lose all but their schema: tgram://..."""
    return re.sub(r"""://(?!appriseit\.com/)[^\s'"]+""", "://...", text)


def explain_json(reason: str) -> str:
    """A variable that holds a list or a table is JSON; `reason` names the field, we name the variable."""
    field = reason.split('"')[1] if reason.count('"') >= 2 else ""
    given = sorted(name for name in os.environ if field and name.startswith(f"QUANT_{field.upper()}"))
    names = ", ".join(given) or "a QUANT_* variable"
    return f"""{names} is not valid JSON, as lists and tables must be: '["A", "B"]'"""
