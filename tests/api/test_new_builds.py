"""Requests while builds are replaced."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx

from quant.publish import Builds
from quant.settings import Settings

BUILDS = 8
READERS = 4


def rows(price: float) -> dict[str, list[dict[str, object]]]:
    """The same number in two relations: an answer that mixes two builds shows two different ones."""
    series: dict[str, object] = {"source": "binance", "symbol": "BTCUSDT", "asset_class": "crypto"}
    now = datetime.now(UTC)
    metric = {**series, "interval": "1d", "metric": "close", "value": price, "as_of": now}
    return {
        "serving.latest_metrics": [metric],
        "serving.latest_prices": [{**series, "ts": now, "price": price, "is_live": True}],
    }


def test_no_answer_fails_or_mixes_two_builds(client: httpx.Client, publish: Callable[..., str]) -> None:
    published = {publish(rows(0.0)): 0.0}
    done = threading.Event()

    def read() -> list[tuple[str, float, float]]:
        seen = []
        while not done.is_set():
            answer = client.get("/metrics/BTCUSDT")
            assert answer.status_code == 200, answer.text
            body = answer.json()
            seen.append((body["build_id"], body["price"]["price"], body["metrics"]["close"]["value"]))
        return seen

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(read) for _ in range(READERS)]
        try:
            for number in range(1, BUILDS):
                build_id = publish(rows(float(number)))
                published[build_id] = float(number)
                await_build(client, build_id)
        finally:
            done.set()
        histories = [reader.result() for reader in readers]
    answers = [answer for history in histories for answer in history]
    assert all(history == sorted(history) for history in histories)  # nobody goes back to an older build
    assert len({build_id for build_id, _, _ in answers}) > 1
    assert all(price == value == published[build_id] for build_id, price, value in answers)


def await_build(client: httpx.Client, build_id: str, seconds: float = 30) -> None:
    """While one of the readers opens it, the others are answered by the build before."""
    deadline = time.monotonic() + seconds
    while client.get("/health").json()["build_id"] != build_id:
        assert time.monotonic() < deadline, f"{build_id} does not answer"


def test_a_superseded_build_is_let_go(client: httpx.Client, publish: Callable[..., str], settings: Settings) -> None:
    """The server is a thread of this process: the file is no longer among those that the process has open."""
    first = publish()
    assert client.get("/signals").json()["build_id"] == first
    second = publish()
    assert client.get("/signals").json()["build_id"] == second
    builds = Builds(settings.duckdb_path).path / "builds"
    assert str(builds / second / "market.duckdb") in open_files()
    assert str(builds / first / "market.duckdb") not in open_files()


def open_files() -> set[str]:
    return {str(link.resolve()) for link in Path("/proc/self/fd").iterdir()}
