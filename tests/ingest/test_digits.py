"""Prices and sizes as integers of 1e-8: the exchange's digits to the last, and nothing that is no number."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.digits import LONGEST, amount, decimals, positive
from ingest.record import DIGITS

EXACT = st.decimals(min_value=Decimal("1e-8"), max_value=Decimal("9999999999.99999999"), places=8)


@given(EXACT)
def test_every_exact_decimal_survives_the_way_to_disk(number: Decimal) -> None:
    stored = decimals([positive(f"{number:f}")])
    assert stored.type == DIGITS
    assert stored.to_pylist() == [number]


@given(EXACT)
def test_every_way_to_write_a_number_means_the_same(number: Decimal) -> None:
    short = f"{number.normalize():f}"
    assert positive(f"{number:.8f}") == positive(short) == positive(f"{number:e}")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0.00000000", "not above 0"),
        ("-1.00000000", "does not fit"),
        ("10000000000.00000000", "does not fit"),
        ("0.000000001", "does not fit"),
        ("NaN", "not finite"),
        ("Infinity", "not finite"),
        ("", "not a number"),
        ("9" * (LONGEST + 1), "no number is that long"),
    ],
)
def test_impossible_number_is_refused_with_its_text(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        positive(text)


@given(st.text(max_size=12) | st.from_regex(r"[0-9.eE+-]{1,20}", fullmatch=True))
def test_text_is_read_as_decimal_reads_it_or_refused(text: str) -> None:
    try:
        number = amount(text, precision=18)
    except ValueError:
        with pytest.raises(ValueError, match=r".+"):
            positive(text)
        return
    if number > 0:
        assert Decimal(positive(text)).scaleb(-8) == Decimal(text)


def test_no_units_are_no_decimals() -> None:
    assert decimals([]).equals(pa.array([], DIGITS))
