"""Quotes, forwards and parity: the scalar algebra of macros/formulas/90_options.sql."""

import math
from collections.abc import Iterator

import duckdb
import pytest

from quant.formulas import load_formulas

FRIDAY_CLOSE = "timestamptz '2026-11-20 21:00:00+00'"  # 16:00 in New York, winter time


@pytest.fixture(scope="module")
def formulas() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        yield connection


def one(formulas: duckdb.DuckDBPyConnection, expression: str) -> object:
    return formulas.sql(f"select {expression}").fetchall()[0][0]


@pytest.mark.parametrize(
    ("expires_at", "expected"),
    [
        ("2027-11-20 21:00:00+00", 1.0),  # 365 days
        ("2026-11-20 21:00:00+00", 0.0),
        ("2026-11-20 21:01:00+00", 1 / 525_600),  # one minute of a year of 525,600
        ("2026-11-20 16:00:00-05", 0.0),  # the same instant in New York
        ("2026-11-19 21:00:00+00", -1 / 365),
    ],
)
def test_time_to_expiry_counts_seconds_not_days(
    formulas: duckdb.DuckDBPyConnection, expires_at: str, expected: float
) -> None:
    assert one(formulas, f"years_to_expiry({FRIDAY_CLOSE}, timestamptz '{expires_at}')") == pytest.approx(expected)


def test_forward_grows_with_the_rate_and_falls_with_the_dividends(formulas: duckdb.DuckDBPyConnection) -> None:
    assert one(formulas, "forward_of(100, 0.5, 0.04, q := 0.01)") == pytest.approx(100 * math.exp(0.015), rel=1e-15)
    assert one(formulas, "forward_of(100, 0.5, 0.04)") == pytest.approx(100 * math.exp(0.02), rel=1e-15)


def test_log_moneyness_is_unknown_without_a_positive_forward(formulas: duckdb.DuckDBPyConnection) -> None:
    assert one(formulas, "log_moneyness(110, 100)") == pytest.approx(math.log(1.1), rel=1e-15)
    assert one(formulas, "log_moneyness(110, 0)") is None
    assert one(formulas, "log_moneyness(110, null)") is None


@pytest.mark.parametrize(
    ("is_call", "strike", "expected"),
    [("true", 99, False), ("true", 100, True), ("true", 101, True), ("false", 99, True), ("false", 100, False)],
)
def test_each_strike_has_one_side_out_of_the_money(
    formulas: duckdb.DuckDBPyConnection, is_call: str, strike: int, expected: bool
) -> None:
    assert one(formulas, f"is_out_of_the_money({is_call}, {strike}, 100)") is expected


def test_parity_gap_is_zero_for_prices_of_one_model(formulas: duckdb.DuckDBPyConnection) -> None:
    """And it is the overpricing of the call otherwise."""
    gap = one(
        formulas,
        "parity_gap(bs_price(true, 42, 40, 0.5, 0.1, 0.2, 0.03) + 0.25, bs_price(false, 42, 40, 0.5, 0.1, 0.2, 0.03),"
        " 42, 40, 0.5, 0.1, q := 0.03)",
    )
    assert gap == pytest.approx(0.25, abs=1e-13)


@pytest.mark.parametrize(
    ("quoted_at", "expected"),
    [
        ("2026-11-20 14:29:59+00", False),  # a second before the open
        ("2026-11-20 14:30:00+00", True),
        ("2026-11-20 21:00:01+00", True),  # the closing print comes a second late
        ("2026-11-20 21:06:00+00", False),
        ("2026-11-21 18:00:00+00", False),  # a Saturday
        ("2026-07-17 13:30:00+00", True),  # summer time
        ("2026-07-17 20:30:00+00", False),
    ],
)
def test_session_follows_the_clock_of_the_exchange(
    formulas: duckdb.DuckDBPyConnection, quoted_at: str, expected: bool
) -> None:
    assert one(formulas, f"is_in_session(timestamptz '{quoted_at}', 'America/New_York')") is expected


