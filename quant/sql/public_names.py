"""public.json: everything that a query of `POST /sql` may name. Read in the sandbox, so it imports next to nothing."""

import json
from dataclasses import dataclass, field
from pathlib import Path

DATABASE, NAMES = "public.duckdb", "public.json"


@dataclass(frozen=True)
class PublicNames:
    relations: dict[str, list[str]]  # with their columns
    absent: dict[str, str] = field(default_factory=dict)  # relations that are not here -> why, and what is instead
    formulas: list[str] = field(default_factory=list)  # macros for columns
    table_formulas: dict[str, list[str]] = field(default_factory=dict)  # table macros with their parameters
    relation_parameters: list[str] = field(default_factory=list)  # those that name a relation


def read_public_names(folder: Path) -> PublicNames:
    """What the database in `folder`, that of one build, holds."""
    return PublicNames(**json.loads((folder / NAMES).read_text()))
