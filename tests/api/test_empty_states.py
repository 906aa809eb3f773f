"""Before the first build, and on a build without a single row."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from quant.settings import Settings, load_settings
from tests.api.conftest import Serve

Empty = tuple[httpx.Client, str]
PATHS = ["/metrics/AAPL", "/risk/AAPL", "/bars/AAPL", "/options/AAPL", "/signals", "/symbols", "/catalog"]


@pytest.fixture(scope="module")
def unbuilt(shared_client: httpx.Client) -> httpx.Client:
    return shared_client


@pytest.fixture(scope="module")
def empty(
    tmp_path_factory: pytest.TempPathFactory, serve: Serve, publish_into: Callable[[Settings], str]
) -> Iterator[Empty]:
    """A client over a build without a single row, and the id of that build."""
    settings = load_settings(data_path=tmp_path_factory.mktemp("empty"))
    build_id = publish_into(settings)
    with serve(settings) as client:
        yield client, build_id


def test_health_says_starting_before_the_first_build(unbuilt: httpx.Client) -> None:
    answer = unbuilt.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "starting"
    assert "quant build" in answer.json()["reasons"][0]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_a_503_with_the_remedy_before_the_first_build(unbuilt: httpx.Client, path: str) -> None:
    answer = unbuilt.get(path)
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


def test_an_empty_build_gives_empty_lists(empty: Empty) -> None:
    client, build_id = empty
    signals = client.get("/signals").json()
    expected = {"build_id": build_id, "demo": False, "as_of": None, "signals": []}
    expected |= {"next_cursor": None, "sources": [], "rules": []}
    assert signals == expected
    assert client.get("/symbols").json()["symbols"] == []
    assert client.get("/catalog").json()["metrics"] == []


def test_an_empty_build_is_healthy(empty: Empty) -> None:
    client, build_id = empty
    answer = client.get("/health")
    assert answer.status_code == 200
    health = answer.json()
    assert (health["status"], health["reasons"], health["build_id"]) == ("ok", [], build_id)


@pytest.mark.parametrize("path", PATHS[:4])
def test_a_symbol_of_an_empty_build_is_unknown(empty: Empty, path: str) -> None:
    client, _ = empty
    answer = client.get(path)
    assert answer.status_code == 404
    assert "none is known yet" in answer.json()["detail"]
