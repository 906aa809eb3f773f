"""What the API answers, and what a query by hand says on the same build."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
import httpx
import pyarrow as pa

Row = dict[str, Any]


def answered(api: httpx.Client, path: str, parameters: Mapping[str, Any] | None = None) -> Row:
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    body: Row = answer.json()
    return body


def pages(api: httpx.Client, path: str, noun: str, **asked: Any) -> list[list[Row]]:
    """The rows of each page, in the order in which pages come: each is reached by `next_cursor` alone."""
    found: list[list[Row]] = []
    cursor: dict[str, str] = {}
    for _ in range(500):
        body = answered(api, path, {**asked, **cursor})
        assert 0 < len(body[noun]) <= asked["limit"]
        found.append(body[noun])
        if not body["next_cursor"]:
            return found
        cursor = {"cursor": body["next_cursor"]}
    raise AssertionError("the pages do not end")


def flat(found: list[list[Row]]) -> list[Row]:
    return [row for page in found for row in page]


def by_hand(build: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, object] | None = None) -> list[Row]:
    """Rows as the API writes them: instants and dates as ISO text."""
    table: pa.Table = build.execute(sql, dict(given or {})).to_arrow_table()
    return [{name: written(value) for name, value in row.items()} for row in table.to_pylist()]


def written(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if hasattr(value, "isoformat") else value
