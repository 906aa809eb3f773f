"""Exposure: what those who sold the options must hedge, and how much is open, by strike."""

import pyarrow as pa
import streamlit as st

from dashboard import data, formats
from dashboard.charts.options.exposure import gamma_exposure, open_interest, signed_exposure
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.parts import Told, expiry_or_all, explained, figures_of, provenance, row_of_tiles

STRIKES = 250  # nearest to the spot
CAPTION = (
    "Dealers are taken to be long calls and short puts; no quote can show it. Gamma exposure is what a move of 1 % "
    "makes them trade, in dollars of the underlying. The {count} strikes nearest to the spot."
)
# Of all expiries together, which have no max pain, or of one, which has no flip of its own.
TOTALS: list[Told] = [
    ("Gamma exposure", formats.money, "gex"),
    ("Gamma flip", formats.price, "gamma_flip"),
    ("Call wall", formats.price, "call_wall"),
    ("Put wall", formats.price, "put_wall"),
    ("Max pain", formats.price, "max_pain"),
    ("Put/call, traded", formats.ratio, "put_call_ratio_volume"),
]
LEVELS = {"Spot": "spot", "Gamma flip": "gamma_flip", "Call wall": "call_wall", "Put wall": "put_wall"}


def show(chain: Chain, summary: Record) -> None:
    expiries = data.rows("option_expiries", **chain.key)
    name, expiry = expiry_or_all(expiries)
    whole = {**summary, **(expiry or {}), "gamma_flip": None if expiry else summary["gamma_flip"]}
    row_of_tiles(chain, figures_of(whole, TOTALS, whole.get("expires_at")))
    expires_at = expiry["expires_at"] if expiry else None
    strikes = data.table("option_exposure", **chain.key, expires_at=expires_at, limit=STRIKES)
    if strikes.num_rows:
        st.caption(CAPTION.format(count=strikes.num_rows))
        draw(chain, "all expiries" if expiry is None else name, strikes, levels(whole))
    provenance(chain, summary, "option_snapshot_exposure", "option_snapshots" if expiry is None else "option_expiries")


def draw(chain: Chain, whose: str, strikes: pa.Table, marked: pa.Table) -> None:
    name = chain.underlying
    rows = strikes.drop_columns(["x0", "x1"])
    gamma = strikes.select(["strike", "x0", "x1", "call_gex", "put_gex", "strike_gex"])
    about = f"{name}: gamma exposure of {whose} by strike, calls above and puts below, with walls and flip"
    figure(f"gamma_{name}", f"Gamma exposure, {whose}", gamma_exposure(gamma, marked), rows, about)
    explained(chain, {"Gamma exposure": "gex", "Gamma flip": "gamma_flip", "Walls": "call_wall"})
    held = strikes.select(["strike", "x0", "x1", "call_open_interest", "put_open_interest"])
    about = f"{name}: open interest of {whose} by strike, calls above and puts below"
    figure(f"open_{name}", f"Open interest, {whose}", open_interest(held, marked), rows, about)
    left, right = st.columns(2, gap="medium")
    with left:
        vanna = strikes.select(["strike", "x0", "x1", "vanna_exposure"])
        about = f"{name}: what a point of volatility makes dealers trade, by strike"
        chart = signed_exposure(vanna, "vanna_exposure", "Dollars per point of volatility")
        figure(f"vanna_{name}", "Vanna exposure", chart, vanna.drop_columns(["x0", "x1"]), about)
    with right:
        charm = strikes.select(["strike", "x0", "x1", "charm_exposure"])
        about = f"{name}: what a calendar day makes dealers trade, by strike"
        chart = signed_exposure(charm, "charm_exposure", "Dollars per day")
        figure(f"charm_{name}", "Charm exposure", chart, charm.drop_columns(["x0", "x1"]), about)
    explained(chain, {"Vanna": "vanna", "Charm": "charm_per_day"})


def levels(whole: Record) -> pa.Table:
    """One row per strike that is marked; `level` says why."""
    named = {**LEVELS, "Max pain": "max_pain"}
    found = {level: whole[column] for level, column in named.items() if whole.get(column) is not None}
    return pa.table({"level": list(found), "strike": pa.array(found.values(), pa.float64())})
