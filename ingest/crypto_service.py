"""`ingest crypto`: the recorder with its stream, clocks and signals, for ever or once."""

import asyncio
import logging
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pyarrow as pa

from ingest.binance import BinanceStream
from ingest.binance_rest import BinanceRest
from ingest.crypto import Recorder
from ingest.errors import BusyError, RateLimitedError, SourceError
from ingest.klines import KlineHistory
from ingest.pause import Pause
from ingest.runs import Run, Status
from quant.errors import COME_BACK_LATER
from quant.locks import exclusive
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
    trades: Run
    klines: Run
    recorder: Recorder
    history: KlineHistory
    rest: BinanceRest
    problem: str | None = None  # why the bars are not up to date


async def record_crypto(settings: Settings) -> int:
    """Record until SIGTERM or SIGINT; then flush, close the ledger and return 0."""
    if not settings.crypto.symbols:
        log.info("crypto.symbols is empty: there is nothing to record")
        await _told_to_stop()
        return 0
    with _sole_recorder(settings):
        async with _work(settings) as work:
            stream = BinanceStream(settings.stream_urls, settings.crypto.symbols, settings.crypto.silence_seconds)
            async with asyncio.TaskGroup() as tasks:
                services = [
                    tasks.create_task(stream.deliver(work.recorder.take_frame)),
                    tasks.create_task(_flush_for_ever(work)),
                    tasks.create_task(_pull_klines_for_ever(work)),
                    tasks.create_task(_beat_for_ever(work)),
                ]
                await _told_to_stop()
                log.info("stopping")
                for service in services:
                    service.cancel()
    return 0


async def pull_crypto(settings: Settings) -> int:
    """Pull bars and the newest trades once. Returns the exit code: 1 when refused, COME_BACK_LATER when limited."""
    async with AsyncExitStack() as stack:
        may_record = True
        try:
            stack.enter_context(_sole_recorder(settings))
        except BusyError:
            may_record = False
            log.info("another process records the trades: pulling bars only")
        work = await stack.enter_async_context(_work(settings))
        pull = asyncio.ensure_future(_pull_once(work, may_record))
        stop = asyncio.ensure_future(_told_to_stop())
        await asyncio.wait({pull, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not pull.done():
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)
            return 0
        return pull.result()


@asynccontextmanager
async def _work(settings: Settings) -> AsyncIterator[Work]:
    """Open a run; on the way out everything pending goes to disk and the ledger gets its last word."""
    pa.array([0])  # the first conversion imports pandas, which takes seconds: do it before the stream flows
    root, source = settings.parquet_path, settings.crypto_source
    trades, klines = Run(root, source, "trades"), Run(root, source, "klines")
    pause = Pause()
    rest = BinanceRest(settings.rest_urls, trades.reject, pause=pause)
    recorder = Recorder(settings, trades, klines, rest)
    bars_rest = BinanceRest(settings.rest_urls, klines.reject, pause=pause)
    history = KlineHistory(klines, bars_rest, {str(key): days for key, days in settings.crypto.history_days.items()})
    work = Work(settings, trades, klines, recorder, history, rest)
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
        trades.finish(_outcome(work), _ignored(trades))
        klines.finish(_bars_outcome(work), work.problem)


def _sole_recorder(settings: Settings) -> AbstractContextManager[None]:
    return exclusive(settings.parquet_path / "trades" / "recorder.lock", lambda owner: BusyError(BUSY))


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
        await work.recorder.flush()


async def _pull_klines_for_ever(work: Work) -> None:
    """History first, then what is new; a failed pull is logged and tried again soon, then less and less often."""
    failures = 0
    while True:
        try:
            await work.history.pull(work.settings.crypto.symbols)
            work.problem, failures = None, 0
            log.info("bars are stored up to now: %d in this run", work.klines.row_count)
        except SourceError as error:
            work.problem = str(error)
            failures = max(failures + 1, FAILURES_OF_A_LIMIT if isinstance(error, RateLimitedError) else 0)
            log.warning("bars are not up to date: %s", error)
        await asyncio.sleep(_seconds_to_next_pull(failures, work.settings.refresh_seconds.klines))


def _seconds_to_next_pull(failures: int, interval: float) -> float:
    """The interval, or after failures in a row 1 to 2 s, 2 to 4 s, 4 to 8 s ..., never beyond the interval."""
    if not failures:
        return interval
    longest = min(2.0 ** min(failures, MOST_DOUBLINGS), interval)
    return random.uniform(longest / 2, longest)  # jitter, so that many clients do not come back at one instant


async def _beat_for_ever(work: Work) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await asyncio.to_thread(work.trades.beat)
        await asyncio.to_thread(work.klines.beat)


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _outcome(work: Work) -> Status:
    if work.recorder.count_open:
        return "partial"
    return "ok" if work.trades.row_count else "empty"


def _bars_outcome(work: Work) -> Status:
    if work.problem:
        return "partial" if work.klines.row_count else "failed"
    return "ok" if work.klines.row_count else "empty"


def _ignored(run: Run) -> str | None:
    return (
        "ignored: " + ", ".join(f"{kind} {count}" for kind, count in run.ignored.most_common()) if run.ignored else None
    )


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
