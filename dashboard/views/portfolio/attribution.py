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
    groupings = [row["grouping"] for row in data.rows("portfolio_groupings", portfolio=chosen["portfolio"])]
    grouping = choices.choice("Segments", groupings, "grouping") if groupings else None
    left, right = st.columns(2, gap="medium")
    with left:
        contributions(chosen)
    with right:
        effects(chosen, grouping)
    if grouping:
        segments(chosen, grouping)
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
    figure(f"contributions_{name}", "Contribution to the return, per cent", chart, added, about)
    explained(parts.asked(chosen), "contribution_carino", "total_return")


def effects(chosen: Record, grouping: str | None) -> None:
    """Why the return is not the benchmark's, in a chart."""
    name = chosen["portfolio"]
    if grouping is None:
        layout.empty("No attribution", f"It takes a benchmark: name one for {name} in config.yaml, then `quant build`.")
        return
    shown = data.table("portfolio_effects", portfolio=name, grouping=grouping, segments=parts.MOST_MEMBERS)
    about = f"Effects of {formats.name(grouping).lower()} on the return of {name} beside {chosen['benchmark']}"
    chart = groups(shown, "segment", "effect", EFFECTS, "Effect on the compound return")
    figure(f"effects_{name}", f"Brinson-Fachler effects by {formats.name(grouping).lower()}", chart, shown, about)
    explained(parts.asked(chosen), *EFFECTS)


def segments(chosen: Record, grouping: str) -> None:
    """The same in numbers, with the weights that they come from."""
    st.subheader(f"{formats.name(grouping)} beside {chosen['benchmark']}", anchor=False)
    table = data.table("portfolio_attribution", portfolio=chosen["portfolio"], grouping=grouping)
    parts.table("attribution", table, f"Weights and effects by {formats.name(grouping).lower()}", height="content")
