"""Our kernels and the peers that price options, in one process of .venv-vollib; prints nanoseconds of CPU per option.

`-m bench.peers.vollib_options ROUNDS`: median of that many, everybody in turn. Everybody starts from price or
volatility, spot, strike, years, rates and side: ours in blocks, the vectorised peer with all rows at once, the others
in a loop.
Without numba (NUMBA_DISABLE_JIT=1, as py_lets_be_rational comes by itself) only the loop over it is measured.
"""

import json
import math
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np

from bench.option_sample import ORDER, sample

warnings.simplefilter("ignore")  # of numba, about how its callers call it
sys.modules["udfs"] = package = ModuleType("udfs")  # without its __init__, which needs DuckDB
package.__path__ = [str(Path(__file__).parents[2] / "udfs")]

from udfs.black_scholes import BoolArray, FloatArray, Greeks, fill_first_order, greeks  # noqa: E402
from udfs.implied_vol import implied_vol  # noqa: E402

BLOCK, ROWS, LOOPED = 8_192, 81_920, 2_000
Run = Callable[[], object]


def in_blocks(function: Callable[..., object], *arrays: FloatArray | BoolArray) -> Run:
    def run() -> None:
        for start in range(0, len(arrays[0]), BLOCK):
            function(*(array[start : start + BLOCK] for array in arrays))

    return run


def looped(function: Callable[..., object], *arrays: FloatArray | BoolArray) -> Run:
    rows = list(zip(*(array[:LOOPED].tolist() for array in arrays), strict=True))

    def run() -> None:
        for row in rows:
            function(*row)

    return run


def first_order(is_call: BoolArray, *numbers: FloatArray) -> None:
    fill_first_order(Greeks(*np.empty((len(Greeks._fields), len(is_call)))), is_call, *numbers)


def contenders(chain: dict[str, FloatArray]) -> dict[str, Run]:
    """name -> what runs it; names that end in `loop` run over LOOPED rows only."""
    s, k, t, r, sigma, q = (chain[name] for name in ORDER[1:])
    is_call = chain["is_call"] == 1
    price = greeks(is_call, s, k, t, r, sigma, q).price
    found = {
        "ours, price and 7 greeks": in_blocks(first_order, is_call, s, k, t, r, sigma, q),
        "ours, price and 15 greeks": in_blocks(greeks, is_call, s, k, t, r, sigma, q),
        "ours, volatility": in_blocks(implied_vol, price, is_call, s, k, t, r, q),
    }
    found["py_lets_be_rational, volatility loop"] = looped(rational_volatility(), price, is_call, s, k, t, r, q)
    if os.environ.get("NUMBA_DISABLE_JIT"):
        return found
    import py_vollib_vectorized as vollib

    flags, merton = np.where(is_call, "c", "p"), "black_scholes_merton"
    found["py_vollib_vectorized, 5 greeks"] = lambda: vollib.get_all_greeks(
        flags, s, k, t, r, sigma, q, model=merton, return_as="dict"
    )
    found["py_vollib_vectorized, price"] = lambda: vollib.vectorized_black_scholes_merton(
        flags, s, k, t, r, sigma, q, return_as="numpy"
    )
    found["py_vollib_vectorized, volatility"] = lambda: vollib.vectorized_implied_volatility(
        price, s, k, t, r, flags, q, model=merton, return_as="numpy"
    )
    found["QuantLib engine, price and 5 greeks loop"] = looped(quantlib_engine(), is_call, s, k, t, r, sigma, q)
    found["QuantLib formula, price and 5 greeks loop"] = looped(quantlib_formula(), is_call, s, k, t, r, sigma, q)
    found["QuantLib, volatility loop"] = looped(quantlib_volatility(), price, is_call, s, k, t, r, q)
    return found


def rational_volatility() -> Callable[..., object]:
    from py_lets_be_rational import implied_volatility_from_a_transformed_rational_guess as solve

    def implied(price: float, is_call: bool, s: float, k: float, t: float, r: float, q: float) -> object:
        return solve(price * math.exp(r * t), s * math.exp((r - q) * t), k, t, 1.0 if is_call else -1.0)

    return implied


def quantlib_engine() -> Callable[..., object]:
    """As its manual has it: an option, a process of quotes, an engine; expiry is a day."""
    import QuantLib as ql

    today, counter = ql.Date(22, 11, 2026), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    spot, rate, sigma, dividend = quotes = [ql.SimpleQuote(0.2) for _ in range(4)]
    handles = [ql.QuoteHandle(quote) for quote in quotes]
    curves = [ql.YieldTermStructureHandle(ql.FlatForward(today, handles[i], counter)) for i in (3, 1)]
    surface = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), handles[2], counter))
    engine = ql.AnalyticEuropeanEngine(ql.BlackScholesMertonProcess(handles[0], *curves, surface))

    def priced(is_call: bool, s: float, k: float, t: float, r: float, vol: float, q: float) -> object:
        spot.setValue(s), rate.setValue(r), sigma.setValue(vol), dividend.setValue(q)
        exercise = ql.EuropeanExercise(today + max(round(365 * t), 1))
        option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call if is_call else ql.Option.Put, k), exercise)
        option.setPricingEngine(engine)
        return option.NPV(), option.delta(), option.gamma(), option.vega(), option.theta(), option.rho()

    return priced


def quantlib_formula() -> Callable[..., object]:
    """The bare formula, a calculator for each option."""
    from QuantLib import BlackCalculator, Option, PlainVanillaPayoff

    def priced(is_call: bool, s: float, k: float, t: float, r: float, sigma: float, q: float) -> object:
        payoff = PlainVanillaPayoff(Option.Call if is_call else Option.Put, k)
        black = BlackCalculator(payoff, s * math.exp((r - q) * t), sigma * math.sqrt(t), math.exp(-r * t))
        return black.value(), black.delta(s), black.gamma(s), black.vega(t), black.theta(s, t), black.rho(t)

    return priced


def quantlib_volatility() -> Callable[..., object]:
    from QuantLib import Option, blackFormulaImpliedStdDevLiRS

    def implied(price: float, is_call: bool, s: float, k: float, t: float, r: float, q: float) -> object:
        kind = Option.Call if is_call else Option.Put
        forward, discount = s * math.exp((r - q) * t), math.exp(-r * t)
        return blackFormulaImpliedStdDevLiRS(kind, k, forward, price, discount) / math.sqrt(t)

    return implied


def nanoseconds(name: str, run: Run) -> float:
    started = time.process_time()
    run()
    return 1e9 * (time.process_time() - started) / (LOOPED if name.endswith("loop") else ROWS)


def main(rounds: int) -> dict[str, Any]:
    runs = contenders(sample(ROWS))
    for run in runs.values():
        run()  # compiles what has to be compiled
    costs: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(nanoseconds(name, run))
    return {name: median(values) for name, values in costs.items()}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
