"""`python -m tests.simulation --seed N | --seeds A:B | --minutes M | --mutants`: play seeds, print what was found."""

import argparse
import os
import sys

from tests.simulation.campaign import find_mutants, play_for, play_one, play_range
from tests.simulation.mutants import MUTANTS, SELDOM_FOUND
from tests.simulation.simulation import SECONDS

MOST_SEEDS = 200  # that a mutant may survive


def main() -> int:
    arguments = _arguments()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets of names must be the same in each run
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    if arguments.seed is not None:
        return play_one(arguments.seed, arguments.seconds, arguments.trace)
    if arguments.seeds is not None:
        first, _, beyond = arguments.seeds.partition(":")
        return play_range(range(int(first), int(beyond)), arguments.seconds)
    if arguments.mutants is not None:
        return find_mutants(arguments.mutants or [name for name in MUTANTS if name not in SELDOM_FOUND], MOST_SEEDS)
    return play_for(arguments.minutes, arguments.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int, help="play one seed")
    which.add_argument("--seeds", metavar="A:B", help="play seeds A to B - 1 on all cores")
    which.add_argument("--minutes", type=float, help="play new seeds for so long on all cores")
    which.add_argument("--mutants", nargs="*", metavar="NAME", help="seeds from 0 on until each mutant is found")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="virtual seconds of each seed")
    parser.add_argument("--trace", action="store_true", help="print every event and the product's log")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
