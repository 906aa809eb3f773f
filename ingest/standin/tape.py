"""The tape of one crypto pair: every trade since the origin, found by minute, day or id.

A day's path runs from one daily anchor to the next, its minutes bridge the way, and each minute is a stretched
shape. Nothing is stored but one row per day: any minute of the past is cut again when somebody asks for it.
"""

from dataclasses import dataclass
from functools import lru_cache
from threading import RLock

import numpy as np

from ingest.standin import rows
from ingest.standin.assets import Coin
from ingest.standin.climate import FloatArray, climate, daily_returns, wander
from ingest.standin.clock import Clock
from ingest.standin.rows import IntArray
from ingest.standin.seeds import generator
from ingest.standin.shapes import COUNTS, VARIANTS, shapes

MINUTES = 1440
MINUTE_US = 60_000_000
DAY_US = MINUTES * MINUTE_US
ORIGIN_DAY = 19_174  # 2022-07-01, in days since 1970: the first trade of every pair
DAYS = 20 * 365  # how far the daily path is drawn
TREND = 0.04  # per year
HALF_LIFE = 330.0  # days after which half of an excursion is forgotten
SPREAD = 1  # ticks


@dataclass(frozen=True)
class Day:
    """The minutes of one day: bar rows, and how each is cut from its shape."""

    bars: IntArray
    shape: IntArray
    base: IntArray  # bid of the first trade, in ticks
    stretch: IntArray  # ticks per step
    size: IntArray  # lots per weight


@dataclass(frozen=True)
class Trades:
    """Consecutive trades: ids, prices in ticks, sizes in lots, sides, times in microseconds since 1970."""

    id: IntArray
    price: IntArray
    size: IntArray
    is_buyer_maker: IntArray
    time_us: IntArray

    def __getitem__(self, part: slice) -> "Trades":
        return Trades(self.id[part], self.price[part], self.size[part], self.is_buyer_maker[part], self.time_us[part])


@lru_cache(maxsize=4096)  # every pair asks for every day once, at start
def _factor_shocks(day: int) -> FloatArray:
    return generator("crypto minutes", day).standard_normal(MINUTES)


@lru_cache(maxsize=1)
def _seasons() -> tuple[FloatArray, FloatArray]:
    """Volatility and activity over the UTC day: quiet in Asia's morning, busy around New York's open."""
    hour = np.arange(MINUTES) / 60
    bump = np.exp(-(((hour - 14.6) / 2.6) ** 2)) + 0.45 * np.exp(-(((hour - 8.2) / 2.0) ** 2))
    volatility = 0.75 + 0.65 * bump + 0.25 * np.exp(-(((hour - 0.15) / 0.35) ** 2))
    return volatility / np.sqrt(np.mean(volatility**2)), (0.72 + 0.62 * bump) / np.mean(0.72 + 0.62 * bump)


