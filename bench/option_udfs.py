"""The functions inside DuckDB beside their bare kernels and beside their twins in SQL, CPU per option, one thread."""

import time
from collections.abc import Callable
from statistics import median

import duckdb
import pyarrow as pa

from bench.option_ratios import Ratio
from bench.option_sample import ORDER, sample
from quant.formulas import load_formulas
from udfs import register
from udfs.black_scholes import BoolArray, FloatArray, greeks
from udfs.implied_vol import implied_vol

CHUNK, ROWS, ROUNDS = 2_048, 49 * 2_048, 9
OPTION, QUOTE = "is_call, s, k, t, r, sigma, q", "price, is_call, s, k, t, r, q"
FUNCTIONS = {"greeks": (OPTION, "price"), "implied_vol": (QUOTE, "iv"), "chain_greeks": (QUOTE, "iv")}
TWINS = {"greeks": f"bs_greeks({OPTION}).price", "implied_vol": f"bs_implied_vol({QUOTE}).iv"}


def ratios() -> list[Ratio]:
    """Cost of each function in DuckDB, reading its table and one field, in units of its kernel on the same rows."""
    chain = options()
    kernels: dict[str, Callable[..., object]] = {
        "greeks": greeks,
        "implied_vol": implied_vol,
        "chain_greeks": chain_greeks,
    }
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        register(connection)
        load_formulas(connection)
        connection.register("chain", pa.table(chain))
        connection.execute("create table options as from chain")
        runs: dict[str, Callable[[], object]] = {}
        for name, (arguments, field) in FUNCTIONS.items():
            runs[f"kernel {name}"] = chunked(kernels[name], *(chain[each] for each in arguments.split(", ")))
            runs[name] = asking(connection, f"select sum({name}({arguments}).{field}) from options")
            storing = f"create or replace temp table stored as select {name}({arguments}) as result from options"
            runs[f"stored {name}"] = asking(connection, storing)
        for name, twin in TWINS.items():
            runs[f"sql {name}"] = asking(connection, f"select sum({twin}) from options")
        cost = costs(runs)
    told = "; ".join(f"{name} {value:.0f}" for name, value in cost.items())
    print(f"  {told} ns of CPU per option, chunks of {CHUNK}")
    inside = [Ratio(f"{name} in DuckDB / kernel", cost[name] / cost[f"kernel {name}"], 3, True) for name in FUNCTIONS]
    stored = [
        Ratio(f"{name} stored in a table, all fields / kernel", cost[f"stored {name}"] / cost[f"kernel {name}"])
        for name in FUNCTIONS
    ]
    return [
        *inside,
        *stored,
        *(Ratio(f"{name} in SQL / in Python", cost[f"sql {name}"] / cost[name]) for name in TWINS),
    ]


def options() -> dict[str, FloatArray | BoolArray]:
    numbers = sample(ROWS)
    is_call = numbers.pop("is_call") == 1
    price = greeks(is_call, *(numbers[name] for name in ORDER[1:])).price
    return {**numbers, "is_call": is_call, "price": price}


def chain_greeks(price: FloatArray, is_call: BoolArray, *others: FloatArray) -> None:
    """The kernel of the UDF of that name."""
    spot, strike, years, rate, dividend_yield = others
    iv, _ = implied_vol(price, is_call, spot, strike, years, rate, dividend_yield)
    greeks(is_call, spot, strike, years, rate, iv, dividend_yield)


def chunked(kernel: Callable[..., object], *arrays: FloatArray | BoolArray) -> Callable[[], object]:
    def run() -> None:
        for start in range(0, ROWS, CHUNK):
            kernel(*(array[start : start + CHUNK] for array in arrays))

    return run


def asking(connection: duckdb.DuckDBPyConnection, query: str) -> Callable[[], object]:
    return lambda: connection.execute(query).fetchall()


def costs(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Nanoseconds of CPU per option: the median of ROUNDS, everybody in turn."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            started = time.process_time()
            run()
            found[name].append(1e9 * (time.process_time() - started) / ROWS)
    return {name: median(values) for name, values in found.items()}
