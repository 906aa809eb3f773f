"""Throughput of the recorder beside its peers, and its memory over minutes.

All clients take turns on one core and this process, which is the exchange, has another. Every client gets the same
trades, as fast as it reads. A peer is done when it has the last trade in memory; the recorder when it is on disk.
On a busy machine trades per second depend on who else was running; CPU time per trade hardly does, so both are shown.
"""

import argparse
import os
import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.contenders import Client, Contender, contenders, running, stored_files
from bench.firehose import SYMBOLS, Tape, running_firehose, writes
from ingest.parquet import read_ids

SETTLING_SECONDS = 1.5  # from the handshake to the first trade: nobody's start-up counts
CONNECT_SECONDS = 60
LONGEST_SECONDS = 300
TAPE_RATE = 50_000  # trades per second by the trades' own clock: more than the market has ever seen
STEP_SECONDS = 0.02
TARGETS = {"bare": 0.5, "cryptofeed": 2.0}
MOST_GROWTH = 1.1  # of memory, from the second third of the minutes to the last


@dataclass(frozen=True)
class Result:
    """One round of one client."""

    seconds: float
    cpu_seconds: float
    count: int

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        return 1e6 * self.cpu_seconds / self.count


def measure(contender: Contender, count: int, core: int) -> Result:
    """One round: `count` trades through one client; whatever the recorder stored is then counted."""
    tape = Tape(int(time.time() * 1000), 1000 / TAPE_RATE)
    content = writes([contender.frame(trade) for trade in tape.take(count)])
    with running_firehose() as hose, running(contender, hose, count, core) as client:
        listener = hose.accept(client.process, CONNECT_SECONDS)
        time.sleep(SETTLING_SECONDS)
        cpu, started = client.cpu_seconds(), time.monotonic()
        for part in content:
            listener.send(part)
        finished = client.finished(count, started + LONGEST_SECONDS)
        result = Result(finished - started, client.cpu_seconds() - cpu, count)
        if contender.stores:
            check_stored(client, count)
    return result


def check_stored(client: Client, count: int) -> None:
    """Every id once, or the round is worth nothing."""
    found: dict[str, list[np.ndarray[tuple[int], np.dtype[np.int64]]]] = {symbol: [] for symbol in SYMBOLS}
    for path in stored_files(client.folder):
        symbol = next(part.partition("=")[2] for part in path.parts if part.startswith("symbol="))
        found[symbol].append(read_ids(path))
    ids = {symbol: np.concatenate(parts) for symbol, parts in found.items()}
    rows = sum(map(len, ids.values()))
    distinct = sum(len(np.unique(values)) for values in ids.values())
    span = sum(int(values.max() - values.min()) + 1 for values in ids.values())
    if not rows == distinct == span == count:
        raise SystemExit(f"{count} trades were sent, {rows} rows stored, {distinct} distinct, over {span} ids")


def compare(rounds: int, count: int, core: int) -> None:
    """Interleaved rounds, medians, ratios."""
    who = contenders()
    results: dict[str, list[Result]] = {contender.name: [] for contender in who}
    for number in range(rounds):
        for contender in who:
            result = measure(contender, count, core)
            results[contender.name].append(result)
            print(f"  round {number + 1} {contender.name:12} {result.per_second:9,.0f}/s", flush=True)
    report(results)


def report(results: dict[str, list[Result]]) -> None:
    """Medians, and the recorder's speed as a multiple of each other's, in the same round."""
    print(f"medians; load of the machine {os.getloadavg()[0]:.1f}")
    print(f"{'':12} {'trades/s':>10} {'CPU µs/trade':>13} {'recorder is':>12} {'by CPU':>7}  target")
    ours = results["recorder"]
    for name, rows in results.items():
        speed, cpu = median(r.per_second for r in rows), median(r.cpu_microseconds for r in rows)
        ratio = median(our.per_second / row.per_second for our, row in zip(ours, rows, strict=True))
        by_cpu = median(row.cpu_microseconds / our.cpu_microseconds for our, row in zip(ours, rows, strict=True))
        target = f">= {TARGETS[name]:g}x" if name in TARGETS else ""
        print(f"{name:12} {speed:10,.0f} {cpu:13.1f} {ratio:11.2f}x {by_cpu:6.2f}x  {target}", flush=True)
    if "cryptofeed" not in results:
        print("cryptofeed was NOT measured: `make peers` installs it")


def watch_memory(minutes: float, per_second: int, core: int) -> None:
    """A steady stream into the recorder while its resident memory is sampled once a second."""
    recorder = contenders()[0]
    tape = Tape(int(time.time() * 1000) + 3000, 1000 / per_second)
    with running_firehose() as hose, running(recorder, hose, 0, core) as client:
        listener = hose.accept(client.process, CONNECT_SECONDS)
        time.sleep(SETTLING_SECONDS)
        started = time.monotonic()
        samples: list[int] = []
        while (passed := time.monotonic() - started) < minutes * 60:
            due = int(passed * per_second) - tape.count
            for part in writes([recorder.frame(trade) for trade in tape.take(due)]):
                listener.send(part)
            if passed >= len(samples):
                samples.append(client.resident_bytes())
            time.sleep(STEP_SECONDS)
        client.finished(tape.count, time.monotonic() + LONGEST_SECONDS)
        check_stored(client, tape.count)
    report_memory(samples, tape.count, minutes)


def report_memory(samples: list[int], count: int, minutes: float) -> None:
    thirds = [median(part) / 2**20 for part in np.array_split(np.array(samples), 3)]
    shown = ", ".join(f"{value:.0f}" for value in thirds)
    growth = thirds[2] / thirds[1]
    print(
        f"memory over {minutes:g} minutes, {count:,} trades, all stored: medians of the thirds {shown} MiB", flush=True
    )
    print(f"last third / second third = {growth:.3f}: {'flat' if growth <= MOST_GROWTH else 'NOT flat'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trades", type=int, default=1_000_000, help="per round and client")
    parser.add_argument("--minutes", type=float, default=10, help="of the memory run; 0 leaves it out")
    parser.add_argument("--rate", type=int, default=5_000, help="trades per second of the memory run")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        print("Only one core: clients share it with the exchange, and the ratios say little")
    os.sched_setaffinity(0, {cores[-1]})
    if arguments.rounds:
        compare(arguments.rounds, arguments.trades, cores[0])
    if arguments.minutes:
        watch_memory(arguments.minutes, arguments.rate, cores[0])


if __name__ == "__main__":
    main()
