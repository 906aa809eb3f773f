"""Signals: what the rules found, what came after it, and which rules there are."""

from dashboard import badge, choices, data, layout
from dashboard.views.signals import events, record, rules
from dashboard.views.signals.filters import chosen

CAPTION = "Events that the rules found on final bars and in option chains, and alerts about the data. All times UTC."
VIEWS = ("Events", "Record", "Rules")


def show() -> None:
    badge.keep_fresh(layout.header("Signals", CAPTION), "trades")
    known = data.rows("signal_filters")
    view = choices.choice("View", VIEWS, "view")
    layout.refreshing(10, "alerts")(events.alerts)()
    if view == "Rules":
        rules.show()
    elif not known:
        layout.empty("No signal yet", "Rules look at final bars: run `quant ingest crypto`, then `quant build`.")
    elif view == "Record":
        record.show(*chosen(known, record.after))
    else:
        events.show(*chosen(known, events.span))
