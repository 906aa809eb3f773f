"""A few kills of the campaign that `make chaos` runs at length."""

import os
from pathlib import Path

from tests.chaos.alerts import Verdict, kill_the_sender


def test_killed_at_random_instants_it_loses_no_alert_and_repeats_only_what_was_on_its_way(tmp_path: Path) -> None:
    verdict = kill_the_sender(tmp_path, dict(os.environ), kills=2, seed=1)
    assert verdict.faults == []
    assert verdict.count_alerts > 10 and verdict.messages >= 1


def test_a_lost_or_repeated_alert_would_be_found() -> None:
    assert Verdict(1, 2, ["A1"], 1, 0).faults == ["1 alerts never arrived: ['A1']"]
    assert Verdict(1, 2, [], 3, 2).faults == ["2 messages came again after 1 kills"]
