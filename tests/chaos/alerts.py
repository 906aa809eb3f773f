"""Kills the sender of alerts at random instants: each alert arrives, and only what was on its way may come twice."""

import random
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quant.settings import PROJECT_PATH
from tests.quant.mailbox import Mailbox, open_mailbox

SENDER = """
import sys, threading, time
from datetime import datetime, timedelta, UTC
from pathlib import Path
from quant.courier import post
from quant.messages import Alert
from quant.news import Look
from quant.notifications import Notifier
from quant.settings import load_settings

market, begun = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])

def look(since):
    names = market.read_text().split() if market.exists() else []
    return Look([Alert(name, "sma_cross", begun, symbol=name, interval="1d") for name in names])

def carry(address, message, seconds, stopping):  # here, that a kill meets every line of it
    return post(address, message, seconds)

notifier = Notifier(load_settings(), threading.Event(), lambda: datetime.now(UTC), carry, look)
print("ready", flush=True)
while True:
    notifier.run()
    time.sleep(0.002)
"""

LEAST_ALERTS = 6  # of each life of a sender, however slow the machine


@dataclass(frozen=True)
class Verdict:
    kills: int
    count_alerts: int
    lost: list[str]
    messages: int
    repeated: int  # messages that came again

    @property
    def faults(self) -> list[str]:
        found = [f"{len(self.lost)} alerts never arrived: {self.lost[:5]}"] if self.lost else []
        more = f"{self.repeated} messages came again after {self.kills} kills"
        return [*found, *([more] if self.repeated > self.kills else [])]


def kill_the_sender(folder: Path, environment: dict[str, str], kills: int, seed: int) -> Verdict:
    """Alerts come all the time, one a message; the sender is killed at an instant of `seed`, so many times."""
    chance, market, begun = random.Random(seed), folder / "market", datetime.now(UTC)
    names: list[str] = []
    with open_mailbox() as mailbox:
        known = environment | {
            "QUANT_DATA_PATH": str(folder),
            "QUANT_NOTIFICATIONS__URLS": f'["{mailbox.url}"]',
            "QUANT_NOTIFICATIONS__MOST_PER_MESSAGE": "1000000",
            "QUANT_NOTIFICATIONS__FIRST_WAIT_SECONDS": "0.001",
        }
        _meet(market, begun, known)
        for _ in range(kills):
            _run(market, begun, known, chance.uniform(0.0, 0.15), names)
        _finish(market, begun, known, len(names))
        return _judge(mailbox, names, kills)


def _meet(market: Path, begun: datetime, environment: dict[str, str]) -> None:
    """Until the destination has had its first look: what comes after that is news."""
    with _sender(market, begun, environment) as sender:
        _await(market, "select count(since) from destinations", 1)
        sender.kill()


def _run(market: Path, begun: datetime, environment: dict[str, str], seconds: float, names: list[str]) -> None:
    """From the moment that it is ready, new alerts every few milliseconds, and then kill -9."""
    with _sender(market, begun, environment) as sender:
        until, before = time.monotonic() + seconds, len(names)
        while time.monotonic() < until or len(names) < before + LEAST_ALERTS:
            names.append(f"A{len(names)}")
            _write(market, names)
            time.sleep(0.005)
        sender.kill()


def _finish(market: Path, begun: datetime, environment: dict[str, str], count: int) -> None:
    """One more sender, until all is delivered by its own account, or it takes too long."""
    with _sender(market, begun, environment) as sender:
        _await(market, "select count(*) from deliveries where status = 'delivered'", count)
        sender.kill()


def _await(market: Path, sql: str, count: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(market.with_name("state.sqlite"), timeout=10)) as connection:
            if connection.execute(sql).fetchone()[0] >= count:
                return
        time.sleep(0.02)


def _sender(market: Path, begun: datetime, environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SENDER, str(market), (begun - timedelta(minutes=1)).isoformat()]
    sender = subprocess.Popen(command, cwd=PROJECT_PATH, env=environment, stdout=subprocess.PIPE, text=True)
    assert sender.stdout is not None and sender.stdout.readline() == "ready\n"
    return sender


def _write(market: Path, names: list[str]) -> None:
    aside = market.with_suffix(".aside")
    aside.write_text("\n".join(names))
    aside.replace(market)


def _judge(mailbox: Mailbox, names: list[str], kills: int) -> Verdict:
    seen: set[str] = set()
    repeated = 0
    for letter in mailbox.taken:
        arrived = set(re.findall(r"\bA\d+\b", letter["title"] + letter["message"]))
        repeated += bool(arrived & seen)
        seen |= arrived
    return Verdict(kills, len(names), [name for name in names if name not in seen], len(mailbox.taken), repeated)
