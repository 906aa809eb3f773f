"""GARCH(1,1): the gradient, a sample whose parameters are known, and inputs that have no fit."""

import math

import duckdb
import numpy as np
import pytest

from udfs.black_scholes import FloatArray
from udfs.garch import _mean_loss, backcast_of, garch11

OMEGA, ALPHA, BETA = 0.05, 0.1, 0.85


def sample(n: int) -> FloatArray:
    """n values of a GARCH(1,1) around 0.03."""
    random = np.random.default_rng(11).normal(size=n)
    x, h = np.empty(n), OMEGA / (1 - ALPHA - BETA)
    for t in range(n):
        x[t] = math.sqrt(h) * random[t]
        h = OMEGA + ALPHA * x[t] ** 2 + BETA * h
    return x + 0.03


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    z, point = sample(200), np.array([0.02, 0.1, 0.08, 0.8])
    backcast = backcast_of(z - z.mean())
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-6
        slope = (_mean_loss(point + step, z, backcast)[0] - _mean_loss(point - step, z, backcast)[0]) / 2e-6
        assert _mean_loss(point, z, backcast)[1][place] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_a_long_sample_gives_its_parameters_back() -> None:
    # standard errors at n = 20,000 are about 0.01, 0.007 and 0.012
    fit = garch11(sample(20_000))
    assert (fit.omega, fit.alpha, fit.beta) == pytest.approx((OMEGA, ALPHA, BETA), abs=0.03)
    assert fit.mu == pytest.approx(0.03, abs=0.03)


def test_the_likelihood_and_the_variance_are_those_of_the_parameters() -> None:
    x = sample(400)
    fit = garch11(x)
    h, e = backcast_of(x - x.mean()), math.sqrt(backcast_of(x - x.mean()))  # before the first value
    loglik = 0.0
    for value, variance in zip(x, fit.variance, strict=True):
        h = fit.omega + fit.alpha * e**2 + fit.beta * h
        e = value - fit.mu
        assert variance == pytest.approx(h, rel=1e-9)
        loglik -= (math.log(2 * math.pi) + math.log(h) + e**2 / h) / 2
    assert fit.loglik == pytest.approx(loglik, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_scale_changes_the_units_alone(scale: float) -> None:
    one, other = garch11(sample(400)), garch11(sample(400) * scale)
    assert (other.alpha, other.beta) == pytest.approx((one.alpha, one.beta), rel=1e-4)
    assert other.omega == pytest.approx(one.omega * scale**2, rel=1e-4)


@pytest.mark.parametrize("x", [sample(99), np.full(200, 0.1), np.append(sample(150), np.nan), np.empty(0)])
def test_what_has_no_fit(x: FloatArray) -> None:
    fit = garch11(x)
    assert np.isnan(fit[:-1]).all()
    assert fit.variance.shape == x.shape
    assert np.isnan(fit.variance).all()


def test_no_list_raises_in_sql(connection: duckdb.DuckDBPyConnection) -> None:
    lists = "(values ([]::double[]), ([null, 1.0]), (['nan'::double]), ([0.0, 1e308]), (null)) as t(x)"
    rows = connection.sql(
        "select garch11_fit(x).mu, dickey_fuller(x, 0, 'c', false).statistic, arch_lm(x, 1).statistic, "
        f"len(garch11_fit(x).variance) from {lists}"
    ).fetchall()
    assert [row[:3] for row in rows] == [(None, None, None)] * 5
    assert [row[3] for row in rows] == [0, 2, 1, 2, None]


def test_metrics_of_the_fit_come_from_one_fit(formulas: duckdb.DuckDBPyConnection) -> None:
    formulas.execute(
        "create or replace table clustered as select 'x' as source, 'C' as symbol, '1d' as interval, "
        "timestamptz '2020-01-01' + to_days(i::integer) as ts, 252.0::double as periods_per_year, "
        "case when i <> 50 then exp(sum(sin(i * i) * (0.01 + 0.01 * (i % 90 > 60)::integer)) over (order by i)) end "
        "as adj_close from range(160) as days(i)"
    )
    names = ["garch11_alpha", "garch11_beta", "garch11_persistence", "garch11_omega", "garch11_long_run_vol"]
    alpha, beta, persistence, omega, long_run = [
        formulas.sql(f"select value from {name}('clustered')").fetchall()[0][0] for name in names
    ]
    assert persistence == alpha + beta
    assert long_run == pytest.approx(math.sqrt(252 * omega / (1 - persistence)) / 100, rel=1e-12)
    vols = [row[0] for row in formulas.sql("select value from garch11_vol('clustered') order by ts").fetchall()]
    assert [place for place, vol in enumerate(vols) if vol is None] == [0, 50]
    variance = formulas.sql("select variances from garch11('clustered')").fetchall()[0][0]
    assert vols[1] == pytest.approx(math.sqrt(252 * variance[0]) / 100, rel=1e-12)
    assert vols[51] == pytest.approx(math.sqrt(252 * variance[49]) / 100, rel=1e-12)