@pytest.mark.parametrize(
    ("quality", "bid", "ask", "last_trade_at", "quoted_at"),
    [
        ("two_sided", "2.0", "2.2", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),
        ("two_sided", "0.01", "0.06", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),  # one tick wide
        ("no_quote", "0", "0", "2026-11-20 15:00:00", "2026-11-20 13:00:00"),  # before the open
        ("no_quote", "0", "0.05", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),  # nobody bids
        ("no_quote", "null", "2.2", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),
        ("crossed", "2.2", "2.0", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),
        ("off_hours", "2.0", "2.2", "2026-11-20 15:00:00", "2026-11-20 22:00:00"),
        ("wide", "1.0", "1.7", "2026-11-20 15:00:00", "2026-11-20 21:00:00"),  # 0.70 of a mid of 1.35
        ("stale", "2.0", "2.2", "2026-11-13 20:59:59", "2026-11-20 21:00:00"),  # a second more than 7 days
        ("two_sided", "2.0", "2.2", "2026-11-13 21:00:00", "2026-11-20 21:00:00"),
        ("two_sided", "2.0", "2.2", "2026-11-20 21:10:00", "2026-11-20 21:00:00"),  # traded after the index stood
    ],
)
def test_quality_names_the_first_fault_of_a_quote(
    formulas: duckdb.DuckDBPyConnection, quality: str, bid: str, ask: str, last_trade_at: str, quoted_at: str
) -> None:
    instants = f"timestamptz '{last_trade_at}+00', timestamptz '{quoted_at}+00'"
    assert one(formulas, f"quote_quality({bid}, {ask}, {instants}, 'America/New_York')") == quality


def test_a_contract_that_never_traded_is_stale(formulas: duckdb.DuckDBPyConnection) -> None:
    assert one(formulas, f"quote_quality(2.0, 2.2, null, {FRIDAY_CLOSE}, 'America/New_York')") == "stale"


def test_only_a_two_sided_quote_has_a_mid(formulas: duckdb.DuckDBPyConnection) -> None:
    assert one(formulas, "mid_price(2.0::double, 2.5::double, 'two_sided')") == 2.25
    assert one(formulas, "mid_price(2.0::double, 2.5::double, 'stale')") is None


def test_volatility_between_strikes_is_linear_in_variance(formulas: duckdb.DuckDBPyConnection) -> None:
    """By hand: half way from 0.04 to 0.12 is 0.08; over half a year that is a variance of 0.16, a volatility of 0.4."""
    assert one(formulas, "vol_of(between_points(-0.1, 0.04, 0.1, 0.12, 0), 0.5)") == pytest.approx(0.4, rel=1e-14)
    assert one(formulas, "between_points(0.1, 1, 0.1, 2, 0)") is None
    assert one(formulas, "atm_vol_of(-0.1, 0.04, 0.1, 0.12, 0.5)") == pytest.approx(0.4, rel=1e-14)
    assert one(formulas, "atm_vol_of(-0.1, 0.04, null, null, 0.5)") is None
    assert one(formulas, "vol_of(-0.01, 0.5)") is None
    assert one(formulas, "total_variance(0.4::double, 0.5)") == pytest.approx(0.08, rel=1e-15)


def test_each_greek_is_its_field_of_the_struct(formulas: duckdb.DuckDBPyConnection) -> None:
    option = "false, 42, 40, 0.5, 0.1, 0.2, q := 0.03"
    scalars = (
        f"[bs_price({option}), bs_delta({option}), bs_gamma({option}), bs_vega({option}), bs_theta({option}), "
        f"bs_rho({option})]"
    )
    fields = ", ".join(f"bs_greeks({option}).{name}" for name in ("price", "delta", "gamma", "vega", "theta", "rho"))
    assert one(formulas, f"{scalars} = [{fields}]") is True


def test_theta_is_read_per_day(formulas: duckdb.DuckDBPyConnection) -> None:
    assert one(formulas, "theta_per_day(-730)") == -2
