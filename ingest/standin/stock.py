"""One share: traded prices to the cent for every minute of every session, dividends, a split.

Prices are kept as they were traded. Yahoo shows them divided by every later split, and its adjusted close
also lowers each day before a dividend by the part of the price that was paid out.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.standin.assets import Stock
from ingest.standin.climate import Climate, FloatArray, climate, daily_returns, wander
from ingest.standin.rows import IntArray
from ingest.standin.seeds import generator
from ingest.standin.sessions import Sessions

MINUTES = 390
SESSIONS = 20 * 252  # how far the daily path is drawn
HALF_LIFE = 400.0  # sessions after which half of an excursion is forgotten
LEVEL_ON = date(2024, 1, 2)


@dataclass(frozen=True)
class Bars:
    """Split-adjusted bars up to now; `start` in seconds, the last one half-formed while a session runs."""

    start: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: IntArray


def equity_climate() -> Climate:
    return climate("equities", SESSIONS)


class Share:
    def __init__(self, stock: Stock, sessions: Sessions, weather: Climate) -> None:
        self.stock = stock
        self.sessions = sessions
        count = len(sessions.dates)
        self.volatility: FloatArray = stock.volatility * weather.level[:count]  # annual, of each session
        self.minutes: IntArray = (sessions.close_s - sessions.open_s) // 60
        self.ratio = self._ratios(count)  # shares of today that one share of that session became
        returns = daily_returns(stock.symbol, weather, stock.volatility, stock.loading, 252)
        since_level = np.arange(SESSIONS + 1) - sessions.on_or_after(LEVEL_ON)
        carry = (stock.growth + stock.dividend_yield) / 252 * since_level
        close = np.log(stock.level) + (carry + wander(returns, HALF_LIFE))[1 : count + 1]
        self.dividends = self._pay(close)  # session place -> amount per share of that day
        self.points = self._draw(close)  # cents, per session at its minutes' borders
        self.day_volume = self._volumes(weather.level[:count], close)

    def spot(self, now_s: int) -> float:
        """The last traded price, split-adjusted."""
        return float(self.bars(self.sessions.newest(now_s), now_s).close[-1])

    def bars(self, first: int, now_s: int) -> Bars:
        """Daily bars of the sessions from place `first` to the newest."""
        newest = self.sessions.newest(now_s)
        points = self.points[first : newest + 1].astype(np.int64)
        seen = np.arange(MINUTES + 1) <= self._elapsed(newest, now_s)
        last = np.where(seen, points[-1], points[-1, 0])
        last[-1] = current = self._price(newest, now_s)
        points[-1] = last
        close = points[:, -1].copy()
        close[-1] = current
        volume = self.day_volume[first : newest + 1].copy()
        volume[-1] = int(volume[-1] * self._volume_share(newest, now_s))
        divisor = 100 * self.ratio[first : newest + 1] / self.ratio[newest]
        high, low = points.max(axis=1), points.min(axis=1)
        start = self.sessions.open_s[first : newest + 1]
        return Bars(start, points[:, 0] / divisor, high / divisor, low / divisor, close / divisor, volume)

    def minute_bars(self, now_s: int) -> Bars:
        """One-minute bars of the newest session."""
        place = self.sessions.newest(now_s)
        count = max(1, min(int(self.minutes[place]), -(-(now_s - int(self.sessions.open_s[place])) // 60)))
        points = self.points[place, : count + 1].astype(np.int64)
        points[-1] = self._price(place, now_s) if self.sessions.is_open(now_s) else points[-1]
        start = self.sessions.open_s[place] + 60 * np.arange(count)
        shares = np.array([self._volume_share(place, int(moment)) for moment in [*start, min(now_s, start[-1] + 60)]])
        volume = np.diff((shares * self.day_volume[place]).astype(np.int64))
        before, after = points[:-1], points[1:]
        high, low = np.maximum(before, after), np.minimum(before, after)
        return Bars(start, before / 100, high / 100, low / 100, after / 100, volume)

    def adjusted_close(self, bars: Bars, first: int) -> FloatArray:
        """Each close times the product of (1 - dividend / close before) over the dividends after it."""
        newest = first + len(bars.close) - 1
        factor = np.ones(len(bars.close) + 1)
        for place, amount in self.paid(first + 1, newest).items():
            factor[place - first] = 1 - amount / bars.close[place - first - 1]
        after = np.cumprod(factor[::-1])[::-1]
        return np.asarray(bars.close * after[1:], dtype=np.float64)

    def paid(self, first: int, newest: int) -> dict[int, float]:
        """Split-adjusted dividends by session place, from `first` to `newest`."""
        now = self.ratio[newest]
        return {
            place: round(float(amount * now / self.ratio[place]), 6)
            for place, amount in self.dividends.items()
            if first <= place <= newest
        }

    def split_place(self) -> int | None:
        """The first session that traded after the split."""
        places = np.flatnonzero(np.diff(self.ratio))
        return int(places[0]) + 1 if len(places) else None

    def _ratios(self, count: int) -> FloatArray:
        ratio = np.ones(count)
        if self.stock.split_on:
            ratio[: self.sessions.on_or_after(self.stock.split_on)] = self.stock.split_ratio
        return ratio

    def _pay(self, close: FloatArray) -> dict[int, float]:
        """Quarterly amounts that grow with the trend; lowers `close` (log) from each ex-date on by what was paid."""
        paid: dict[int, float] = {}
        if not self.stock.dividend_yield:
            return paid
        level_place = self.sessions.on_or_after(LEVEL_ON)
        for place, day in enumerate(self.sessions.dates):
            if place == 0 or day.month % 3 != self.stock.dividend_month % 3 or place != self._ex_place(day):
                continue
            trend = self.stock.level * np.exp(self.stock.growth / 252 * (place - level_place))
            amount = max(0.01, round(float(self.stock.dividend_yield / 4 * trend * self.ratio[place]), 2))
            paid[place] = amount
            close[place:] += np.log(1 - amount / self.ratio[place] / np.exp(close[place - 1]))
        return paid

    def _ex_place(self, day: date) -> int:
        """The third Friday of the month, or the session before it."""
        first = day.replace(day=1)
        return self.sessions.on_or_before(day.replace(day=15 + (4 - first.weekday()) % 7))

    def _draw(self, close: FloatArray) -> NDArray[np.int32]:
        """Cents at the borders of the minutes: an overnight gap, then a bridge from open to close."""
        count = len(close)
        daily = self.volatility / np.sqrt(252)
        before = np.concatenate(([close[0]], close[:-1]))
        gap = 0.4 * (close - before) + 0.35 * daily * generator("gaps", self.stock.symbol).standard_normal(count)
        noise = generator("session minutes", self.stock.symbol).standard_normal((count, MINUTES), dtype=np.float32)
        hour = np.linspace(0, 1, MINUTES)
        season = 0.75 + 1.1 * np.exp(-hour / 0.06) + 0.5 * np.exp(-(1 - hour) / 0.06)
        season /= np.sqrt(np.sum(season**2))
        steps = np.cumsum(0.8 * daily[:, None] * season * noise, axis=1)
        spent = np.cumsum(season**2)
        row, last = np.arange(count), self.minutes - 1
        missing = close - before - gap - steps[row, last]
        path = (before + gap)[:, None] + steps + missing[:, None] * spent / spent[last][:, None]
        path = np.concatenate([(before + gap)[:, None], path], axis=1)
        after_close = np.arange(MINUTES + 1) > self.minutes[:, None]
        path = np.where(after_close, close[:, None], path)
        return np.rint(np.exp(path) * self.ratio[:, None] * 100).astype(np.int32)

    def _volumes(self, level: FloatArray, close: FloatArray) -> IntArray:
        surprise = np.abs(np.diff(close, prepend=close[0])) / (self.volatility / np.sqrt(252))
        noise = generator("volume", self.stock.symbol).standard_normal(len(close))
        volume = (
            self.stock.volume * level**0.6 * np.exp(0.22 * noise) * (0.8 + 0.25 * surprise) * self.minutes / MINUTES
        )
        return np.asarray(np.rint(volume / 100) * 100, dtype=np.int64)

    def _elapsed(self, place: int, now_s: int) -> float:
        """Minutes since the session's open, at most its length."""
        return float(min((now_s - self.sessions.open_s[place]) / 60, self.minutes[place]))

    def _price(self, place: int, now_s: int) -> int:
        """Cents, between the borders of the minute."""
        elapsed = self._elapsed(place, now_s)
        minute = min(int(elapsed), int(self.minutes[place]) - 1)
        before, after = (int(cents) for cents in self.points[place, minute : minute + 2])
        return before + round((after - before) * (elapsed - minute))

    def _volume_share(self, place: int, now_s: int) -> float:
        """Of the day's volume that has been traded: much at the open, more at the close."""
        part = self._elapsed(place, now_s) / float(self.minutes[place])
        return 0.6 * part + 0.4 * (0.5 + 4 * (part - 0.5) ** 3)
