"""The recorder is killed at random instants while the exchange misbehaves; in the end nothing is lost."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from quant.boundary import boundary_path
from tests.chaos.judge import Verdict, count_open, judge, judge_dead_letters, newest_ids
from tests.chaos.processes import LONG_SHARE, RunningExchange, Victim, environment_of, running_exchange

SETTLE_SECONDS = 300.0
TEND_SECONDS = 0.02
MOST_BACKFILLED = 1500  # an outage of a few seconds is more than the recorder fills at once
BIRTH_SECONDS = 1.5  # until a recorder is connected, on a machine with little else to do
MOST_TURNS = 20  # of the filler, once everybody behaves
FAR = "2100-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    kills: int
    seed: int
    life_seconds: tuple[float, float] = (0.1, 5.0)
    long_seconds: tuple[float, float] | None = (10.0, 30.0)  # one life in ten
    rate: float = 1000.0

    @property
    def expected_seconds(self) -> float:
        usual = sum(self.life_seconds) / 2
        long = sum(self.long_seconds) / 2 if self.long_seconds else usual
        return self.kills * (BIRTH_SECONDS + (1 - LONG_SHARE) * usual + LONG_SHARE * long)


def run_campaign(plan: Plan, folder: Path, say: Callable[[str], None] = print) -> Verdict:
    """The whole of it; `folder` is empty, and keeps data and logs."""
    begin = _market_begin(plan.expected_seconds)
    arguments = ["--seed", str(plan.seed), "--rate", str(plan.rate), "--start-ms", str(int(begin.timestamp() * 1000))]
    with running_exchange(folder, *arguments) as exchange:
        environment = environment_of(
            exchange,
            folder / "data",
            CRYPTO__FLUSH_SECONDS="0.2",
            CRYPTO__MAX_BACKFILL_TRADES=str(MOST_BACKFILLED),
            CRYPTO__FILL_PAUSE_SECONDS="0.02",
            CRYPTO__FILL_TRADES_PER_RUN="50000",
        )
        _pretend_a_build(folder / "data")
        recorder, helpers = _victims(plan, environment, folder)
        recorder.is_at_work = lambda: bool(exchange.tell("state")["streams"])
        _kill(plan, exchange, recorder, helpers, say)
        return _settle(exchange, recorder, helpers, folder, say)


def _market_begin(expected_seconds: float) -> datetime:
    """So far back that an hour of the market ends half way through, and that compaction may move it from the start."""
    now = datetime.now(UTC)
    hour = (now - timedelta(minutes=3)).replace(minute=0, second=0, microsecond=0)
    return hour - timedelta(seconds=expected_seconds / 2)


def _pretend_a_build(data: Path) -> None:
    """A build whose boundary lies far ahead: then compaction deletes what it has moved."""
    build = data / "duckdb" / "builds" / "1"
    build.mkdir(parents=True)
    (build / "build.json").write_text(json.dumps({"boundary": FAR, "started_at": datetime.now(UTC).isoformat()}))


def _victims(plan: Plan, environment: Mapping[str, str], folder: Path) -> tuple[Victim, list[Victim]]:
    def victim(command: str, life: tuple[float, float], pause: tuple[float, float], share: float) -> Victim:
        chance = Random(f"{plan.seed}/{command}")
        return Victim(("ingest", command), environment, folder / f"{command}.log", chance, life, pause, share)

    filler, compaction = victim("fill", (0.3, 12.0), (0.5, 3.0), 0.5), victim("compact", (0.3, 2.5), (2.0, 6.0), 0.5)
    recorder = victim("crypto", plan.life_seconds, (0.0, 0.0), 1.0)
    recorder.long_seconds = plan.long_seconds
    return recorder, [filler, compaction]


def _kill(
    plan: Plan, exchange: RunningExchange, recorder: Victim, helpers: list[Victim], say: Callable[[str], None]
) -> None:
    told = 0
    while recorder.kills < plan.kills:
        # Compaction comes in shortly before the market's hour ends: it meets live rows in an hour that it has moved,
        # then an hour of which only stragglers still come.
        for victim in (recorder, *helpers[: None if recorder.kills >= 0.4 * plan.kills else 1]):
            victim.tend()
        if recorder.kills >= told + 10:
            told = recorder.kills
            say(f"  {told} kills, {sum(_count(exchange).values()):,} trades made")
        time.sleep(TEND_SECONDS)


def _count(exchange: RunningExchange) -> dict[str, int]:
    made = exchange.tell("state")["made"]
    return {symbol: made[symbol] - exchange.market.last_id(symbol, 0) for symbol in made}


def _settle(
    exchange: RunningExchange, recorder: Victim, helpers: list[Victim], folder: Path, say: Callable[[str], None]
) -> Verdict:
    """The exchange behaves, the recorder catches up and is stopped politely, the helpers finish; then judge."""
    root, verdict = folder / "data" / "parquet", Verdict()
    exchange.tell("behave")
    if not recorder.is_running:
        recorder.start()
    tended = [recorder, *helpers]
    _await(lambda: bool(exchange.tell("state")["streams"]), tended, "the recorder to connect")
    before_the_end = exchange.tell("garbage")["made"]
    _await(lambda: _has_all(root, before_the_end), tended, "the recorder to catch up")
    made = exchange.tell("stop")["made"]
    _await(lambda: _has_all(root, made), tended, "the last trades")
    say("  all is quiet: the filler works off what is open, then the judge looks at every row")
    size = recorder.measure()
    verdict.demand((code := recorder.stop()) == 0, f"the recorder left with {code} when told to stop")
    for helper in helpers:
        helper.stop()
        _finish(helper, root, verdict)
    _add(verdict, judge(root, exchange.market, made))
    _add(verdict, judge_dead_letters(root, folder / "garbage.jsonl", recorder.killed_at))
    _tell_the_rest(verdict, recorder, helpers, exchange, size, root)
    return verdict


def _finish(helper: Victim, root: Path, verdict: Verdict) -> None:
    """Run a helper to its end; the filler until no gap is open, for it works in portions."""
    for turn in range(MOST_TURNS):
        helper.start()
        verdict.demand((code := helper.wait()) == 0, f"{helper.command[1]} left with {code} in the end")
        if helper.command[1] != "fill" or not count_open(root):
            verdict.figures[f"{helper.command[1]}: turns to the end"] = turn + 1
            return
    verdict.faults.append(f"{helper.command[1]} left {count_open(root)} ids open after {MOST_TURNS} turns")


def _tell_the_rest(
    verdict: Verdict, recorder: Victim, helpers: list[Victim], exchange: RunningExchange, size: int, root: Path
) -> None:
    verdict.figures["recorder: kills"] = recorder.kills
    verdict.figures["recorder: memory at the end, MB"] = size // 10**6
    verdict.figures["recorder: most memory of any life, MB"] = recorder.peak_bytes // 10**6
    verdict.demand(not recorder.ends, f"the recorder ended by itself, with codes {dict(recorder.ends)}")
    for helper in helpers:
        verdict.figures[f"{helper.command[1]}: kills; ends by code"] = f"{helper.kills}; {dict(helper.ends)}"
    verdict.figures["boundary"] = boundary_path(root).read_text().strip()
    counts = exchange.tell("state")["counts"]
    verdict.figures["recorder: killed with its stream open"] = counts.pop("client gone without a word", 0)
    verdict.figures["the exchange's deeds"] = ", ".join(f"{name} {counts[name]}" for name in sorted(counts))


def _has_all(root: Path, made: dict[str, int]) -> bool:
    stored = newest_ids(root)
    return all(stored.get(symbol, 0) >= last for symbol, last in made.items())


def _await(condition: Callable[[], bool], tended: list[Victim], what: str) -> None:
    """Until the condition holds; the victims live on, and are not killed any more."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {SETTLE_SECONDS:g} s in vain for {what}"
        assert tended[0].is_running, "the recorder ended by itself"
        tended[0].measure()
        time.sleep(0.2)


def _add(verdict: Verdict, other: Verdict) -> None:
    verdict.figures |= other.figures
    verdict.faults += other.faults
