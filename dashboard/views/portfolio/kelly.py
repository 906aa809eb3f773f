"""How much of one's wealth Kelly would stake: on the whole, on each member alone, on all together."""

import streamlit as st

from dashboard import data, layout
from dashboard.charts import style
from dashboard.charts.members import bars
from dashboard.charts.members import stakes as stakes_chart
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

STAKES = ("kelly_continuous", "kelly_exact_log", "kelly_discrete", "kelly_growth", "kelly_vol")
WHOLE = ("source:portfolio", "symbol:portfolio", "fraction:1.0")


def show(chosen: Record) -> None:
    name = chosen["portfolio"]
    stakes = data.table("portfolio_stakes", portfolio=name)
    if stakes.num_rows == 0:
        layout.empty(f"No stake on {name} yet", parts.BUILD)
        return
    st.caption(
        "A stake of 1 is all of one's wealth, more is borrowed, less than 0 is short. Stakes are made of a past that "
        "will not repeat: half of the full one has three quarters of its growth and half of its volatility. "
        "First the full stakes on the whole, and what they lead one to expect:"
    )
    whole = (row for row in stakes.to_pylist() if row["symbol"] == "portfolio" and row["fraction"] == 1)
    full = next(whole, None)
    if full:
        parts.figures({**chosen, **full, "portfolio": name}, STAKES, where=WHOLE)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        growth(chosen)
    with right:
        together(chosen)
    st.subheader("Stakes on the whole and on each member alone", anchor=False)
    parts.table("stakes", stakes, f"Stakes on {name} and its members by fraction")
    explained(parts.asked(chosen), *STAKES)
    parts.provenance(chosen, "portfolio_stakes", "portfolios", "portfolio_members")


def growth(chosen: Record) -> None:
    name = chosen["portfolio"]
    curve = data.table("portfolio_stake_growth", portfolio=name, rf=data.settings().metrics.risk_free_rate)
    if curve.num_rows == 0:
        return
    about = f"Log growth to expect of {name} by the part of Kelly's full stake: quarter, half and full are marked"
    chart = stakes_chart(curve, style.theme())
    figure(f"stake_growth_{name}", "Growth over the part of the full stake, a year", chart, curve, about)


def together(chosen: Record) -> None:
    name = chosen["portfolio"]
    members = data.table("portfolio_members", portfolio=name)
    if members.num_rows == 0:
        return
    held = members.select(["symbol", "kelly_multi"]).slice(0, parts.MOST_MEMBERS)
    chart = bars(held, "symbol", "kelly_multi", "Stake, share of wealth", style.theme(), ".0%")
    about = f"Kelly's full stakes on the members of {name} if they are held together; negative is short"
    figure(f"stakes_together_{name}", "Full stakes on all together, share of wealth", chart, held, about)
    explained(parts.asked(chosen), "kelly_multi")
