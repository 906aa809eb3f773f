"""What the API carries: answers a second, how long each takes, and what HTTP costs beyond the bare query.

The API runs as `quant up` starts it, on a demo build of its own; trades go on coming. Costs are of pairs: the same SQL
in one process on the same file, by turns. Run it on a machine without other work.
"""

import argparse
from pathlib import Path

from bench.bare import cost
from bench.host import Host, running_host
from bench.questions import LONG, load, questions

MOST_OVERHEAD = 4.0  # ms at the median
MOST_RATIO = 1.5  # of an answer of 10,000 rows as Arrow
CLIENTS = (1, 2, 4, 8)


def capacity(host: Host, asked: dict[str, list[str]], seconds: float) -> float:
    """The most answers a second that any number of clients gets."""
    best = 0.0
    for clients in CLIENTS:
        before = host.cpu_seconds()
        answered = load(host, asked, seconds, clients)
        share = (host.cpu_seconds() - before) / seconds
        print(f"{clients} clients, closed loop; the API took {share:.2f} cores")
        answered.show()
        if answered.errors:
            raise SystemExit("FAILED: errors under load")
        best = max(best, answered.per_second)
    print(f"capacity: {best:.0f} answers a second", flush=True)
    return best


def costs(host: Host, asked: dict[str, list[str]], rounds: int) -> bool:
    """Print what each answer costs beyond its SQL. False where it is more than it may be."""
    is_good = True
    for name, paths in asked.items():
        found = cost(host, paths[0], rounds)
        is_good &= found.over <= MOST_OVERHEAD
        times = f"HTTP {found.http:6.2f}  bare {found.bare:6.2f}  more {found.over:6.2f} ms"
        main = f"CPU {found.cpu:5.2f}; {found.queries} queries, more than the main one {found.over_main:6.2f} ms"
        print(f"  {name:14} {times} ({main})  {found.bytes / 1000:7.1f} kB", end="")
        print("" if found.over <= MOST_OVERHEAD else "  TOO MUCH", flush=True)
    return is_good


def long_answers(host: Host, rounds: int) -> bool:
    """Print how many times as long as its main query a long answer takes. False where it is more than it may be."""
    is_good = True
    for path in LONG:
        found = cost(host, path, rounds)
        is_good &= found.ratio <= MOST_RATIO
        print(f"  {path}: {found.bytes / 1e6:.1f} MB")
        times = f"HTTP {found.http:.1f}  bare {found.main:.1f} ms, {found.ratio:.2f} times as long"
        print(f"  {times}{'' if found.ratio <= MOST_RATIO else '  TOO MUCH'}", flush=True)
    return is_good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=20, help="equities beside those of config.yaml")
    parser.add_argument("--seconds", type=float, default=10, help="of each closed loop")
    parser.add_argument("--rounds", type=int, default=60, help="pairs for each cost")
    parser.add_argument("--folder", type=Path, help="where the throw-away data folder is made")
    arguments = parser.parse_args()
    with running_host(arguments.symbols, arguments.folder) as host:
        asked = questions(host)
        print("cost beyond the bare query, medians of pairs:")
        is_good = costs(host, asked, arguments.rounds)
        is_good &= long_answers(host, max(10, arguments.rounds // 3))
        capacity(host, asked, arguments.seconds)
    print("PASSED" if is_good else "FAILED")
    raise SystemExit(0 if is_good else 1)


if __name__ == "__main__":
    main()
