"""Trend: laws of bands and crossings, degenerate windows. Values: test_golden_values.py."""

from collections.abc import Callable

import pytest

Value = Callable[[str], object]

TRAILING = (
    "sma(close, 20, 1, i)",
    "bb_upper(close, 20, 2.0, 1, i)",
    "bb_middle(close, 20, 1, i)",
    "bb_lower(close, 20, 2.0, 1, i)",
)


def test_bands_of_constant_prices_are_the_price(value: Value) -> None:
    constant = "(select i, 0.1 as x from range(30) t(i))"
    for band in ("bb_upper(x, 20, 2.0, 1, i)", "bb_lower(x, 20, 2.0, 1, i)"):
        assert value(f"last(v order by i) from (select i, {band} as v from {constant})") == pytest.approx(
            0.1, rel=1e-15
        )
    assert value("bb_percent_b_of(0.1, 0.1, 0.1)") is None


def test_small_prices_keep_the_width_of_their_bands(value: Value) -> None:
    relative = "bb_upper(close * {0}, 20, 2.0, 1, i) / bb_middle(close * {0}, 20, 1, i)"
    width = f"last(v order by i) from (select i, {relative} as v from prices)"
    assert value(width.format("1e-8")) == pytest.approx(value(width.format("1")), rel=1e-9)


def crossings(value: Value, differences: list[float | None]) -> object:
    """What `crossing` says of a series of differences, bar by bar."""
    values = ", ".join("null" if x is None else str(x) for x in differences)
    series = f"(select unnest([{values}]::double[]) as x, unnest(range({len(differences)})) as i)"
    return value(f"list(v order by i) from (select i, crossing(x, 1, i) as v from {series})")


@pytest.mark.parametrize(
    ("claim", "differences", "expected"),
    [
        ("a sign change is a cross", [1, -1, 1], [0, -1, 1]),
        ("the first sign is none", [None, 1, 2], [None, 0, 0]),
        ("a touch that returns is none", [1, 0, 1], [0, 0, 0]),
        ("a touch that goes through is one, when it is through", [1, 0, 0, -2], [0, 0, 0, -1]),
        ("zeros before any sign are none", [0, 0, 1], [0, 0, 0]),
        ("a gap is none", [1, None, -1, -2], [0, None, 0, 0]),
        ("after a gap the next change is one", [1, None, -1, 1], [0, None, 0, 1]),
    ],
)
def test_crossing(value: Value, claim: str, differences: list[float | None], expected: list[int | None]) -> None:
    assert crossings(value, differences) == expected, claim


def test_an_indicator_does_not_see_the_future(value: Value) -> None:
    last = "max(v) from (select i, {} as v from (from prices where i <= {})) where i = 200"
    for expression in TRAILING:
        assert value(last.format(expression, 200)) == value(last.format(expression, 399))
