"""How daily returns are spread, what the worst of them cost, and whether the value at risk kept its promise."""

import streamlit as st

from dashboard import data, formats, layout
from dashboard.charts.risk.returns import exceptions, histogram
from dashboard.data import Record
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

BINS = 70  # or fewer, down to two fifths, for a width that is a round number
STRETCHES = 70  # of 8 rows of 2 marks
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
ZONES = {0: "green", 1: "yellow", 2: "red"}


def show(subject: Subject) -> None:
    parts.figures(subject, KEY_FIGURES, subject.risk)
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
    st.caption(
        "Orange: days beyond the historical value at risk. Green line: as many days as a normal distribution of the "
        "same mean and deviation would have."
    )
    parts.explained(subject, lines["metric"].to_pylist())


def losses(subject: Subject) -> None:
    days = data.table(
        "exceptions",
        source=subject.source,
        symbol=subject.symbol,
        since=subject.since,
        stretches=STRETCHES,
        exceptions=EXCEPTIONS,
    )
    about = f"{subject.symbol}: daily returns, the value at risk known before each, and the days that lost more"
    parts.drawn(f"exceptions_{subject.symbol}", "Value at risk, day by day", days, exceptions, about)
    window = data.settings().metrics.window_long
    st.caption(f"Blue: the value at risk of the {window} days before. Points: the days that lost more.")
    parts.explained(subject, ["simple_return", "var_historical_rolling"])


def backtest(subject: Subject) -> None:
    st.subheader("Did it keep its promise?", anchor=False)
    result = data.row("var_backtest", symbol=subject.symbol)
    if result is None:
        layout.empty("No back-test yet", parts.MISSING)
        return
    parts.figures(subject, ("var_exceptions", "basel_zone"), result, promised(result))
    parts.tests(subject, TESTS, result)
    if result["low_power"]:
        st.caption("Fewer than two exceptions: no test can say much.")


def promised(result: Record) -> dict[str, str | None]:
    """Below the number of exceptions how many there should be; below the zone what it is called."""
    zone = ZONES.get(result["basel_zone"])
    return {
        "var_exceptions": f"{formats.ratio(result['expected_exceptions'], 1)} promised in {result['n_obs']:,} days",
        "basel_zone": f"{zone}, by 99% in 250 days" if zone else "takes 250 forecasts at 99%",
    }
