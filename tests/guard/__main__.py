"""`python -m tests.guard`: the whole corpus against a running API; each attack ends in time, memory and a 4xx.

Ordinary requests go on beside it, and their times are printed.
"""

import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from quant.settings import load_settings
from quant.sql.public_database import write_public_database
from tests.api.conftest import publish_contract, serve_settings
from tests.guard.attacks import BOMBS, FORBIDDEN
from tests.guard.legitimate import QUERIES
from tests.guard.market import fill
from tests.guard.measure import peak_megabytes

MOST_SECONDS, MOST_MEGABYTES = 3.0, 600


@dataclass
class Neighbour:
    """Somebody who asks for /symbols all the while."""

    url: str
    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self.done.wait(0.05):
                answer = client.get("/symbols")
                self.seconds.append(answer.elapsed.total_seconds())
                self.failures += answer.status_code != 200

    @property
    def summary(self) -> str:
        ordered = sorted(self.seconds)
        median, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return f"{len(ordered)} beside, median {1000 * median:.0f} ms, p95 {1000 * late:.0f} ms, {self.failures} failed"


def attack(client: httpx.Client, family: str, sql: str, may_pass: bool) -> str | None:
    """What is wrong with how this attack ended; None if nothing is."""
    started = time.monotonic()
    with peak_megabytes() as peak:
        answer = client.post("/sql", json={"sql": sql.encode("utf-8", "replace").decode()})
    seconds = time.monotonic() - started
    allowed = {408, 413, 422} | ({200} if may_pass else set())
    if answer.status_code in allowed and seconds < MOST_SECONDS and peak.megabytes < MOST_MEGABYTES:
        return None
    return f"{family}: {sql[:70]!r}: {answer.status_code}, {seconds:.2f} s, {peak.megabytes:.0f} MB"


def campaign(client: httpx.Client) -> list[str]:
    wrong = [
        attack(client, family, sql, may_pass)
        for corpus, may_pass in ((FORBIDDEN, False), (BOMBS, True))
        for family, attacks in corpus.items()
        for sql in attacks
    ]
    refused = [sql for sql in QUERIES if client.post("/sql", json={"sql": sql}).status_code != 200]
    return [*(each for each in wrong if each), *(f"refused: {sql[:70]!r}" for sql in refused)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_path=Path(folder))
        publish_contract(settings)
        database = settings.market_path.resolve()
        fill(database)
        write_public_database(database, settings.api.sql.most_cells)
        with serve_settings(settings) as client:
            neighbour = Neighbour(str(client.base_url))
            thread = threading.Thread(target=neighbour.run)
            thread.start()
            wrong = campaign(client)
            neighbour.done.set()
            thread.join()
    count = sum(map(len, [*FORBIDDEN.values(), *BOMBS.values()]))
    print(f"{count} attacks, {len(QUERIES)} queries; {neighbour.summary}", *wrong, sep="\n")
    sys.exit(1 if wrong or neighbour.failures else 0)


if __name__ == "__main__":
    main()
