"""Events as they go over the wire: one JSON object each, made once for all clients that get it."""

from dataclasses import dataclass

from fastapi.sse import format_sse_event
from pydantic_core import to_json

from api.feed.channel import Channel, Look, Row
from api.feed.news import News
from api.feed.position import Position

CHOSEN = ("bar", "price", "metrics", "alert")  # a client may leave some out; it gets every other event


@dataclass(frozen=True)
class Event:
    name: str
    frame: bytes
    news: News | None = None  # a final bar or an alert: what a position may know already


HEARTBEAT = Event("heartbeat", b": still here\n\n")


@dataclass(frozen=True)
class Press:
    """Makes the events of one channel. Every object says its build and whether it is a demo."""

    channel: Channel
    demo: bool

    def event(
        self, name: str, build_id: str | None, position: Position | None, row: Row, news: News | None = None
    ) -> Event:
        """Without a position the id of the event before goes on to hold, as browsers have it."""
        body = {"build_id": build_id, "demo": self.demo, **self.channel.series, **row}
        data = to_json(body, inf_nan_mode="null").decode()
        token = position.token(self.channel.stream) if position else None
        return Event(name, format_sse_event(data_str=data, event=name, id=token), news)

    def news(self, build_id: str, news: News) -> Event:
        """A final bar, an alert or a gap."""
        of_interval = {} if news.name == "alert" else self.interval
        return self.event(news.name, build_id, news.position, {**of_interval, **news.row}, news)

    def bar(self, look: Look, position: Position) -> list[Event]:
        return self._one("bar", look, position, self.interval | look.bar if look.bar else None)

    def price(self, look: Look, position: Position) -> list[Event]:
        return self._one("price", look, position, look.price)

    def metrics(self, look: Look, position: Position) -> list[Event]:
        return self._one("metrics", look, position, self._metrics(look.metrics) if look.metrics else None)

    def _one(self, name: str, look: Look, position: Position, row: Row | None) -> list[Event]:
        return [self.event(name, look.build_id, position, row)] if row else []

    def _metrics(self, metrics: list[Row]) -> Row:
        """As GET /metrics says it."""
        values = {
            row["metric"]: {name: row[name] for name in ("value", "unit", "as_of", "ingest_run_id")} for row in metrics
        }
        return {
            "asset_class": self.channel.asset_class,
            **self.interval,
            "as_of": max((row["as_of"] for row in metrics if row["as_of"]), default=None),
            "periods_per_year": metrics[0]["periods_per_year"],
            "metrics": values,
        }

    @property
    def interval(self) -> Row:
        return {"interval": self.channel.interval}


def changes(press: Press, before: Look, look: Look, position: Position, told: list[News]) -> list[Event]:
    """What clients hear of a look after another one; `told` are its news, `position` where they begin."""
    events: list[Event] = []
    if look.build_id != before.build_id:
        events.append(press.event("build", look.build_id, position, {"previous_build_id": before.build_id}))
    events += [press.news(look.build_id, item) for item in told]
    after = told[-1].position if told else position
    if look.bar and not look.bar["is_final"] and look.bar != before.bar:
        events += press.bar(look, after)
    if look.price != before.price:
        events += press.price(look, after)
    if look.metrics != before.metrics:
        events += press.metrics(look, after)
    return events
