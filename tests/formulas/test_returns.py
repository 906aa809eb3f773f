"""Returns, series keys, annual rates and bars: values by hand, laws, and what is not knowable."""

import hashlib
from collections.abc import Callable

import pytest

Value = Callable[[str], object]


@pytest.mark.parametrize(
    ("prices", "simple", "log"),
    [
        ("150, 100", 0.5, 0.4054651081081644),  # ln 1.5, by a table
        ("0, 100", -1, None),
        ("-1, 100", None, None),  # below -100 % is a data error
        ("100, 0", None, None),
        ("100, null", None, None),
        ("null, 100", None, None),
        ("'inf'::double, 1", None, None),
        ("'nan'::double, 1", None, None),
        ("1e300, 1e-300", None, None),  # no double holds the ratio
    ],
)
def test_returns_by_hand(value: Value, prices: str, simple: float | None, log: float | None) -> None:
    assert value(f"simple_return_of({prices})") == simple
    assert value(f"log_return_of({prices})") == (None if log is None else pytest.approx(log, rel=1e-15))


def test_the_cumulative_return_starts_at_zero(value: Value) -> None:
    assert value("cumulative_return_of(100, 100)") == 0
    assert value("cumulative_return_of(50, 100)") == -0.5


def test_log_returns_add_up(value: Value) -> None:
    total = value("sum(log_return) from returns")
    assert value("ln(1 + total_return(r)) from returns") == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [("365, 1440, '1m'", 525_600), ("252, 390, '1m'", 98_280), ("252, 390, '1d'", 252), ("252, 390, '5s'", None)],
)
def test_periods_per_year(value: Value, arguments: str, expected: float | None) -> None:
    assert value(f"periods_per_year({arguments})") == expected


def test_the_rate_per_period_compounds_to_the_annual_rate(value: Value) -> None:
    assert value("pow(1 + rate_per_period(0.05, 252), 252)") == pytest.approx(1.05, rel=1e-12)


def test_no_rate_compounds_to_less_than_nothing(value: Value) -> None:
    assert value("rate_per_period(-1.5, 252)") is None
    assert value("rate_per_period(-1, 252)") == -1


def test_an_excess_return_is_what_the_safe_rate_did_not_earn(value: Value) -> None:
    assert value("excess_return_of(0.5, 3, 2)") == -0.5  # 300 % a year are 100 % per half-year
    assert value("excess_return_of(0.5, -1.5, 2)") is None


def test_series_ids_are_the_same_on_every_machine(value: Value) -> None:
    # md5_number_lower reads the last 8 bytes of the digest, little end first
    digest = hashlib.md5(b"binance|BTCUSDT|1m", usedforsecurity=False).digest()
    assert value("series_id_of('binance', 'BTCUSDT', '1m')") == int.from_bytes(digest[8:], "little") >> 1


@pytest.mark.parametrize(
    ("arguments", "factor"), [("25, 100", 0.75), ("0, 100", 1), ("25, null", 1), ("100, 100", 1), ("null, 100", 1)]
)
def test_dividend_factor(value: Value, arguments: str, factor: float) -> None:
    assert value(f"dividend_factor_of({arguments})") == factor


def test_factors_apply_to_what_came_before(value: Value) -> None:
    series = "(select unnest([1, 0.5, 0.75]) as x, unnest(range(3)) as i)"
    assert value(f"list(f order by i) from (select i, product_after(x, 1, i) as f from {series})") == [0.375, 0.75, 1]


def test_a_price_is_adjusted_by_the_dividends_after_it(value: Value) -> None:
    series = "(select unnest([80.0, 40, 30]) as close, unnest([1, 0.5, 0.75]) as f, unnest(range(3)) as i)"
    adjusted = f"list(x order by i) from (select i, adjusted_close_of(close, f, 1, i) as x from {series})"
    assert value(adjusted) == [30, 30, 30]


# Two splits: of 10, named early, at 9; of 20, named late, at 22.
@pytest.mark.parametrize(
    ("ts", "adjusted_at", "ratio"), [(5, 8, 12), (5, 9, 3), (5, 21, 3), (5, 22, 1), (10, 8, 3), (20, 21, 1)]
)
def test_only_later_splits_that_a_pull_did_not_know_are_missed(
    value: Value, ts: int, adjusted_at: int, ratio: float
) -> None:
    splits = "[{'split_at': 10, 'known_at': 9, 'ratio': 4.0}, {'split_at': 20, 'known_at': 22, 'ratio': 3.0}]"
    assert value(f"missed_split_ratio({splits}, {ts}, {adjusted_at})") == ratio
    assert value(f"newest_split_known_at({splits})") == 22


def test_without_splits_nothing_is_missed(value: Value) -> None:
    assert value("missed_split_ratio(null, now(), now())") == 1
    assert value("split_adjusted_volume_of(10, null)") == 10
    assert value("split_adjusted_volume_of(10, 4)") == 40


def test_the_previous_known_value_skips_what_is_not_known(value: Value) -> None:
    series = "(select unnest([5, null, null, 7]) as x, unnest(range(4)) as i)"
    assert value(f"list(p order by i) from (select i, previous_known(x, 1, i) as p from {series})") == [None, 5, 5, 5]


@pytest.mark.parametrize(
    ("bar", "possible"),
    [
        ("2, 3, 1, 2", True),
        ("2, 2, 2, 2", True),
        ("4, 3, 1, 2", False),
        ("2, 3, 1, 0.5", False),
        ("2, 3, 0, 2", False),
        ("2, 3, null, 2", False),
        ("2, 'inf'::double, 1, 2", False),
        ("2, 3, 1, 'nan'::double", False),
    ],
)
def test_possible_ranges(value: Value, bar: str, possible: bool) -> None:
    assert value(f"is_possible_range({bar})") is possible


def test_a_bar_without_volume_has_no_average_price(value: Value) -> None:
    assert value("bar_vwap_of(0, 0)") is None
    assert value("bar_vwap_of(30, 4)") == 7.5


def test_a_portfolio_return_needs_every_member(value: Value) -> None:
    assert value("equal_weight_return(r) from (select unnest([0.5, null]) as r)") is None
    assert value("equal_weight_return(r) from (select unnest([0.5, 0.25]) as r)") == 0.375
