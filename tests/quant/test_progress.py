"""A progress line: after a second, into a file or a pipe; nothing for what is quick."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from quant import progress
from quant.progress import Progress


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(progress, "REPEAT_SECONDS", 0.01)


@pytest.mark.usefixtures("quick")
def test_what_takes_long_is_told_again_and_again_with_what_it_waits_for(wait_for: Callable[[Any], None]) -> None:
    output = io.StringIO()
    with Progress(Console(file=output), "building") as line:
        wait_for(lambda: output.getvalue().count("building ... 0 s\n") >= 2)
        line.say("testing")
        wait_for(lambda: "testing ... 0 s\n" in output.getvalue())


def test_what_is_quick_prints_nothing() -> None:
    output = io.StringIO()
    with Progress(Console(file=output), "building"):
        pass
    assert output.getvalue() == ""


def test_a_terminal_gets_a_spinner_that_goes_away() -> None:
    output = io.StringIO()
    with Progress(Console(file=output, force_terminal=True, width=80), "building") as line:
        line.say("testing")
    shown = output.getvalue()
    assert "testing" in shown
    assert shown.endswith("\x1b[2K")  # the last thing written erases the line
