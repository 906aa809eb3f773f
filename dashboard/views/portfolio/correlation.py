"""How alike the members move: all of the past, lately, and what moves them all."""

import streamlit as st

from dashboard import choices, data, layout
from dashboard.charts import style
from dashboard.charts.matrix import FEW, matrix
from dashboard.charts.matrix import pairs as pairs_chart
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

MEASURES = {"Pearson": "correlation_pair", "Spearman": "spearman_pair"}
LINES, STRETCHES = 7, 35  # at most 4 points of 2 marks each: 1,960 marks
COMPONENTS = 6


def show(chosen: Record) -> None:
    members = [row["symbol"] for row in data.rows("portfolio_members", portfolio=chosen["portfolio"])]
    if len(members) < 2:
        layout.empty("No pair of members", "It takes two members that have bars of the same days.")
        return
    together(chosen)
    lately(chosen, members)
    components(chosen)
    parts.provenance(chosen, "portfolio_correlations", "rolling_correlations", "portfolio_components")


def together(chosen: Record) -> None:
    name = chosen["portfolio"]
    pairs = data.table("portfolio_correlations", portfolio=name, members=parts.MOST_MEMBERS)
    if pairs.num_rows == 0:
        layout.empty("No correlation yet", parts.BUILD)
        return
    measure = choices.choice("Measure", list(MEASURES), "measure")
    count, first, last = (pairs[column][0].as_py() for column in ("count_common", "first_on", "last_on"))
    about = f"{measure} correlation of the members of {name}: {count:,} daily returns, {first} to {last}"
    is_small = pairs.num_rows <= FEW * FEW
    chart = matrix(pairs, "a", "b", MEASURES[measure], f"{measure} correlation", style.theme(), is_small)
    figure(f"correlations_{name}", f"{measure} correlation of daily returns", chart, pairs, about)
    st.caption(f"{count:,} returns that all members have, {first} to {last}.")
    explained(parts.asked(chosen), "correlation_pair")


def lately(chosen: Record, members: list[str]) -> None:
    name, window = chosen["portfolio"], data.settings().metrics.window_correlation
    st.subheader(f"Correlation over {window} sessions", anchor=False)
    member = choices.choice_of_many("Of", members, "member")
    points = data.table("portfolio_pairs", portfolio=name, member=member, lines=LINES, stretches=STRETCHES)
    if points.num_rows == 0:
        layout.empty(f"No trailing correlation of {member}", f"It takes {window} common returns, and `quant build`.")
        return
    about = f"Correlation of {member} with other members of {name} over {window} common sessions"
    figure(f"pairs_{name}_{member}", f"{member} with each other member", pairs_chart(points), points, about)
    explained(parts.asked(chosen), "rolling_correlation_pair")


def components(chosen: Record) -> None:
    name = chosen["portfolio"]
    loadings = data.table("portfolio_components", portfolio=name, members=parts.MOST_MEMBERS, components=COMPONENTS)
    if loadings.num_rows == 0:
        return
    strongest = loadings["pca_explained"][0].as_py()
    about = f"What each member of {name} weighs in the strongest principal components"
    is_small = loadings.num_rows <= FEW * COMPONENTS
    chart = matrix(loadings, "symbol", "component", "pca_loading", "Loading", style.theme(), is_small)
    figure(f"components_{name}", "What moves them all: principal components", chart, loadings, about)
    st.caption(f"The first component explains {strongest:.1%} of the variance; near 100% they move as one.")
    explained(parts.asked(chosen), "pca_loading", "pca_explained")
