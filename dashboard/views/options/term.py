"""Term: volatility by time to expiry, the cost of the wings, and how far the spot is expected to go."""

import pyarrow as pa
import streamlit as st

from dashboard import data
from dashboard.charts.options.term import expected_move, skew, term_structure, wings
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.parts import explained, no_volatility, provenance

WINGS = ["expiry_on", "days", "iv_25d_put", "atm_forward_iv", "iv_25d_call"]
SKEW = ["expiry_on", "days", "risk_reversal_25d", "butterfly_25d"]
MOVES = ["expiry_on", "days", "spot", "expected_move", "expected_move_straddle"]
EDGES = ["move_low", "move_high", "straddle_low", "straddle_high"]


def show(chain: Chain, summary: Record) -> None:
    points = data.table("option_term", **chain.key)
    if points.num_rows == 0:
        no_volatility(summary)
        return
    about = f"{chain.underlying}: volatility by days to expiry, of expiries, between them and of constant maturity"
    figure(f"term_{chain.underlying}", "Term structure", term_structure(points), points, about)
    explained(
        chain,
        {
            "At the forward": "atm_forward_iv",
            "Model-free": "model_free_vol",
            "Constant maturity": "atm_iv_constant_maturity",
            "Between expiries": "forward_vol",
        },
    )
    wings_and_moves(chain, data.table("option_expiries", **chain.key))
    provenance(chain, summary, "option_snapshot_expiries", "option_snapshot_maturities")


def wings_and_moves(chain: Chain, expiries: pa.Table) -> None:
    name = chain.underlying
    left, right = st.columns(2, gap="medium")
    with left:
        about = f"{name}: volatility of the 25-delta put, at the forward and of the 25-delta call, by days to expiry"
        rows = expiries.select(WINGS)
        figure(f"wings_{name}", "Wings", wings(rows), rows, about)
        explained(chain, {"25-delta put": "iv_25d_put", "25-delta call": "iv_25d_call"})
    with right:
        rows = expiries.select(SKEW)
        about = f"{name}: 25-delta risk reversal and butterfly by days to expiry, in points of volatility"
        figure(f"skew_{name}", "Skew", skew(rows), rows, about)
        explained(chain, {"Risk reversal": "risk_reversal_25d", "Butterfly": "butterfly_25d"})
    rows = expiries.select([*MOVES, *EDGES])
    about = f"{name}: the spot, one standard deviation around it, and what the straddle costs, by days to expiry"
    figure(f"moves_{name}", "Expected move", expected_move(rows), rows, about)
    explained(chain, {"Expected move": "expected_move", "Straddle": "expected_move_straddle"})