class Tape:
    """Safe for several threads: days are extended under a lock, all else is read only or cached."""

    def __init__(self, coin: Coin, clock: Clock) -> None:
        self.coin = coin
        self._clock = clock
        self._lock = RLock()
        weather = climate("crypto", DAYS)
        returns = daily_returns(coin.symbol, weather, coin.volatility, coin.loading, 365)
        trend = TREND / 365 * (np.arange(DAYS + 1) - (20_454 - ORIGIN_DAY))  # `level` is that of 2026-01-01
        self._anchor = np.log(coin.level) + trend + wander(returns, HALF_LIFE)
        self._deviation = coin.volatility / np.sqrt(365) * weather.level
        minute_ticks = coin.level * 10**coin.price_digits * coin.volatility / np.sqrt(365 * MINUTES)
        self._shapes = shapes(20 if minute_ticks > 100 else 4)
        self._lots = coin.notional / coin.level * 10**coin.lot_digits / np.mean(self._shapes.weight)
        self._days: list[IntArray] = []
        self._next_id = [1]
        self.day = lru_cache(maxsize=24)(self._day)
        self.minute_trades = lru_cache(maxsize=24)(self._minute_trades)

    def now_us(self) -> int:
        return self._clock()

    def prepare(self) -> None:
        """Bring the rows of finished days up to the clock; the first call takes about half a second."""
        today = self._clock() // DAY_US
        with self._lock:
            while ORIGIN_DAY + len(self._days) < today:
                bars = self._day(ORIGIN_DAY + len(self._days)).bars
                self._days.append(rows.aggregate(bars, np.zeros(len(bars), dtype=np.int64))[0])
                self._next_id.append(self._next_id[-1] + int(bars[:, rows.COUNT].sum()))

    def finished_days(self) -> IntArray:
        self.prepare()
        return np.array(self._days, dtype=np.int64).reshape(-1, rows.WIDTH)

    def first_id(self, day: int) -> int:
        self.prepare()
        return self._next_id[day - ORIGIN_DAY]

    def locate(self, trade_id: int) -> tuple[int, int]:
        """The minute (since 1970) that holds the id, and the id's place in it; the id must have been reached."""
        self.prepare()
        place = int(np.searchsorted(self._next_id, trade_id, side="right")) - 1
        firsts = self.day(ORIGIN_DAY + place).bars[:, rows.FIRST]
        minute = int(np.searchsorted(firsts, trade_id, side="right")) - 1
        return (ORIGIN_DAY + place) * MINUTES + minute, trade_id - int(firsts[minute])

    def last_id(self, now_us: int) -> int:
        """The id of the newest trade that has happened."""
        trades = self.minute_trades(now_us // MINUTE_US)
        return int(trades.id[0]) + int(np.searchsorted(trades.time_us, now_us, side="right")) - 1

    def _minute_trades(self, minute: int) -> Trades:
        """All trades of a minute since 1970, those still to come included."""
        self.prepare()
        day, place = self.day(minute // MINUTES), minute % MINUTES
        library, shape = self._shapes, int(day.shape[place])
        part = slice(int(library.first[shape]), int(library.first[shape] + library.count[shape]))
        is_buy = library.is_buy[part].astype(np.int64)
        return Trades(
            id=day.bars[place, rows.FIRST] + np.arange(part.stop - part.start),
            price=day.base[place] + day.stretch[place] * library.step[part] + SPREAD * is_buy,
            size=day.size[place] * library.weight[part] + library.extra[part],
            is_buyer_maker=1 - is_buy,
            time_us=minute * MINUTE_US + library.time_us[part].astype(np.int64),
        )

    def _day(self, day: int) -> Day:
        random = generator("minutes", self.coin.symbol, day)
        season, activity = _seasons()
        deviation = self._minute_deviation(random, day, season)
        burst = random.standard_normal(MINUTES)  # minutes that move more also trade more
        base = np.floor(np.exp(self._path(random, day, deviation, burst)) * 10**self.coin.price_digits).astype(np.int64)
        move = np.diff(base)
        library = self._shapes
        stretch = np.maximum(1, np.rint(deviation * base[:-1] / library.deviation).astype(np.int64))
        stretch = np.maximum(stretch, -(-np.abs(move) // library.reach))
        end = np.rint(move / stretch).astype(np.int64)
        pace = activity * (deviation / season) ** 0.6
        pace *= 60 * self.coin.trades_per_second * self._bustle(day) / np.mean(pace)
        wanted = pace * np.exp(0.28 * burst)
        count_class = np.clip(
            np.searchsorted(np.sqrt(np.multiply(COUNTS[:-1], COUNTS[1:])), wanted), 0, len(COUNTS) - 1
        )
        shape = library.index(count_class, end, random.integers(0, VARIANTS, MINUTES))
        size = np.maximum(1, np.rint(self._lots * np.exp(0.3 * random.standard_normal(MINUTES)))).astype(np.int64)
        bars = self._bars(day, shape, base[:-1], stretch, size)
        return Day(bars, shape, base[:-1], stretch, size)

    def _bustle(self, day: int) -> float:
        """How busy a day is: turbulence, and weekends that are quieter."""
        turbulence = self._deviation[day - ORIGIN_DAY] / (self.coin.volatility / np.sqrt(365))
        return float(np.clip(turbulence**0.5, 0.75, 1.35) * (0.8 if (day + 3) % 7 >= 5 else 1.05))

    def _minute_deviation(self, random: np.random.Generator, day: int, season: FloatArray) -> FloatArray:
        hours = np.interp(np.arange(MINUTES) / 60, np.arange(25), 0.3 * random.standard_normal(25))
        scale = self._deviation[day - ORIGIN_DAY] / np.sqrt(MINUTES)
        return np.asarray(scale * season * np.exp(hours - 0.045), dtype=np.float64)

    def _path(self, random: np.random.Generator, day: int, deviation: FloatArray, burst: FloatArray) -> FloatArray:
        """Log prices at the minutes' borders (1441), bridged from this day's anchor to the next one's."""
        loading = self.coin.loading
        shock = loading * _factor_shocks(day) + np.sqrt(1 - loading**2) * random.standard_normal(MINUTES)
        steps = np.cumsum(deviation * shock * np.exp(0.35 * burst - 0.12))
        spent = np.cumsum(deviation**2)
        start, end = self._anchor[day - ORIGIN_DAY], self._anchor[day - ORIGIN_DAY + 1]
        bridge = steps + spent / spent[-1] * (end - start - steps[-1])
        return np.concatenate(([start], start + bridge))

    def _bars(self, day: int, shape: IntArray, base: IntArray, stretch: IntArray, size: IntArray) -> IntArray:
        of = {name: values[shape] for name, values in self._shapes.sums.items()}
        bars = np.empty((MINUTES, rows.WIDTH), dtype=np.int64)
        count = self._shapes.count[shape]
        volume, bought = size * of["weight"] + of["extra"], size * of["buy_weight"] + of["buy_extra"]
        climbed = stretch * (size * of["step_weight"] + of["step_extra"])
        climbed_buying = stretch * (size * of["buy_step_weight"] + of["buy_step_extra"])
        bars[:, rows.START] = (day * MINUTES + np.arange(MINUTES)) * 60_000
        bars[:, rows.OPEN] = base + SPREAD * of["open_buy"]
        bars[:, rows.HIGH] = base + stretch * of["high"] + SPREAD * of["high_buy"]
        bars[:, rows.LOW] = base + stretch * of["low"] + SPREAD * of["low_buy"]
        bars[:, rows.CLOSE] = base + stretch * of["end"] + SPREAD * of["close_buy"]
        bars[:, rows.VOLUME] = volume
        bars[:, rows.QUOTE] = base * volume + climbed + SPREAD * bought
        bars[:, rows.COUNT] = count
        bars[:, rows.BOUGHT] = bought
        bars[:, rows.BOUGHT_QUOTE] = (base + SPREAD) * bought + climbed_buying
        bars[:, rows.FIRST] = self._next_id[day - ORIGIN_DAY] + np.cumsum(count) - count
        return bars
