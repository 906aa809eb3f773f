"""A small market for streams, and how a client reads them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from quant.settings import Settings
from tests.api.conftest import Rows

SERIES: dict[str, object] = {"source": "binance", "symbol": "BTCUSDT", "asset_class": "crypto"}
START = datetime(2026, 11, 20, 10, tzinfo=UTC)
TOLD_ONCE = ("bar", "alert")


def quick(settings: Settings, **changes: object) -> Settings:
    """The same with looks every twentieth of a second."""
    stream = settings.api.stream.model_copy(update={"poll_seconds": 0.05, "quiet_seconds": 0.05, **changes})
    return settings.model_copy(update={"api": settings.api.model_copy(update={"stream": stream})})


def bar(minute: int, is_final: bool = True) -> dict[str, object]:
    ts = START + timedelta(minutes=minute)
    ended = ts + timedelta(minutes=1)
    times = {"ts": ts, "end_ts": ended, "as_of": ended if is_final else ts, "session_date": ts.date()}
    return {**SERIES, "interval": "1m", **times, "close": 100.0 + minute, "is_final": is_final}


def alert(minute: int) -> dict[str, object]:
    ts = START + timedelta(minutes=minute - 1)
    times = {"ts": ts, "end_ts": ts + timedelta(minutes=1)}
    return {**SERIES, **times, "signal_id": f"s{minute}", "rule": "sma_cross", "direction": "up", "kind": "market"}


def market(minutes: int, alerts: tuple[int, ...] = ()) -> Rows:
    """So many final minutes and an open one; the metric is the number of minutes."""
    price = {**SERIES, "ts": START + timedelta(minutes=minutes), "price": 100.0 + minutes, "is_live": True}
    metric = {**SERIES, "interval": "1m", "metric": "sma", "value": float(minutes), "periods_per_year": 525_600.0}
    return {
        "serving.bars": [*(bar(minute) for minute in range(minutes)), bar(minutes, is_final=False)],
        "serving.latest_prices": [price],
        "serving.latest_metrics": [{**metric, "as_of": START + timedelta(minutes=minutes)}],
        "serving.recent_signals": [alert(minute) for minute in alerts],
    }


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Name, id and data of each event, as a browser reads them."""
    found: dict[str, Any] = {}
    for line in lines:
        if not line and found:
            yield found
            found = {}
        name, _, value = line.partition(": ")
        if name in {"event", "id", "data", "retry"}:
            found[name] = json.loads(value) if name == "data" else value


@contextmanager
def listening(
    client: httpx.Client, path: str = "/stream/BTCUSDT", last: str = ""
) -> Iterator[Iterator[dict[str, Any]]]:
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.iter_lines())


def until(heard: Iterator[dict[str, Any]], name: str, condition: Callable[[Any], bool] = bool) -> list[dict[str, Any]]:
    """Events up to the first of this name that meets the condition."""
    found = []
    for event in heard:
        found.append(event)
        if event.get("event") == name and condition(event["data"]):
            return found
    raise AssertionError(f"the stream ended before {name}: {[event.get('event') for event in found]}")


def told_once(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Final bars and alerts."""
    return [each for each in heard if each.get("event") in TOLD_ONCE and each["data"].get("is_final", True)]


def names(heard: list[dict[str, Any]]) -> list[str]:
    return [event["data"].get("signal_id") or event["data"]["ts"] for event in told_once(heard)]
