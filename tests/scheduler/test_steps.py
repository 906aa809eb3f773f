"""Steps: what counts as a problem, when the first build may begin, when tests are due."""

import threading
from datetime import UTC, datetime

import pytest

from quant.settings import Settings
from quant.state import JobRun
from quant.status import Status
from scheduler.children import Children, LaterError
from scheduler.steps import Steps, missing_bars, problems_of

SOURCE = {"source": "binance", "dataset": "trades", "symbol": "BTCUSDT", "promised_seconds": 30.0}
GAP = {"source": "binance", "symbol": "BTCUSDT", "count_gaps": 2, "trades": 17}
FINDING = {"finding": "duplicate_trades", "source": "binance", "symbol": "BTCUSDT", "count_rows": 3}


def _status(**parts: list[dict[str, object]]) -> Status:
    jobs: list[JobRun] = []
    return Status(None, None, parts.get("sources", []), parts.get("gaps", []), parts.get("findings", []), jobs)


def test_what_is_fresh_and_filled_is_no_problem() -> None:
    filled = {**GAP, "status": "filled"}
    assert problems_of(_status(sources=[{**SOURCE, "is_stale": False, "age_seconds": 1.0}], gaps=[filled])) == set()


def test_stale_sources_open_gaps_and_findings_are_problems_in_one_sentence_each() -> None:
    stale = {**SOURCE, "is_stale": True, "age_seconds": 99.0}
    problems = problems_of(_status(sources=[stale], gaps=[{**GAP, "status": "open"}], findings=[FINDING]))
    assert problems == {
        "stale: trades of BTCUSDT (binance), promised within 30 s",
        "open gaps: 2 of BTCUSDT (binance), 17 trades",
        "finding: duplicate_trades, 3 rows of BTCUSDT (binance)",
    }


def test_a_problem_that_lasts_keeps_its_sentence_so_that_it_is_told_once() -> None:
    older, newer = ({**SOURCE, "is_stale": True, "age_seconds": age} for age in (99.0, 159.0))
    assert problems_of(_status(sources=[older])) == problems_of(_status(sources=[newer]))


def test_the_first_build_waits_for_bars_of_every_symbol_and_interval(settings: Settings) -> None:
    series = [(symbol, interval) for symbol in settings.crypto.symbols for interval in settings.crypto.history_days]
    assert len(missing_bars(settings)) == len(series) == 6  # config.yaml: three symbols, two intervals
    steps = Steps(settings, Children(), threading.Event())
    waiting = threading.Thread(target=steps.await_bars)
    waiting.start()
    for symbol, interval in series:
        assert waiting.is_alive()
        _lay_down_bars(settings, symbol, interval, "stream-2026-11-22T07")  # a minute or two of bars are no history
        assert len(missing_bars(settings)) == len(series) - series.index((symbol, interval))
        _lay_down_bars(settings, symbol, interval, "history-a-run-2026-11-22")
    waiting.join(30)
    assert not waiting.is_alive()
    assert missing_bars(settings) == []


def test_the_wait_for_bars_ends_with_the_scheduler(settings: Settings) -> None:
    stopping = threading.Event()
    waiting = threading.Thread(target=Steps(settings, Children(), stopping).await_bars)
    waiting.start()
    stopping.set()
    waiting.join(30)
    assert not waiting.is_alive()


def test_what_came_after_the_close_is_built_even_if_a_pull_failed(settings: Settings) -> None:
    class Refusing(Children):
        def run(self, *arguments: str) -> None:
            done.append(arguments[1])
            if arguments[1] == "equities":
                raise LaterError("Yahoo answered 429")

    class Counting(Steps):
        def build(self) -> None:
            done.append("build")

    done: list[str] = []
    with pytest.raises(LaterError, match="429"):
        Counting(settings, Refusing(), threading.Event()).refresh_after_close()
    assert done == ["equities", "options", "build"]


@pytest.mark.parametrize(("now", "count"), [("2026-11-20T15:00", 2), ("2026-11-20T14:35", 1), ("2026-11-22T15:00", 1)])
@pytest.mark.parametrize("demo", [False, True])
def test_live_chains_are_fetched_in_market_hours_or_if_there_is_none(
    settings: Settings, now: str, count: int, demo: bool
) -> None:
    class Counting(Children):
        def run(self, *arguments: str) -> None:
            done.append(arguments)

    done: list[tuple[str, ...]] = []
    settings = settings.model_copy(update={"demo": demo})
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    steps = Steps(settings, Counting(), threading.Event(), clock=lambda: instant)
    steps.pull_options()  # nothing is stored yet
    chain = settings.parquet_path / f"options/underlying=SPY/source={settings.equity_source}/date=2026-11-20/a.parquet"
    chain.parent.mkdir(parents=True)
    chain.touch()
    steps.pull_options()
    assert done == [("ingest", "options", "--once")] * (2 if demo else count)


def _lay_down_bars(settings: Settings, symbol: str, interval: str, name: str) -> None:
    folder = settings.parquet_path / "klines" / f"symbol={symbol}" / "source=binance" / f"interval={interval}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.parquet").touch()
