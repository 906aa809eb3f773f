"""Fitted smiles: what is an SVI curve is found exactly, and nothing that is fitted admits arbitrage."""

from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quant.settings import PROJECT_PATH
from tests.udfs.samples import ANY_NUMBER
from udfs.black_scholes import FloatArray
from udfs.implied_vol import implied_vol
from udfs.ssvi import STATUSES as SSVI_STATUSES
from udfs.ssvi import SsviFit, ssvi_fit
from udfs.svi_fit import STATUSES, SviFit, svi_fit

SPX = PROJECT_PATH.parent / "shared" / "data" / "spx_options_2011-01-24_reference_iv.csv"
CHAIN = PROJECT_PATH.parent / "shared" / "oracle" / "option_chain.parquet"

K = np.linspace(-0.6, 0.4, 21)
CURVES = [  # a, b, rho, m, sigma; none admits arbitrage
    (0.04, 0.1, -0.4, 0.05, 0.1),
    (0.001, 0.02, -0.6, 0.03, 0.05),
    (-0.01, 0.2, -0.3, 0.1, 0.3),
    (0.02, 0.4, 0.5, -0.1, 0.2),
]
ARBITRAGE = (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)  # Axel Vogt's, in Gatheral, Jacquier (2014), example 3.1


def total_variance(k: FloatArray, a: float, b: float, rho: float, m: float, sigma: float) -> FloatArray:
    return np.asarray(a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma**2)))


def durrleman(a: float, b: float, rho: float, m: float, sigma: float) -> FloatArray:
    """g from the textbook, on a grid of its own: densely around the money and m, and far out."""
    k = np.concatenate([np.linspace(-3, 3, 2001), m + sigma * np.sinh(np.linspace(-10, 10, 2001))])
    k = k[np.abs(k) < 50]
    z = np.sqrt((k - m) ** 2 + sigma**2)
    w, slope, bend = total_variance(k, a, b, rho, m, sigma), b * (rho + (k - m) / z), b * sigma**2 / z**3
    return np.asarray((1 - k * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + 1 / 4) + bend / 2)


def fit_of(k: Sequence[FloatArray], w: Sequence[FloatArray]) -> SviFit:
    return svi_fit(k, w, [np.ones(len(x)) for x in k])


def assert_no_arbitrage(fit: SviFit) -> None:
    """Every condition of metrics.md, on every curve that was fitted."""
    fitted = fit.status == 0
    a, b, rho, m, sigma = (parameter[fitted] for parameter in fit[:5])
    assert (b >= 0).all() and (np.abs(rho) < 1).all() and (sigma > 0).all()
    assert (a + b * sigma * np.sqrt(1 - rho**2) >= -1e-15).all()
    assert (b * (1 + np.abs(rho)) <= 2).all()
    assert (fit.min_g[fitted] >= 0).all()
    assert all(durrleman(*curve).min() >= -1e-9 for curve in zip(a, b, rho, m, sigma, strict=True))


def test_an_svi_curve_is_found_exactly() -> None:
    quoted = [total_variance(K, *curve) for curve in CURVES]
    fit = fit_of([K] * len(CURVES), quoted)
    np.testing.assert_allclose(np.array(fit[:5]).T, CURVES, rtol=1e-6, atol=1e-9)
    assert fit.max_error.max() < 1e-12
    assert_no_arbitrage(fit)


@pytest.mark.parametrize("points", [5, 6, 9])
def test_few_strikes_are_enough(points: int) -> None:
    k = np.linspace(-0.3, 0.3, points)
    fit = fit_of([k], [total_variance(k, *CURVES[0])])
    assert fit.n_strikes[0] == points
    assert fit.max_error[0] < 1e-10


def test_noise_is_smoothed() -> None:
    """21 strikes, 20 basis points of volatility each: the curve is nearer to the truth than the quotes are."""
    generator, truth = np.random.default_rng(7), total_variance(K, *CURVES[0])
    noisy = [(np.sqrt(truth) + generator.normal(0, 0.002, len(K))) ** 2 for _ in range(40)]
    fit = fit_of([K] * 40, noisy)
    fitted = [total_variance(K, *curve) for curve in zip(*fit[:5], strict=True)]
    errors = np.sqrt(np.array(fitted)) - np.sqrt(truth)
    assert np.sqrt(np.mean(errors**2)) < 0.0012
    assert_no_arbitrage(fit)


def test_weights_decide_where_the_curve_is_near() -> None:
    w = total_variance(K, *CURVES[0]) + 0.01 * (K > 0.2)
    wild = np.where(K > 0.2, 1e-9, 1.0)
    fit = svi_fit([K], [w], [wild])
    inner = K <= 0.2
    curve = tuple(float(parameter[0]) for parameter in fit[:5])
    assert np.abs(total_variance(K, *curve) - w)[inner].max() < 1e-6
    assert fit.rmse[0] < 1e-6 < 9e-3 < fit.max_error[0]


