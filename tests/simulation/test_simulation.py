"""The recorder, compactions and background fills through seeded faults in virtual time."""

import subprocess
import sys

import pytest

from quant.settings import PROJECT_PATH

# Those that many seeds find; `python -m tests.simulation --mutants` tries all.
OFTEN_FOUND = (
    "no file sync",
    "no folder sync",
    "doubles kept",
    "forgetful flush",
    "holes refilled",
    "rash belief",
    "gaps after trades",
)


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    return subprocess.run(command, cwd=PROJECT_PATH, capture_output=True, text=True)


def test_30_seeds_of_faults_lose_no_trade_and_double_none() -> None:
    """The first of those that `make chaos` plays: 200, and new ones for half an hour."""
    done = simulate("--seeds", "0:30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 seeds, " in done.stdout and "; 0 failed" in done.stdout
    print(done.stdout)


@pytest.fixture(scope="module")
def seven() -> str:
    """The last line of a seed."""
    return simulate("--seed", "7").stdout.splitlines()[-1]


def test_a_seed_replays_exactly(seven: str) -> None:
    assert "events hash to" in seven
    assert seven == simulate("--seed", "7", "--trace").stdout.splitlines()[-1]


def test_another_seed_is_another_story(seven: str) -> None:
    assert seven.split()[-1] != simulate("--seed", "8").stdout.split()[-1]


def test_a_product_that_is_wrong_is_found() -> None:
    done = simulate("--mutants", *OFTEN_FOUND)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == list(OFTEN_FOUND)
