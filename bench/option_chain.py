"""A chain of 10,000 contracts, from its Parquet file to the fitted surface in a warehouse on disk: seconds of CPU.

    .venv/bin/python -m bench.option_chain

Twenty expiries of 250 strikes, calls and puts, quoted around the stand-in market's own surface. The models' own SQL
prices and fits it, as a build does for one new chain; dbt's overhead per model is left out.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.option_models import build_model, open_market, receive
from bench.option_ratios import Ratio
from ingest.record import OPTION_QUOTE
from ingest.standin.chain import quoted
from ingest.standin.surface import Surface
from quant.settings import Settings, load_settings

EXPIRIES, STRIKES, ROUNDS = 20, 250, 5
SURFACE_MODELS = ("quotes", "forwards", "newest_chains", "priced_quotes", "svi_fits", "smile")
QUOTED_AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
SURFACE = Surface(spot=600.0, now=0.16, mean=0.19, rate=0.04, dividend_yield=0.012)
MOST_SURFACE_SECONDS, MOST_AMERICAN_SECONDS = 0.5, 20.0


def report() -> None:
    """Print what was measured beside what was promised."""
    for ratio in ratios():
        print(ratio)


def ratios() -> list[Ratio]:
    """Medians of five rounds, each on an empty warehouse."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        received = Path(folder) / "chain.parquet"
        pq.write_table(chain(), received)
        rounds = [measure(settings, received, Path(folder) / f"{number}.duckdb") for number in range(ROUNDS)]
    surface, american = (statistics.median(seconds) for seconds in zip(*rounds, strict=True))
    count = 2 * EXPIRIES * STRIKES
    return [
        Ratio(f"{count} contracts from Parquet to their fitted surface", surface, MOST_SURFACE_SECONDS, True, "s"),
        Ratio(f"American volatilities of {count} contracts", american, MOST_AMERICAN_SECONDS, True, "s"),
    ]


def measure(settings: Settings, received: Path, path: Path) -> tuple[float, float]:
    """CPU seconds of the surface, durable on disk, and of the American volatilities."""
    with open_market(settings, str(path)) as connection:

        def surface() -> None:
            receive(connection, f"read_parquet('{received}')", settings)
            for name in SURFACE_MODELS:
                build_model(connection, settings, name)
            connection.execute("checkpoint")

        to_surface = seconds_of(surface)
        refuse_absence(connection)
        return to_surface, seconds_of(lambda: build_model(connection, settings, "american_quotes"))


def refuse_absence(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises unless every expiry has a curve."""
    [(count,)] = connection.execute("select count(distinct expires_at) from options.smile where svi_vol > 0").fetchall()
    if count != EXPIRIES:
        raise RuntimeError(f"{count} of {EXPIRIES} expiries have a curve: the bench would measure something else")


def seconds_of(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def chain() -> pa.Table:
    """The quotes as the ingest stores them, with their `date`."""
    expiries = [date(2026, 11, 20) + timedelta(days=7 * (place + 1)) for place in range(EXPIRIES)]
    table = pa.concat_tables(_side(expiry, is_call) for expiry in expiries for is_call in (True, False))
    return table.append_column("date", pa.array([QUOTED_AT.date()] * len(table)))


def _side(expiry_on: date, is_call: bool) -> pa.Table:
    expires_at = datetime(expiry_on.year, expiry_on.month, expiry_on.day, 21, tzinfo=UTC)
    years = (expires_at - QUOTED_AT) / timedelta(days=365)
    width = 4 * SURFACE.mean * np.sqrt(years)
    strikes = np.round(SURFACE.spot * np.exp(np.linspace(-width, 0.8 * width, STRIKES)), 2)
    bid, ask = quoted(SURFACE.price(strikes, years, is_call), tight=True)
    side = "C" if is_call else "P"
    rows = [
        {
            **{"source": "bench", "underlying": "SPY", "ingest_run_id": "bench", "fetched_at": QUOTED_AT},
            **{"quoted_at": QUOTED_AT, "last_trade_at": QUOTED_AT, "spot": SURFACE.spot, "currency": "USD"},
            **{"expiry_on": expiry_on, "expires_at": expires_at, "is_call": is_call, "open_interest": 100},
            "contract_symbol": f"SPY{expiry_on:%y%m%d}{side}{round(strike * 1000):08d}",
            **{"strike": strike, "bid": low, "ask": high},
        }
        for strike, low, high in zip(strikes.tolist(), bid.tolist(), ask.tolist(), strict=True)
    ]
    return pa.Table.from_pylist(rows, OPTION_QUOTE)


if __name__ == "__main__":
    report()
