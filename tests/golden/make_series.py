"""Makes series.parquet and factors.parquet: the real prices that the golden values are computed from.

All of it ships in the wheel of `arch` (arch.data, NCSA licence): daily bars of two indices (Yahoo Finance), the price
of crude oil (FRED), and the monthly factors of Fama and French (Ken French's library). `case` names what one set of
parameters is computed on: 'early' is the S&P 500 of 2011 to 2014 with the Nasdaq as its benchmark, 'late' the Nasdaq of
March 2015 to February 2018, whose volume is 0 on 2015-05-12 and 2018-01-09, with the S&P 500 as its benchmark.
"""

from pathlib import Path

import arch
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from arch.data import frenchdata, nasdaq, sp500, wti

HERE = Path(__file__).parent
SPANS = {"early": ("2011-01-03", "2014-12-31"), "late": ("2015-03-02", "2018-02-28")}
SYMBOLS = {"early": {"bars": "SPX", "benchmark": "IXIC"}, "late": {"bars": "IXIC", "benchmark": "SPX"}}
PROVENANCE = f"arch {arch.__version__}, arch.data (NCSA licence)"


def main() -> None:
    indices = {"SPX": sp500.load(), "IXIC": nasdaq.load()}
    frames = [
        index_bars(indices[symbol], case, role, symbol, *span)
        for case, span in SPANS.items()
        for role, symbol in SYMBOLS[case].items()
    ]
    frames.append(oil(*SPANS["early"]))
    write(pd.concat(frames), "series.parquet")
    write(factors(*SPANS["early"]), "factors.parquet")


def index_bars(prices: pd.DataFrame, case: str, role: str, symbol: str, first: str, last: str) -> pd.DataFrame:
    """Bars of a span; `role` says what they are in the case."""
    names = {
        "Open": "open",
        "High": "high",
        "Low": "low",
        "Close": "close",
        "Adj Close": "adj_close",
        "Volume": "volume",
    }
    bars = prices.truncate(first, last).rename(columns=names).astype(float)
    return labelled(bars[list(names.values())], case, role, symbol)


def oil(first: str, last: str) -> pd.DataFrame:
    """Closes of crude oil, on the days that have one: not those of the indices."""
    close = wti.load().truncate(first, last)["DCOILWTICO"].astype(float).dropna()
    columns = dict.fromkeys(["open", "high", "low", "close", "adj_close"], close)
    return labelled(pd.DataFrame(columns | {"volume": close * 0}), "early", "oil", "WTI")


def labelled(bars: pd.DataFrame, case: str, role: str, symbol: str) -> pd.DataFrame:
    """With case, role, symbol and ts (UTC midnight of the day)."""
    ts = pd.Series(pd.to_datetime(bars.index).tz_localize("UTC"), index=bars.index)
    return bars.assign(case=case, role=role, symbol=symbol, ts=ts).reset_index(drop=True)


def factors(first: str, last: str) -> pd.DataFrame:
    """Per cent in the wheel, decimals here; ts is the month's first instant (to the wheel, 201101 nanoseconds)."""
    wheel = frenchdata.load()
    months = pd.to_datetime(wheel.index.astype("int64").astype(str), format="%Y%m").tz_localize("UTC")
    names = {"Mkt-RF": "mkt_rf", "SMB": "smb", "HML": "hml", "RF": "rf"}
    frame = wheel.rename(columns=names)[list(names.values())].div(100).assign(ts=months)
    kept: pd.DataFrame = frame[(months >= pd.Timestamp(first[:7], tz="UTC")) & (months <= pd.Timestamp(last, tz="UTC"))]
    return kept


def write(frame: pd.DataFrame, name: str) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({"provenance": PROVENANCE})
    pq.write_table(table, HERE / name, compression="zstd", compression_level=19)


if __name__ == "__main__":
    main()
