"""Bars of one tape at every interval of the exchange, the open one included."""

from collections.abc import Callable

import numpy as np

from ingest.standin import rows
from ingest.standin.rows import IntArray
from ingest.standin.tape import DAY_US, MINUTE_US, MINUTES, ORIGIN_DAY, Tape

MINUTE_MS, DAY_MS = 60_000, 86_400_000
ORIGIN_MS = ORIGIN_DAY * DAY_MS

WIDTH_MS = {  # of the intervals that divide a day
    name: minutes * MINUTE_MS
    for name, minutes in {
        "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120,
        "4h": 240, "6h": 360, "8h": 480, "12h": 720, "1d": 1440,
    }.items()
}  # fmt: skip


def _month_start(start_ms: IntArray) -> IntArray:
    return start_ms.astype("M8[ms]").astype("M8[M]").astype("M8[ms]").astype(np.int64)


LONG_START: dict[str, Callable[[IntArray], IntArray]] = {  # start of the bar that holds a time; weeks begin on Monday
    "1d": lambda start_ms: start_ms // DAY_MS * DAY_MS,
    "3d": lambda start_ms: start_ms // (3 * DAY_MS) * 3 * DAY_MS,
    "1w": lambda start_ms: ((start_ms // DAY_MS + 3) // 7 * 7 - 3) * DAY_MS,
    "1M": _month_start,
}
INTERVALS = tuple(dict.fromkeys([*WIDTH_MS, *LONG_START]))


def start_of(interval: str, time_ms: int) -> int:
    if interval in WIDTH_MS:
        return time_ms // WIDTH_MS[interval] * WIDTH_MS[interval]
    return int(LONG_START[interval](np.array([time_ms]))[0])


def end_of(interval: str, start_ms: int) -> int:
    """The last millisecond of the bar."""
    longest_ms = 32 * DAY_MS if interval == "1M" else {"3d": 3, "1w": 7}.get(interval, 1) * DAY_MS
    return start_of(interval, start_ms + WIDTH_MS.get(interval, longest_ms)) - 1


def select(tape: Tape, interval: str, first_ms: int | None, last_ms: int | None, limit: int, now_us: int) -> IntArray:
    """Bars whose start lies in [first_ms, last_ms], ascending: the oldest `limit` from first_ms, else the newest."""
    until = min(now_us // 1000, now_us // 1000 if last_ms is None else last_ms)
    since = max(ORIGIN_MS, 0 if first_ms is None else first_ms)
    if until < since:
        return np.empty((0, rows.WIDTH), dtype=np.int64)
    if interval in LONG_START:
        bars = _days(tape, interval, now_us)
        bars = bars[(bars[:, rows.START] >= since) & (bars[:, rows.START] <= until)]
        return bars[-limit:] if first_ms is None else bars[:limit]
    width = WIDTH_MS[interval]
    since, until = -(-since // width) * width, until // width * width
    if first_ms is None:
        since = max(since, until - (limit - 1) * width)
    until = min(until, since + (limit - 1) * width)
    return _grouped(_minutes(tape, since // MINUTE_MS, (until + width) // MINUTE_MS, now_us), width)


def bar_at(tape: Tape, interval: str, now_us: int) -> IntArray:
    """The one bar that is open at now_us."""
    bar: IntArray = select(tape, interval, start_of(interval, now_us // 1000), None, 1, now_us)[0]
    return bar


def bar_before(tape: Tape, interval: str, end_ms: int, now_us: int) -> IntArray:
    """The finished bar that ends right before end_ms."""
    bar: IntArray = select(tape, interval, start_of(interval, end_ms - 1), end_ms - 1, 1, now_us)[0]
    return bar


def _grouped(bars: IntArray, width_ms: int) -> IntArray:
    if width_ms == MINUTE_MS:
        return bars
    return _with_starts(bars, bars[:, rows.START] // width_ms * width_ms)


def _with_starts(bars: IntArray, starts: IntArray) -> IntArray:
    if len(bars) > 1 and bars[-1, rows.COUNT] == 0 and starts[-1] == starts[-2]:
        bars, starts = bars[:-1], starts[:-1]  # a minute without trades yet adds nothing to a longer bar
    out = rows.aggregate(bars, starts)
    out[:, rows.START] = starts[np.flatnonzero(np.diff(starts, prepend=-1))]
    return out


def _days(tape: Tape, interval: str, now_us: int) -> IntArray:
    today = now_us // DAY_US
    finished = tape.finished_days()[: today - ORIGIN_DAY]
    open_day = _minutes(tape, today * MINUTES, (today + 1) * MINUTES, now_us)
    bars = np.vstack([finished, _with_starts(open_day, np.full(len(open_day), today * DAY_MS))])
    return _with_starts(bars, LONG_START[interval](bars[:, rows.START]))


def _minutes(tape: Tape, first: int, end: int, now_us: int) -> IntArray:
    """Bars of the minutes [first, end) since 1970, cut at now; the open minute holds the trades so far."""
    tape.prepare()
    current = now_us // MINUTE_US
    stop = min(end, current)
    parts = [
        tape.day(day).bars[max(first - day * MINUTES, 0) : max(stop - day * MINUTES, 0)]
        for day in range(first // MINUTES, (stop - 1) // MINUTES + 1)
    ]
    if first <= current < end:
        parts.append(_open_minute(tape, current, now_us)[None, :])
    return np.vstack(parts) if parts else np.empty((0, rows.WIDTH), dtype=np.int64)


def _open_minute(tape: Tape, minute: int, now_us: int) -> IntArray:
    trades = tape.minute_trades(minute)
    trades = trades[: int(np.searchsorted(trades.time_us, now_us, side="right"))]
    before = minute - 1
    close = int(tape.day(before // MINUTES).bars[before % MINUTES, rows.CLOSE])
    first_id = int(trades.id[0]) if len(trades.id) else -1
    return rows.of_trades(minute * MINUTE_MS, trades.price, trades.size, trades.is_buyer_maker, first_id, close)
