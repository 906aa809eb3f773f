"""When the service is well, ageing, or unable to answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api.health_schemas import Freshness
from api.routes.health import refusals
from quant.deliveries import Deliveries
from quant.messages import Alert
from quant.news import Look
from quant.publish import Builds
from quant.settings import Settings, load_settings
from quant.state import JobHistory
from quant.storage import Storage
from tests.api.conftest import Publish, Serve


def age(dataset: str, symbol: str, seconds: float, promised: float) -> dict[str, object]:
    return {
        "source": "binance",
        "dataset": dataset,
        "symbol": symbol,
        "age_seconds": seconds,
        "promised_seconds": promised,
        "is_stale": seconds > promised,
    }


def losses(**counts: int) -> dict[str, object]:
    """A row of serving.completeness, 0 but for `counts`."""
    names = ("row_count", "row_count_today", "last_trade_id", "count_missing_today", "count_unexplained_today")
    sums = ("count_missing", "count_absent", "count_open", "count_unexplained", "count_duplicates")
    today = datetime.now(UTC).date()
    origin = {"source": "binance", "symbol": "BTCUSDT", "first_date": today, "newest_date": today}
    return origin | dict.fromkeys(names + sums, 0) | counts


def health(client: httpx.Client, status: int = 200) -> dict[str, Any]:
    answer = client.get("/health")
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
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
        ({"serving.completeness": [losses(count_unexplained=3)]}, "binance trades BTCUSDT: 3 ids are missing and"),
        ({"serving.completeness": [losses(count_duplicates=2)]}, "binance trades BTCUSDT: 2 rows repeat an id"),
        ({"meta.quality": [{"finding": "crossed_quote"}] * 2}, "quality: 2 rows of crossed_quote"),
    ],
)
def test_a_broken_promise_degrades_and_is_named(
    client: httpx.Client, publish: Publish, rows: dict[str, list[dict[str, object]]], reason: str
) -> None:
    publish(rows)
    body = health(client)
    assert body["status"] == "degraded"
    assert any(reason in sentence for sentence in body["reasons"])


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


def test_alerts_that_do_not_arrive_degrade_and_answers_are_still_given(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    publish()
    assert health(client)["deliveries"] == []
    now = datetime.now(UTC)
    outbox = Deliveries(settings.state_path)
    (destination,) = outbox.configure([SecretStr("json://localhost/hunter2")])
    selection, day = settings.notifications.send, timedelta(days=1)
    alert = Alert("one", "sma_cross", now, symbol="SPY", interval="1d")
    outbox.note(Look([]), selection, now, day)
    outbox.note(Look([alert]), selection, now - timedelta(seconds=90), day)
    assert health(client)["status"] == "ok"  # it only waits
    outbox.mark_failed(destination.destination, [alert], "the service answered 404 Not Found", now, (30, 1800), 9)
    body = health(client)
    assert body["status"] == "degraded"
    assert body["reasons"] == [f"{destination.name} takes no alerts (the service answered 404 Not Found), 1 wait"]
    (told,) = body["deliveries"]
    assert (told["destination"], told["is_failing"], told["count_pending"]) == (destination.name, True, 1)
    assert 90 <= told["oldest_pending_seconds"] < 150
    outbox.mark_delivered(destination.destination, [alert], now)
    body = health(client)
    assert (body["status"], body["deliveries"][0]["count_delivered"]) == ("ok", 1)
    assert "hunter2" not in str(body)


def test_a_broken_build_leaves_the_old_answers_and_is_named(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    kept = publish()
    assert health(client)["status"] == "ok"
    broken = publish()
    Builds(settings.duckdb_path).link.resolve().write_bytes(b"no database")
    body = health(client)
    assert (body["status"], body["build_id"]) == ("degraded", kept)
    assert broken in body["reasons"][0]
    assert client.get("/signals").json()["build_id"] == kept


def test_a_first_build_that_cannot_be_opened_is_failing(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    broken = publish()
    Builds(settings.duckdb_path).link.resolve().write_bytes(b"no database")
    body = health(client, 503)
    assert body["status"] == "failing"
    assert broken in body["reasons"][0]
    assert client.get("/signals").status_code == 503


def test_what_is_missing_for_a_reason_is_told_and_no_fault(client: httpx.Client, publish: Publish) -> None:
    publish({"serving.completeness": [losses(row_count=90, count_missing=10, count_absent=10, count_missing_today=4)]})
    body = health(client)
    assert (body["status"], body["reasons"]) == ("ok", [])
    (told,) = body["completeness"]
    assert (told["symbol"], told["row_count"], told["count_missing_today"], told["count_absent"]) == (
        "BTCUSDT", 90, 4, 10,
    )  # fmt: skip


def test_a_vanished_folder_degrades_until_it_is_back(
    client: httpx.Client, publish: Publish, settings: Settings
) -> None:
    kept = publish()
    assert health(client)["status"] == "ok"
    away = settings.root.rename(settings.root.with_name("away"))
    body = health(client)
    assert (body["status"], body["build_id"]) == ("degraded", kept)
    assert body["reasons"] == [
        f"the data folder is gone, {settings.root} is not there: mount it or put it back, and all goes on"
    ]
    away.rename(settings.root)
    assert health(client)["status"] == "ok"


def test_a_disk_that_is_nearly_full_degrades(settings: Settings, publish_into: Publish, serve: Serve) -> None:
    publish_into(settings)
    greedy = load_settings(data_path=settings.data_path, least_free_mb=1e12)
    with serve(greedy) as client:
        body = health(client)
    assert body["status"] == "degraded"
    (reason,) = body["reasons"]
    assert "MB are free" in reason and "free some space" in reason
    assert body["storage"]["free_mb"] < 1e12


def test_a_read_only_folder_is_a_fault_only_where_trades_stopped(settings: Settings) -> None:
    """The API's own mount may be read-only by design: another process writes."""
    storage = Storage(settings.root, free_mb=1e6, is_writable=False)
    fresh, stale = ({"sources": [Freshness(**told)]} for told in (aged(2.0), aged(31.0)))
    assert refusals(storage, fresh) == []
    assert refusals(storage, stale) == [storage.refusal]


def aged(seconds: float) -> dict[str, Any]:
    return {**age("trades", "BTCUSDT", seconds, 30.0), "last_event_at": None, "last_fetched_at": None}


def test_a_job_history_that_cannot_be_read_degrades(client: httpx.Client, publish: Publish, settings: Settings) -> None:
    publish()
    settings.state_path.write_bytes(b"no database" * 100)
    body = health(client)
    assert body["status"] == "degraded"
    assert f"the job history {settings.state_path} cannot be read" in body["reasons"][0]
