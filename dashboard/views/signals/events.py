"""What happened: a timeline of the rules' events, the newest ones one by one, and what is wrong with the data now."""

import streamlit as st

from dashboard import choices, data, formats, layout, metric_columns
from dashboard.charts.signals import timeline
from dashboard.figure import figure
from dashboard.views.signals.filters import DAYS, DEFAULT_RANGE, Filters, since

NEWEST = 80
STRETCHES = 32  # of each rule and direction: marks that can be told apart, in a page that arrives at once
MOST_ALERTS = 50
SHARES = ("next_return", "past_hit_rate", "past_mean_return")


def span() -> str:
    return choices.choice("Range", list(DAYS), "range", DEFAULT_RANGE)


def show(filters: Filters, span: str) -> None:
    asked = {**vars(filters), "since": since(span)}
    counts(asked)
    stretches = data.table("signal_timeline", **asked, stretches=STRETCHES)
    if stretches.num_rows == 0:
        layout.empty(
            "No such event in this while", "Choose a longer range or fewer filters; `quant build` finds new ones."
        )
        return
    about = f"Events of each rule over {span}, up and down; larger marks are more events"
    figure("signals_timeline", "Timeline of the events, by rule", timeline(stretches), stretches, about)
    newest(asked)


def counts(asked: dict[str, object]) -> None:
    found = data.row("signal_counts", **asked)
    if found:
        said = {name: formats.count(number) for name, number in found.items()}
        st.caption(
            f"**{said['count_events']} events**, {said['count_up']} up and {said['count_down']} down, "
            f"by {said['count_rules']} rules on {said['count_symbols']} symbols."
        )


def newest(asked: dict[str, object]) -> None:
    rows = data.table("signal_events", **asked, limit=NEWEST)
    st.subheader("Newest events", anchor=False)
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="-",
        key="events",
        height=460,
        column_config={
            **metric_columns.columns(rows, SHARES, "place"),
            "explanation": st.column_config.TextColumn("What happened", width="large"),
            "close": st.column_config.NumberColumn("Close", format="%,.2f"),
        },
        alt="The newest events, each with a link to its price",
    )
    st.caption(f"The newest {NEWEST} at most. The first column leads to the price, or the chain, that the event is of.")
    layout.provenance("`serving.final_signals`", None, rows["end_ts"][0].as_py() if rows.num_rows else None)


def alerts() -> None:
    """What is wrong with the data now in one line, each alert below it; or that nothing is."""
    rows = data.table("data_alerts", limit=MOST_ALERTS)
    if rows.num_rows == 0:
        st.markdown(":green[:material/check_circle:] No alert about the data: no source is silent, no trade missing.")
        return
    newest = rows["explanation"][0].as_py()
    count = "1 alert" if rows.num_rows == 1 else f"{rows.num_rows} alerts"
    with st.expander(f"**{count} about the data** · {newest}", icon=":material/warning:", key="alerts"):
        st.dataframe(
            rows,
            hide_index=True,
            key="data_alerts",
            height="content",
            column_config={
                **metric_columns.columns(rows),
                "explanation": st.column_config.TextColumn("What is wrong", width=620),
            },
            alt="What is wrong with the data now",
        )
        st.caption("From `serving.recent_signals`, live. [Data health](/data-health) says more.")
