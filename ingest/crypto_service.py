"""`ingest crypto`: the recorder with its stream, clocks and signals, for ever or once."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass

import pyarrow as pa

from ingest.binance import BinanceStream
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.disk import LocalDisk
from ingest.errors import BusyError, RateLimitedError, SourceError
from ingest.klines import KlineHistory
from ingest.parquet import lay_down_empty_files
from ingest.pause import Pause
from ingest.runs import Run, Status
from ingest.world import World
from quant.errors import COME_BACK_LATER
from quant.settings import Settings

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 60.0
FAILURES_OF_A_LIMIT = 7  # a rate limit is waited out for a minute or two
MOST_DOUBLINGS = 20
BUSY = "another process records trades into this data folder: stop it first"


@dataclass
class Work:
    """Everything that a crypto run holds open."""

    settings: Settings
    world: World
    trades: Run
    klines: Run
    recorder: Recorder
    history: KlineHistory
    rest: BinanceRest
    problem: str | None = None  # why the bars are not up to date


async def record_crypto(settings: Settings) -> int:
    """Record until SIGTERM or SIGINT; then flush, close the ledger and return 0."""
    stop = stop_signal()
    if not settings.crypto.symbols:
        log.info("crypto.symbols is empty: there is nothing to record")
        await stop.wait()
        return 0
    await record(settings, World(disk=LocalDisk(settings.parquet_path)), stop)
    return 0


async def record(settings: Settings, world: World, stop: asyncio.Event) -> None:
    """Record until `stop` is set: stream, flushes, bars and ledger beside each other."""
    with _sole_recorder(settings, world):
        async with _work(settings, world) as work:
            crypto = settings.crypto
            stream = BinanceStream(
                settings.stream_urls, crypto.symbols, crypto.silence_seconds, crypto.renew_seconds, world
            )
            async with asyncio.TaskGroup() as tasks:
                services = [
                    tasks.create_task(stream.deliver(work.recorder.take_frames)),
                    tasks.create_task(_flush_for_ever(work)),
                    tasks.create_task(_pull_klines_for_ever(work)),
                    tasks.create_task(_beat_for_ever(work)),
                ]
                await stop.wait()
                log.info("stopping")
                for service in services:
                    service.cancel()


async def pull_crypto(settings: Settings) -> int:
    """Pull bars and the newest trades once. Returns the exit code: 1 when refused, COME_BACK_LATER when limited."""
    world = World()
    try:
        with _sole_recorder(settings, world):
            return await _pull_until_stopped(settings, world, may_record=True)
    except BusyError:
        log.info("another process records the trades: pulling bars only")
        return await _pull_until_stopped(settings, world, may_record=False)


async def _pull_until_stopped(settings: Settings, world: World, may_record: bool) -> int:
    async with _work(settings, world) as work:
        pull = asyncio.ensure_future(_pull_once(work, may_record))
        stop = asyncio.ensure_future(stop_signal().wait())
        await asyncio.wait({pull, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not pull.done():
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)
            return 0
        return pull.result()


@asynccontextmanager
async def _work(settings: Settings, world: World) -> AsyncIterator[Work]:
    """Open a run; on the way out everything pending goes to disk and the ledger gets its last word."""
    pa.array([0])  # the first conversion imports pandas, which takes seconds: do it before the stream flows
    trades, klines = (_run(settings, world, dataset) for dataset in ("trades", "klines"))
    pause = Pause()
    rest, bars_rest = (
        BinanceRest(settings.rest_urls, run.reject, world.clock, pause, world.transport) for run in (trades, klines)
    )
    recorder = Recorder(settings, trades, klines, rest)
    history = KlineHistory(klines, bars_rest, {str(key): days for key, days in settings.crypto.history_days.items()})
    work = Work(settings, world, trades, klines, recorder, history, rest)
    try:
        yield work
        await recorder.close()
    except BaseException as error:
        reason = _reason(error)
        trades.finish("failed", reason)
        klines.finish("failed", reason)
        raise
    finally:
        await asyncio.gather(rest.close(), bars_rest.close())
        trades.finish(_outcome(work), _remarks(work))
        klines.finish(_bars_outcome(work), work.problem)


def _run(settings: Settings, world: World, dataset: str) -> Run:
    return Run(
        settings.parquet_path,
        settings.crypto_source,
        dataset,
        clock=world.clock,
        disk=world.disk,
        random=world.random,
    )


def _sole_recorder(settings: Settings, world: World) -> AbstractContextManager[None]:
    return world.disk.sole(settings.parquet_path / "trades" / "recorder.lock", BusyError(BUSY))


async def _pull_once(work: Work, may_record: bool) -> int:
    try:
        await work.history.pull(work.settings.crypto.symbols)
        for symbol in work.settings.crypto.symbols if may_record else ():
            for trade in await work.rest.newest_trades(symbol):
                await work.recorder.take(trade)
            await work.recorder.flush()
            log.info("%s: pulled", symbol)
    except SourceError as error:
        log.error("%s", error)
        is_limit = isinstance(error, RateLimitedError)
        status: Status = "rate_limited" if is_limit else "failed"
        await work.recorder.flush()
        work.trades.finish(status, str(error))
        work.klines.finish(status, str(error))
        return COME_BACK_LATER if is_limit else 1
    return 0


async def _flush_for_ever(work: Work) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + work.settings.crypto.flush_seconds, loop.time())
        await asyncio.sleep(due - loop.time())
        await work.recorder.flush_surely()


async def _pull_klines_for_ever(work: Work) -> None:
    """History first, then what is new; a failed pull is logged and tried again soon, then less and less often."""
    failures = 0
    while True:
        try:
            await work.history.pull(work.settings.crypto.symbols)
            work.problem, failures = None, 0
            log.info("bars are stored up to now: %d in this run", work.klines.row_count)
        except (SourceError, OSError) as error:
            work.problem = str(error)
            failures = max(failures + 1, FAILURES_OF_A_LIMIT if isinstance(error, RateLimitedError) else 0)
            log.warning("bars are not up to date: %s", error)
        await asyncio.sleep(_seconds_to_next_pull(work, failures))


def _seconds_to_next_pull(work: Work, failures: int) -> float:
    """The interval, or after failures in a row 1 to 2 s, 2 to 4 s, 4 to 8 s ..., never beyond the interval."""
    interval = work.settings.refresh_seconds.klines
    if not failures:
        return interval
    longest = min(2.0 ** min(failures, MOST_DOUBLINGS), interval)
    return work.world.random.uniform(longest / 2, longest)  # jitter: many clients shall not come back at one instant


async def _beat_for_ever(work: Work) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            await asyncio.to_thread(_beat, work)
        except OSError as error:  # the flush says it, too, and counts
            log.debug("no beat in the ledger: %s", error)


def _beat(work: Work) -> None:
    if work.world.disk.is_folder(work.trades.root):  # else it has vanished: the flush says so
        lay_down_empty_files(work.trades.root, work.world.disk)  # the folder may have come back without them
        work.trades.beat()
        work.klines.beat()


def stop_signal() -> asyncio.Event:
    """Set when SIGTERM or SIGINT arrives."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _outcome(work: Work) -> Status:
    if work.recorder.count_open:
        return "partial"
    return "ok" if work.trades.row_count else "empty"


def _bars_outcome(work: Work) -> Status:
    if work.problem:
        return "partial" if work.klines.row_count else "failed"
    return "ok" if work.klines.row_count else "empty"


def _remarks(work: Work) -> str | None:
    """What the ledger shall say beside the counts."""
    counts = ", ".join(f"{kind} {count}" for kind, count in work.trades.ignored.most_common())
    return "; ".join([*work.recorder.outages, *([f"ignored: {counts}"] if counts else [])]) or None


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
