"""Alerts over real HTTP: once each, through restarts, failures, quiet hours and services that hang."""

import logging
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

from quant.courier import carry, post
from quant.destinations import DeliveryState, read_delivery_states
from quant.messages import Alert, Message
from quant.news import Horizon, Look
from quant.notifications import Notifier, recent_alerts
from quant.settings import PROJECT_PATH, Settings, load_settings
from tests.quant.mailbox import SECRET, Mailbox, open_mailbox

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)


def alert(name: str, ended: datetime, **other: Any) -> Alert:
    return Alert(signal_id=name, rule="sma_cross", symbol="SPY", interval="1d", end_ts=ended, direction="up", **other)


class Desk:
    """A scheduler's rounds with a clock and a market of our own; `restart` makes a new process of it, so to speak."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.now = settings, NOON
        self.alerts: list[Alert] = [alert("old", NOON - HOUR), alert("ancient", NOON - 2000 * HOUR)]
        self.horizon: Horizon | None = None
        self.stopping = threading.Event()
        self.restart()

    def restart(self, *urls: str, **changes: Any) -> None:
        if urls:
            changes["urls"] = tuple(SecretStr(url) for url in urls)
        if changes:
            wanted = self.settings.notifications.model_copy(update=changes)
            wanted.__dict__.pop("addresses", None)
            self.settings = self.settings.model_copy(update={"notifications": wanted})
        self.notifier = Notifier(self.settings, self.stopping, lambda: self.now, in_process, self.look)

    def look(self, since: datetime) -> Look:
        return Look(self.alerts, self.horizon)

    def round(self, later: timedelta = timedelta(minutes=1)) -> None:
        self.now += later
        self.notifier.run()

    def fire(self, *names: str, **other: Any) -> None:
        self.alerts += [alert(name, self.now, explanation=f"This is {name}.", **other) for name in names]

    @property
    def states(self) -> list[DeliveryState]:
        return read_delivery_states(self.settings.state_path, self.now)


def in_process(address: SecretStr, message: Message, seconds: float, stopping: threading.Event) -> str | None:
    return post(address, message, seconds)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def desk(settings: Settings, mailbox: Mailbox) -> Desk:
    """Has had its first round, so that what is fired now is news."""
    desk = Desk(settings)
    desk.restart(mailbox.url, max_age_hours=24.0)
    desk.round()
    assert mailbox.asked == 0  # five years of history are not sent
    return desk


def sent(mailbox: Mailbox) -> str:
    return "\n".join(letter["title"] + "\n" + letter["message"] for letter in mailbox.taken)


def test_an_alert_is_sent_once_and_a_restart_or_rebuild_does_not_repeat_it(desk: Desk, mailbox: Mailbox) -> None:
    desk.fire("one")
    desk.round()
    assert [(letter["title"], letter["message"]) for letter in mailbox.taken] == [
        ("SPY sma cross up, 1d", "This is one.\n2026-11-20 12:01 UTC")
    ]
    desk.round()
    desk.restart()
    desk.alerts = [replace(each) for each in reversed(desk.alerts)]
    desk.round()
    assert mailbox.asked == 1
    (state,) = desk.states
    assert (state.count_pending, state.count_delivered, state.is_failing, state.problem) == (0, 1, False, None)
    assert state.last_delivered_at == NOON + timedelta(minutes=2)


def test_a_form_is_taken_as_well(desk: Desk, mailbox: Mailbox) -> None:
    desk.restart(mailbox.url.replace("json://", "form://"))
    desk.round()
    desk.fire("one")
    desk.round()
    assert "This is one." in sent(mailbox)


def test_a_destination_that_is_new_begins_with_what_comes_after_it(desk: Desk, mailbox: Mailbox) -> None:
    desk.fire("before")
    desk.round()
    with open_mailbox() as second:
        desk.restart(mailbox.url, second.url)
        desk.round()
        desk.fire("after")
        desk.round()
        assert [letter["message"].split("\n")[0] for letter in second.taken] == ["This is after."]
    assert mailbox.asked == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (500, "the service answered 500 Internal Server Error"),
        (401, "the service answered 401 Unauthorized"),
        ("close", "no connection, or no whole answer"),
        ("hang", "no connection, or no whole answer"),
    ],
)
def test_a_service_that_fails_is_asked_less_and_less_often_and_gets_it_once_it_recovers(
    desk: Desk, mailbox: Mailbox, answer: int | str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.restart(timeout_seconds=0.05, first_wait_seconds=30.0, longest_wait_seconds=100.0)
    mailbox.answer = answer
    desk.fire("one")
    asked = []
    for _ in range(10):
        desk.round(timedelta(seconds=20))
        asked.append(mailbox.asked)
    # attempts at 20 s, then 30 s, 60 s and 100 s after the last: at the first look past 50, 110 (of 60), 220
    assert asked == [1, 1, 2, 2, 2, 3, 3, 3, 3, 3]
    (state,) = desk.states
    assert (state.is_failing, state.failures, state.count_pending, state.last_error) == (True, 3, 1, reason)
    assert state.problem == f"{state.destination} takes no alerts ({reason}), 1 wait"
    assert f"did not take 1 alert, again in 30 s: {reason}" in caplog.text
    mailbox.answer = 200
    desk.restart()  # the back-off outlives it
    desk.round(timedelta(seconds=1))
    assert mailbox.taken == []
    desk.round(timedelta(seconds=200))
    desk.round(timedelta(seconds=200))
    assert sent(mailbox).count("This is one.") == 1
    (state,) = desk.states
    assert (state.is_failing, state.count_pending, state.count_delivered) == (False, 0, 1)


def test_what_was_tried_often_enough_is_given_up_and_told_for_a_day(desk: Desk, mailbox: Mailbox) -> None:
    desk.restart(attempts=2, first_wait_seconds=1.0)
    mailbox.answer = 500
    desk.fire("one")
    for _ in range(5):
        desk.round()
    assert mailbox.asked == 2
    mailbox.answer = 200
    desk.fire("two")
    desk.round()
    (state,) = desk.states
    assert (state.count_failed, state.is_failing, state.count_pending) == (1, False, 0)
    assert (state.problem or "").startswith("1 alert of the last day never reached")
    desk.round(timedelta(days=2))
    assert desk.states[0].problem is None


def test_after_an_outage_what_is_no_news_any_more_is_not_sent(desk: Desk, mailbox: Mailbox) -> None:
    desk.alerts.append(alert("while away", desk.now + HOUR, explanation="While away."))
    desk.alerts.append(alert("just now", desk.now + 29 * HOUR, explanation="Just now."))
    desk.alerts.append(alert("backfilled", NOON - 3000 * HOUR, explanation="While away."))
    desk.restart()
    desk.round(30 * HOUR)
    assert "Just now." in sent(mailbox)
    assert "While away." not in sent(mailbox)
    desk.restart(max_age_hours=9000.0)  # nor by more patience: it was given up, as was what came before the first look
    desk.round()
    desk.round()
    assert mailbox.asked == 1


def test_what_could_not_be_sent_in_time_counts_as_failed(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.answer = 500
    desk.alerts.append(alert("late", desk.now - 20 * HOUR))
    desk.round()
    desk.round(5 * HOUR)  # 25 h after the event
    assert mailbox.asked == 1
    assert (desk.states[0].count_pending, desk.states[0].count_failed) == (0, 1)


def test_a_clock_that_ran_ahead_and_is_right_again_silences_nobody(desk: Desk, mailbox: Mailbox) -> None:
    """In its future an event fails to be sent; back in the present neither its end nor its wait holds anything up."""
    mailbox.answer = 500
    desk.alerts.append(alert("ahead", desk.now + timedelta(days=3650)))
    desk.round(timedelta(days=3650))
    assert desk.states[0].is_failing
    mailbox.answer = 200
    desk.now = NOON + HOUR
    desk.notifier._source = lambda since: Look([each for each in desk.alerts if each.end_ts >= since])
    desk.fire("present")
    desk.alerts = desk.alerts[-1:]
    desk.round()
    assert sent(mailbox).count("This is present.") == 1


def test_what_was_taken_while_the_state_could_not_be_written_is_not_sent_again(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    desk.fire("one")
    with monkeypatch.context() as patched:
        patched.setattr(desk.notifier._deliveries, "mark_delivered", full)
        for _ in range(3):
            with pytest.raises(sqlite3.OperationalError):
                desk.round()
    desk.fire("two")
    desk.round()
    assert [letter["message"].splitlines()[0] for letter in mailbox.taken] == ["This is one.", "This is two."]
    assert desk.states[0].count_delivered == 2


def test_what_is_trimmed_is_not_news_again(desk: Desk, mailbox: Mailbox) -> None:
    desk.fire("one", kind="data")
    desk.fire("two")
    desk.round()
    assert "2 alerts" in sent(mailbox)
    for _ in range(4):
        desk.round(timedelta(days=20))
    desk.alerts = [each for each in desk.alerts if each.signal_id != "one"]  # it ends
    for _ in range(3):
        desk.round(timedelta(days=20))
    assert mailbox.asked == 1
    with closing(sqlite3.connect(desk.settings.state_path)) as connection:
        assert connection.execute("select count(*) from deliveries").fetchone() == (0,)
        assert connection.execute("select count(*) from alerts").fetchone() == (0,)


def test_more_than_fit_become_one_digest(desk: Desk, mailbox: Mailbox) -> None:
    desk.fire(*(f"alert {number}" for number in range(40)))
    desk.round()
    (letter,) = mailbox.taken
    assert letter["title"] == "40 alerts: SPY"
    lines = letter["message"].splitlines()
    assert lines[0] == "40 sma cross"
    assert lines[1] == "20 Nov 12:01 UTC SPY sma cross up, 1d"
    assert re.fullmatch(r"and \d+ more", lines[-1])
    assert len(letter["message"]) <= 1000


def test_only_what_is_selected_is_sent_and_a_wider_selection_brings_no_history(desk: Desk, mailbox: Mailbox) -> None:
    narrow = desk.settings.notifications.send.model_copy(update={"symbols": ("SPY",), "kinds": ("market", "data")})
    desk.restart(send=narrow)
    desk.round()
    minute = replace(alert("minute", desk.now, explanation="Noise."), interval="1m")
    option = replace(alert("option", desk.now, explanation="An option."), kind="option")
    stale = Alert("stale", "stale_source", desk.now, kind="data", source="yahoo", explanation="Stale.")
    desk.alerts += [minute, option, stale, replace(alert("other", desk.now), symbol="AAPL")]
    desk.round()
    assert [letter["message"].splitlines()[0] for letter in mailbox.taken] == ["Stale."]
    desk.restart(send=narrow.model_copy(update={"kinds": None, "intervals": None, "symbols": None}))
    desk.round()
    assert mailbox.asked == 1
    desk.alerts.append(replace(minute, signal_id="new minute", end_ts=desk.now))
    desk.round()
    assert mailbox.asked == 2


def seen(formulas: str, **ends: datetime) -> Horizon:
    """By these formulas, daily bars of these symbols up to these ends."""
    return Horizon(formulas, {"open_gap": formulas}, {f"- {name} 1d": end.isoformat() for name, end in ends.items()})


def test_another_rule_or_series_brings_no_history_and_new_bars_and_late_data_are_news(
    desk: Desk, mailbox: Mailbox
) -> None:
    desk.horizon = seen("a", SPY=NOON - HOUR, AAPL=NOON - 9 * HOUR)  # Apple's source is away
    desk.round()
    desk.horizon = seen("b", SPY=NOON, AAPL=NOON - 2 * HOUR, NEW=NOON)
    history = [alert(f"history {hour}", NOON - hour * HOUR, explanation="History.") for hour in range(1, 24)]
    listed = replace(alert("listed", NOON, explanation="History."), symbol="NEW")
    gap = Alert("gap", "open_gap", NOON, kind="data", explanation="History.")
    late = replace(alert("late", NOON - 3 * HOUR, explanation="Late."), symbol="AAPL")
    desk.alerts += [*history, listed, gap, late, alert("now", NOON, explanation="Now.")]
    desk.round()
    (letter,) = mailbox.taken
    assert letter["title"] == "2 alerts: SPY, AAPL"
    assert "History." not in letter["message"]
    desk.alerts.append(alert("filled", NOON - 5 * HOUR, explanation="A hole was filled."))
    desk.round()  # nothing but the data is another
    desk.round()
    assert mailbox.asked == 2 and "A hole was filled." in mailbox.taken[1]["message"]


def test_a_look_without_a_series_that_was_seen_does_not_make_its_late_events_history(
    desk: Desk, mailbox: Mailbox
) -> None:
    for horizon in (seen("a", SPY=NOON), seen("a")):
        desk.horizon = horizon
        desk.round()
    desk.fire("back")
    desk.horizon = seen("b", SPY=NOON + HOUR)
    desk.round()
    assert "This is back." in sent(mailbox)


def test_in_quiet_hours_alerts_wait_and_come_as_one_message(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "QUANT_NOTIFICATIONS__QUIET_HOURS",
        '{"from": "22:00", "to": "07:00", "timezone": "UTC", "let_data_through": true}',
    )
    desk.restart(quiet_hours=load_settings().notifications.quiet_hours)
    desk.round(11 * HOUR)  # 23:01 and some
    desk.fire("night")
    desk.fire("stale", kind="data")
    desk.round()
    assert "This is stale." in sent(mailbox)
    desk.round(4 * HOUR)
    desk.fire("early")
    desk.round()
    assert mailbox.asked == 1
    assert desk.states[0].count_pending == 2
    assert desk.states[0].problem is None  # waiting is no fault
    assert desk.states[0].condition == "held until 07:00 UTC"
    desk.round(4 * HOUR)
    assert mailbox.taken[1]["title"] == "2 alerts: SPY"
    assert mailbox.asked == 2


def test_demo_data_say_so_in_the_title(desk: Desk, mailbox: Mailbox) -> None:
    demo = desk.settings.model_copy(update={"demo": True})
    desk.notifier._settings = demo
    desk.fire("one")
    desk.round()
    assert mailbox.taken[0]["title"].startswith("[DEMO] SPY")


def test_a_service_that_drips_its_answer_holds_up_no_other_and_is_left_in_time(desk: Desk, mailbox: Mailbox) -> None:
    with open_mailbox() as tarpit:
        tarpit.answer = "drip"
        desk.restart(tarpit.url, mailbox.url, timeout_seconds=2.0)
        desk.notifier._carry = carry
        desk.round()
        desk.fire("one")
        desk.notifier.run()
        assert mailbox.asked == tarpit.asked == 1
        first, second = desk.states
        assert (first.last_error, first.count_pending) == ("no answer within 2 s", 1)
        assert (second.count_delivered, second.count_pending) == (1, 0)


def test_asked_to_stop_it_leaves_a_service_that_hangs_and_loses_nothing(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quant.courier.GRACE_SECONDS", 0.1)
    mailbox.answer = "hang"
    desk.notifier._carry = carry
    desk.fire("one")
    running = threading.Thread(target=desk.round)
    running.start()
    mailbox.wait_for(1)
    desk.stopping.set()
    running.join(5)
    assert not running.is_alive()
    (state,) = desk.states
    assert (state.count_pending, state.failures) == (1, 0)


def test_no_secret_reaches_the_log_the_state_or_what_is_told(
    desk: Desk, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.notifier._carry = carry
    for answer in (500, "close", 200):
        mailbox.answer = answer
        desk.fire(f"{answer}")
        desk.round(HOUR)
    assert mailbox.asked == 3
    stored = b"".join(path.read_bytes() for path in desk.settings.state_path.parent.glob("state.sqlite*"))
    told = [
        caplog.text,
        repr(desk.settings),
        repr(desk.states),
        desk.settings.model_dump_json(),
        stored.decode("latin-1"),
    ]
    assert [text for text in told if SECRET in text] == []


KILLED = """
import os, signal, sys, threading
from datetime import UTC, datetime
from quant.messages import Alert
from quant.notifications import Notifier, recent_alerts
from quant.settings import load_settings

