"""`python -m tests.chaos`: the fault campaigns, with their figures; exit code 1 when anything was lost."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.alerts import kill_the_sender
from tests.chaos.campaign import Plan, run_campaign
from tests.chaos.disk import run_apart, why_impossible


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 10**9, help="another one each time, and printed")
    parser.add_argument("--outage-seconds", type=float, default=15)
    parser.add_argument("--keep", type=Path, help="a new folder for data and logs, which then stay")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = given.keep or Path(temporary)
        faults = _kill(Plan(given.kills, given.seed), folder / "kills")
        faults += _kill_the_sender(folder / "alerts", given.kills, given.seed)
        faults += _fail_the_disk(folder / "disk", given.outage_seconds)
    return 1 if faults else 0


def _kill(plan: Plan, folder: Path) -> int:
    folder.mkdir(parents=True)
    began_at = time.monotonic()
    print(f"{plan.kills} kills, seed {plan.seed}: about {plan.expected_seconds / 60:.0f} minutes", flush=True)
    verdict = run_campaign(plan, folder, lambda line: print(line, flush=True))
    verdict.figures["minutes"] = f"{(time.monotonic() - began_at) / 60:.1f}"
    verdict.print("The recorder, killed again and again")
    return len(verdict.faults)


def _kill_the_sender(folder: Path, kills: int, seed: int) -> int:
    folder.mkdir(parents=True)
    print(f"\n{kills} kills of the sender of alerts, seed {seed}: about {kills / 60:.0f} minutes", flush=True)
    verdict = kill_the_sender(folder, dict(os.environ), kills, seed)
    told = f"{verdict.count_alerts} alerts in {verdict.messages} messages"
    print(f"{told}, {verdict.repeated} of them again, {len(verdict.lost)} alerts lost")
    for fault in verdict.faults:
        print(f"FAULT: {fault}")
    return len(verdict.faults)


def _fail_the_disk(folder: Path, seconds: float) -> int:
    """In a process that may mount: its faults are printed there, and count as one here."""
    if reason := why_impossible():
        print(f"\nSKIPPED: the disk that fails, for this machine gives no mount namespace of our own: {reason}")
        return 0
    folder.mkdir(parents=True)
    print(f"\nA disk that is full, read-only and away, for {seconds:g} s each", flush=True)
    return run_apart(folder, seconds)


if __name__ == "__main__":
    sys.exit(main())
