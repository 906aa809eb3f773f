"""Options: an underlying's chain as a whole, and by views of it."""

from collections.abc import Callable

import streamlit as st

from dashboard import badge, choices, data, formats, layout
from dashboard.data import Record
from dashboard.views.options import chain, chains, exposure, history, parity, smile, surface, term
from dashboard.views.options.chains import Chain
from dashboard.views.options.parts import Figure, line_of_figures, row_of_tiles

CAPTION = (
    "Volatility, greeks, exposure and parity of an option chain, the newest or any that is kept. Volatility is "
    "annual, from mid prices; log-moneyness is ln(strike / forward). All times UTC."
)
VIEWS: dict[str, Callable[[Chain, Record], None]] = {
    "Surface": surface.show,
    "Smile": smile.show,
    "Term": term.show,
    "Exposure": exposure.show,
    "Parity": parity.show,
    "Chain": chain.show,
    "History": history.show,
}


def show() -> None:
    place = layout.header("Options", CAPTION)
    underlyings = {row["underlying"]: row for row in data.rows("underlyings")}
    if not underlyings:
        layout.empty("No option chain yet", "Run `quant ingest options`, then `quant build`.")
        return
    with st.container(horizontal=True, gap="medium", key="choices"):
        newest = underlyings[choices.symbol(list(underlyings), "Underlying")]
        meant = chains.chosen(newest) if newest["count_quotes"] else None
    badge.keep_fresh(place, "options", newest["underlying"])
    summary = data.row("option_summary", **meant.key) if meant else None
    if meant is None or summary is None:
        reason = newest["reason"] or "the next build prices its chain"
        layout.empty(f"The newest chain of {newest['underlying']} has no implied volatility", f"Reason: {reason}.")
        return
    tell(meant, summary)
    view = choices.choice("View", list(VIEWS), "view", labelled=False)
    VIEWS[view](meant, summary)


def tell(meant: Chain, summary: Record) -> None:
    """The chain as a whole, and when it was."""
    st.caption(describe(summary))
    if summary["reason"]:
        layout.empty(f"This chain of {meant.underlying} has no implied volatility", f"Reason: {summary['reason']}.")
    row_of_tiles(meant, headline(summary))
    line_of_figures(meant, details(summary))


def describe(summary: Record) -> str:
    age = "The newest chain" if summary["is_newest"] else ":material/history: **A past chain**"
    return (
        f"{age}: quoted {formats.instant(summary['quoted_at'])}, received {formats.instant(summary['fetched_at'])}, "
        f"{formats.count(summary['count_quotes'])} contracts of {formats.count(summary['count_expiries'])} expiries, "
        f"{formats.count(summary['count_two_sided'])} quoted on both sides, "
        f"{formats.count(summary['count_priced'])} with a volatility."
    )


def headline(summary: Record) -> list[Figure]:
    month = f"{summary['expiry_on']:%d %b}" if summary["expiry_on"] else "no expiry"
    expires_at = summary["month_expires_at"]
    return [
        Figure("ATM volatility, 30 d", formats.percent(summary["atm_iv_30d"]), "atm_iv_30d"),
        Figure("VIX-style index", formats.percent(summary["vix_style_index"]), "vix_style_index"),
        Figure(
            f"25-delta skew, {month}", formats.points(summary["risk_reversal_25d"]), "risk_reversal_25d", expires_at
        ),
        Figure(f"Expected move, {month}", formats.price(summary["expected_move"]), "expected_move", expires_at),
        Figure("Put/call, open", formats.ratio(summary["put_call_ratio_oi"]), "put_call_ratio_oi"),
        Figure("IV rank", formats.percent(summary["iv_rank"], 0), "iv_rank"),
    ]


def details(summary: Record) -> list[Figure]:
    return [
        Figure("Spot", formats.price(summary["spot"]), None),
        Figure("IV percentile", formats.percent(summary["iv_percentile"], 0), "iv_percentile"),
        Figure("Implied less realised", formats.points(summary["iv_minus_realized"]), "variance_risk_premium"),
        Figure("Put/call, traded", formats.ratio(summary["put_call_ratio_volume"]), "put_call_ratio_volume"),
        Figure("Gamma exposure", formats.money(summary["gex"]), "gex"),
        Figure("Gamma flip", formats.price(summary["gamma_flip"]), "gamma_flip"),
    ]
