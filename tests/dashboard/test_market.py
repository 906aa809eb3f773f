"""The page Market: the tape is what was traded, and an alert is said once."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data, parts
from quant.settings import PROJECT_PATH
from tests.dashboard.visits import texts

Visit = Callable[..., AppTest]
FORMULAS = "".join(
    (PROJECT_PATH / "macros" / "formulas" / name).read_text() for name in ("22_bars.sql", "65a_tape.sql")
)
PRICE = "('demo-binance', 'BTCUSDT', 'crypto', now(), 100.0, 3, 90.0, 0.1111, true)"
# Bought 2 at 100 and 1 at 99, sold 1 at 101; and one that is too old.
TRADES = """
    ('demo-binance', 'BTCUSDT', 0, now() - interval 16 minutes, 500.0, 9.0, true, now()),
    ('demo-binance', 'BTCUSDT', 1, now() - interval 3 minutes, 100.0, 2.0, false, now()),
    ('demo-binance', 'BTCUSDT', 2, now() - interval 2 minutes, 101.0, 1.0, true, now()),
    ('demo-binance', 'BTCUSDT', 3, now() - interval 1 minutes, 99.0, 1.0, false, now())
"""


@pytest.fixture
def traded(publish_empty: Callable[..., Any]) -> None:
    publish_empty(
        insert=f"{FORMULAS}; insert into serving.crypto_prices values {PRICE}; "
        f"insert into serving.recent_trades values {TRADES}"
    )


def test_the_tape_is_that_of_the_last_quarter_of_an_hour(visit: Visit, traded: None) -> None:
    page = visit("", symbol="BTCUSDT")
    said = {tile.label.removeprefix("[").partition("]")[0]: tile.value for tile in page.metric}
    # By hand: 400 paid for 4, three trades in 15 minutes, (3 - 1) / 4.
    assert said["VWAP"] == "100.00" and said["Trades / min"] == "0.2" and said["Notional"] == "400"
    assert said["Taker imbalance"] == "+50.0%" and said["Low"] == "99.00" and said["High"] == "101.00"
    (table,) = [table.value for table in page.dataframe if "side" in table.value]
    assert table[["price", "side"]].values.tolist() == [[99.0, "buy"], [101.0, "sell"], [100.0, "buy"]]


def test_a_recording_that_has_just_begun_is_as_fast_as_it_is(visit: Visit, publish_empty: Callable[..., Any]) -> None:
    trades = TRADES.strip().split(",\n", 1)[1]  # without the one before the quarter of an hour
    publish_empty(
        insert=f"{FORMULAS}; insert into serving.crypto_prices values {PRICE}; "
        f"insert into serving.recent_trades values {trades}"
    )
    (tile,) = [tile for tile in visit("", symbol="BTCUSDT").metric if "Trades / min" in tile.label]
    assert tile.value == "1.0" and "Of the last 3 min: nothing was recorded before." in tile.help


def test_a_coin_of_few_trades_is_slow_and_one_of_the_future_not_negative(
    visit: Visit, publish_empty: Callable[..., Any]
) -> None:
    """Four trades of an hour, one of them of the last quarter; and a first one that our clock has not reached."""
    told = "('demo-binance', '{}', {}, now() {}, 100.0, 1.0, true, now())"
    quiet = [told.format("BTCUSDT", i, f"- interval {age} seconds") for i, age in enumerate([3600, 3000, 2400, 20])]
    ahead = told.format("ETHUSDT", 1, "+ interval 1 second")
    publish_empty(
        insert=f"{FORMULAS}; insert into serving.crypto_prices values {PRICE}, {PRICE.replace('BTC', 'ETH')}; "
        f"insert into serving.recent_trades values {', '.join([*quiet, ahead])}"
    )
    speeds = {
        symbol: tile.value
        for symbol in ("BTCUSDT", "ETHUSDT")
        for tile in visit("", symbol=symbol).metric
        if "Trades / min" in tile.label
    }
    assert speeds == {"BTCUSDT": "0.1", "ETHUSDT": "60.0"}


def test_an_instrument_leads_to_what_its_price_is(visit: Visit, traded: None) -> None:
    assert "(/catalogue?metric=close&symbol=BTCUSDT&interval=1m)" in visit("").metric[0].label


SHARE = "('yahoo', 'SPY', 'equity', now(), 500.0, null, 490.0, 0.0204, false)"


def test_who_follows_no_coin_is_not_told_to_fetch_trades(visit: Visit, publish_empty: Callable[..., Any]) -> None:
    publish_empty(insert=f"insert into serving.equity_prices values {SHARE}")
    assert "No trades in the last two hours" not in texts(visit(""))


def test_a_price_that_comes_alive_while_the_tiles_are_drawn_breaks_none(
    visit: Visit, publish_empty: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tiles are laid out for and what they show is of one answer."""
    publish_empty(insert=f"insert into serving.equity_prices values {SHARE}")
    (closed,) = data.rows("latest_prices", part="equity_prices")
    page_and_tiles = [[closed], [closed]]
    answers = iter([*page_and_tiles, [closed | {"is_live": True}]])
    monkeypatch.setattr(parts, "prices", lambda: next(answers, [closed]))
    page = visit("")
    assert not page.exception and page.metric[0].value == "500.00"


