"""A wrong calendar is refused by name, by whoever reads one."""

import os
import subprocess
import sys

import pytest

from quant.calendars import refuse_unknown_calendar
from quant.errors import ConfigError
from quant.settings import PROJECT_PATH, Settings


@pytest.mark.parametrize("name", ["XNYS", "XLON", "NYSE"])  # the last is an alias of the first
def test_calendars_of_the_library_are_known(name: str) -> None:
    refuse_unknown_calendar(name)


def test_a_wrong_calendar_is_refused_with_its_key_and_a_right_one() -> None:
    with pytest.raises(ConfigError, match=r"equities\.calendar = 'XNYX' is no exchange calendar: .* XNYS say"):
        refuse_unknown_calendar("XNYX")


@pytest.mark.parametrize("command", [["ingest", "equities", "--once"], ["scheduler"]])
def test_services_with_a_wrong_calendar_end_at_once_with_one_sentence(settings: Settings, command: list[str]) -> None:
    environment = os.environ | {
        "QUANT_EQUITIES__CALENDAR": "XNYX",
        "QUANT_EQUITIES__ENDPOINT": "http://127.0.0.1:9",
        "QUANT_CRYPTO__REST_URLS": '["http://127.0.0.1:9"]',
    }
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=PROJECT_PATH, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "equities.calendar = 'XNYX' is no exchange calendar" in done.stderr.splitlines()[-1]
