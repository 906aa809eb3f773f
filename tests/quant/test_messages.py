"""What a person reads: expected texts are written by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from quant.messages import Alert, compose, number, record

ZONES = {"crypto": "UTC", "equity": "America/New_York"}
CROSS = Alert(
    signal_id="a",
    rule="sma_cross",
    end_ts=datetime(2026, 11, 20, 21, tzinfo=UTC),
    symbol="SPY",
    asset_class="equity",
    interval="1d",
    direction="up",
    close=512.34,
    value=510.123456,
    threshold=509.9,
    explanation="The mean of 20 bars crossed above the mean of 50 bars.",
    past_events=12,
    past_hit_rate=0.5833333,
    past_mean_return=0.0042,
)


def test_one_alert_says_what_where_when_how_far_and_what_came_of_it_before() -> None:
    message = compose([CROSS], 5, ZONES, demo=False)
    assert message.title == "SPY sma cross up, 1d"
    assert message.body.splitlines() == [
        "The mean of 20 bars crossed above the mean of 50 bars.",
        "2026-11-20 21:00 UTC (16:00 New York)",
        "Value 510.123 against 509.9, close 512.34",
        "12 earlier, 58 % went its way, mean next day +0.4 %.",
    ]


def test_what_is_not_known_is_left_out() -> None:
    stale = Alert(
        "b", "stale_source", CROSS.end_ts, "data", "yahoo", direction="down", explanation="Yahoo is 6 days old."
    )
    message = compose([stale], 5, ZONES, demo=True)
    assert (message.title, message.body) == ("[DEMO] stale source", "Yahoo is 6 days old.\n2026-11-20 21:00 UTC")


def test_a_row_with_more_or_fewer_columns_is_an_alert() -> None:
    row = {"signal_id": "c", "rule": "open_gap", "ts": CROSS.end_ts, "end_ts": None, "kind": "data", "new": 1}
    alert = Alert.of(row)
    assert (alert.end_ts, alert.kind, alert.value) == (CROSS.end_ts, "data", None)
    assert Alert.from_record(alert.as_record()) == alert


def test_the_local_date_is_said_where_it_is_another() -> None:
    late = replace(CROSS, end_ts=datetime(2026, 11, 21, 1, tzinfo=UTC))
    assert "2026-11-21 01:00 UTC (2026-11-20 20:00 New York)" in compose([late], 5, ZONES, demo=False).body
    assert "21:00 UTC\n" in compose([replace(CROSS, asset_class="crypto")], 5, ZONES, demo=False).body


def test_a_few_alerts_are_told_in_full_newest_first() -> None:
    other = replace(CROSS, signal_id="d", symbol="AAPL", end_ts=CROSS.end_ts + timedelta(hours=1))
    message = compose([CROSS, other], 2, ZONES, demo=True)
    assert message.title == "[DEMO] 2 alerts: AAPL, SPY"
    assert message.body.startswith("AAPL sma cross up, 1d\nThe mean")
    assert "\n\nSPY sma cross up, 1d\nThe mean" in message.body


def test_a_digest_counts_all_and_shows_what_fits() -> None:
    alerts = [
        replace(CROSS, signal_id=str(n), symbol=f"S{n}", rule="rsi_low" if n < 10 else "sma_cross") for n in range(999)
    ]
    message = compose(alerts, 5, ZONES, demo=False)
    lines = message.body.splitlines()
    assert message.title.startswith("999 alerts: S") and message.title.endswith("and 996 more")
    assert lines[0] == "989 sma cross, 10 rsi low"
    assert lines[1].startswith("20 Nov 21:00 UTC S")
    assert lines[1].endswith("sma cross up, 1d: value 510.123 against threshold 509.9")
    assert lines[-1] == f"and {999 - (len(lines) - 2)} more"
    assert 900 < len(message.body) <= 1000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"past_events": 0}, "No earlier event of this rule here."),
        ({"past_events": None}, ""),
        ({"past_hit_rate": None, "past_mean_return": None}, "12 earlier."),
        ({"interval": "4h", "past_mean_return": -0.0126}, "12 earlier, 58 % went its way, mean next bar -1.3 %."),
    ],
)
def test_the_record_says_only_what_is_known(changes: dict[str, float | str | None], said: str) -> None:
    assert record(replace(CROSS, **changes)) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.05, "0.05"), (97531.25, "97531.2"), (123456789.0, "123,456,789"), (0.0000123, "0.0000123"), (0.0, "0")],
)
def test_numbers_have_six_digits_and_no_exponent(value: float, said: str) -> None:
    assert number(value) in (said, said + "0")


def test_a_line_break_in_what_was_computed_begins_no_line() -> None:
    """A title is the header of a mail, and a line of a message another alert's title."""
    row = {"signal_id": "1", "rule": "gap", "ts": CROSS.end_ts, "symbol": "A\r\nBcc: b", "explanation": "a\n\nb\u2028c"}
    alert = Alert.of(row)
    assert (alert.symbol, alert.explanation) == ("A Bcc: b", "a b c")
