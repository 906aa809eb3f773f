"""Fifty clients that ask for much and read nothing."""

import os
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from quant.settings import Settings
from tests.api.conftest import Publish, Serve
from tests.api.streams import listening, market, quick, until

CLIENTS = 50
SEND_SECONDS = 0.5
MINUTES = 700  # of missed bars: 400 kB for each client, far more than its buffers hold


def deaf_client(client: httpx.Client, last: str) -> socket.socket:
    """A connection with a small receive buffer that has asked for everything since `last`."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((client.base_url.host, client.base_url.port))
    request = f"GET /stream/BTCUSDT?events=bar&last_event_id={last} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connection.sendall(request.encode())
    return connection


def is_cut_off(connection: socket.socket) -> bool:
    """Whether the server has reset it, so that not even the kernel keeps anything for it."""
    connection.settimeout(5)
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return False


def resident_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def open_sockets() -> int:
    """Of this process, which is client and server at once."""
    targets = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
    return sum("socket:" in target for target in targets)


def counted(client: httpx.Client, name: str) -> float:
    lines = client.get("/-/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_clients_that_read_nothing_are_cut_off_and_others_go_on(
    settings: Settings, publish: Publish, serve: Serve
) -> None:
    publish(market(1))
    patient = quick(settings, send_seconds=SEND_SECONDS, clients_per_address=100, queue_kilobytes=64)
    with serve(patient) as client, ExitStack() as stack:
        with listening(client) as heard:
            last = until(heard, "metrics")[-1]["id"]
        publish(market(MINUTES))
        heard = stack.enter_context(listening(client))
        until(heard, "metrics")
        dropped = counted(client, "quant_api_stream_dropped_clients_total")
        before, sockets = resident_kilobytes(), open_sockets()
        deaf = [stack.enter_context(deaf_client(client, last)) for _ in range(CLIENTS)]
        publish(market(MINUTES + 1))
        assert until(heard, "metrics")[0]["event"] == "build", "the others go on"
        deadline = time.monotonic() + 30
        while counted(client, "quant_api_stream_dropped_clients_total") < dropped + CLIENTS:
            assert time.monotonic() < deadline, "not all were cut off"
            time.sleep(0.05)
        assert counted(client, "quant_api_stream_clients") == 1
        assert resident_kilobytes() - before < 60_000, "the memory of fifty times 400 kB, and more, was held"
        assert open_sockets() == sockets + CLIENTS, "the server's ends are closed, though nobody has read"
        assert all(is_cut_off(connection) for connection in deaf)
