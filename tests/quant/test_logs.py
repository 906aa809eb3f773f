"""One form for the lines of every service."""

import logging
import subprocess
import sys

import pytest

from quant.logs import LineFormatter, as_log_line, without_clock


def _formatted(level: int, message: str) -> str:
    record = logging.LogRecord("any", level, __file__, 1, message, None, None)
    record.created = 0.0  # 1970-01-01 00:00:00 UTC
    return LineFormatter("api").format(record)


def test_a_line_has_clock_service_and_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert _formatted(logging.INFO, "ready") == "00:00:00 api        ready"


def test_a_warning_and_an_error_say_so() -> None:
    assert _formatted(logging.WARNING, "slow") == "00:00:00 api        warning: slow"
    assert _formatted(logging.ERROR, "down") == "00:00:00 api        error: down"


def test_a_formatted_line_is_not_formatted_again() -> None:
    line = _formatted(logging.WARNING, "slow")
    assert as_log_line("supervisor", line) == line
    assert as_log_line("dbt", "12:00:01  1 of 9 OK")[8:] == " dbt        12:00:01  1 of 9 OK"
    assert as_log_line("api", "plain")[8:] == " api        plain"


def test_the_message_alone_can_be_had_back() -> None:
    assert without_clock(_formatted(logging.ERROR, "no network")) == "error: no network"
    assert without_clock("Traceback (most recent call last):") == "Traceback (most recent call last):"


def test_a_process_logs_to_stderr_and_libraries_only_from_warnings_on() -> None:
    script = (
        "import logging; from quant.logs import configure_logging; configure_logging('ingest', 'INFO')\n"
        "logging.getLogger('httpx').info('GET'); logging.getLogger('httpx').warning('timeout')\n"
        "logging.getLogger('ingest.crypto').info('connected'); logging.getLogger('ingest').debug('detail')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert [line[9:] for line in done.stderr.splitlines()] == ["ingest     warning: timeout", "ingest     connected"]
    assert done.stdout == ""