def carry(*_):
    os.kill(os.getpid(), signal.SIGKILL)

at = datetime.fromisoformat(sys.argv[1])
notifier = Notifier(load_settings(), threading.Event(), lambda: at, carry)
notifier.run()
"""


def publish(settings: Settings, *alerts: tuple[str, datetime]) -> None:
    """A build with nothing but serving.recent_signals as it was before kinds came in."""
    folder = settings.duckdb_path / "builds" / str(len(alerts))
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "market.duckdb")) as connection:
        connection.execute(
            "create schema serving; create table serving.recent_signals (signal_id varchar, rule varchar, "
            "symbol varchar, interval varchar, ts timestamptz, end_ts timestamptz, explanation varchar)"
        )
        for name, ended in alerts:
            row = [name, "sma_cross", "SPY", "1d", ended, ended, f"This is {name}."]
            connection.execute("insert into serving.recent_signals values (?, ?, ?, ?, ?, ?, ?)", row)
    settings.market_path.unlink(missing_ok=True)
    settings.market_path.symlink_to(folder / "market.duckdb")


def test_killed_between_build_and_delivery_it_delivers_exactly_once_after_the_restart(
    settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS", f'["{mailbox.url}"]')
    settings = load_settings()
    publish(settings)
    Notifier(settings, threading.Event(), lambda: NOON, in_process).run()
    publish(settings, ("one", NOON))
    command = [sys.executable, "-c", KILLED, (NOON + timedelta(minutes=1)).isoformat()]
    assert subprocess.run(command, cwd=PROJECT_PATH).returncode == -9
    assert mailbox.asked == 0
    assert read_delivery_states(settings.state_path)[0].count_pending == 1
    after = Notifier(settings, threading.Event(), lambda: NOON + timedelta(minutes=2), in_process)
    after.run()
    after.run()
    assert [letter["message"].splitlines()[0] for letter in mailbox.taken] == ["This is one."]


def test_alerts_about_data_are_read_however_old_and_others_only_since(settings: Settings) -> None:
    publish(settings, ("new", NOON), ("old", NOON - HOUR))
    assert [each.signal_id for each in recent_alerts(settings, NOON).alerts] == ["new"]
    with duckdb.connect(str(settings.market_path.resolve())) as connection:
        connection.execute(
            "alter table serving.recent_signals add column kind varchar; "
            "update serving.recent_signals set kind = if(signal_id = 'old', 'data', 'market')"
        )
    assert sorted(each.signal_id for each in recent_alerts(settings, NOON).alerts) == ["new", "old"]


def test_before_the_first_build_a_round_does_nothing(desk: Desk, settings: Settings) -> None:
    Notifier(desk.settings, threading.Event(), lambda: NOON, in_process).run()
    assert not Path(settings.market_path).exists()


def test_the_horizon_of_a_build_is_the_end_of_each_series_newest_bar(settings: Settings) -> None:
    publish(settings)
    assert recent_alerts(settings, NOON).horizon is None  # a build that does not say
    with duckdb.connect(str(settings.market_path.resolve())) as connection:
        connection.execute(
            """
            create schema bars; create schema signals; create schema config; create schema meta;
            create table bars.changes as select 1 as series_id, 'same' as kind, timestamptz '2026-11-19' as newest_ts;
            create table bars.bars as
            select 1 as series_id, 'yahoo' as source, 'SPY' as symbol, '1d' as interval, ts,
                ts + interval 1 day as end_ts
            from (values (timestamptz '2026-11-18'), (timestamptz '2026-11-19')) as days (ts);
            create table signals.option_chains as
            select 'yahoo' as source, 'SPY' as underlying, timestamptz '2026-11-20 12:00' as fetched_at;
            create table config.signal_rules as
            select 'open_gap' as rule, 'data' as kind, 'promised 30' as thresholds, true as is_on;
            create table meta.builds as select 'abc' as fingerprint, now() as started_at
            """
        )
    ends = {"yahoo SPY 1d": "2026-11-20T00:00:00+00:00", "yahoo SPY -": NOON.isoformat()}
    assert recent_alerts(settings, NOON).horizon == Horizon("abc", {"open_gap": "True promised 30"}, ends)