@pytest.mark.parametrize(
    "smile",
    [
        lambda k: total_variance(k, *ARBITRAGE),
        lambda k: 0.04 + 0.5 * np.abs(k),
        lambda k: 0.04 + 0.03 * np.sin(9 * k),
        lambda k: np.where(k < 0, 0.3, 0.01),
        lambda k: 3 * np.abs(k) + 1e-4,  # steeper than any variance can be
    ],
)
def test_what_admits_arbitrage_is_fitted_without(smile: Callable[[FloatArray], FloatArray]) -> None:
    k = np.linspace(-1.5, 1.5, 31)
    fit = fit_of([k], [smile(k)])
    assert STATUSES[fit.status[0]] == "ok"
    assert_no_arbitrage(fit)


def test_the_example_of_arbitrage_stays_near() -> None:
    """Its g is negative around k = 0.8; within the strikes a curve without is nowhere farther than 0.01 in w."""
    assert durrleman(*ARBITRAGE).min() < -0.01
    k = np.linspace(-1.5, 1.5, 31)
    fit = fit_of([k], [total_variance(k, *ARBITRAGE)])
    assert fit.rmse[0] < 0.0025 and fit.max_error[0] < 0.01


def test_what_is_not_quoted_does_not_count() -> None:
    """NaN, no weight, no variance, out of order and twice: the rest decides."""
    w = total_variance(K, *CURVES[0])
    k = np.concatenate([K[::-1], K[:3], [np.nan, 0.1, 0.2, 0.3, np.inf]])
    dirty = np.concatenate([w[::-1], w[:3], [0.1, np.nan, -0.1, 9.0, 0.1]])
    weight = np.concatenate([np.ones(len(K) + 6), [0.0, 1.0]])
    fit = svi_fit([k], [dirty], [weight])
    assert fit.n_strikes[0] == len(K)
    assert fit.max_error[0] < 1e-12


@pytest.mark.parametrize(
    ("status", "lengths"),
    [("too_few_strikes", (4, 4, 4)), ("too_few_strikes", (0, 0, 0)), ("bad_input", (6, 5, 6)), ("ok", (5, 5, 5))],
)
def test_every_status_has_its_case(status: str, lengths: tuple[int, int, int]) -> None:
    k, w, weight = (np.linspace(0.1, 0.2, length) for length in lengths)
    fit = svi_fit([k], [w], [weight])
    assert STATUSES[fit.status[0]] == status
    assert np.isfinite(fit.a[0]) == (status == "ok")


def test_a_smile_does_not_depend_on_its_company() -> None:
    quoted = [total_variance(K, *CURVES[0]), total_variance(K[3:15], *CURVES[2])]
    generator = np.random.default_rng(3)
    noisy = [w * generator.uniform(0.9, 1.1, len(w)) for w in quoted]
    together = fit_of([K, K[3:15]], noisy)
    alone = [fit_of([k], [w]) for k, w in zip([K, K[3:15]], noisy, strict=True)]
    assert [fit.rmse[0] for fit in alone] == pytest.approx(list(together.rmse), rel=1e-6)


POINTS = st.lists(st.tuples(st.one_of(st.floats(-2, 2), ANY_NUMBER), st.floats(-0.1, 2), st.floats(0, 2)), max_size=12)


@given(POINTS)
@settings(max_examples=40)
def test_every_input_has_a_sound_curve_or_a_reason(points: list[tuple[float, float, float]]) -> None:
    k, w, weight = np.array(points, dtype=float).reshape(-1, 3).T
    fit = svi_fit([k], [w], [weight])
    assert np.isfinite(np.array(fit[:8])).all() == (fit.status[0] == 0)
    assert_no_arbitrage(fit)


@pytest.mark.skipif(not SPX.is_file(), reason="the recorded SPX quotes of 2011-01-24 are not there")
def test_real_smiles_are_met_within_the_quotes() -> None:
    """SPX puts and calls of eight expiries, weighted by the band of bid and ask: over nine tenths lie inside it."""
    with duckdb.connect() as connection:
        quotes = connection.read_csv(str(SPX)).order("TTM, Strike").fetchnumpy()
    out = (quotes["Type"] == "C") == (quotes["Strike"] >= quotes["Fwd"])
    column = {name: quotes[name][out] for name in quotes}
    terms = [np.asarray(column[name], dtype=float) for name in ("Spot", "Strike", "TTM", "iRate", "iDiv")]
    bid, ask = (implied_vol(column[name], column["Type"] == "C", *terms)[0] for name in ("PBid", "PAsk"))
    k, years = np.log(terms[1] / column["Fwd"]), terms[2]
    middle, band = ((bid + ask) / 2) ** 2 * years, (ask**2 - bid**2) * years
    rows = [np.flatnonzero(years == expiry) for expiry in np.unique(years)]
    fit = svi_fit([k[row] for row in rows], [middle[row] for row in rows], [band[row] ** -2.0 for row in rows])
    assert (fit.status == 0).sum() >= 6
    assert_no_arbitrage(fit)
    inside = [
        (np.abs(total_variance(k[row], *curve) - middle[row]) <= band[row] / 2).mean()
        for row, *curve in zip(rows, *fit[:5], strict=True)
        if np.isfinite(curve[0])
    ]
    assert np.mean(inside) > 0.9


