"""When the service is well, ageing, or unable to answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from quant.publish import Builds
from quant.settings import Settings
from quant.state import JobHistory

Publish = Callable[..., str]


def age(dataset: str, symbol: str, seconds: float, promised: float) -> dict[str, object]:
    return {
        "source": "binance",
        "dataset": dataset,
        "symbol": symbol,
        "age_seconds": seconds,
        "promised_seconds": promised,
        "is_stale": seconds > promised,
    }


def health(client: httpx.Client, status: int = 200) -> dict[str, object]:
    answer = client.get("/health")
    assert answer.status_code == status, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_a_fresh_build_is_ok(client: httpx.Client, publish: Publish) -> None:
    publish({"serving.health": [age("trades", "BTCUSDT", 2.0, 30.0)]})
    body = health(client)
    assert (body["status"], body["reasons"], body["demo"], body["count_open_gaps"]) == ("ok", [], False, 0)


def test_a_probe_may_ask_for_the_status_alone(client: httpx.Client, publish: Publish) -> None:
    assert client.head("/health").status_code == 503
    publish()
    probed = client.head("/health")
    assert (probed.status_code, probed.content) == (200, b"")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"serving.health": [age("trades", "BTCUSDT", 31.0, 30.0)]}, "binance trades BTCUSDT is 31 s old"),
        ({"meta.gaps": [{"symbol": "BTCUSDT", "status": "open"}, {"status": "filled"}]}, "1 gaps in the trade ids"),
        ({"meta.quality": [{"finding": "crossed_quote"}] * 2}, "quality: 2 rows of crossed_quote"),
    ],
)
def test_a_broken_promise_degrades_and_is_named(
    client: httpx.Client, publish: Publish, rows: dict[str, list[dict[str, object]]], reason: str
) -> None:
    publish(rows)
    body = health(client)
    assert body["status"] == "degraded"
    assert any(reason in sentence for sentence in body["reasons"])  # type: ignore[attr-defined]


def test_an_old_build_degrades(client: httpx.Client, publish: Publish, settings: Settings) -> None:
    promised = settings.promise_seconds.build
    publish(started_at=datetime.now(UTC) - timedelta(seconds=promised + 60))
    body = health(client)
    assert body["status"] == "degraded"
    assert body["reasons"] in [
        [f"the build is {promised + more:.0f} s old, promised are 1800 s"] for more in (60, 61, 62)
    ]


def test_a_failing_job_is_named_until_it_succeeds(client: httpx.Client, publish: Publish, settings: Settings) -> None:
    publish()
    history = JobHistory(settings.state_path)
    history.finish(history.start("equities", attempt=1), "failed", "429 from the source")
    assert health(client)["reasons"] == ["job equities fails: 429 from the source"]
    retry = history.start("equities", attempt=2)
    assert health(client)["status"] == "degraded"
    history.finish(retry, "ok")
    assert health(client)["status"] == "ok"


def test_a_broken_build_leaves_the_old_answers_and_is_named(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    kept = publish()
    assert health(client)["status"] == "ok"
    broken = publish()
    Builds(settings.duckdb_path).link.resolve().write_bytes(b"no database")
    body = health(client)
    assert (body["status"], body["build_id"]) == ("degraded", kept)
    assert broken in body["reasons"][0]  # type: ignore[index]
    assert client.get("/signals").json()["build_id"] == kept


def test_a_first_build_that_cannot_be_opened_is_failing(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    broken = publish()
    Builds(settings.duckdb_path).link.resolve().write_bytes(b"no database")
    body = health(client, 503)
    assert body["status"] == "failing"
    assert broken in body["reasons"][0]  # type: ignore[index]
    assert client.get("/signals").status_code == 503
