"""How daily returns are spread, what the worst of them cost, and whether the value at risk kept its promise."""

from typing import Any

import streamlit as st

from dashboard import data, formats, layout, links, tiles
from dashboard.charts.risk.returns import exceptions, histogram
from dashboard.data import Record
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

BINS = 70  # or fewer, down to two fifths, for a width that is a round number
STRETCHES = 70
HOVERED = 450
EXCEPTIONS = 200
KEY_FIGURES = (
    "var_historical", "es_historical", "var_cornish_fisher", "skewness_sample", "excess_kurtosis_sample", "jarque_bera",
)  # fmt: skip
MORE = ("var_parametric", "es_parametric", "es_cornish_fisher", "tail_ratio", "win_rate", "kelly_exact_log")
TESTS = (
    ("Kupiec", "kupiec_lr", "kupiec_pvalue", "there are too many or too few exceptions"),
    ("Christoffersen", "christoffersen_ind_lr", "christoffersen_ind_pvalue", "one exception brings the next"),
    ("Both together", "christoffersen_cc_lr", "christoffersen_cc_pvalue", "the value at risk is wrong in either"),
    ("Acerbi-Szekely", "es_backtest_z2", "", "(below -0.7) expected shortfall is not deep enough"),
)
OF_A_NORMAL = {
    "skewness_sample": "normal: 0",
    "excess_kurtosis_sample": "normal: 0",
    "jarque_bera": "normal: below 6",
}
ZONES = {0: "Green", 1: "Yellow", 2: "Red"}  # a traffic light of the Basel Committee


def show(subject: Subject) -> None:
    horizon = f"1 day, {formats.percent(subject.risk['var_confidence'], 0)}"
    notes = {"var_historical": horizon, "es_historical": horizon, "var_cornish_fisher": horizon}
    parts.figures(subject, KEY_FIGURES, subject.risk, {**OF_A_NORMAL, **notes})
    parts.figures(subject, MORE, subject.risk, border=False)
    spread(subject)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        losses(subject)
    with right:
        backtest(subject)
    parts.provenance(subject, "latest_risk", "metrics", "var_backtests")


def spread(subject: Subject) -> None:
    lines = data.table("tails", source=subject.source, symbol=subject.symbol)
    bins = data.table("histogram", source=subject.source, symbol=subject.symbol, bins=BINS)
    confidence = formats.percent(subject.risk["var_confidence"], 0)
    parts.drawn(
        f"returns_{subject.symbol}",
        f"Daily returns with value at risk and expected shortfall, {confidence}",
        bins,
        lambda rows: histogram(rows, lines),
        f"{subject.symbol}: histogram of {subject.risk['n_obs']:,} daily returns, with value at risk, expected "
        "shortfall and the normal distribution of the same mean and deviation",
    )
    parts.explained(
        subject,
        lines["metric"].to_pylist(),
        "Orange: days beyond the historical value at risk. Green line: as many days as a normal distribution of the "
        "same mean and deviation would have.",
    )


def losses(subject: Subject) -> None:
    days = data.table(
        "exceptions",
        source=subject.source,
        symbol=subject.symbol,
        since=subject.since,
        stretches=STRETCHES,
        exceptions=EXCEPTIONS,
        hovered=HOVERED,
    )
    about = f"{subject.symbol}: daily returns, the value at risk known before each, and the days that lost more"
    parts.drawn(f"exceptions_{subject.symbol}", "Value at risk, day by day", days, exceptions, about)
    window = data.settings().metrics.window_long
    text = f"Blue: the value at risk of the {window} days before. Points: the days that lost more."
    parts.explained(subject, ["simple_return", "var_historical_rolling"], text)


def backtest(subject: Subject) -> None:
    st.subheader("Did it keep its promise?", anchor=False)
    result = data.row("var_backtest", symbol=subject.symbol)
    if result is None:
        layout.empty("No back-test yet", parts.MISSING)
        return
    counted, judged = st.columns(2, gap="xsmall")
    with counted:
        parts.figures(subject, ("var_exceptions",), result, promised(result))
    zone(judged, subject, result)
    parts.tests(subject, TESTS, result)
    if result["low_power"]:
        st.caption("Fewer than two exceptions: no test can say much.")


def promised(result: Record) -> dict[str, str | None]:
    """Below the number of exceptions how many there should be."""
    expected = formats.ratio(result["expected_exceptions"], 1)
    return {"var_exceptions": f"{expected} promised in {result['n_obs']:,} days"}


def zone(place: Any, subject: Subject, result: Record) -> None:
    """The traffic light by its name, not by its number."""
    place.metric(
        links.to_explanation("Basel zone", "basel_zone", subject.asked()),
        ZONES.get(result["basel_zone"], formats.MISSING),
        "250 days at 99%",
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=tiles.explanation(subject.catalog.get("basel_zone", {})),
    )
