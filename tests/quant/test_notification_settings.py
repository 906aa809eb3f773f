"""Settings of alerts: refused with key, value and remedy, and never with an address."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quant.addresses import without_addresses
from quant.errors import ConfigError
from quant.settings import PROJECT_PATH, load_settings
from quant.settings.notifications import QuietHours

TOKEN = "hunter2"
URL = f"json://user:{TOKEN}@localhost/{TOKEN}"


def refusal() -> str:
    with pytest.raises(ConfigError) as refused:
        load_settings()
    chain = "".join(traceback.format_exception(refused.value))
    assert TOKEN not in chain  # nor in any error behind it
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def test_nobody_is_told_by_default_and_bars_of_minutes_are_not_sent() -> None:
    wanted = load_settings().notifications
    assert wanted.addresses == ()
    assert not wanted.send.wants("market", "sma_cross", "SPY", "1m")
    assert wanted.send.wants("market", "sma_cross", "SPY", "1d")
    assert wanted.send.wants("option", "parity_breach", "SPY", None)
    assert wanted.send.wants("data", "stale_source", None, None)


def test_addresses_come_from_the_environment_or_a_file_and_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "urls").write_text(f"# mine\n\n{URL}\n{URL}/2\n")
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS", f'["{URL}"]')
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS_FILE", str(tmp_path / "urls"))
    settings = load_settings()
    assert [each.get_secret_value() for each in settings.notifications.addresses] == [URL, f"{URL}/2"]
    shown = [repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())]
    assert [text for text in shown if TOKEN in text] == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("URLS", f'["{URL}", "nosuch://{TOKEN}/x"]', ("address 2 (nosuch)", "appriseit.com/services")),
        ("URLS", f'["{TOKEN}"]', ("address 1 (****)", "Apprise")),
        ("URLS", URL, ("QUANT_NOTIFICATIONS__URLS is not valid JSON",)),
        ("URLS", f'"{URL}"', ("notifications.urls", "tuple")),
        ("URLS", f'[["{TOKEN}"]]', ("notifications.urls.0", "string")),
        ("URLS", f'{{"{URL}": "{TOKEN}"}}', ("notifications.urls", "tuple")),
        ("URL", f'["{URL}"]', ("unknown key notifications.url;",)),
        ("URLS_FILE", URL, ("urls_file is an address and no file",)),
        ("URLS_FILE", "/nowhere/urls", ("urls_file /nowhere/urls cannot be read", "null")),
        ("MAX_AGE_HOURS", URL, ("notifications.max_age_hours", "json://...", "number")),
        ("ATTEMPTS", "0", ("notifications.attempts = '0'", "greater than 0")),
        ("SEND__KINDS", '["news"]', ("notifications.send.kinds.0 = 'news'", "'market', 'option' or 'data'")),
        ("SEND__INTERVALS", "[]", ("notifications.send.intervals", "at least 1")),
        ("SEND__SYMBOLS", '["TSLA"]', ("notifications.send.symbols: TSLA", "add it to one of them")),
        ("SEND__RULES", '["SMA cross"]', ("notifications.send.rules.0 = 'SMA cross'",)),
        (
            "QUIET_HOURS",
            '{"from": "22", "to": "07:00", "timezone": "UTC", "let_data_through": true}',
            ("notifications.quiet_hours.from = '22'", 'written "22:00"'),
        ),
        (
            "QUIET_HOURS",
            '{"from": "07:00", "to": "07:00", "timezone": "UTC", "let_data_through": true}',
            ("notifications.quiet_hours", "none or all"),
        ),
        (
            "QUIET_HOURS",
            '{"from": "22:00", "to": "07:00", "timezone": "Mars", "let_data_through": true}',
            ("notifications.quiet_hours.timezone = 'Mars'", "no such time zone"),
        ),
    ],
)
def test_a_wrong_value_is_refused_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"QUANT_NOTIFICATIONS__{variable}", value)
    said = refusal()
    assert [word for word in words if word not in said] == [], said


def test_a_rule_that_no_file_defines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "sma_cross.sql").touch()
    monkeypatch.setattr("quant.settings.notifications.RULES_PATH", tmp_path)
    monkeypatch.setenv("QUANT_NOTIFICATIONS__SEND__RULES", '["sma_cross"]')
    assert load_settings().notifications.send.rules == ("sma_cross",)
    monkeypatch.setenv("QUANT_NOTIFICATIONS__SEND__RULES", '["sma_corss"]')
    assert "notifications.send: rules: sma_corss is no rule; known are sma_cross" in refusal()


def test_nights_longer_than_news_last_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = '{"from": "20:00", "to": "08:30", "timezone": "UTC", "let_data_through": true}'
    monkeypatch.setenv("QUANT_NOTIFICATIONS__QUIET_HOURS", quiet)
    assert load_settings().notifications.quiet_hours
    monkeypatch.setenv("QUANT_NOTIFICATIONS__MAX_AGE_HOURS", "12")
    assert "max_age_hours = 12 is no longer than the quiet hours (12.5 h)" in refusal()


def test_an_address_in_the_file_that_everyone_reads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = (PROJECT_PATH / "config.yaml").read_text()
    assert "  urls: []" in right
    (tmp_path / "config.yaml").write_text(right.replace("  urls: []", f'  urls: ["{URL}"]'))
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "config.yaml"))
    said = refusal()
    assert "notifications.urls: addresses hold passwords, so they may not stand in config.yaml" in said
    assert "QUANT_NOTIFICATIONS__URLS=" in said


def test_an_unquoted_time_in_yaml_is_that_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = "quiet_hours: {from: 22:00, to: 07:00, timezone: America/New_York, let_data_through: false}\n  #"
    text = (PROJECT_PATH / "config.yaml").read_text().replace("quiet_hours: null", quiet)
    (tmp_path / "config.yaml").write_text(text)
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "config.yaml"))
    hours = load_settings().notifications.quiet_hours
    assert hours is not None
    assert (f"{hours.begins:%H:%M}", f"{hours.ends:%H:%M}", hours.hours) == ("22:00", "07:00", 9)


# New York leaves summer time on 2026-11-01 at 06:00 UTC and enters it on 2026-03-08 at 07:00 UTC.
@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        ("2026-10-31T01:59", False),  # 21:59 EDT
        ("2026-10-31T02:00", True),  # 22:00 EDT
        ("2026-10-31T10:59", True),  # 06:59 EDT
        ("2026-10-31T11:00", False),  # 07:00 EDT
        ("2026-11-01T05:30", True),  # 01:30 EDT, and
        ("2026-11-01T06:30", True),  # 01:30 EST, an hour later
        ("2026-11-01T11:59", True),  # 06:59 EST
        ("2026-11-01T12:00", False),  # 07:00 EST
        ("2026-03-08T03:00", True),  # 22:00 EST
        ("2026-03-08T10:59", True),  # 06:59 EDT
        ("2026-03-08T11:00", False),  # 07:00 EDT
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(at: str, is_quiet: bool) -> None:
    values = {"from": "22:00", "to": "07:00", "timezone": "America/New_York", "let_data_through": True}
    quiet = QuietHours.model_validate(values)
    assert quiet.are_on(datetime.fromisoformat(at).replace(tzinfo=UTC)) is is_quiet


def test_quiet_hours_within_a_day_end_on_it() -> None:
    values = {"from": "12:00", "to": "13:00", "timezone": "UTC", "let_data_through": True}
    quiet = QuietHours.model_validate(values)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert [quiet.are_on(noon.replace(hour=hour)) for hour in (11, 12, 13)] == [False, True, False]


def test_a_process_that_sends_nothing_is_not_told_where_to() -> None:
    environment = {
        "PATH": "/bin", "QUANT_NOTIFICATIONS__URLS": URL, "quant_notifications__urls": URL, "QUANT_DEMO": "true"
    }  # fmt: skip
    assert without_addresses(environment) == {"PATH": "/bin", "QUANT_DEMO": "true"}


def test_an_address_that_is_given_twice_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both places, with blanks, after the mark with which some editors begin a file, and beside a comment."""
    (tmp_path / "urls").write_bytes(b"\xef\xbb\xbf" + f" {URL}\r\n  # {URL}\n{URL}".encode())
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS", f'["{URL} "]')
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS_FILE", str(tmp_path / "urls"))
    assert [address.get_secret_value() for address in load_settings().notifications.addresses] == [URL]
