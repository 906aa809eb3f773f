"""Where the return came from: of each member, and against the benchmark by segment."""

import streamlit as st

from dashboard import choices, data, formats, layout, links
from dashboard.charts import style
from dashboard.charts.members import bars, groups
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

EXPLAINING = {"benchmark_return": "cumulative_return"}
EFFECTS = {
    "brinson_allocation": "Allocation",
    "brinson_selection": "Selection",
    "brinson_interaction": "Interaction",
}


def show(chosen: Record) -> None:
    returns(chosen)
    contributions(chosen)
    segments(chosen)
    parts.provenance(chosen, "portfolio_members", "portfolio_attribution")


def returns(chosen: Record) -> None:
    """What the parts below add up to."""
    grid = st.grid(6, min_column_width=150, gap="xsmall")
    told = [(f"Return of {chosen['portfolio']}", "total_return", parts.asked(chosen))]
    if chosen["benchmark"]:
        told.append((f"Return of {chosen['benchmark']}", "benchmark_return", links.Asked()))
    for name, key, asked in told:
        # Of the benchmark over the sessions that both have: its own page tells another number, so it is told of no one.
        label = links.to_explanation(name, EXPLAINING.get(key, key), asked)
        help = "Compound, over the sessions that both have"
        grid.metric(label, formats.percent(chosen[key]), border=True, height="stretch", help=help)


def contributions(chosen: Record) -> None:
    name = chosen["portfolio"]
    members = data.table("portfolio_members", portfolio=name)
    if members.num_rows == 0:
        layout.empty("No contribution yet", parts.BUILD)
        return
    added = members.select(["symbol", "contribution_carino"]).slice(0, parts.MOST_MEMBERS)
    chart = bars(added, "symbol", "contribution_carino", "Contribution to the compound return", style.theme())
    about = f"What each member added to the return of {name}; together {formats.percent(chosen['total_return'])}"
    figure(f"contributions_{name}", "Contribution of each member to the total return", chart, added, about)
    explained(parts.asked(chosen), "contribution_carino", "total_return")


def segments(chosen: Record) -> None:
    name = chosen["portfolio"]
    st.subheader("Why it is not the benchmark's return", anchor=False)
    groupings = [row["grouping"] for row in data.rows("portfolio_groupings", portfolio=name)]
    if not groupings:
        layout.empty("No attribution", f"It takes a benchmark: name one for {name} in config.yaml, then `quant build`.")
        return
    grouping = choices.choice("Segments", groupings, "grouping")
    effects = data.table("portfolio_effects", portfolio=name, grouping=grouping, segments=parts.MOST_MEMBERS)
    about = f"Effects of {formats.name(grouping).lower()} on the return of {name} beside {chosen['benchmark']}"
    chart = groups(effects, "segment", "effect", EFFECTS, "Effect on the compound return")
    figure(f"effects_{name}", f"Brinson-Fachler effects by {formats.name(grouping).lower()}", chart, effects, about)
    table = data.table("portfolio_attribution", portfolio=name, grouping=grouping)
    parts.table("attribution", table, about, height="content")
    explained(parts.asked(chosen), *EFFECTS)