def alert(signal_id: str, minutes: int, direction: str = "'up'") -> str:
    told = f"'{signal_id}', 'sma_cross', 'market', 'demo-binance', 'BTCUSDT', 'crypto', '1h'"
    when = f"now() - interval {minutes} minutes, now() - interval {minutes} minutes"
    return f"({told}, {when}, {direction}, 100, 1, 1, 'crossed {signal_id}', true, null, 4, 0.5, 0.01)"


def test_what_stood_there_before_a_visit_is_one_sentence(visit: Visit, publish_empty: Callable[..., Any]) -> None:
    alerts = ", ".join([alert("new", 5), alert("newer", 2, "'down'"), alert("old", 300)])
    publish_empty(insert=f"insert into serving.recent_signals values {alerts}")
    page = visit("")
    assert [toast.value for toast in page.toast] == ["In the table below: 2 alerts of the last hour."]
    assert not page.run().toast
    (table,) = [table.value for table in page.dataframe if "explanation" in table.value]
    assert table["explanation"].tolist() == ["crossed newer", "crossed new", "crossed old"]
    assert table["chart"].iloc[0] == "/price?symbol=BTCUSDT&interval=1h"


def test_an_alert_that_comes_is_said_once_and_many_do_not_cover_the_page() -> None:
    page = AppTest.from_function(toasts_as_they_come, default_timeout=60).run()
    said = [[toast.value for toast in page.toast]]
    for _ in range(4):
        said.append([toast.value for toast in page.run().toast])
    crossed = [f"**sma_cross, 1h**: crossed a{number}" for number in range(3)]
    assert said == [[], crossed[:2], [], [*crossed, "In the table below: 1 more."], []]


def toasts_as_they_come() -> None:
    """A page that is run alone: at its second run two alerts have come, at its fourth four others."""
    from datetime import UTC, datetime

    import streamlit as st

    from dashboard import toasts

    run = st.session_state["run"] = st.session_state.get("run", 0) + 1
    waves = [2] * (run >= 2) + [4] * (run >= 4)
    about = {"rule": "sma_cross", "interval": "1h", "direction": "up", "end_ts": datetime.now(UTC)}
    toasts.show_once(
        [
            about | {"signal_id": f"{wave}/{number}", "explanation": f"crossed a{number}"}
            for wave, count in reversed([*enumerate(waves)])
            for number in range(count)
        ]
    )


@pytest.mark.parametrize(
    ("asset_class", "interval", "part"),
    [
        ("crypto", "1m", "crypto_minutes"),
        ("crypto", "1d", "crypto_days"),
        ("crypto", "4h", "coarse_crypto_bars"),
        ("crypto", "1w", "coarse_crypto_bars"),
        ("equity", "1d", "equity_bars"),
        ("equity", "1w", "equity_bars"),
    ],
)
def test_bars_are_asked_of_the_part_that_has_them(asset_class: str, interval: str, part: str) -> None:
    """What tests/repo/test_same_numbers.py finds in each part."""
    assert parts.of_bars(asset_class, interval) == part
