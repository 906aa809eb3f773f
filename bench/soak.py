"""Half of what the API can carry, for half an hour, with a publish every ten seconds: fast, faultless, in flat memory.

In the middle, one phase with a slow `POST /sql` after the other and one with fifty stream clients that do not read: the
p95 of stored answers may at most double. The API runs as `quant up` starts it, on a demo build of its own, while trades
come. `--minutes 1` is a look whether everything runs: memory is judged from ten minutes on.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx

from bench.api import capacity
from bench.host import Host, running_host
from bench.questions import Answered, load, questions
from bench.strain import Memory, child, slow_queries

PUBLISH_SECONDS = 10.0
DEAF_CLIENTS = 50
MOST_P95 = 50.0  # ms
MOST_TIMES = 2.0  # of the p95 without strain
MOST_GROWTH = 30.0  # MB from the second quarter to the last
LEAST_JUDGED_MINUTES = 10.0
CLIENTS = 32  # connections that wait for something to be due

Strain = Callable[[Host], AbstractContextManager[object]]
SHARES = {"calm": 0.3, "slow /sql": 0.25, "deaf streams": 0.25, "calm again": 0.2}


def strains(host: Host) -> dict[str, Strain]:
    """What strains which phase; a phase whose route is not there is left out, and said."""
    found: dict[str, Strain] = {"deaf streams": lambda host: child("bench.deaf", str(host.port), str(DEAF_CLIENTS))}
    answer = httpx.post(f"{host.url}/sql", json={"sql": "select 1 as one"}, timeout=60)
    if answer.status_code == httpx.codes.OK:
        found["slow /sql"] = slow_queries
    else:
        print(f"POST /sql answers {answer.status_code}: its phase is left out, NOT judged")
    return found


def phases(host: Host, asked: dict[str, list[str]], seconds: float, rate: float) -> dict[str, Answered]:
    """The load of each phase, under its strain."""
    found = {}
    under = strains(host)
    for name, share in SHARES.items():
        if "calm" not in name and name not in under:
            continue
        with ExitStack() as stack:
            told = stack.enter_context(under[name](host)) if name in under else None
            found[name] = load(host, asked, seconds * share, CLIENTS, rate)
        print(f"{name}, {seconds * share:.0f} s" + (f" ({told})" if told else ""))
        found[name].show()
    return found


def verdicts(found: dict[str, Answered], memory: Memory, minutes: float) -> dict[str, bool]:
    """Each promise in words, and whether it was kept."""
    calm = found["calm"].p95()
    growth, slope = memory.growth()
    first, last = memory.samples[0][1], memory.samples[-1][1]
    print(f"p95 of all answers, those of live views too: {found['calm'].p95('all'):.1f} ms (not judged)")
    print(f"memory: {first:.0f} MB at first, {last:.0f} at last, {slope:+.0f} MB an hour, {growth:+.0f} MB in all")
    judged = {
        "no error": not any(each.errors for each in found.values()),
        f"p95 of stored answers {calm:.1f} ms < {MOST_P95:g}": calm < MOST_P95,
    }
    for name in found.keys() - {"calm", "calm again"}:
        times = found[name].p95() / calm
        judged[f"p95 with {name} {times:.2f} times as long <= {MOST_TIMES:g}"] = times <= MOST_TIMES
    if minutes >= LEAST_JUDGED_MINUTES:
        judged[f"memory flat: {growth:+.0f} MB <= {MOST_GROWTH:g}"] = growth <= MOST_GROWTH
    return judged


def soak(host: Host, minutes: float, rate: float | None) -> bool:
    asked = questions(host)
    began = time.monotonic()
    with Memory(host) as memory, child("bench.publisher", str(PUBLISH_SECONDS)) as published:
        per_second = (
            rate or capacity(host, asked, 2 * PUBLISH_SECONDS) / 2
        )  # publishes go on: that is what it must carry
        print(f"{per_second:.1f} questions a second for {minutes:g} minutes", flush=True)
        found = phases(host, asked, minutes * 60, per_second)
    wanted = int((time.monotonic() - began) / PUBLISH_SECONDS) - 1
    judged = verdicts(found, memory, minutes)
    judged[f"{len(published)} builds published"] = len(published) >= wanted
    for promise, is_kept in judged.items():
        print(f"  {'kept  ' if is_kept else 'BROKEN'} {promise}")
    return all(judged.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, help="questions a second; default: half of the capacity, measured first")
    parser.add_argument("--symbols", type=int, default=20, help="equities beside those of config.yaml")
    parser.add_argument("--folder", type=Path, help="where the throw-away data folder is made")
    arguments = parser.parse_args()
    with running_host(arguments.symbols, arguments.folder) as host:
        is_good = soak(host, arguments.minutes, arguments.rate)
    print("PASSED" if is_good else "FAILED")
    raise SystemExit(0 if is_good else 1)


if __name__ == "__main__":
    main()
