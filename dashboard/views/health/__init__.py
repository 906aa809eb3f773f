"""Data health: what is wrong now and the command that mends it; how fresh, how complete, what ran, what was built."""

from collections.abc import Callable

import streamlit as st

from dashboard import badge, choices, data, faults, layout
from dashboard.views.health import now, runs, trades
from quant.errors import NoBuildError, QuantError

CAPTION = "What is wrong now, freshness against promise, completeness of the trades, runs and builds. All times UTC."
VIEWS: dict[str, layout.Page] = {"Now": now.show, "Trades": trades.show, "Runs and builds": runs.show}


def show() -> None:
    badge.keep_fresh(layout.header("Data health", CAPTION), "trades")
    build_id, problem = data.build()
    if build_id is None:
        raise NoBuildError(problem or "")
    layout.refreshing(5, "summary")(summary)()
    VIEWS[choices.choice("View", list(VIEWS), key="view", labelled=False)]()


def summary() -> None:
    """One sentence for each fault, with the command that mends it; one sentence if there is none."""
    found, unknown = known_faults()
    if not found and not unknown:
        layout.good("All is well", "Every series is fresh, no trade is missing, nothing failed, no check found any.")
        return
    with st.container(border=True, gap="xsmall", key="faults"):
        st.markdown(f":orange[:material/warning:] **{faults.counted(len(found), 'fault')} now**")
        for fault in found:
            st.markdown(f"- {begun(layout.sentence(fault.sentence))} Mends it: `{layout.command(fault.command)}`")
        for error in unknown:
            st.markdown(f"- {layout.sentence(error)}")


def begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def known_faults() -> tuple[list[faults.Fault], list[str]]:
    """Every fault, and why some could not be looked for."""
    promised = data.settings().promise_seconds.build
    looks: list[Callable[[], list[faults.Fault]]] = [
        lambda: faults.of_storage(data.storage()),
        lambda: faults.of_build(data.build()[1], data.row("build_age"), promised),
        lambda: faults.of_freshness(data.rows("health")),
        lambda: faults.of_trades(data.rows("losses"), data.rows("open_gaps")),
        lambda: faults.of_runs(data.rows("failed_runs")),
        lambda: faults.of_findings(data.rows("finding_counts")),
        lambda: faults.of_deliveries(data.deliveries()),
    ]
    found: list[faults.Fault] = []
    unknown: dict[str, None] = {}
    for look in looks:
        try:
            found += look()
        except QuantError as error:
            unknown[str(error)] = None
    return found, list(unknown)
