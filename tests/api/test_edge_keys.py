"""Who is let in, and that a key is never seen again."""

import json
import logging
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
import yaml

from api.middleware.callers import needs_key, sent_secret
from api.middleware.scope import new_edge
from api.recent import Recent
from quant.keys import keys_path, new_key, revoke_key
from quant.settings import PROJECT_PATH, Settings, load_settings
from tests.api.conftest import Serve


def scope(
    server: tuple[str, int | None] | None = ("127.0.0.1", 8000), *headers: tuple[bytes, bytes]
) -> dict[str, object]:
    return {"type": "http", "server": server, "headers": list(headers)}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a server beyond loopback that has one key, laptop."""
    return load_settings(data_path=tmp_path_factory.mktemp("guarded"), host="quant.example.org")


@pytest.fixture(scope="module")
def key(guarded: Settings) -> str:
    return new_key(keys_path(guarded), "laptop")


@pytest.fixture(scope="module")
def locked(guarded: Settings, key: str, serve: Serve, publish_into: Callable[..., str]) -> Iterator[httpx.Client]:
    publish_into(guarded)
    with serve(guarded) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def refused(answer: httpx.Response, status: int = 401) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"] == answer.headers["x-request-id"]
    return str(problem["detail"])


@pytest.mark.parametrize(("server", "needed"), [
    (("127.0.0.1", 8000), False), (("127.8.8.8", 8000), False), (("::1", 8000), False),
    (("::ffff:127.0.0.1", 8000), False), (("/run/quant.sock", None), False), (None, False),
    (("192.168.1.5", 8000), True), (("::ffff:10.0.0.1", 8000), True), (("2001:db8::1", 8000), True),
])  # fmt: skip
def test_a_connection_that_arrives_from_outside_needs_a_key(
    settings: Settings, server: tuple[str, int | None] | None, needed: bool
) -> None:
    """Also of a server that was started by hand on 0.0.0.0, of which the settings know nothing."""
    assert needs_key(scope(server), new_edge(settings)) is needed


def test_what_a_proxy_passes_on_comes_from_outside(settings: Settings) -> None:
    assert needs_key(scope(("127.0.0.1", 8000), (b"x-forwarded-for", b"127.0.0.1")), new_edge(settings))


def test_without_a_key_nothing_is_told_but_the_status(locked: httpx.Client) -> None:
    for path in ("/", "/symbols", "/metrics/AAPL", "/openapi.json", "/-/metrics", "/no/such/path"):
        answer = locked.get(path)
        assert "`quant key new NAME` makes one" in refused(answer)
        assert answer.headers["www-authenticate"] == 'Bearer realm="quant-dashboard"'
    health = locked.get("/health")
    assert (health.status_code, health.json().keys()) == (200, {"status", "version"})


def test_strangers_are_told_of_a_look_at_most_a_second_old() -> None:
    now, looks = [0.0], iter(range(10))
    recent = Recent[int](1.0, clock=lambda: now[0])
    told = []
    for now[0] in (0.0, 0.9, 1.0, 1.1, 2.0, 5.0):
        told.append(recent.get(lambda: next(looks)))
    assert told == [0, 0, 0, 1, 1, 2]


def test_a_key_opens_everything_in_either_header(locked: httpx.Client, key: str) -> None:
    for headers in (bearer(key), {"Authorization": f"bearer  {key}"}, {"X-API-Key": key}):
        assert locked.get("/symbols", headers=headers).status_code == 200
    assert "reasons" in locked.get("/health", headers=bearer(key)).json()
    assert "quant_api_requests_total" in locked.get("/-/metrics", headers=bearer(key)).text


@pytest.mark.parametrize("wrong", ["qk_wrong", "x" * 4000, "ключ".encode(), "", "laptop"])
def test_a_wrong_key_is_refused_in_words(locked: httpx.Client, wrong: str | bytes) -> None:
    given = wrong if isinstance(wrong, bytes) else wrong.encode()
    answer = locked.get("/symbols", headers={b"x-api-key": given})
    detail = refused(answer)
    if given:
        assert "not known" in detail
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_wrong_key_is_refused_where_none_is_needed(client: httpx.Client) -> None:
    """A key that was mistyped, or revoked, must not go unnoticed."""
    assert "not known" in refused(client.get("/health", headers=bearer("qk_wrong")))
    assert client.get("/health", headers={"Authorization": "Basic dTpw"}).status_code == 503  # a proxy's, not ours


def test_a_revoked_key_is_refused_at_once_and_another_goes_on(
    locked: httpx.Client, guarded: Settings, key: str
) -> None:
    other = new_key(keys_path(guarded), "other")
    assert locked.get("/symbols", headers=bearer(other)).status_code == 200
    revoke_key(keys_path(guarded), "other")
    assert "not known" in refused(locked.get("/symbols", headers=bearer(other)))
    assert locked.get("/symbols", headers=bearer(key)).status_code == 200


@pytest.mark.parametrize("name", ["key", "api_key", "API-Key", "apikey", "token", "access_token"])
def test_a_key_in_the_address_is_refused_even_if_it_is_right(locked: httpx.Client, key: str, name: str) -> None:
    for path in (f"/symbols?{name}={key}", f"/health?a=b&{name}={key}"):
        answer = locked.get(path, headers=bearer(key))
        assert "ends up in logs" in refused(answer, 422)
        assert key not in answer.text


def test_a_key_is_in_no_line_of_the_log_and_in_no_answer(
    locked: httpx.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    paths = [
        "/symbols",
        f"/symbols?key={key}",
        f"/symbols?no_such={key}",
        "/-/metrics",
        f"/bars/AAPL?{key}",
        f"/bars/{key[:9]}",
        "/health",
    ]
    answers = [locked.get(path, headers=bearer(key)) for path in paths]
    answers += [locked.get("/symbols", headers={"X-API-Key": key + "x"}), locked.post("/symbols", headers=bearer(key))]
    locked.get("/health")  # a line is written once the answer is sent: by now all are
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("api", "quant", "uvicorn"))]
    assert len(ours) >= len(answers)
    assert not [text for text in ours if key in text]
    assert not [answer.text for answer in answers if key in answer.text or key in str(answer.headers)]
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "api.access"]
    assert {"laptop", None} == {line["key"] for line in lines}


def test_a_scheme_is_read_in_any_case_and_others_are_not_ours() -> None:
    def sent(*headers: tuple[bytes, bytes]) -> str | None:
        return sent_secret(scope(None, *headers))

    assert sent((b"authorization", b"BEARER abc")) == "abc"
    assert sent((b"authorization", b"Basic abc")) is None
    assert sent((b"authorization", b"Basic abc"), (b"x-api-key", b"def")) == "def"
    assert sent() is None


def test_the_container_answers_its_own_host_and_its_neighbours_without_a_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    """It listens on all its addresses, and Compose publishes it on the loopback of the host alone."""
    analytics = yaml.safe_load((PROJECT_PATH / "docker-compose.yml").read_text())["services"]["analytics"]
    assert analytics["ports"] == ["127.0.0.1:8000:8000"]
    for name, value in analytics["environment"].items():
        if value is not None:
            monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
    known = load_settings(host=analytics["command"][analytics["command"].index("--host") + 1])
    assert known.host == "0.0.0.0"
    with serve(known) as client:
        hosts = ("localhost:8000", "127.0.0.1:8000", "analytics:8000", "evil.example")
        answers = {host: client.get("/", headers={"Host": host}).status_code for host in hosts}
    assert answers == {"localhost:8000": 200, "127.0.0.1:8000": 200, "analytics:8000": 200, "evil.example": 421}
