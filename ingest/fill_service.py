"""`ingest fill`: one turn of the background filler, as the scheduler starts it."""

import logging

from ingest.audit import tell, untold_holes
from ingest.binance_rest import BinanceRest
from ingest.disk import LOCAL_DISK
from ingest.errors import BusyError, RateLimitedError
from ingest.fill import fill_open_gaps
from ingest.gap_ledger import open_gaps
from ingest.runs import Run
from quant.errors import COME_BACK_LATER
from quant.settings import Settings

log = logging.getLogger(__name__)

STOPPED = "stopped before the end: the next run goes on there"
BUSY = "another process fills the gaps of this data folder: wait for it to end"


async def fill_gaps(settings: Settings) -> int:
    """Work on the open gaps up to the allowance of one run. Returns the exit code: COME_BACK_LATER when limited.

    Raises BusyError while another filler runs. What stays open is no error: the next run goes on there.
    """
    root, source, symbols = settings.parquet_path, settings.crypto_source, settings.crypto.symbols
    with LOCAL_DISK.sole(root / "trades" / "filler.lock", BusyError(BUSY)):
        holes = {symbol: found for symbol in symbols if (found := untold_holes(root, source, symbol))}
        if not holes and not open_gaps(root, source, symbols):
            log.info("no gap is open")
            return 0
        run = Run(root, source, "gaps")
        try:
            for symbol, found in holes.items():
                log.warning("%s: %d trades are missing on disk, filling them", symbol, tell(found, run, symbol))
            return await _fill(settings, run)
        except BaseException as error:
            if isinstance(error, Exception):
                run.finish("failed", f"{type(error).__name__}: {error}")
            run.finish("partial", STOPPED)  # the first word counts
            raise


async def _fill(settings: Settings, run: Run) -> int:
    crypto = settings.crypto
    rest = BinanceRest(settings.rest_urls, run.reject)
    try:
        left = await fill_open_gaps(
            run.root, run.source, crypto.symbols, rest, run, crypto.fill_trades_per_run, crypto.fill_pause_seconds
        )
    except RateLimitedError as error:
        log.warning("%s", error)
        run.finish("rate_limited", str(error))
        return COME_BACK_LATER
    finally:
        await rest.close()
    log.info("%d trades filled in, %d are still missing", run.row_count, left)
    run.finish("partial" if left else "ok", f"{left} trades are still missing" if left else None)
    return 0
