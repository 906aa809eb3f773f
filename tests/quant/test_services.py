"""Ports: a taken one is found before anything starts, with the key that moves it."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from quant.services import Listener, PortError, listeners, refuse_used_ports, services, standin_service
from quant.settings import Settings, load_settings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something that is not ours listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.fixture
def healthy() -> Iterator[int]:
    """A port on which /health answers 200."""

    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Tests print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_taken_port_is_refused_with_the_key_and_the_variable_that_move_it(
    monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setenv("QUANT_PORTS__DASHBOARD", str(taken))
    monkeypatch.setenv("QUANT_PORTS__API", str(free_port()))
    with pytest.raises(PortError) as refused:
        refuse_used_ports(load_settings())
    assert f"port {taken} is in use" in str(refused.value)
    assert "ports.dashboard in config.yaml" in str(refused.value)
    assert f"QUANT_PORTS__DASHBOARD={taken + 1}" in str(refused.value)


def test_a_free_port_a_healthy_one_and_a_strange_one_are_told_apart(taken: int, healthy: int) -> None:
    found = [Listener("api", "127.0.0.1", port, "/health") for port in (free_port(), healthy)]
    assert [listener.is_free() for listener in found] == [True, False]
    assert [listener.is_ours() for listener in found] == [False, True]
    assert not Listener("api", "127.0.0.1", healthy, "/other").is_ours()
    assert not Listener("api", "127.0.0.1", taken, "/health").is_free()


def test_the_standin_runs_on_demo_data_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [listener.key for listener in listeners(load_settings())] == ["api", "dashboard"]
    monkeypatch.setenv("QUANT_DEMO", "true")
    settings = load_settings()
    assert [listener.key for listener in listeners(settings)] == ["api", "dashboard", "standin"]
    assert standin_service(settings).health_url == "http://127.0.0.1:8600/api/v3/ping"


def test_a_server_on_all_addresses_is_reached_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_HOST", "0.0.0.0")
    api = next(service for service in services(load_settings()) if service.name == "api")
    assert "0.0.0.0" in api.command
    assert api.health_url == "http://127.0.0.1:8000/health"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_only_the_scheduler_is_told_where_alerts_go(settings: Settings) -> None:
    assert [service.name for service in services(settings) if service.sends_alerts] == ["scheduler"]
