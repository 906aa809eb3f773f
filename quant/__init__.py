"""The spine that everything else stands on: settings, warehouse, formulas, builds, the `quant` command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def connect(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The one door for scripts and notebooks: the newest build (or the one at `path`), read-only."""
    # Imported here, because every command of ours imports this package, and `quant --help` shall answer at once.
    from quant.errors import NoBuildError
    from quant.settings import load_settings
    from quant.warehouse import nothing_built, open_build

    if path is not None and path.exists():
        return open_build(path.resolve())
    settings = load_settings()
    if path is not None or not settings.market_path.exists():
        raise NoBuildError(f"there is no build at {path}" if path else nothing_built(settings))
    return open_build(settings.market_path.resolve())


def compute(
    metric: str,
    bars: object = None,
    *,
    quotes: object = None,
    benchmark: object = None,
    factors: object = None,
    **parameters: object,
) -> pa.Table:
    """Any metric of the catalogue from your own data, by the formulas of the builds: (symbol, ts, value), so ordered.

    `bars`: a path to Parquet or CSV, an Arrow table or reader, a DuckDB relation, a pandas or polars frame, with ts (or
    date) and close, and what else the metric reads: open, high, low, volume, adj_close (default: close), symbol,
    source, interval (default 1d), asset_class (default equity, 252 days a year), periods_per_year. Bars that are not a
    day apart must say their interval, or ppy=, where a year matters. Metrics of trades: ts, price, size.
    `quotes`, for a metric of options: expires_at (or expiry; a date is its close in New York), strike, is_call (or
    right), quoted_at (or asof, ts), bid and ask or mid, which wins, spot, rate (or r) or rate=0.04, and what else it
    reads: open_interest, volume; symbol (or underlying), dividend_yield (or q; 0, since forwards are implied),
    is_american (false). The answer has expires_at and strike where it is of one; expiry_days=30 keeps an expiry.
    `benchmark`: the same of one symbol, or the name of a symbol of the bars. Parameters by their names: n=21.

    ts is NULL where the value is of the whole sample, value NULL where it is not knowable; a vector has its lag or rank
    in `k`, a pair its symbols in `a` and `b`, a table metric columns of its own; `source` and `interval` come along
    where they differ. Needs no build, data folder or network. Raises MetricError and DataError, both ValueError.
    """
    from quant.computation import compute as answer

    return answer(metric, bars, quotes, benchmark, factors, parameters)
