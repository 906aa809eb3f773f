"""The stand-in's trades are the one truth: bars, days and ids follow from them, whenever it was started."""

import numpy as np
import pytest

from ingest.standin import klines, rows
from ingest.standin.assets import coin_of
from ingest.standin.climate import climate
from ingest.standin.tape import DAY_US, DAYS, MINUTE_US, MINUTES, ORIGIN_DAY, Tape

MORNING = 20_450 * DAY_US + 10 * 3600 * 1_000_000  # 2025-12-28 10:00 UTC
EVENING = MORNING + 30 * 3600 * 1_000_000 + 17_300_000  # a day later, in the middle of a minute


class Hands:
    """A clock that a test sets."""

    def __init__(self, now_us: int) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture(scope="module", params=["BTCUSDT", "SOLUSDT", "NEWCOINUSDT"])
def tape(request: pytest.FixtureRequest) -> Tape:
    """A fine shape, a coarse shape, and a symbol that nobody described."""
    tape = Tape(coin_of(request.param), lambda: EVENING)
    tape.prepare()
    return tape


def bars_of_trades(tape: Tape, first: int, count: int) -> rows.IntArray:
    """Minute bars computed from the trades alone."""
    minutes = [(minute, tape.minute_trades(minute)) for minute in range(first, first + count)]
    return np.array(
        [rows.of_trades(m * 60_000, t.price, t.size, t.is_buyer_maker, int(t.id[0]), 0) for m, t in minutes]
    )


def test_a_restart_tells_the_same_past(tape: Tape) -> None:
    hands = Hands(MORNING)
    early = Tape(tape.coin, hands)
    before = klines.select(early, "1m", None, None, 1000, MORNING)
    hands.now_us = EVENING  # this one lived through the day, the other started after it
    assert np.array_equal(early.finished_days(), tape.finished_days())
    again = klines.select(tape, "1m", int(before[0, rows.START]), None, 999, EVENING)
    assert np.array_equal(again, before[:-1])  # the last bar was still open in the morning


@pytest.mark.parametrize("day", [ORIGIN_DAY, 19_900, 20_449])
def test_minutes_are_exactly_their_trades(tape: Tape, day: int) -> None:
    for first in (0, 613, 1430):
        expected = bars_of_trades(tape, day * MINUTES + first, 10)
        assert np.array_equal(tape.day(day).bars[first : first + 10], expected)


def test_days_are_exactly_their_minutes(tape: Tape) -> None:
    days = klines.select(tape, "1d", (20_440) * klines.DAY_MS, None, 3, EVENING)
    for place, day in enumerate(range(20_440, 20_443)):
        minutes = klines.select(tape, "1m", day * klines.DAY_MS, None, 1000, EVENING)
        rest = klines.select(
            tape, "1m", int(minutes[-1, rows.START]) + 60_000, (day + 1) * klines.DAY_MS - 1, 1000, EVENING
        )
        both = np.vstack([minutes, rest])
        assert len(both) == MINUTES
        assert np.array_equal(rows.aggregate(both, np.zeros(MINUTES, dtype=np.int64))[0], days[place])


@pytest.mark.parametrize("interval", ["3m", "1h", "4h", "12h", "3d", "1w", "1M"])
def test_every_interval_holds_the_same_sums(tape: Tape, interval: str) -> None:
    start_ms = klines.start_of("1M", 20_400 * klines.DAY_MS)
    bars = klines.select(tape, interval, start_ms, None, 1000, EVENING)[:-1]
    end_ms = klines.end_of(interval, int(bars[-1, rows.START])) + 1
    first_id, end_id = int(bars[0, rows.FIRST]), int(bars[-1, rows.FIRST] + bars[-1, rows.COUNT])
    assert end_id - first_id == bars[:, rows.COUNT].sum()
    assert np.array_equal(bars[1:, rows.FIRST], (bars[:, rows.FIRST] + bars[:, rows.COUNT])[:-1])
    assert [klines.start_of(interval, int(start)) for start in bars[:, rows.START]] == bars[:, rows.START].tolist()
    trades = tape.minute_trades(end_ms // 60_000)
    assert int(trades.id[0]) == end_id


def test_ids_are_consecutive_across_midnight(tape: Tape) -> None:
    midnight = 20_450 * MINUTES
    ids = np.concatenate([tape.minute_trades(minute).id for minute in range(midnight - 3, midnight + 3)])
    assert np.array_equal(np.diff(ids), np.ones(len(ids) - 1))
    assert tape.locate(int(ids[0])) == (midnight - 3, 0)
    assert tape.locate(int(ids[-1])) == (midnight + 2, len(tape.minute_trades(midnight + 2).id) - 1)
    assert tape.first_id(20_450) == int(tape.minute_trades(midnight).id[0])


def test_the_future_stays_hidden(tape: Tape) -> None:
    trades = tape.minute_trades(EVENING // MINUTE_US)
    seen = int((trades.time_us <= EVENING).sum())
    assert 0 < seen < len(trades.id)
    bar = klines.bar_at(tape, "1m", EVENING)
    assert bar[rows.COUNT] == seen
    assert tape.last_id(EVENING) == trades.id[seen - 1]
    assert klines.select(tape, "1d", None, None, 1, EVENING)[0, rows.CLOSE] == bar[rows.CLOSE] == trades.price[seen - 1]


def test_a_minute_without_trades_yet_is_flat_and_has_no_ids(tape: Tape) -> None:
    start = EVENING // MINUTE_US * MINUTE_US
    first_us = int(tape.minute_trades(start // MINUTE_US).time_us[0])
    bar = klines.bar_at(tape, "1m", max(start, first_us - 1))
    close = klines.bar_before(tape, "1m", start // 1000, EVENING)[rows.CLOSE]
    assert bar.tolist()[1:] == [close] * 4 + [0] * 5 + [-1]


def test_trades_come_at_a_lively_but_bounded_pace(tape: Tape) -> None:
    count = tape.finished_days()[-365:, rows.COUNT]
    assert 1.5 < count.mean() / 86_400 < 6
    waits = np.concatenate([np.diff(tape.minute_trades(20_450 * MINUTES + 7 * k).time_us) for k in range(60)])
    assert waits.min() >= 0
    assert waits.max() < 30_000_000


def test_pairs_move_together(tape: Tape) -> None:
    """Correlation with the common factor is the pair's loading; a year of noise moves it by some hundredths."""
    days = tape.finished_days()
    factor = climate("crypto", DAYS)
    expected = tape.coin.loading
    moves = np.diff(np.log(days[:, rows.CLOSE])) / factor.level[1 : len(days)]
    assert np.corrcoef(moves, factor.factor[1 : len(days)])[0, 1] == pytest.approx(expected, abs=0.05)
