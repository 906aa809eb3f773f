"""Before the first build, and on a build without a single row."""

from collections.abc import Callable

import httpx
import pytest

PATHS = ["/metrics/AAPL", "/risk/AAPL", "/bars/AAPL", "/options/AAPL", "/signals", "/symbols", "/catalog"]


def test_health_says_starting_before_the_first_build(client: httpx.Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "starting"
    assert "quant build" in answer.json()["reasons"][0]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_a_503_with_the_remedy_before_the_first_build(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert "quant build" in answer.json()["detail"]


def test_the_first_build_is_served_without_a_restart(client: httpx.Client, publish: Callable[[], str]) -> None:
    assert client.get("/signals").status_code == 503
    build_id = publish()
    answer = client.get("/signals")
    assert answer.status_code == 200
    assert answer.json()["build_id"] == build_id


def test_an_empty_build_gives_empty_lists(client: httpx.Client, publish: Callable[[], str]) -> None:
    build_id = publish()
    signals = client.get("/signals").json()
    expected = {"build_id": build_id, "demo": False, "as_of": None, "sources": [], "rules": [], "signals": []}
    assert signals == expected
    assert client.get("/symbols").json()["symbols"] == []
    assert client.get("/catalog").json()["metrics"] == []


def test_an_empty_build_is_healthy(client: httpx.Client, publish: Callable[[], str]) -> None:
    build_id = publish()
    answer = client.get("/health")
    assert answer.status_code == 200
    health = answer.json()
    assert (health["status"], health["reasons"], health["build_id"]) == ("ok", [], build_id)


@pytest.mark.parametrize("path", PATHS[:4])
def test_a_symbol_of_an_empty_build_is_unknown(client: httpx.Client, publish: Callable[[], str], path: str) -> None:
    publish()
    answer = client.get(path)
    assert answer.status_code == 404
    assert "none is known yet" in answer.json()["detail"]
