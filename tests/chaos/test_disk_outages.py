"""The short form of the second campaign: a disk that is full, then read-only, then away."""

from pathlib import Path

import pytest

from tests.chaos.disk import run_apart, why_impossible


def test_a_disk_that_fails_and_comes_back_loses_no_trade(tmp_path: Path) -> None:
    if reason := why_impossible():
        pytest.skip(f"no mount namespace of our own here: {reason}")
    assert run_apart(tmp_path, seconds=0.3) == 0
