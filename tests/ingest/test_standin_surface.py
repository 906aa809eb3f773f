"""The stand-in's shares and option chains: bars that reconcile, quotes that leave nothing for free."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from ingest.standin.assets import stock_of
from ingest.standin.chain import Quotes, epoch
from ingest.standin.climate import Climate
from ingest.standin.sessions import Sessions
from ingest.standin.stock import Share, equity_climate
from ingest.standin.surface import ETA, GAMMA, RHO, Surface
from quant.settings import Settings

SUNDAY = 1_774_180_800  # 2026-03-22 12:00 UTC
WEDNESDAY_OPEN = 1_773_858_600  # 2026-03-18 18:30 UTC, 14:30 in New York
# exchange_calendars 4.13 on pandas 3.1
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray:DeprecationWarning")

RATE = 0.04  # config.yaml: options.risk_free_rate


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    return Sessions("XNYS")


@pytest.fixture(scope="module")
def weather() -> Climate:
    return equity_climate()


@pytest.fixture(scope="module", params=["SPY", "AAPL", "NVDA", "ZZZZ"])
def share(request: pytest.FixtureRequest, sessions: Sessions, weather: Climate) -> Share:
    return Share(stock_of(request.param, {"SPY": 0.012, "AAPL": 0.004}), sessions, weather)


@pytest.fixture
def quotes(share: Share, settings: Settings) -> Quotes:
    """Sunday: the chain of Friday's close."""
    friday_close = int(share.sessions.close_s[share.sessions.newest(SUNDAY)])
    return Quotes(share, settings.options, friday_close)


