"""Chains of options against a known surface and a recorded market, wherever those folders lie beside the project.

The chain was priced from an SSVI surface: `mid_exact` is its price, bid and ask lie a tick or more around it. What is
interpolated between strikes errs by what a natural spline does; what is fitted is exact.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import quant
from quant.settings import PROJECT_PATH

SHARED = PROJECT_PATH.parent / "shared"
CHAIN, VALUES = SHARED / "oracle" / "option_chain.parquet", SHARED / "oracle" / "option_chain_values.parquet"
SPX = SHARED / "data" / "spx_options_2011-01-24.csv"
VOL_POINT = 0.01

# At exact prices: forwards by least squares; K = S is a listed strike; five parameters through 35 exact points.
EXACT = dict.fromkeys(("implied_forward", "atm_spot_iv"), 1e-10)
FITTED = dict.fromkeys(("svi_a", "svi_b", "svi_rho", "svi_m", "svi_sigma"), 1e-10)
SPLINED = {
    **dict.fromkeys(("atm_forward_iv", "atm_iv_constant_maturity", "forward_vol"), 1e-7),
    **dict.fromkeys(("iv_25d_call", "iv_25d_put", "risk_reversal_25d", "butterfly_25d"), 1e-5),
    **dict.fromkeys(("strike_25d_call", "strike_25d_put", "skew_slope_atmf"), 1e-4),
}
# At quotes: a tenth of a vol point; a tick is worth as much at 7 days, and a reversal is a difference of two.
QUOTED = {
    **dict.fromkeys(
        ("atm_forward_iv", "atm_spot_iv", "iv_25d_call", "iv_25d_put", "butterfly_25d", "forward_vol",
         "atm_iv_constant_maturity"),
        0.1 * VOL_POINT,
    ),
    "risk_reversal_25d": 0.2 * VOL_POINT,
    "implied_forward": 0.002,
}  # fmt: skip

needs_oracle = pytest.mark.skipif(not CHAIN.is_file(), reason=f"the known surface is not at {CHAIN}")
needs_spx = pytest.mark.skipif(not SPX.is_file(), reason=f"the recorded SPX quotes are not at {SPX}")


@cache
def chain(price: str) -> pa.Table:
    rows = pq.read_table(CHAIN)
    return rows.rename_columns(["mid" if name == "mid_exact" == price else name for name in rows.schema.names])


@cache
def truth() -> dict[tuple[str, int | None], float]:
    """(metric, days to the expiry; of forward_vol to the later one) -> value of the surface."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select metric, coalesce(params_json->>'expiry_days', params_json->>'d2')::integer, value "
            "from read_parquet($f)",
            {"f": str(VALUES)},
        ).fetchall()
    return {(metric, days): value for metric, days, value in rows}


@cache
def ours(metric: str, price: str) -> list[tuple[int | None, float | None]]:
    """(days to the expiry, value) of each row."""
    parameters: dict[str, Any] = {"days": 35} if metric == "atm_iv_constant_maturity" else {}
    rows = quant.compute(metric, quotes=chain(price), **parameters).to_pylist()
    return [(row["expires_at"] and round((row["expires_at"] - row["ts"]).days), row["value"]) for row in rows]


def worst_error(metric: str, price: str) -> float:
    rows = [(days, value) for days, value in ours(metric, price) if (metric, days) in truth()]
    assert len(rows) == sum(name == metric for name, _ in truth())
    return max(abs((value if value is not None else float("inf")) - truth()[metric, days]) for days, value in rows)


@needs_oracle
@pytest.mark.parametrize(("metric", "tolerance"), {**EXACT, **FITTED, **SPLINED}.items(), ids=str)
def test_exact_prices_give_back_the_surface(metric: str, tolerance: float) -> None:
    assert worst_error(metric, "mid_exact") < tolerance


@needs_oracle
@pytest.mark.parametrize(("metric", "tolerance"), QUOTED.items(), ids=str)
def test_quotes_give_the_surface_to_a_tenth_of_a_point(metric: str, tolerance: float) -> None:
    assert worst_error(metric, "quotes") < tolerance


@needs_oracle
def test_a_row_is_asked_for_by_its_days() -> None:
    forward_vol = quant.compute("forward_vol", quotes=chain("mid_exact"), d1=7, d2=30)["value"].to_pylist()
    assert forward_vol == [pytest.approx(truth()["forward_vol", 30], abs=1e-7)]
    one = quant.compute("atm_forward_iv", quotes=chain("mid_exact"), expiry_days=91)["value"].to_pylist()
    assert one == [pytest.approx(truth()["atm_forward_iv", 91], abs=1e-7)]


@pytest.fixture(scope="module")
def spx() -> Iterator[duckdb.DuckDBPyConnection]:
    """The quotes of 24 January 2011, 14:03 in New York; a reference gives volatilities and forwards of 8 expiries."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        quotes = connection.sql(
            "select 'SPX' as symbol, timestamptz '2011-01-24 19:03:00+00' as quoted_at, dtExpiry as expiry, "
            f'Strike as strike, "Type" as "right", PBid as bid, PAsk as ask, Spot as spot, 0.005 as r from \'{SPX}\' '
            "where dtExpiry > dtTrade"
        ).to_arrow_table()
        connection.register("forwards", quant.compute("implied_forward", quotes=quotes))
        connection.register("vols", quant.compute("implied_vol", quotes=quotes))
        connection.read_csv(str(SPX.with_stem(f"{SPX.stem}_reference_iv"))).create("reference")
        yield connection


@needs_spx
def test_a_real_chain_alone_gives_forwards_and_volatilities(spx: duckdb.DuckDBPyConnection) -> None:
    """One rate for all expiries and no dividend yield given: parity finds what is needed.

    The index stands at 1,290 and its quotes are a point wide and more. The reference counts whole days; its calls are
    priced at the bid, so that puts are compared.
    """
    [(count, worst)] = spx.execute(
        "select count(*), max(abs(value - Fwd)) from (select distinct dtExpiry, Fwd from reference) "
        "join forwards on expires_at::date = dtExpiry"
    ).fetchall()
    assert count == 8 and worst < 0.25
    [(count, middle, most)] = spx.execute(
        "select count(value), median(abs(value - IVMid)), max(abs(value - IVMid)) from reference join vols "
        "on expires_at::date = dtExpiry and vols.strike = reference.Strike and not is_call and \"Type\" = 'P'"
    ).fetchall()
    assert count == 71 and middle < 0.02 * VOL_POINT and most < 0.1 * VOL_POINT
