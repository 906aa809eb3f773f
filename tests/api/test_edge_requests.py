"""What every request goes through, whatever it asks."""

import contextlib
import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from api import telemetry
from api.middleware.access_log import shown
from api.middleware.hosts import host_name
from quant.errors import ConfigError
from quant.settings import Settings, load_settings
from tests.api.conftest import Publish, Serve


@pytest.fixture(scope="module")
def api(shared_client: httpx.Client, shared_settings: Settings, publish_into: Publish) -> httpx.Client:
    publish_into(shared_settings)
    return shared_client


@pytest.fixture
def serve_with(
    tmp_path_factory: pytest.TempPathFactory, serve: Serve
) -> Callable[..., AbstractContextManager[httpx.Client]]:
    """serve_with(api={...}) -> a client of a server with these settings of `api`, where nothing is built."""

    def served(**changes: Any) -> AbstractContextManager[httpx.Client]:
        known = load_settings()
        api = known.api.model_dump() | changes
        return serve(load_settings(data_path=tmp_path_factory.mktemp("edge"), api=api))

    return served


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    return body


def lines_of(answer: httpx.Response, api: httpx.Client, caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """A line is written once the answer is sent: the next answer on the connection comes after it."""
    api.get("/")
    own = answer.headers["x-request-id"]
    return [record for record in caplog.records if record.name == "api.access" and own in record.getMessage()]


def test_a_sane_request_id_comes_back_and_another_is_replaced(api: httpx.Client) -> None:
    for sane in ("4bf92f3577b34da6a3ce929d0e0e4736", "Root=1-67891233-abcdef012345678912345678", "a"):
        assert api.get("/symbols", headers={"X-Request-ID": sane}).headers["x-request-id"] == sane
    for wrong in ("a b", "x" * 129, '"},{"', ""):
        assert re.fullmatch(
            "[0-9a-f]{16}", api.get("/symbols", headers={"X-Request-ID": wrong}).headers["x-request-id"]
        )
    assert problem(api.get("/bars/NONE", headers={"X-Request-ID": "mine"}), 404)["request_id"] == "mine"


def test_the_index_names_every_endpoint(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()["paths"]
    assert api.get("/").json()["endpoints"].keys() == described.keys() - {"/"}


def test_two_requests_have_two_ids(api: httpx.Client) -> None:
    assert len({api.get("/").headers["x-request-id"] for _ in range(20)}) == 20


def test_a_request_is_one_line_of_json(api: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = api.get("/bars/none%0A?interval=1d&secret=hunter2")
    (record,) = lines_of(answer, api, caplog)
    line = json.loads(record.getMessage())
    assert line.pop("ts").endswith("+00:00") and line.pop("ms") > 0
    assert line == {
        "request_id": answer.headers["x-request-id"],
        "method": "GET",
        "route": "/bars/{symbol}",
        "path": "/bars/none\n",
        "query": "interval=1d&*",
        "status": 422,
        "bytes": len(answer.content),
        "client": "127.0.0.1",
        "key": None,
        "build_id": answer.headers.get("x-build-id"),
    }


def test_probes_are_lines_of_debugging(api: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="api")
    (record,) = lines_of(api.get("/health"), api, caplog)
    assert record.levelno == logging.DEBUG


@pytest.mark.parametrize(("query", "text"), [
    (b"", ""), (b"limit=5&format=csv", "limit=5&format=csv"), (b"q=select+1&limit=5", "*&limit=5"),
    (b"symbol=qk_abcdef", "symbol=*"), (b"%ff", "*"), (b"a=%0d%0a", "a=\r\n"),
])  # fmt: skip
def test_of_a_query_only_what_we_know_is_shown(query: bytes, text: str) -> None:
    assert shown(query) == text


def test_every_answer_is_hardened(api: httpx.Client) -> None:
    answers = [api.get("/symbols"), api.get("/none"), api.post("/symbols"), api.get("/health"), api.head("/symbols")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "/symbols", "/signals", "/catalog", "/-/metrics", "/openapi.json", "/bars/NONE", "/none"]
)
def test_head_is_get_without_its_body(api: httpx.Client, path: str) -> None:
    got, head = api.get(path), api.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    own = {"date", "x-request-id", "ratelimit", "content-length"}  # of /-/metrics the length grows
    assert {name: value for name, value in head.headers.items() if name not in own} == {
        name: value for name, value in got.headers.items() if name not in own
    }
    assert ("content-length" in head.headers) == ("content-length" in got.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_refused_with_those_that_there_are(api: httpx.Client, method: str) -> None:
    answer = api.request(method, "/symbols")
    assert "use GET, HEAD" in problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_slash_too_many_is_no_redirect(api: httpx.Client) -> None:
    problem(api.get("/symbols/"), 404)


def test_a_fault_is_a_problem_with_the_same_headers(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("api.telemetry.exposition", fail)
    answer = api.get("/-/metrics")
    body = problem(answer, 500)
    assert "GET '/-/metrics' failed" in caplog.text
    assert "nought" not in answer.text and body["request_id"] in body["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "ZeroDivisionError: by nought" in caplog.text


@pytest.mark.parametrize(("host", "status"), [
    ("localhost", 200), ("LOCALHOST:9", 200), ("127.0.0.1:8000", 200), ("127.3.2.1", 200), ("[::1]:8000", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example:8000", 421), ("10.0.0.1", 421),
    ("[", 421), ("a b", 421), ("2130706433", 421),
])  # fmt: skip
def test_a_name_that_is_not_ours_is_refused(api: httpx.Client, host: str, status: int) -> None:
    """As a browser says it whose DNS was told that evil.example is 127.0.0.1."""
    answer = api.get("/symbols", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert "api.hosts" in problem(answer, 421)["detail"]


def test_of_a_host_the_port_and_the_last_dot_do_not_count() -> None:
    assert [host_name(host) for host in ("A.b:80", "a.b.", "[::1]:8", "[::1]", "")] == ["a.b", "a.b", "::1", "::1", ""]


def test_a_configured_host_and_a_configured_origin_may_ask(
    serve_with: Callable[..., AbstractContextManager[httpx.Client]],
) -> None:
    origin = "https://desk.example.org"
    with serve_with(hosts=["quant.example.org"], cors_origins=[origin]) as client:
        assert client.get("/", headers={"Host": "quant.example.org"}).status_code == 200
        problem(client.get("/", headers={"Host": "other.example.org"}), 421)
        asked = client.get("/", headers={"Origin": origin})
        assert asked.headers["access-control-allow-origin"] == origin
        exposed = asked.headers["access-control-expose-headers"]
        assert {"X-Request-ID", "Link", "X-Truncated"} <= {each.strip() for each in exposed.split(",")}
        assert "access-control-allow-origin" not in client.get("/", headers={"Origin": "https://evil.example"}).headers
        preflight = {
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "x-api-key",
        }
        assert client.options("/symbols", headers=preflight).status_code == 200


def test_no_page_of_another_origin_may_ask_unless_it_is_configured(api: httpx.Client) -> None:
    page = {"Origin": "https://evil.example"}
    assert not [name for name in api.get("/", headers=page).headers if name.startswith("access-control")]
    assert "api.cors_origins" in problem(api.post("/symbols", headers=page), 403)["detail"]
    own = {"Origin": str(api.base_url).rstrip("/")}
    problem(api.post("/symbols", headers=own), 405)


def test_a_long_body_is_refused_before_it_is_read(api: httpx.Client, shared_settings: Settings) -> None:
    most = shared_settings.api.max_body_bytes
    with socket.create_connection((api.base_url.host, api.base_url.port or 0)) as wire:
        wire.sendall(b"POST /symbols HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (most + 1))
        wire.settimeout(8)  # less than the 10 s of config.yaml
        answer = b"".join(iter(lambda: wire.recv(65536), b""))  # not a byte of the body was sent, and it is closed
    assert answer.startswith(b"HTTP/1.1 413 ") and b"api.max_body_bytes" in answer
    problem(api.post("/symbols", content=b"x" * most), 405)
    problem(api.post("/sql", content=b"x" * 10_000_000), 413)  # a client that sends all of it first reads why, too


@pytest.mark.parametrize(("encoding", "piece", "status"), [
    (b"Content-Length: 10", b"{", 408),  # nine bytes never come
    (b"Transfer-Encoding: chunked", b"20000\r\n" + b"x" * 0x20000 + b"\r\n1\r\nx\r\n", 413),  # 131072 bytes and one
])  # fmt: skip
def test_a_body_that_does_not_come_or_does_not_end_is_not_waited_for(
    serve_with: Callable[..., AbstractContextManager[httpx.Client]], encoding: bytes, piece: bytes, status: int
) -> None:
    head = b"POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with (
        serve_with(body_seconds=0.2) as client,
        socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire,
    ):
        wire.sendall(head + encoding + b"\r\n\r\n" + piece)
        wire.settimeout(8)  # less than the 10 s of config.yaml
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 %d " % status) and b"application/problem+json" in answer


def test_an_address_or_headers_without_end_are_refused(api: httpx.Client) -> None:
    assert api.get("/bars/" + "a" * 8_000).status_code == 404
    assert "8192 bytes" in problem(api.get("/bars/" + "a" * 9_000), 414)["detail"]
    problem(api.get("/symbols", params={"source": "a" * 9_000}), 414)
    assert (
        "32768 bytes" in problem(api.get("/symbols", headers={f"x-{n}": "a" * 1_000 for n in range(40)}), 431)["detail"]
    )


def test_a_head_that_comes_drop_by_drop_is_not_waited_for(
    serve_with: Callable[..., AbstractContextManager[httpx.Client]],
) -> None:
    with serve_with(head_seconds=0.2) as client:
        address = (client.base_url.host, client.base_url.port or 0)
        for beginning in (b"", b"GET / HTTP/1.1\r\nHost: loc"):
            with socket.create_connection(address) as wire:
                wire.sendall(beginning)
                wire.settimeout(8)  # less than the 10 s of config.yaml
                assert wire.recv(1) == b""
        assert [client.get("/").status_code for _ in range(3)] == [200] * 3  # one connection, whose heads are whole


def test_an_answer_that_nobody_takes_is_not_kept(
    serve_with: Callable[..., AbstractContextManager[httpx.Client]],
) -> None:
    """120 descriptions of the API, some 80 MB: more than the buffers of two sockets hold."""
    with (
        serve_with(stall_seconds=0.2) as client,
        socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire,
    ):
        size = len(client.get("/openapi.json").content)  # it is made once, which takes a while
        wire.settimeout(20)
        wire.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 120)
        time.sleep(0.8)  # what is tested is that nothing happens at our end
        taken = 0
        with contextlib.suppress(ConnectionResetError):
            while piece := wire.recv(1 << 20):
                taken += len(piece)
        assert taken < 120 * size


def test_counters_know_templates_alone(api: httpx.Client) -> None:
    for path in ("/bars/NONE", "/bars/OTHER", "/no/such", "/no/such/either"):
        api.get(path)
    api.request("BREW", "/symbols")
    answer = api.get("/-/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    text = answer.text
    assert re.search(r'^quant_api_requests_total\{method="GET",route="/bars/\{symbol\}",status="404"\} \d', text, re.M)
    assert 'route="unmatched",status="404"' in text and 'method="other",route="/symbols",status="405"' in text
    assert "NONE" not in text and "/no/such" not in text and "BREW" not in text
    build_id = api.get("/symbols").json()["build_id"]
    assert f'quant_api_build_info{{build_id="{build_id}",demo="false",version=' in text
    (age,) = re.findall(r"^quant_api_build_age_seconds (\S+)$", text, re.M)
    assert 0 <= float(age) < 600
    assert "process_resident_memory_bytes" in text and "quant_api_requests_in_flight 1.0" in text
    assert 'quant_api_sql_queries_total{outcome="refused"} 0.0' in text


def test_what_others_count_is_there(api: httpx.Client) -> None:
    telemetry.count_rows("/bars/{symbol}", 7)
    telemetry.count_sql("made up", 0.5)
    with telemetry.stream_client():
        text = api.get("/-/metrics").text
    assert re.search(r'^quant_api_response_rows_total\{route="/bars/\{symbol\}"\} \d', text, re.M)
    assert "made up" not in text and re.search(r'^quant_api_sql_queries_total\{outcome="other"\} [1-9]', text, re.M)
    assert "quant_api_stream_clients 1.0" in text


@pytest.mark.parametrize(("name", "value", "reason"), [
    ("HOSTS", '["http://a.b"]', "no scheme, port"), ("HOSTS", '["*"]', "no scheme, port"),
    ("CORS_ORIGINS", '["https://a.b/"]', "an origin is a scheme, a host"),
    ("KEYS__REQUIRED", "maybe", "'auto', 'always'"), ("KEYS__FILE", "keys", "by its whole path"),
    ("RATE_LIMIT__BURST", "0", "greater than 0"),
    ("ACCESS_LOG", "LOUD", "'DEBUG', 'INFO'"),
])  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"QUANT_API__{name}", value)
    with pytest.raises(ConfigError, match=re.escape(reason)):
        load_settings()


@pytest.fixture(autouse=True)
def _access_lines_are_heard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO, logger="api")
    yield
