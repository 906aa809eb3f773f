"""An answer of stored relations is made once per build, and never outlives it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.remembered import MEGABYTE, Given, Remembered
from quant.warehouse import Reading

RISK = {"source": "yahoo", "symbol": "SPY", "as_of": datetime(2026, 11, 20, tzinfo=UTC)}
SERIES = {"source": "yahoo", "symbol": "SPY", "asset_class": "equity", "interval": "1d", "metric": "close"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that any build is asked from now on; the server is a thread of this process."""
    statements: list[str] = []
    query, rows = Reading.query, Reading.rows

    def noted_query(reading: Reading, sql: str, *given: Any) -> Any:
        statements.append(sql)
        return query(reading, sql, *given)

    def noted_rows(reading: Reading, sql: str, *given: Any) -> Any:
        statements.append(sql)
        return rows(reading, sql, *given)

    monkeypatch.setattr(Reading, "query", noted_query)
    monkeypatch.setattr(Reading, "rows", noted_rows)
    return statements


def risk(sharpe: float) -> dict[str, list[dict[str, Any]]]:
    return {"serving.latest_risk": [{**RISK, "sharpe": sharpe}], "serving.latest_metrics": [SERIES]}


def test_the_same_question_is_asked_once_per_build(
    client: httpx.Client, publish: Callable[..., str], asked: list[str]
) -> None:
    for sharpe in (1.0, 2.0):
        build_id = publish(risk(sharpe))
        first = client.get("/risk/SPY").raise_for_status()
        assert (first.json()["build_id"], first.json()["metrics"]["sharpe"]["value"]) == (build_id, sharpe)
        assert asked
        asked.clear()
        again = client.get("/risk/SPY")
        kept = {"etag", "x-build-id", "x-demo", "x-as-of", "content-type", "cache-control", "vary"}
        assert (again.content, again.status_code) == (first.content, 200)
        assert {name: again.headers.get(name) for name in kept} == {name: first.headers.get(name) for name in kept}
        assert asked == []
        assert client.get("/risk/SPY?format=csv").content != first.content
        assert asked
        asked.clear()


def test_who_wants_no_stored_answer_gets_a_new_one(
    client: httpx.Client, publish: Callable[..., str], asked: list[str]
) -> None:
    publish(risk(1.0))
    first = client.get("/risk/SPY").raise_for_status()
    asked.clear()
    assert client.get("/risk/SPY", headers={"Cache-Control": "no-store"}).content == first.content
    assert asked


def test_what_is_live_is_asked_each_time(client: httpx.Client, publish: Callable[..., str], asked: list[str]) -> None:
    publish(risk(1.0))
    for _ in range(2):
        client.get("/metrics/SPY").raise_for_status()
        assert asked
        asked.clear()


def test_room_is_bounded_and_the_answer_that_was_not_asked_for_longest_goes() -> None:
    remembered = Remembered(megabytes=1)
    given = {name: Given(name.encode() * (MEGABYTE // 10), {}, "text/plain", 1) for name in "abcdefghijk"}
    for name in "abcdefghij":
        remembered.keep("1", name, given[name])
    assert remembered.find("1", "a") == given["a"]
    remembered.keep("1", "k", given["k"])
    assert [name for name in "abcdefghijk" if remembered.find("1", name) is None] == ["b"]


def test_what_is_too_large_or_of_another_build_is_not_kept() -> None:
    remembered = Remembered(megabytes=1)
    small = Given(b"x", {}, "text/plain", 1)
    remembered.keep("2", "large", Given(b"x" * (MEGABYTE // 8 + 1), {}, "text/plain", 1))
    remembered.keep("2", "small", small)
    remembered.keep("1", "late", small)  # of a question that began before the publish
    assert [remembered.find("2", tag) for tag in ("large", "small", "late")] == [None, small, None]
    assert remembered.find("1", "small") is None and remembered.find("1", "late") is None
    remembered.keep("3", "next", small)
    assert (remembered.find("2", "small"), remembered.find("3", "next")) == (None, small)


def test_no_room_remembers_nothing() -> None:
    remembered = Remembered(megabytes=0)
    remembered.keep("1", "a", Given(b"x", {}, "text/plain", 1))
    assert remembered.find("1", "a") is None