def middles(quotes: Quotes, expiry: date, is_call: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strikes, quoted mids, and the room that a quote's rounding leaves to them: half a tick."""
    rows = quotes.rows(expiry, is_call)
    strike, bid, ask = (np.array([row[key] for row in rows]) for key in ("strike", "bid", "ask"))
    middle = np.where(bid > 0, (bid + ask) / 2, quotes.surface.price(strike, quotes.years(expiry), is_call))
    tight = quotes.share.stock.is_fund
    return strike, middle, np.where((middle >= 2.5) & (not tight), 0.025, 0.005) + 1e-9


def test_the_surface_obeys_the_conditions_against_arbitrage() -> None:
    """Gatheral and Jacquier (2014), section 4: butterfly and calendar."""
    assert ETA * (1 + abs(RHO)) <= 2
    assert 0 < GAMMA <= 0.5
    moneyness = np.linspace(-1.5, 1.5, 301)
    for now in (0.08, 0.2, 0.9):
        surface = Surface(100.0, now, 0.25, RATE, 0.01)
        variances = np.array([surface.variance(moneyness, years) for years in (1 / 365, 0.02, 0.1, 0.5, 1.0, 2.0)])
        assert (np.diff(variances, axis=0) > 0).all()
        for variance in variances:
            slope, curve = np.gradient(variance, moneyness), np.gradient(np.gradient(variance, moneyness), moneyness)
            density = (1 - moneyness * slope / (2 * variance)) ** 2 - slope**2 / 4 * (1 / variance + 0.25) + curve / 2
            assert (
                density[3:-3] > 0
            ).all()  # Durrleman's condition; the borders of a numerical derivative are left out


def test_no_quote_is_free_money(quotes: Quotes) -> None:
    """Vertical spreads, butterflies and parity between the mids of one expiry, up to the rounding of ticks."""
    for expiry in quotes.expiries():
        discount, years = np.exp(-RATE * quotes.years(expiry)), quotes.years(expiry)
        (strike, call, call_room), (_, put, put_room) = (middles(quotes, expiry, is_call) for is_call in (True, False))
        assert len(strike) >= 15
        for middle, room, sign in ((call, call_room, 1), (put, put_room, -1)):
            fall = -sign * np.diff(middle)
            assert (fall >= -(room[:-1] + room[1:])).all()
            assert (fall <= discount * np.diff(strike) + room[:-1] + room[1:]).all()
            assert (np.diff(middle, 2) >= -(room[:-2] + 2 * room[1:-1] + room[2:])).all()
        forward = quotes.surface.forward(years)
        assert (np.abs(call - put - discount * (forward - strike)) <= call_room + put_room).all()


def test_a_later_expiry_is_worth_more(quotes: Quotes) -> None:
    """C(K, T2) >= exp(-q (T2 - T1)) C(K, T1) for European calls when the rate is above the yield."""
    expiries = quotes.expiries()
    for near, far in pairwise(expiries):
        (near_strike, near_call, near_room), (far_strike, far_call, far_room) = (
            middles(quotes, expiry, True) for expiry in (near, far)
        )
        shared, here, there = np.intersect1d(near_strike, far_strike, return_indices=True)
        assert len(shared) >= 5
        carry = np.exp(-quotes.surface.dividend_yield * (quotes.years(far) - quotes.years(near)))
        assert (far_call[there] + far_room[there] + near_room[here] >= carry * near_call[here]).all()


def test_a_chain_has_what_a_real_one_has(quotes: Quotes) -> None:
    expiries = quotes.expiries()
    opens, closes = quotes.share.sessions.open_s, quotes.share.sessions.close_s
    last = quotes.share.sessions.newest(SUNDAY)
    assert 8 <= len(expiries) <= 12
    for expiry in expiries:
        rows = quotes.rows(expiry, True) + quotes.rows(expiry, False)
        assert all(0 <= row["bid"] < row["ask"] for row in rows)
        assert all(opens[last] <= row["lastTradeDate"] <= closes[last] for row in rows)
        assert all(row["volume"] >= 1 and row["openInterest"] >= 0 and row["lastPrice"] > 0 for row in rows)
        assert all(0.02 < row["impliedVolatility"] < 4 for row in rows)
        assert {row["expiration"] for row in rows} == {epoch(expiry)}
    symbol = quotes.share.stock.symbol
    strike = quotes.rows(expiries[0], False)[0]["strike"]
    assert quotes.rows(expiries[0], False)[0]["contractSymbol"] == (
        f"{symbol}{expiries[0]:%y%m%d}P{round(strike * 1000):08d}"
    )


def test_the_far_wing_has_no_bid(sessions: Sessions, weather: Climate, settings: Settings) -> None:
    share = Share(stock_of("AAPL", {}), sessions, weather)
    quotes = Quotes(share, settings.options, int(sessions.close_s[sessions.newest(SUNDAY)]))
    calls = quotes.rows(quotes.expiries()[0], True)
    assert calls[-1]["bid"] == 0
    assert calls[-1]["ask"] >= 0.01
    assert sum(call["bid"] > 0 for call in calls) > 25


def test_adjusted_closes_reconcile_with_dividends(share: Share) -> None:
    """Total return of a day = (close + dividend) / close before, to the size of the squared yield."""
    bars = share.bars(0, SUNDAY)
    adjusted = share.adjusted_close(bars, 0)
    paid = share.paid(1, len(bars.close) - 1)
    factor = np.ones(len(bars.close))
    for place, amount in paid.items():
        factor[place] = 1 / (1 - amount / bars.close[place - 1])
    assert adjusted[-1] == bars.close[-1]
    np.testing.assert_allclose(adjusted[1:] / adjusted[:-1], bars.close[1:] / bars.close[:-1] * factor[1:], rtol=1e-12)
    assert len(paid) == (29 if share.stock.dividend_yield else 0)  # quarters from 2019 to March 2026


def test_a_split_leaves_no_trace_in_adjusted_prices(sessions: Sessions, weather: Climate) -> None:
    share = Share(stock_of("NVDA", {}), sessions, weather)
    place = share.split_place()
    assert place is not None
    assert sessions.dates[place] == date(2024, 5, 20)
    bars = share.bars(0, SUNDAY)
    assert abs(bars.close[place] / bars.close[place - 1] - 1) < 0.2
    traded = share.points[place - 1 : place + 1, -1] / 100
    assert traded == pytest.approx([bars.close[place - 1] * 10, bars.close[place]])
    day_before = share.bars(place - 1, int(sessions.close_s[place - 1]))
    assert day_before.close[-1] == pytest.approx(bars.close[place - 1] * 10)  # nobody knew of the split yet


def test_a_day_s_bar_is_its_minutes(share: Share) -> None:
    for now_s in (WEDNESDAY_OPEN, SUNDAY):
        minutes, day = share.minute_bars(now_s), share.bars(share.sessions.newest(now_s), now_s)
        assert minutes.open[0] == day.open[-1]
        assert minutes.close[-1] == day.close[-1]
        assert minutes.high.max() == day.high[-1]
        assert minutes.low.min() == day.low[-1]
        assert minutes.volume.sum() == day.volume[-1]


def test_a_half_formed_bar_grows_into_the_final_one(share: Share) -> None:
    place = share.sessions.newest(WEDNESDAY_OPEN)
    final = share.bars(place, SUNDAY)
    seen = [share.bars(place, now_s) for now_s in range(WEDNESDAY_OPEN, WEDNESDAY_OPEN + 5000, 500)]
    assert all(part.open[-1] == final.open[0] for part in seen)
    assert all(np.diff([part.high[-1] for part in seen]) >= 0)
    assert all(np.diff([part.low[-1] for part in seen]) <= 0)
    assert all(np.diff([part.volume[-1] for part in seen]) > 0)
    assert len({part.close[-1] for part in seen}) > 3
    assert seen[-1].high[-1] <= final.high[0]
    assert seen[-1].volume[-1] < final.volume[0]


def test_half_days_end_early(share: Share) -> None:
    place = share.sessions.on_or_after(date(2025, 11, 28))  # the day after Thanksgiving closes at 13:00
    assert share.minutes[place] == 210
    end = int(share.sessions.close_s[place])
    assert len(share.minute_bars(end + 3600).close) == 210
    assert not share.sessions.is_open(end)
