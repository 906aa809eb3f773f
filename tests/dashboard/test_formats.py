"""Numbers as people read them; the expected texts are written by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard import formats
from dashboard.charts import style


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "n/a"),
        (98765.4321, "98,765.43"),
        (1.0, "1.00"),
        (0.00123456, "0.001235"),
        (-2.5, "-2.50"),
        (1.2344e-05, "0.00001234"),
    ],
)
def test_price_has_two_decimals_from_one_on(number: float | None, text: str) -> None:
    assert formats.price(number) == text


def test_a_column_of_small_prices_has_the_digits_that_count() -> None:
    assert [formats.price_format(value) for value in (98765.4321, 1.0, 0.0812, None)] == [
        "%,.2f",
        "%,.2f",
        "%.6g",
        "%,.2f",
    ]


@pytest.mark.parametrize(
    ("change", "text", "direction"),
    [
        (0.0123, "+1.23%", "up"),
        (-0.0024, "-0.24%", "down"),
        (0.00004, "0.00%", "flat"),
        (-0.00004, "0.00%", "flat"),
        (None, None, "flat"),
    ],
)
def test_change_carries_the_sign_that_decides_the_arrow(change: float | None, text: str | None, direction: str) -> None:
    assert formats.change(change) == text
    assert formats.direction(change) == direction


def test_minus_is_ascii_because_the_arrow_is_read_from_it() -> None:
    for text in (formats.change(-0.5), formats.percent(-0.5), formats.ratio(-0.5), formats.price(-5)):
        assert text is not None and text.startswith("-")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "n/a"), (-0.2, "0 s"), (45, "45 s"), (600, "10 min"), (12_240, "3.4 h"), (432_000, "5 d")],
)
def test_age_is_told_in_the_largest_fitting_unit(seconds: float | None, text: str) -> None:
    assert formats.age(seconds) == text


def test_instant_is_told_in_utc_whatever_its_zone() -> None:
    new_york = timezone(timedelta(hours=-5))
    assert formats.instant(datetime(2026, 11, 22, 8, 27, tzinfo=new_york)) == "2026-11-22 13:27 UTC"
    assert formats.instant(datetime(2026, 11, 22, 13, 27, 5, tzinfo=UTC), seconds=True) == "2026-11-22 13:27:05 UTC"


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.2154, "decimal per year", "21.54%"),
        (-0.5, "decimal", "-50.00%"),
        (1.234, "ratio", "1.23"),
        (101234.5, "price", "101,234.50"),
        (None, "decimal", "n/a"),
        (1.5, None, "1.50"),
        (0.00421337, "1 / price", "0.00421"),
        (-3.14159e-09, "1 / money", "-3.14e-09"),
        (0.0, "ratio", "0.00"),
    ],
)
def test_value_follows_the_unit_of_the_catalogue(number: float | None, unit: str | None, text: str) -> None:
    assert formats.value(number, unit) == text


def test_points_and_money_say_their_size() -> None:
    assert [formats.points(value) for value in (-0.04902, 0.0, None)] == ["-4.90 pts", "0.00 pts", "n/a"]
    sums = (-418_511_581.58, 1_048_320_289.4, 999.0, -1500.0, 0.0, None)
    assert [formats.money(value) for value in sums] == ["-418.5 M", "1.048 B", "999", "-1.5 k", "0", "n/a"]


def test_nothing_is_minus_nothing() -> None:
    assert [formats.ratio(-0.001), formats.percent(-0.00001), formats.points(-0.00001)] == ["0.00", "0.00%", "0.00 pts"]


def test_metric_names_are_words() -> None:
    assert formats.name("var_historical") == "VaR historical"
    assert formats.name("max_drawdown") == "Max drawdown"
    assert formats.name("rolling_sharpe") == "Rolling Sharpe"
    assert formats.name("garman_klass_vol") == "Garman-Klass volatility"


def luminance(colour: str) -> float:
    """Relative luminance of sRGB, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("page", ["#ffffff", "#0f141a"], ids=["light", "dark"])
@pytest.mark.parametrize("mark", [style.UP, style.DOWN, style.ACCENT, style.QUIET])
def test_marks_stand_out_from_the_page(mark: str, page: str) -> None:
    high, low = sorted((luminance(mark), luminance(page)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 3  # WCAG 2.2, 1.4.11: graphical objects
