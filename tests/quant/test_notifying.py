"""`quant notify`, `quant status` and `quant doctor` about alerts: over real HTTP, and never with an address."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from quant.cli.commands import app
from quant.doctor import check_alerts
from quant.errors import ConfigError
from quant.messages import Alert
from quant.news import Look
from quant.notifications import Notifier
from quant.settings import Settings, load_settings
from tests.quant.mailbox import SECRET, Mailbox, open_mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def configured(settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service that takes alerts, and one where nobody listens."""
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS", f'["{mailbox.url}", "form://127.0.0.1:1/{SECRET}"]')
    return load_settings()


def ask(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words))
    assert SECRET not in result.output
    return result


def test_a_test_message_says_for_each_whether_it_was_taken(configured: Settings, mailbox: Mailbox) -> None:
    result = ask("--demo", "notify", "test")
    assert result.output.splitlines() == ["ok    json 1: taken", "fail  form 2: no connection, or no whole answer"]
    assert result.exit_code == 1
    assert [letter["title"] for letter in mailbox.taken] == ["[DEMO] A test of quant-dashboard"]


def test_a_test_without_a_destination_is_refused_with_the_remedy(settings: Settings) -> None:
    result = ask("notify", "test")
    assert isinstance(result.exception, ConfigError)
    assert "reach nobody: set QUANT_NOTIFICATIONS__URLS='" in str(result.exception)
    assert "reach nobody: set QUANT_NOTIFICATIONS__URLS='" in ask("notify", "status").output


def test_before_a_scheduler_ran_the_status_says_so(configured: Settings) -> None:
    assert "2 configured, but no scheduler ran with them yet" in ask("notify", "status").output


def test_what_fails_is_shown_by_notify_status_and_doctor(configured: Settings) -> None:
    assert check_alerts(configured).verdict == "ok"
    now = datetime.now(UTC)
    alerts: list[Alert] = []
    reasons = iter((None, "the service answered 500 Internal Server Error"))
    lock = threading.Lock()

    def carry(*_: object) -> str | None:
        with lock:
            return next(reasons)

    notifier = Notifier(configured, threading.Event(), lambda: now, carry, lambda since: Look(alerts))
    notifier.run()
    assert ask("notify", "status").output.count(" not tried yet ") == 2
    alerts.append(Alert("one", "stale_source", now - timedelta(minutes=1), kind="data"))
    notifier.run()
    for words in (("notify", "status"), ("status",)):
        lines = ask(*words).output.splitlines()
        (works,) = [
            line.split() for line in lines if " ok " in line and ") " in line and ("json" in line or "form" in line)
        ]
        (fails,) = [line for line in lines if " failing " in line]
        assert works[3:7] == ["ok", "0", "1", "0"]
        assert fails.split()[3:7] == ["failing", "1", "0", "0"]
        assert fails.rstrip().endswith("the service answered 500 Internal Server Error")
    check = check_alerts(configured)
    assert (check.verdict, check.remedy) == ("warn", "`quant notify test` sends a message to each")
    assert "takes no alerts (the service answered 500 Internal Server Error), 1 wait" in check.finding


def test_the_doctor_says_when_nobody_is_told(settings: Settings) -> None:
    assert check_alerts(settings).finding == "nobody is told, none of notifications.urls is set"
