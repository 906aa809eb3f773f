"""Columns of tables that hold metrics: named, formatted and explained as the catalogue has it."""

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import data, formats, links

TITLES = {
    "end_ts": "Known at, UTC",
    "ts": "Since, UTC",
    "asset_class": "Class",
    "mean_weight": "Mean weight",
    "benchmark_weight": "Benchmark's weight",
    "past_hit_rate": "Right before",
    "past_events": "Of",
    "past_mean_return": "Mean before",
    "next_return": "Next bar",
    "explanation": "What happened",
    "count_events": "Events",
    "newest_at": "Newest, UTC",
    "intervals": "Bars",
    "interval": "Bars",
    "usual_return": "After any bar",
    "t_statistic": "t",
    "t_value": "t",
    "hac_standard_error": "Standard error, robust",
    "hac_t_value": "t, robust",
    "exposure_low": "Not below",
    "exposure_high": "Not above",
    "peak_on": "Peak",
    "trough_on": "Trough",
    "recovery_on": "Recovered",
    "bars_underwater": "Sessions below",
}
FORMATS = {
    **dict.fromkeys(("exposure", "exposure_low", "exposure_high", "standard_error", "hac_standard_error"), "%.5f"),
    "fraction": "%.2f",
}
HELP = {
    "past_hit_rate": "Share of the earlier events that the next bar went along with, as it was known by then",
    "past_events": "Earlier events of this rule, series and direction",
    "past_mean_return": "Mean return of the bar after those",
    "next_return": "Return of the bar after the event; of a chain that of the underlying's next session",
    "hit_rate": "Share of outcomes in the signalled direction; none where the direction is not the price's",
    "usual_return": "Mean return over as many bars after any bar of the same: what a rule must beat",
    "t_statistic": "Standard errors between the mean return and the usual one; below 2 it may well be luck",
    "standard_error": "Of the mean, as if the events were independent; close ones are not, so that it is too small",
    "weight": "Share of the portfolio",
}


def columns(rows: pa.Table, shares: Collection[str] = (), link: str | None = None) -> dict[str, Any]:
    """By column: `shares` are per cent though the catalogue has no such metric; `link` holds addresses."""
    catalog = data.catalog()
    return {
        field.name: st.column_config.LinkColumn("Open", display_text=":material/open_in_new:", width="small")
        if field.name == link
        else _column(field, catalog.get(field.name), field.name in shares)
        for field in rows.schema
    }


def _column(field: pa.Field, about: data.Record | None, is_share: bool) -> Any:
    title = TITLES.get(field.name) or formats.name(field.name)
    text = HELP.get(field.name) or (about["description"] if about else None)
    if pa.types.is_timestamp(field.type):
        return st.column_config.DatetimeColumn(title, format="YYYY-MM-DD HH:mm", timezone="UTC", help=text)
    if pa.types.is_date(field.type):
        return st.column_config.DateColumn(title, format="YYYY-MM-DD", help=text)
    if pa.types.is_boolean(field.type):
        return st.column_config.CheckboxColumn(title, help=text)
    if pa.types.is_integer(field.type):
        return st.column_config.NumberColumn(title, format="localized", help=text)
    if pa.types.is_floating(field.type):
        return st.column_config.NumberColumn(title, format=_format(field, about, is_share), help=text)
    return st.column_config.TextColumn(title, help=text)


def _format(field: pa.Field, about: data.Record | None, is_share: bool) -> str:
    if is_share or (about and about["unit"].startswith("decimal")):
        return "percent"
    return FORMATS.get(field.name) or ("%.4f" if about and about["unit"] != "price" else "%,.2f")


def explained(asked: links.Asked, *metrics: str) -> None:
    """One line below a chart or a table: what its numbers are, each name a link to its explanation."""
    known = data.catalog()
    named = [links.to_explanation(formats.name(metric), metric, asked) for metric in metrics if metric in known]
    if named:
        st.caption("Explained: " + " · ".join(named))
