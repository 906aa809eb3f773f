"""What of quotes of options counts for nothing or was meant otherwise, and where the prompt says so."""

import warnings
from typing import Any

import pytest

from quant.errors import DataError, DataWarning, MetricError
from tests.quant.test_compute_quotes import CLOSE, EXPIRY, asked, chain


def doubts(metric: str, given: dict[str, list[Any]], **parameters: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", DataWarning)
        asked(metric, given, **parameters)
    return [str(each.message).removeprefix("quotes: ") for each in said]


def test_quotes_that_a_build_throws_out_are_counted_and_have_no_mid() -> None:
    """Of the first the spread is 6 around 9, of the last -1; 0.05 around 0.05 is the tick of a cheap option."""
    asks = [12.0, *chain()["ask"][1:5], 3.9]
    given = chain(bid=[6.0, *chain()["bid"][1:]], ask=asks)
    assert doubts("implied_vol", given, dividend_yield=0.0) == [
        "1 of 6 quotes is wide (spread above half of the mid) and without a mid: give a column mid to keep such",
        "1 of 6 quotes is crossed (ask below bid) and without a mid",
    ]
    values = [row["value"] for row in asked("implied_vol", given, dividend_yield=0.0)]
    assert [place for place, each in enumerate(values) if each is None] == [1, 4]  # of each strike the put first
    kept = chain(bid=given["bid"], ask=asks, mid=[9.0, 5.0, 2.0, 2.0, 3.0, 5.0])
    assert doubts("implied_vol", kept, dividend_yield=0.0) == []
    assert doubts("max_pain", given) == []
    cheap = chain(
        bid=[*chain()["bid"][:2], 0.025, *chain()["bid"][3:]], ask=[*chain()["ask"][:2], 0.075, 2.1, 3.1, 5.1]
    )
    assert doubts("implied_forward", cheap) == []


def test_expired_options_and_chains_of_no_or_several_spots_are_counted() -> None:
    expired = chain(expires_at=[CLOSE, *[EXPIRY] * 5])
    assert doubts("max_pain", expired) == ["1 of 6 quotes is of options that had expired, which have no volatility"]
    torn = doubts("implied_forward", chain(spot=[100.0] * 3 + [101.0] * 3))
    assert torn == ["1 of 1 chains is quoted with several spots at one instant, and each quote keeps its own"]
    assert "1 of 1 chains is without a spot above 0, and so without volatility" in doubts(
        "implied_vol", chain(spot=[0.0] * 6), dividend_yield=0.0
    )


@pytest.mark.parametrize(
    ("metric", "column"),
    [
        ("put_call_ratio_oi", "open_interest"),
        ("call_wall", "open_interest"),
        ("put_wall", "open_interest"),
        ("max_pain", "open_interest"),
        ("put_call_ratio_volume", "volume"),
    ],
)
def test_what_counts_contracts_needs_that_count_and_no_price(metric: str, column: str) -> None:
    bare = chain(**dict.fromkeys(("bid", "ask", "spot", "rate", "open_interest", "volume")))
    found = asked(metric, bare | {column: chain()[column]})
    assert found == asked(metric) and found[0]["value"] is not None
    with pytest.raises(DataError, match=f"{metric} needs the column '{column}'"):
        asked(metric, bare)


def test_metrics_of_priced_options_need_only_the_count_that_they_read() -> None:
    assert asked("gex", chain(volume=None)) == asked("gex")
    assert asked("implied_vol", chain(volume=None, open_interest=None)) == asked("implied_vol")


def test_a_rate_in_per_cent_is_doubted() -> None:
    said = "rate 4.0 is 400 % a year: 0.04 is 4 %"
    assert said in doubts("implied_forward", chain(rate=[4.0] * 6))
    assert said in doubts("implied_forward", chain(rate=None), rate=4)
    assert "dividend_yield -1.3 is -130 % a year: -0.013 is -1.3 %" in doubts("implied_borrow", chain(q=[-1.3] * 6))
    assert doubts("implied_forward", chain(rate=[1.0] * 6)) == []


def test_forwards_that_nothing_implies_are_told_by_why() -> None:
    calls = {name: each[:3] for name, each in chain().items()}
    assert any("1 of 1 expiries have no strike with a call and a put" in each for each in doubts("implied_vol", calls))


def test_an_answer_without_a_value_says_the_rule_of_its_metric() -> None:
    assert doubts("vix_style_index", chain()) == [
        "vix_style_index has no value: NULL without expiries on both sides; the quotes are of 1 instant, "
        "their expiries 28 days ahead"
    ]
    assert "iv_rank has no value: NULL until n days of chains are known" in doubts("iv_rank", chain())[0]


def test_greeks_are_told_where_they_are() -> None:
    for name in ("delta", "Gamma"):
        with pytest.raises(MetricError, match=rf"{name.lower()} is no metric of its own: .*from priced\("):
            asked(name)