def surface(k: FloatArray, theta: float, rho: float, eta: float, gamma: float) -> FloatArray:
    phi = eta / (theta**gamma * (1 + theta) ** (1 - gamma))
    return np.asarray(theta / 2 * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho**2)))


def surface_fit(k: Sequence[FloatArray], w: Sequence[FloatArray]) -> SsviFit:
    return ssvi_fit(k, w, [np.ones(len(x)) for x in k])


def assert_no_surface_arbitrage(fit: SsviFit) -> None:
    thetas = fit.thetas[np.isfinite(fit.thetas)]
    assert (np.diff(thetas) >= 0).all() and (thetas > 0).all()
    assert abs(fit.rho) < 1 and 0 < fit.gamma <= 0.5 and fit.eta * (1 + abs(fit.rho)) <= 2 + 1e-12


THETAS = (0.002, 0.01, 0.03, 0.08)


def test_a_surface_is_found_exactly() -> None:
    k = [K * scale for scale in (0.3, 0.5, 0.8, 1.0)]
    fit = surface_fit(k, [surface(x, theta, -0.55, 1.1, 0.35) for x, theta in zip(k, THETAS, strict=True)])
    assert (fit.rho, fit.eta, fit.gamma) == pytest.approx((-0.55, 1.1, 0.35), rel=1e-7)
    np.testing.assert_allclose(fit.thetas, THETAS, rtol=1e-9)
    assert fit.rmse < 1e-12


def test_an_expiry_without_quotes_has_no_theta() -> None:
    k = [K, np.array([]), K]
    fit = surface_fit(k, [surface(K, 0.01, -0.5, 1.0, 0.4), np.array([]), surface(K, 0.04, -0.5, 1.0, 0.4)])
    np.testing.assert_allclose(fit.thetas, [0.01, np.nan, 0.04], rtol=1e-8)


def test_variance_that_falls_with_the_expiry_is_fitted_without_arbitrage() -> None:
    fit = surface_fit([K] * 3, [surface(K, theta, -0.5, 1.0, 0.4) for theta in (0.06, 0.03, 0.04)])
    assert SSVI_STATUSES[fit.status] == "ok"
    assert_no_surface_arbitrage(fit)


@given(st.lists(POINTS, max_size=3))
@settings(max_examples=25)
def test_every_chain_has_a_sound_surface_or_a_reason(chain: list[list[tuple[float, float, float]]]) -> None:
    smiles = [np.array(points, dtype=float).reshape(-1, 3).T for points in chain]
    fit = ssvi_fit([smile[0] for smile in smiles], [smile[1] for smile in smiles], [smile[2] for smile in smiles])
    assert np.isfinite(fit.rmse) == (fit.status == 0)
    if fit.status == 0:
        assert_no_surface_arbitrage(fit)


@pytest.mark.skipif(not CHAIN.is_file(), reason="the reference chain is not there")
def test_the_reference_chain_is_met_by_slices_and_by_the_surface() -> None:
    """Its volatilities are an SSVI surface: rho -0.6, eta 0.9, gamma 0.45."""
    with duckdb.connect() as connection:
        rows = connection.sql(f"""
            with chain as (
                select *, date_diff('second', "asof", expiry) / (365 * 86400) as years
                from '{CHAIN}' where "right" = 'C'
            )
            select list(ln(strike / spot) - (r - q) * years) as k, list(true_iv**2 * years) as w
            from chain group by years order by years
        """).fetchall()
    k, w = ([np.array(lists) for lists in column] for column in zip(*rows, strict=True))
    slices, whole = fit_of(k, w), surface_fit(k, w)
    assert slices.max_error.max() < 1e-10
    assert (whole.rho, whole.eta, whole.gamma) == pytest.approx((-0.6, 0.9, 0.45), rel=1e-6)
    assert whole.rmse < 1e-10


def test_the_functions_tell_a_struct_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    [(first, none, short, uneven, surfaces)] = connection.sql("""
        select
            svi_fit([-0.2, -0.1, 0, 0.1, 0.2, null], [0.05, 0.045, 0.04, 0.041, 0.043, 1], [1, 1, 1, 1, 1, 1]),
            svi_fit(null, null, null),
            svi_fit([0.1, 0.2], [0.04, 0.04], [1, 1]),
            svi_fit([0.1, 0.2], [0.04], [1, 1]),
            ssvi_fit([[-0.1, 0, 0.1], [-0.1, 0, 0.1]], [[0.03, 0.02, 0.02], [0.05, 0.04, 0.04]], [[1, 1, 1], [1, 1, 1]])
    """).fetchall()
    assert tuple(first) == SviFit._fields and tuple(surfaces) == SsviFit._fields
    assert (first["status"], first["n_strikes"]) == ("ok", 5)
    assert none["status"] == short["status"] == "too_few_strikes" and uneven["status"] == "bad_input"
    assert short["a"] is None and short["n_strikes"] == 2
    assert len(surfaces["thetas"]) == 2 and surfaces["status"] == "ok"
