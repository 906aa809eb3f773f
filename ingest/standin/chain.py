"""Listed options of a share: expiries, strikes, and the quotes of one moment as Yahoo writes them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ingest.standin.climate import FloatArray
from ingest.standin.seeds import seed_of
from ingest.standin.stock import Share
from ingest.standin.surface import Surface
from quant.settings.options import Options

WEEKS = 5  # nearest Fridays that are listed
MONTHS = (0, 1, 2, 3, 5, 8, 11)  # monthly expiries, counted from the nearest
STEPS = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0)
MOST_STRIKES = 56
YEAR_S = 365 * 86_400
PREMIUM = 1.06  # implied over expected volatility


@dataclass(frozen=True)
class Quotes:
    """The moment that a chain describes: now during a session, else the last close."""

    share: Share
    options: Options
    time_s: int

    @property
    def surface(self) -> Surface:
        return self.surface_at(self.time_s)

    def surface_at(self, time_s: int) -> Surface:
        """Volatility drifts through the session from the day before's level to its own."""
        share, place = self.share, self.share.sessions.newest(time_s)
        part = (time_s - share.sessions.open_s[place]) / (share.sessions.close_s[place] - share.sessions.open_s[place])
        level = np.interp(min(1.0, part), (0, 1), share.volatility[place - 1 : place + 1])
        dividend_yield = self.options.dividend_yields.get(share.stock.symbol, share.stock.dividend_yield)
        now, mean = PREMIUM * float(level), PREMIUM * 1.05 * share.stock.volatility
        return Surface(share.spot(time_s), now, mean, self.options.risk_free_rate, dividend_yield)

    def expiries(self) -> list[date]:
        """Listed days after the moment, holidays moved to the session before."""
        sessions = self.share.sessions
        today = sessions.dates[sessions.newest(self.time_s)]
        friday = today + timedelta(days=(4 - today.weekday()) % 7)
        fridays = [friday + timedelta(weeks=week) for week in range(56)]
        monthly = [day for day in fridays if 15 <= day.day <= 21]
        days = {*fridays[: WEEKS + 1], *(monthly[month] for month in MONTHS)}
        listed = sorted({sessions.on_or_before(day) for day in days})
        return [sessions.dates[place] for place in listed if sessions.close_s[place] > self.time_s]

    def years(self, expiry: date) -> float:
        """Until the close of the expiry's session, 365 days a year."""
        sessions = self.share.sessions
        return float(sessions.close_s[sessions.on_or_before(expiry)] - self.time_s) / YEAR_S

    def strikes(self, expiry: date) -> FloatArray:
        """About three deviations around the spot that the session opened with, so that a day's list stays put."""
        sessions = self.share.sessions
        place = sessions.newest(self.time_s)
        spot = self.share.spot(int(sessions.open_s[place]))
        days = (sessions.close_s[sessions.on_or_before(expiry)] - sessions.open_s[place]) / 86_400
        width = np.clip(3.0 * self.share.stock.volatility * np.sqrt(days / 365), 0.06, 0.75)
        low, high = spot * np.exp(-1.2 * width), spot * np.exp(width)
        step = next((step for step in STEPS if (high - low) / step < MOST_STRIKES), STEPS[-1])
        return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step

    def rows(self, expiry: date, is_call: bool) -> list[dict[str, Any]]:
        """Yahoo's rows, ascending by strike."""
        strike, years, surface = self.strikes(expiry), self.years(expiry), self.surface
        middle, volatility = surface.price(strike, years, is_call), surface.volatility(strike, years)
        bid, ask = quoted(middle, tight=self.share.stock.is_fund)
        keys = [self._symbol(expiry, is_call, value) for value in strike.tolist()]
        luck = np.array([_luck(key) for key in keys])
        days = np.array([_luck(f"{key} {self._session()}") for key in keys])
        last = np.maximum(0.01, np.round(bid + days * (ask - bid), 2))
        change = np.round(last - self._yesterday(strike, expiry, is_call), 2)
        interest, volume = self._activity(strike, expiry, luck, days)
        traded = self._last_trades(days)
        in_the_money = strike < surface.spot if is_call else strike > surface.spot
        columns = (keys, strike, last, change, volume, interest, bid, ask, traded, volatility, in_the_money)
        return [
            self._row(expiry, *(np.asarray(column)[place].item() for column in columns)) for place in range(len(keys))
        ]

    def _row(self, expiry: date, key: str, strike: float, last: float, change: float, volume: int, interest: int,
             bid: float, ask: float, traded: int, volatility: float, in_the_money: bool) -> dict[str, Any]:  # fmt: skip
        return {
            "contractSymbol": key,
            "strike": strike,
            "currency": "USD",
            "lastPrice": last,
            "change": change,
            "percentChange": round(100 * change / max(0.01, last - change), 6),
            "volume": volume,
            "openInterest": interest,
            "bid": bid,
            "ask": ask,
            "contractSize": "REGULAR",
            "expiration": epoch(expiry),
            "lastTradeDate": traded,
            "impliedVolatility": volatility,
            "inTheMoney": in_the_money,
        }

    def _session(self) -> date:
        return self.share.sessions.dates[self.share.sessions.newest(self.time_s)]

    def _symbol(self, expiry: date, is_call: bool, strike: float) -> str:
        return f"{self.share.stock.symbol}{expiry:%y%m%d}{'C' if is_call else 'P'}{round(strike * 1000):08d}"

    def _yesterday(self, strike: FloatArray, expiry: date, is_call: bool) -> FloatArray:
        sessions = self.share.sessions
        before = Quotes(self.share, self.options, int(sessions.close_s[sessions.newest(self.time_s) - 1]))
        return before.surface.price(strike, before.years(expiry), is_call)

    def _activity(self, strike: FloatArray, expiry: date, luck: FloatArray, days: FloatArray) -> tuple[Any, Any]:
        """Open interest and today's volume: most near the money, at round strikes and in monthly expiries."""
        sessions = self.share.sessions
        years, place = self.years(expiry), sessions.newest(self.time_s)
        width = self.share.stock.volatility * np.sqrt(max(years, 5 / 365))
        near = np.exp(-0.5 * (np.log(strike / self.share.spot(self.time_s)) / (1.6 * width)) ** 2)
        size = 12_000.0 if self.share.stock.is_fund else 5_000.0
        size *= (2.2 if 15 <= expiry.day <= 21 else 1.0) / (0.6 + 2 * years)
        round_strike = np.where(strike % 10 == 0, 2.0, np.where(strike % 5 == 0, 1.4, 1.0))
        interest = size * near * round_strike * np.exp(2.4 * (luck - 0.5))
        part = np.clip(
            (self.time_s - sessions.open_s[place]) / (sessions.close_s[place] - sessions.open_s[place]), 0, 1
        )
        volume = interest * near * 0.45 * np.exp(2 * (days - 0.5)) * part / (0.35 + 2 * years)
        return interest.astype(np.int64), 1 + volume.astype(np.int64)

    def _last_trades(self, days: FloatArray) -> Any:
        start = self.share.sessions.open_s[self.share.sessions.newest(self.time_s)]
        return (start + (self.time_s - start) * days**0.15).astype(np.int64)


def quoted(middle: FloatArray, tight: bool) -> tuple[FloatArray, FloatArray]:
    """Bid and ask around the model's price, rounded outwards to the tick; a bid below one tick is zero."""
    tick = np.where((middle >= 3) & (not tight), 0.05, 0.01)
    half = (0.004 if tight else 0.008) + (0.006 if tight else 0.012) * middle**0.85
    bid = np.floor(np.round((middle - half) / tick, 9)) * tick
    ask = np.ceil(np.round((middle + half) / tick, 9)) * tick
    return np.round(np.maximum(bid, 0), 2), np.round(np.maximum(ask, tick), 2)


def epoch(day: date) -> int:
    """Midnight UTC, as Yahoo names expiries."""
    return (day - date(1970, 1, 1)).days * 86_400


def _luck(key: str) -> float:
    return seed_of("luck", key) / 2**128
