"""Makes trades.parquet and values/trades.parquet: bars of trades, by pandas.

The trades are invented, by NumPy's seeded generator: no wheel ships real ones. 2,000 in 30 hours across a UTC midnight,
so that many minutes have none; some share their instant with the trade before, and then only trade_id tells the order.
"""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.golden.frozen import HERE, Array, Series, Values

SEED, COUNT = 20_261_122, 2_000
START = pd.Timestamp("2024-05-04 09:00", tz="UTC")


def main() -> None:
    trades = invented()
    table = pa.Table.from_pandas(trades, preserve_index=False)
    provenance = {"provenance": f"invented: numpy {np.__version__}, seed {SEED}"}
    pq.write_table(table.replace_schema_metadata(provenance), HERE / "trades.parquet", compression="zstd")
    values = Values("trades")
    for freq, n, ppy in (("1min", 30, 525_600), ("15min", 12, 35_040)):
        bars(values, trades, freq)
        volatility(values, trades, freq, n, ppy)
    values.write()


def invented() -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    seconds = np.sort(random.integers(0, 30 * 3600, COUNT))
    seconds[1::9] = seconds[0:-1:9][: len(seconds[1::9])]  # the same instant as the one before
    price = np.round(250 * np.exp(np.cumsum(random.standard_t(4, COUNT) * 4e-4)), 2)
    return pd.DataFrame(
        {
            "symbol": "INVENTED",
            "ts": START + pd.to_timedelta(seconds, unit="s"),
            "trade_id": np.arange(1, COUNT + 1),
            "price": price,
            "size": np.round(random.lognormal(-1, 1, COUNT), 4),
        }
    )


def bars(values: Values, trades: pd.DataFrame, freq: str) -> None:
    known = trades.assign(step=trades["ts"].dt.floor(freq), money=trades["price"] * trades["size"])
    steps = known.sort_values("trade_id").groupby("step")
    sums = steps[["money", "size"]].sum()
    found = {
        "bar_open": steps["price"].first(), "bar_high": steps["price"].max(), "bar_low": steps["price"].min(),
        "bar_close": steps["price"].last(), "bar_volume": sums["size"], "bar_trades": steps["price"].count(),
        "bar_vwap": sums["money"] / sums["size"],
    }  # fmt: skip
    day = pd.DatetimeIndex(sums.index).floor("1D")
    sofar = sums.groupby(day).cumsum()
    found["vwap_session"] = sofar["money"] / sofar["size"]
    for metric, series in found.items():
        add(values, metric, {"freq": freq}, series, "pandas groupby")


def volatility(values: Values, trades: pd.DataFrame, freq: str, n: int, ppy: int) -> None:
    close = trades.sort_values("trade_id").groupby(trades["ts"].dt.floor(freq))["price"].last()
    rolled = np.log(close).diff().rolling(n).std() * math.sqrt(ppy)
    add(values, "realized_vol_intraday", {"freq": freq, "n": n, "ppy": ppy}, rolled, "pandas rolling.std")


def add(values: Values, metric: str, known: dict[str, object], by_step: "pd.Series[float]", program: str) -> None:
    days = Series("trades", pd.DataFrame({"ts": by_step.index}), pd.DataFrame())
    numbers: Array = np.asarray(by_step, dtype=np.float64)
    values.trailing(days, metric, known, numbers, program)


if __name__ == "__main__":
    main()
