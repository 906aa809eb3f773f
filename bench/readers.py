"""Eight readers over forced publishes and compactions: no error, no half build, no tick missing or twice.

The product runs on the stand-in. A day of older trades is put into the tail first; then, again and again, one more
hour is compacted and a build is published, while readers in processes of their own ask twice a second.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench.product import Product, running_product
from ingest.binance_record import Trade
from ingest.binance_rest_rows import parse_rest_trade, split_rows
from ingest.compaction import SETTLED_AFTER, compact
from ingest.parquet import read_ids
from ingest.record import TRADES_TAIL
from ingest.tail import Tail
from quant.build import Builder
from quant.settings import PROJECT_PATH, Settings, load_settings

READERS = ("python", "python", "python", "cli", "cli", "api", "api", "api")
NEVER = "86400"


def preload(product: Product, settings: Settings, symbol: str, hours: int) -> int:
    """Write the trades before the recorder's first one into the tail, back to `hours` ago. Returns how many."""
    stored = (settings.parquet_path / TRADES_TAIL.folder).glob(f"symbol={symbol}/*/*/*/*.parquet")
    at = min(int(read_ids(path)[0]) for path in stored)
    since = (datetime.now(UTC) - timedelta(hours=hours)).timestamp() * 1e6
    trades: list[Trade] = []
    while at > 0 and (not trades or trades[0].ts > since):
        size = min(1000, at)
        trades = [*page(product, symbol, at - size, size), *trades]
        at -= size
    return Tail(settings.parquet_path, settings.crypto_source, "preload", 1).write(trades)


def page(product: Product, symbol: str, first: int, size: int) -> list[Trade]:
    """`size` trades from the id `first` on; waits as long as the exchange asks for."""
    query: dict[str, str | int] = {"symbol": symbol, "fromId": first, "limit": size}
    answer = httpx.get(f"{product.standin}/api/v3/historicalTrades", params=query, timeout=30)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        time.sleep(float(answer.headers["Retry-After"]))
        return page(product, symbol, first, size)
    now = time.time_ns() // 1000
    rows = [parse_rest_trade(row, symbol, now) for row in split_rows(answer.raise_for_status().content)]
    return [row for row in rows if isinstance(row, Trade)]


def force(settings: Settings, minutes: float, hours: int) -> list[str]:
    """Compact one more hour and publish, until the time is over. Returns the ids of the builds."""
    builder = Builder(settings)
    published: list[str] = []
    first = datetime.now(UTC) - timedelta(hours=hours - 1)
    deadline = time.monotonic() + minutes * 60
    while time.monotonic() < deadline:
        until = min(first + timedelta(hours=len(published)), datetime.now(UTC))
        compact(settings, clock=partial(_later, until, SETTLED_AFTER))
        published.append(builder.build().build_id)
        print(f"  {len(published):2} published {published[-1]}, compacted until {until:%d %H}:00", flush=True)
    return published


def _later(at: datetime, delay: timedelta) -> datetime:
    return at + delay


def start_readers(product: Product, seconds: float, folder: Path) -> list[subprocess.Popen[bytes]]:
    readers = []
    for number, mode in enumerate(READERS):
        output = (folder / f"reader-{number}.jsonl").open("w")
        command = [sys.executable, "-m", "bench.reader", mode, str(seconds), product.api]
        readers.append(subprocess.Popen(command, cwd=PROJECT_PATH, env=dict(product.environment), stdout=output))
    return readers


def findings(answers: list[dict[str, Any]]) -> Counter[str]:
    """What must not be: errors, half builds, holes, duplicates, a final minute that changed."""
    found: Counter[str] = Counter()
    minutes: dict[str, set[tuple[float, int]]] = defaultdict(set)
    for answer in answers:
        if "error" in answer:
            found[f"error: {answer['error'][:150]}"] += 1
            continue
        found["half build"] += "written" in answer and answer["build_id"] != answer["written"]
        for row in answer.get("trades", []):
            found["tick twice"] += row["count_rows"] != row["count_ids"]
            found["tick missing"] += row["count_ids"] != row["span"]
        for bar in answer.get("minutes", []):
            minutes[bar["ts"]].add((bar["volume"], bar["trade_count"]))
    found["final minute changed"] = sum(len(values) > 1 for values in minutes.values())
    return +found


def report(folder: Path, published: list[str]) -> bool:
    """Print what each reader saw; False unless each saw every build and nothing that must not be."""
    clean = True
    for number, mode in enumerate(READERS):
        answers = [json.loads(line) for line in (folder / f"reader-{number}.jsonl").read_text().splitlines()]
        seen = {answer.get("build_id") for answer in answers} & set(published)
        found = findings(answers)
        clean &= not found and len(seen) == len(published) > 0
        builds = f"{len(seen)} of {len(published)} builds seen"
        print(f"{mode:7} {len(answers):6} answers, {builds}, {dict(found) or 'clean'}")
    return clean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--hours", type=int, default=23)
    arguments = parser.parse_args()
    timetable = {f"QUANT_REFRESH_SECONDS__{job}": NEVER for job in ("BUILD", "COMPACT", "TESTS", "EQUITIES", "OPTIONS")}
    with running_product(timetable) as product:
        os.environ.update({key: value for key, value in product.environment.items() if key.startswith("QUANT_")})
        settings = load_settings()
        count = preload(product, settings, settings.crypto.symbols[0], arguments.hours)
        print(f"preloaded {count:,} trades", flush=True)
        readers = start_readers(product, arguments.minutes * 60 + 10, product.data_path)
        published = force(settings, arguments.minutes, arguments.hours)
        ended = [reader.wait() for reader in readers]
        clean = report(product.data_path, published) and not any(ended)
        print("PASSED" if clean else "FAILED")
        raise SystemExit(0 if clean else 1)


if __name__ == "__main__":
    main()
