"""Dickey-Fuller and ARCH-LM against plain normal equations, the lag search, and inputs that have no answer."""

import math

import numpy as np
import pytest

from udfs.black_scholes import FloatArray
from udfs.regressions import NO_UNIT_ROOT, _triangle, arch_lm, dickey_fuller


def walk(n: int, seed: int = 1) -> FloatArray:
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


def t_of_level(x: FloatArray, lags: int) -> float:
    """The t statistic with a constant, by the textbook's inverse of X'X."""
    steps = np.diff(x)
    y = steps[lags:]
    columns = [np.ones(len(y)), x[lags:-1], *(steps[lags - k : len(steps) - k] for k in range(1, lags + 1))]
    design = np.column_stack(columns)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    variance = ((y - design @ coefficients) ** 2).sum() / (len(y) - design.shape[1])
    return float(coefficients[1] / math.sqrt(variance * inverse[1, 1]))


@pytest.mark.parametrize("lags", [0, 3])
def test_the_statistic_is_the_t_value_of_the_level(lags: int) -> None:
    x = walk(300)
    assert dickey_fuller(x, lags, "c", False).statistic == pytest.approx(t_of_level(x, lags), rel=1e-9)


def test_with_a_constant_the_level_does_not_matter() -> None:
    x = walk(300)
    assert dickey_fuller(x + 1000, 2, "c", False).statistic == pytest.approx(
        dickey_fuller(x, 2, "c", False).statistic, rel=1e-9
    )


def test_the_search_finds_the_lags_that_the_steps_have() -> None:
    random = np.random.default_rng(5)
    steps = np.zeros(2000)
    for t in range(2, 2000):
        steps[t] = 0.5 * steps[t - 1] - 0.4 * steps[t - 2] + random.normal()
    found = dickey_fuller(np.cumsum(steps), 2, "ct", True)
    assert found.lags == 2
    assert found == dickey_fuller(np.cumsum(steps), 2, "ct", False)
    assert 2 <= dickey_fuller(np.cumsum(steps), 12, "c", True).lags < 12


@pytest.mark.parametrize(
    ("x", "lags", "trend"),
    [
        (np.full(100, 4.6), 1, "c"),
        (np.arange(100.0), 1, "ct"),
        (walk(30), 10, "c"),  # 30 values are not more than 2 * 10 + 10
        (walk(100), -1, "c"),
        (walk(100), 1, "cx"),
        (np.append(walk(100), np.nan), 1, "c"),
        (np.empty(0), 0, "n"),
    ],
)
def test_what_has_no_unit_root_statistic(x: FloatArray, lags: int, trend: str) -> None:
    assert np.isnan(dickey_fuller(x, lags, trend, True)).all()
    assert np.isnan(NO_UNIT_ROOT).all()


def test_one_lag_of_arch_is_a_squared_correlation() -> None:
    x = walk(200)
    squares = (x - x.mean()) ** 2
    expected = 199 * np.corrcoef(squares[1:], squares[:-1])[0, 1] ** 2
    assert arch_lm(x, 1) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("x", [np.full(50, 0.01), np.array([0.1, -0.1] * 50), walk(11), np.append(walk(50), np.inf)])
def test_what_has_no_arch_statistic(x: FloatArray) -> None:
    assert math.isnan(arch_lm(x, 5))


def test_the_triangle_by_blocks_is_the_triangle() -> None:
    matrix = np.random.default_rng(2).normal(size=(1000, 7))
    assert np.abs(_triangle(matrix)) == pytest.approx(np.abs(np.linalg.qr(matrix, mode="r")), rel=1e-10)
