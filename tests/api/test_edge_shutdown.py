"""`python -m api` as the product runs it: how it starts, and how it goes."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from quant.settings import PROJECT_PATH

# The server as it is, with two more routes: one that hears that the server is going and ends, one that never does.
PROGRAM = """
import asyncio
from fastapi import Request
import api.__main__ as program
from quant.endings import run_process

made = program.create_app

def create_app(settings):
    app = made(settings)

    @app.get("/ending")
    async def ending(request: Request):
        print("asked", flush=True)
        await request.state.closing.wait()
        await asyncio.sleep(0.3)
        return {"is_whole": True}

    @app.get("/endless")
    async def endless():
        print("asked", flush=True)
        await asyncio.sleep(600)

    return app

program.create_app = create_app
run_process(program.main)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(tmp_path: Path, *command: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "QUANT_DATA_PATH": str(tmp_path), "PYTHONUNBUFFERED": "1", **variables}
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=PROJECT_PATH,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(port: int, path: str, answers: dict[str, httpx.Response]) -> threading.Thread:
    transport = httpx.HTTPTransport(retries=8)  # while it does not listen yet, ever longer apart

    def get() -> None:
        with httpx.Client(transport=transport, timeout=30) as client:
            answers[path] = client.get(f"http://127.0.0.1:{port}{path}")

    thread = threading.Thread(target=get)
    thread.start()
    return thread


def test_sigterm_lets_answers_end_cuts_off_what_does_not_and_leaves_with_0(tmp_path: Path) -> None:
    port, answers = free_port(), dict[str, httpx.Response]()
    with running(tmp_path, "-c", PROGRAM, "--port", str(port), QUANT_API__STOP_SECONDS="1") as process:
        threads = [ask(port, path, answers) for path in ("/ending", "/endless")]
        assert process.stdout is not None
        assert [process.stdout.readline(), process.stdout.readline()] == ["asked\n", "asked\n"]
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
        for thread in threads:
            thread.join(10)
    assert process.returncode == 0
    assert (answers["/ending"].status_code, answers["/ending"].json()) == (200, {"is_whole": True})
    assert answers["/endless"].status_code == 503
    assert "the server is stopping" in answers["/endless"].json()["detail"]
    assert "Traceback" not in output


def test_beyond_loopback_it_does_not_start_without_a_key(tmp_path: Path) -> None:
    with running(tmp_path, "-m", "api", QUANT_HOST="0.0.0.0") as process:
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    (sentence,) = output.splitlines()
    assert sentence.startswith("api: host = 0.0.0.0") and "run `quant key new laptop` first" in sentence
