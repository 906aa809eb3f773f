"""Many seeds on all cores, and the figures of all of them."""

import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from multiprocessing import get_context

from tests.simulation.mutants import MUTANTS
from tests.simulation.simulation import Outcome, run

SHOWN = ("power loss", "kill", "start", "disk fault", "refused", "refused handshake", "cut", "stall", "halt")
SEEDS_AT_ONCE = 20
DAY_SECONDS, ONE_DAY_IN = 86_400.0, 10

Scene = tuple[int, float]  # a seed, and how many virtual seconds it plays


@dataclass
class Figures:
    """Sums over the seeds that were played."""

    count_seeds: int = 0
    failed: list[int] = field(default_factory=list)
    seconds: float = 0.0
    count_trades: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.count_seeds += 1
        self.seconds += outcome.seconds
        self.count_trades += outcome.count_trades
        self.counts += outcome.counts
        if outcome.problems:
            self.failed.append(outcome.seed)

    def __str__(self) -> str:
        events = ", ".join(f"{self.counts[kind]:,} x {kind}" for kind in SHOWN)
        return (
            f"{self.count_seeds:,} seeds, {self.seconds / 3600:,.1f} simulated hours, {self.count_trades:,} trades, "
            f"{self.count_trades / max(self.seconds, 1):.2f} per second; {events}; {len(self.failed)} failed"
        )


def play_one(seed: int, seconds: float, is_traced: bool) -> int:
    """Returns the exit code: 1 when something was wrong."""
    outcome = run(seed, seconds, is_traced)
    _tell(outcome, seconds)
    print(f"seed {seed}: events hash to {outcome.digest}")
    return int(bool(outcome.problems))


def play_range(seeds: range, seconds: float) -> int:
    """Play these seeds on all cores; prints the failing ones and the figures."""
    return _play(((seed, seconds) for seed in seeds), deadline=None)


def play_for(minutes: float, seconds: float) -> int:
    """Play new seeds for so long: most as long as told and dense, each tenth a day with rarer events."""
    first = random.SystemRandom().randrange(10**9) * 1_000_000
    print(f"seeds from {first} on", flush=True)
    scenes = ((seed, seconds if seed % ONE_DAY_IN else DAY_SECONDS) for seed in count(first))
    return _play(scenes, deadline=time.monotonic() + minutes * 60)


def find_mutants(names: Sequence[str], most_seeds: int) -> int:
    """For each mutant of the product the first seed that finds it. Returns the exit code: 1 when one survives."""
    with _pool() as pool:
        found = dict(zip(names, pool.map(partial(_first_to_find, most_seeds=most_seeds), names), strict=True))
    for name, outcome in found.items():
        print(f"{name}: " + (f"seed {outcome.seed}: {outcome.problems[0]}" if outcome else "not found"), flush=True)
    return int(None in found.values())


def _first_to_find(name: str, most_seeds: int) -> Outcome | None:
    with MUTANTS[name]():
        return next((outcome for seed in range(most_seeds) if (outcome := run(seed)).problems), None)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))


def _play(scenes: Iterable[Scene], deadline: float | None) -> int:
    """Days and minutes apart: an average of their densities would say nothing."""
    figures: defaultdict[float, Figures] = defaultdict(Figures)
    begun = time.monotonic()
    with _pool() as pool:
        for batch in _batches(iter(scenes), (os.cpu_count() or 1) * SEEDS_AT_ONCE):
            for (_, seconds), outcome in zip(batch, pool.map(_play_scene, batch), strict=True):
                figures[seconds].add(outcome)
                _tell(outcome, seconds)
            if deadline is not None and time.monotonic() > deadline:
                break
    for seconds, sums in sorted(figures.items()):
        print(f"{seconds:g} virtual seconds each: {sums}")
    hours = sum(sums.seconds for sums in figures.values()) / 3600
    print(f"{hours:,.1f} simulated hours in {time.monotonic() - begun:.0f} s", flush=True)
    return int(any(sums.failed for sums in figures.values()))


def _play_scene(scene: Scene) -> Outcome:
    return run(*scene)


def _batches(scenes: Iterator[Scene], size: int) -> Iterator[list[Scene]]:
    while batch := list(islice(scenes, size)):
        yield batch


def _tell(outcome: Outcome, seconds: float) -> None:
    for problem in outcome.problems:
        print(f"seed {outcome.seed}: {problem}")
    if outcome.problems:
        print(f"    replay: python -m tests.simulation --seed {outcome.seed} --seconds {seconds:g} --trace", flush=True)
    sys.stdout.flush()
