"""GET /stream: what a client hears, what it hears after it was away, and who is refused."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from quant.settings import Settings
from tests.api.conftest import Publish, Serve
from tests.api.streams import bar, events, listening, market, names, quick, told_once, until


@pytest.fixture
def quick_settings(settings: Settings) -> Settings:
    return quick(settings)


@pytest.fixture
def client(quick_settings: Settings, serve: Serve) -> Iterator[httpx.Client]:
    with serve(quick_settings) as running:
        yield running


def test_a_client_hears_what_the_other_answers_say(client: httpx.Client, publish: Publish) -> None:
    build_id = publish(market(3, (2,)))
    with listening(client, "/stream/btcusdt?source=binance&interval=1m") as heard:
        first = until(heard, "metrics")
    assert [event.get("event") for event in first] == [None, "hello", "bar", "price", "metrics"]
    assert first[0]["retry"] == "2000"
    assert all(event["data"]["build_id"] == build_id and event["data"]["demo"] is False for event in first[1:])
    metrics = client.get("/metrics/BTCUSDT?interval=1m").json()
    assert metrics["price"].items() <= first[3]["data"].items()
    assert first[4]["data"]["metrics"] == metrics["metrics"]
    newest = client.get("/bars/BTCUSDT?interval=1m").json()["bars"][-1]
    assert first[2]["data"] == {**first[2]["data"], **newest}
    assert newest["is_final"] is False


def test_a_new_build_is_followed_with_its_bars_alerts_and_metrics(client: httpx.Client, publish: Publish) -> None:
    before = publish(market(3, (2,)))
    with listening(client) as heard:
        until(heard, "metrics")
        after = publish(market(5, (2, 4)))
        told = until(heard, "metrics")
    assert [event["event"] for event in told] == ["build", "bar", "alert", "bar", "bar", "price", "metrics"]
    assert told[0]["data"]["build_id"] == after
    assert told[0]["data"]["previous_build_id"] == before
    assert [event["data"]["is_final"] for event in told if event["event"] == "bar"] == [True, True, False]
    alerts = client.get("/signals?symbol=BTCUSDT").json()["signals"]
    assert told[2]["data"] == {**told[2]["data"], **alerts[0]}
    assert told[-1]["data"]["metrics"]["sma"]["value"] == 5.0


def test_a_stream_cut_at_any_event_goes_on_where_it_was_even_on_another_server(
    client: httpx.Client, publish: Publish, quick_settings: Settings, serve: Serve
) -> None:
    publish(market(3, (2,)))
    with listening(client) as heard:
        uncut = until(heard, "metrics")
        for minutes, alerts in ((5, (2, 4)), (6, (2, 4)), (9, (2, 4, 7, 8))):
            publish(market(minutes, alerts))
            uncut += until(heard, "metrics")
    assert len(told_once(uncut)) == 9  # minutes 3 to 8, alerts of 4, 7 and 8
    with serve(quick_settings) as restarted:
        for at, event in enumerate(uncut[1:], start=2):
            with listening(restarted, last=event["id"]) as heard:
                rest = until(heard, "metrics")
            assert names(uncut[:at]) + names(rest) == names(uncut), f"cut after {event['event']}"
            assert [each["data"] for each in told_once(rest)] == [
                {**each["data"], "build_id": rest[1]["data"]["build_id"]} for each in told_once(uncut[at:])
            ]


def test_what_follows_after_a_return_is_told_once(client: httpx.Client, publish: Publish) -> None:
    publish(market(3))
    with listening(client) as heard:
        last = until(heard, "metrics")[-1]["id"]
    publish(market(5))
    with listening(client, f"/stream/BTCUSDT?last_event_id={last}") as heard:
        missed = until(heard, "metrics")
        publish(market(7, (6,)))
        live = until(heard, "metrics")
    minutes = [bar(minute)["ts"] for minute in (3, 4, 5, 6)]
    expected = [f"{ts:%Y-%m-%dT%H:%M:%SZ}" for ts in minutes if isinstance(ts, datetime)]
    assert names(missed) + names(live) == [*expected[:3], "s6", expected[3]]
    assert missed[1]["data"]["is_resumed"] is True


def test_a_client_that_was_away_for_long_is_told_what_to_fetch(
    settings: Settings, publish: Publish, serve: Serve
) -> None:
    with serve(quick(settings, resume_rows=4)) as client:
        publish(market(3))
        with listening(client) as heard:
            last = until(heard, "metrics")[-1]["id"]
        publish(market(12))
        with listening(client, last=last) as heard:
            back = until(heard, "metrics")
        gap = back[2]
        assert (gap["event"], gap["data"]["of"], gap["data"]["to"]) == ("gap", "bar", "2026-11-20T10:08:00Z")
        assert len(told_once(back)) == 4
        query = parse_qs(urlsplit(gap["data"]["fetch"]).query)
        assert query["from"][0] <= "2026-11-20T10:03:00Z" < query["to"][0] == "2026-11-20T10:08:00Z"
        fetched = [row["ts"] for row in client.get(gap["data"]["fetch"]).json()["bars"]]
        told = [event["data"]["ts"] for event in back if event.get("event") == "bar" and event["data"]["is_final"]]
        assert (fetched[-1], min(told)) == ("2026-11-20T10:07:00Z", "2026-11-20T10:08:00Z")


def test_only_the_chosen_events_come(client: httpx.Client, publish: Publish) -> None:
    publish(market(3))
    with listening(client, "/stream/BTCUSDT?events=alert") as heard:
        begun = until(heard, "hello")
        publish(market(5, (4,)))
        told = until(heard, "alert")
    assert begun[-1]["data"]["events"] == ["alert"]
    assert [event["event"] for event in told] == ["build", "alert"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/stream/NOPE", 404, "known are BTCUSDT"),
        ("/stream/BTCUSDT?source=yahoo", 404, "but from binance"),
        ("/stream/BTCUSDT?interval=1w", 404, "choose one of 1m"),
        ("/stream/BTCUSDT?events=bar,trade", 404, "events = trade"),
        ("/stream/BTCUSDT?last_event_id=12", 422, "is no id of an event of ours"),
        ("/stream/BTCUSDT?since=1", 422, "since is unknown"),
    ],
)
def test_what_cannot_be_streamed_is_refused_before_it_begins(
    client: httpx.Client, publish: Publish, path: str, status: int, said: str
) -> None:
    publish(market(3))
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_before_the_first_build_nothing_is_streamed(client: httpx.Client) -> None:
    assert client.get("/stream/BTCUSDT").status_code == 503


@pytest.mark.parametrize(("limit", "status"), [("clients", 503), ("clients_per_address", 429)])
def test_no_more_clients_than_may_be_and_a_place_is_free_again(
    settings: Settings, publish: Publish, serve: Serve, limit: str, status: int
) -> None:
    publish(market(3))
    with serve(quick(settings, **{limit: 1})) as client:
        with listening(client) as heard:
            until(heard, "hello")
            refused = client.get("/stream/BTCUSDT")
            assert (refused.status_code, refused.json()["status"]) == (status, status)
        deadline = time.monotonic() + 10
        while client.head("/stream/BTCUSDT").status_code != 200:
            assert time.monotonic() < deadline, "the place is not free again"


def test_a_client_that_goes_before_its_stream_begins_leaves_its_place_free(
    settings: Settings, publish: Publish, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    publish(market(3))
    with serve(quick(settings, clients_per_address=20)) as client:
        address = (client.base_url.host, client.base_url.port or 0)
        for _ in range(20):
            with socket.create_connection(address) as wire:
                wire.sendall(b"GET /stream/BTCUSDT HTTP/1.1\r\nHost: localhost\r\n\r\n")
        deadline = time.monotonic() + 10
        with ThreadPoolExecutor(20) as many:
            while {answer.status_code for answer in many.map(client.head, ["/stream/BTCUSDT"] * 20)} != {200}:
                assert time.monotonic() < deadline, "a place is not free again"
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


def test_the_last_words_are_bye(settings: Settings, publish: Publish, serve: Serve) -> None:
    publish(market(3))
    with ThreadPoolExecutor(1) as pool, serve(quick(settings)) as client:
        begun = threading.Event()
        heard = pool.submit(everything, f"{client.base_url}/stream/BTCUSDT", begun)
        assert begun.wait(10)
    assert heard.result(5)[-1]["event"] == "bye"


def everything(url: str, begun: threading.Event) -> list[dict[str, Any]]:
    """All events of a stream of its own connection, to the end."""
    found = []
    with httpx.stream("GET", url, timeout=30) as answer:
        for event in events(answer.iter_lines()):
            found.append(event)
            begun.set()
    return found
