"""What the measurements ask the API: stored answers of several symbols, and a long one as Arrow."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bench.host import Host
from quant.settings import PROJECT_PATH

LONG = (  # 10,000 rows and more
    "/bars/BTCUSDT?interval=1m&limit=10000&format=arrow",
    "/metrics/BTCUSDT/history?interval=1m&limit=10000&format=arrow",
)
SYMBOLS = ("SPY", "AAPL", "MSFT", "NVDA", "BTCUSDT", "ETHUSDT")  # first; then every other of the configuration


def wanted(symbols: Sequence[str]) -> dict[str, list[str]]:
    """Name of a kind of question -> paths, asked in turn."""
    return {
        "/metrics": [f"/metrics/{symbol}" for symbol in symbols],
        "/bars": [f"/bars/{symbol}?interval=1d&limit=250" for symbol in symbols],
        "/risk": [f"/risk/{symbol}" for symbol in symbols],
        "/options": ["/options/SPY", "/options/AAPL"],
        "/signals": ["/signals?limit=100", "/signals?symbol=SPY&limit=100"],
        "/portfolio": ["/portfolio/equities", "/portfolio/mixed"],
        "/correlation": ["/correlation"],
        "/history": [f"/metrics/{symbol}/history?limit=250&fields=ts,close,realized_vol" for symbol in symbols],
        "/drawdowns": [f"/drawdowns/{symbol}" for symbol in symbols],
        "/catalog": ["/catalog"],
    }


LIVE = ("/metrics", "/bars", "/signals")  # of live views too: the newest price, open bars, alerts about the data


def questions(host: Host) -> dict[str, list[str]]:
    """Those that this API answers; what it has no path for is said, and left out. Anything else ends it."""
    others = [*host.settings.crypto.symbols, *host.settings.equities.symbols]
    found = {}
    for name, paths in wanted(list(dict.fromkeys([*SYMBOLS, *others]))).items():
        answers = [httpx.get(host.url + path, timeout=60) for path in paths]
        if all(answer.status_code == 404 and "no such path" in answer.text for answer in answers):
            print(f"{name} is not there: left out")
            continue
        for path, answer in zip(paths, answers, strict=True):
            if answer.status_code != 200:
                raise SystemExit(f"{path} answers {answer.status_code}: {answer.text[:300]}")
        found[name] = paths
    return found


@dataclass(frozen=True)
class Answered:
    """What came of some load."""

    found: dict[str, Any]

    @property
    def errors(self) -> int:
        """Whatever is no 200, and what was due and not answered."""
        statuses: dict[str, int] = self.found["statuses"]
        return sum(statuses.values()) - statuses.get("200", 0) + int(self.found["unanswered"])

    @property
    def per_second(self) -> float:
        return float(self.found["per_second"])

    def p95(self, group: str = "stored") -> float:
        return float(self.found[group].get("p95", float("inf")))

    def show(self) -> None:
        for name, row in [*self.found["by_name"].items(), *((group, self.found[group]) for group in ("stored", "all"))]:
            times = "  ".join(f"{key} {row[key]:7.1f}" for key in ("p50", "p95", "p99", "max") if key in row)
            print(f"  {name:14} {row['count']:7}  {times} ms")
        trouble = f", {self.errors} ERRORS {self.found['statuses']}" if self.errors else ""
        print(f"  {self.per_second:.1f}/s, load generator {self.found['cpu_share']:.0%} of a core{trouble}", flush=True)


def load(host: Host, asked: dict[str, list[str]], seconds: float, clients: int, rate: float | None = None) -> Answered:
    order = {"port": host.port, "seconds": seconds, "clients": clients, "rate": rate, "questions": asked, "live": LIVE}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=PROJECT_PATH,
        input=json.dumps(order),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"the load generator failed:\n{done.stderr[-2000:]}")
    return Answered(json.loads(done.stdout))
