"""The short form of `make chaos`: five kills within a misbehaving exchange's reach."""

from pathlib import Path

from tests.chaos.campaign import Plan, run_campaign


def test_kills_and_a_hostile_exchange_lose_no_trade(tmp_path: Path) -> None:
    verdict = run_campaign(Plan(kills=5, seed=3, life_seconds=(0.1, 1.5), long_seconds=None), tmp_path)
    verdict.print("five kills")
    assert verdict.faults == []
