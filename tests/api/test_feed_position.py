"""Ids of streams: whatever was told before a cut and what comes after it are the uncut stream."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.feed.channel import Channel, Look, Row, key_of
from api.feed.news import News, news
from api.feed.position import KNOWN_ALERTS, KNOWN_BARS, MalformedIdError, Position, SeenBars

CHANNEL = Channel("binance", "BTCUSDT", "crypto", "1m")
START = datetime(2026, 11, 20, tzinfo=UTC)
MOST = 1000


def bar(minute: int, is_final: bool = True) -> Row:
    ts = START + timedelta(minutes=minute)
    return {"ts": ts, "end_ts": ts + timedelta(minutes=1), "is_final": is_final}


def alert(minute: int, name: int) -> Row:
    return {"signal_id": f"{minute}-{name}", "end_ts": START + timedelta(minutes=minute)}


def look_of(minutes: Sequence[int], alerts: Sequence[tuple[int, int]]) -> Look:
    rows = sorted((bar(minute) for minute in set(minutes)), key=lambda row: row["ts"], reverse=True)
    return Look("build", None, rows, [alert(*each) for each in alerts], [])


def name_of(item: News) -> tuple[str, object]:
    return ("bar", item.row["ts"]) if item.name == "bar" else ("alert", item.row["signal_id"])


def told(position: Position, looks: Sequence[Look]) -> list[News]:
    """A stream of one look after another."""
    found: list[News] = []
    for look in looks:
        found += news(CHANNEL, position, look, MOST)
        position = found[-1].position if found else position
    return found


# What a look finds that the one before did not: mostly the next minutes, now and then one that was left out.
STEPS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 100), max_size=5),
        st.lists(st.tuples(st.integers(0, 100), st.integers(0, 9)), max_size=KNOWN_ALERTS // 4),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(STEPS, st.data())
def test_a_stream_cut_anywhere_and_resumed_is_the_uncut_one(
    steps: list[tuple[list[int], list[tuple[int, int]]]], data: st.DataObject
) -> None:
    """Late bars and alerts too; they come in the order of time after a cut, in that of their coming without one."""
    looks: list[Look] = []
    minutes: list[int] = []
    alerts: list[tuple[int, int]] = []
    for more_minutes, more_alerts in steps:
        minutes, alerts = minutes + more_minutes, alerts + more_alerts
        looks.append(look_of(minutes, alerts))
    uncut = told(Position(), looks)
    cut = data.draw(st.integers(0, len(uncut)))
    known = uncut[cut - 1].position if cut else Position()
    resumed = Position.from_token(known.token(CHANNEL.stream), CHANNEL.stream)
    rest = list(news(CHANNEL, resumed, looks[-1], MOST))
    names = [name_of(item) for item in [*uncut[:cut], *rest]]
    assert len(set(names)) == len(names)
    assert set(names) == {name_of(item) for item in uncut} == {name_of(item) for item in told(Position(), looks[-1:])}


@settings(deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=60), st.data())
def test_without_late_ones_the_order_is_the_same_too(gaps: list[int], data: st.DataObject) -> None:
    minutes = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    counts = range(1, len(minutes) + 1)
    looks = [look_of(minutes[:count], [(minute + 1, 0) for minute in minutes[:count]]) for count in counts]
    uncut = told(Position(), looks)
    cut = data.draw(st.integers(1, len(uncut)))
    rest = list(news(CHANNEL, uncut[cut - 1].position, looks[-1], MOST))
    assert [name_of(item) for item in uncut[:cut] + rest] == [name_of(item) for item in uncut]


def test_what_a_stream_begins_with_is_no_news_and_a_late_minute_is() -> None:
    first = look_of([1, 2, 4], [(3, 0)])
    position = first.position(CHANNEL)
    assert list(news(CHANNEL, position, first, MOST)) == []
    late = list(news(CHANNEL, position, look_of([1, 2, 3, 4, 5], [(3, 0), (2, 7)]), MOST))
    assert [name_of(item)[1] for item in late] == ["2-7", bar(3)["ts"], bar(5)["ts"]]


def test_an_open_bar_is_no_news() -> None:
    look = Look("build", None, [bar(2, is_final=False), bar(1)], [], [])
    assert [item.slot for item in news(CHANNEL, Position(), look, MOST)] == [CHANNEL.slot(bar(1))]


def test_more_than_the_most_begins_with_a_gap_that_says_what_to_fetch() -> None:
    position = look_of([0], []).position(CHANNEL)
    gap, *bars = news(CHANNEL, position, look_of(range(10), []), 3)
    assert (gap.name, gap.row["to"], len(bars)) == ("gap", bar(7)["ts"], 3)
    assert gap.row["from"] <= bar(1)["ts"]
    assert gap.row["fetch"].startswith("/bars/BTCUSDT?source=binance&interval=1m&from=")
    assert list(news(CHANNEL, gap.position, look_of(range(10), []), 3)) == bars, "after the gap the rest follows"


def test_bars_older_than_the_window_count_as_known() -> None:
    seen = SeenBars().after(10).after(10 + KNOWN_BARS)
    assert [seen.has(slot) for slot in (10, 11, 10 + KNOWN_BARS, 11 + KNOWN_BARS)] == [True, False, True, False]
    assert SeenBars().after(10).after(10_000).has(9_000)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_text_is_no_id(text: str) -> None:
    with pytest.raises(MalformedIdError):
        Position.from_token(text, CHANNEL.stream)


@settings(deadline=None)
@given(st.integers(0, 2_000), st.integers(0, 255))
def test_an_id_with_one_changed_byte_is_no_id(place: int, byte: int) -> None:
    token = look_of(range(5), [(1, 1), (2, 2)]).position(CHANNEL).token(CHANNEL.stream)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    place %= len(raw)
    if raw[place] == byte:
        return
    raw[place] = byte
    with pytest.raises(MalformedIdError):
        Position.from_token(base64.urlsafe_b64encode(bytes(raw)).decode(), CHANNEL.stream)


def test_an_id_belongs_to_its_stream() -> None:
    token = Position().token(CHANNEL.stream)
    other = Channel("binance", "BTCUSDT", "crypto", "1d")
    assert Position.from_token(token, CHANNEL.stream) == Position()
    with pytest.raises(MalformedIdError, match="another symbol, source or interval"):
        Position.from_token(token, other.stream)


def test_alerts_of_one_instant_are_told_apart() -> None:
    alerts = [(1, name) for name in range(3 * KNOWN_ALERTS)]
    found = told(Position(), [look_of([], alerts)])
    assert sorted(key_of(item.row) for item in found) == [item.key for item in found]
    for cut, item in enumerate(found):
        rest = list(news(CHANNEL, item.position, look_of([], alerts), MOST))
        assert [each.key for each in rest] == [each.key for each in found[cut + 1 :]]
