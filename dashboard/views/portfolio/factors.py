"""How much the portfolio moves with each factor, and how sure that is."""

import streamlit as st

from dashboard import choices, data, formats, layout, links
from dashboard.charts.members import exposures
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

CONFIDENCE = 0.95
SETS = {"universe": "Factors of the equities here", "file": "Factors of the file of config.yaml"}
REMEDY = "It takes a year of daily bars of two equities and more, or a file under `factors` in config.yaml; then build."


def show(chosen: Record) -> None:
    name = chosen["portfolio"]
    known = data.rows("portfolio_factor_sets", portfolio=name)
    sets = {f"{row['factor_set']}, {row['frequency']}": row for row in known}
    if not sets:
        layout.empty(f"No factor explains {name} yet", REMEDY)
        return
    fit = sets[choices.choice("Factors", list(sets), "factors") if len(sets) > 1 else next(iter(sets))]
    rows = data.table(
        "portfolio_factors",
        portfolio=name,
        factor_set=fit["factor_set"],
        frequency=fit["frequency"],
        confidence=CONFIDENCE,
    )
    tiles(fit, next((row for row in rows.to_pylist() if row["factor"] == "alpha"), None))
    drawn = rows.filter([factor != "alpha" for factor in rows["factor"].to_pylist()])
    sure = formats.percent(CONFIDENCE, 0)
    st.caption(f"{SETS.get(fit['factor_set'], fit['factor_set'])}, {fit['frequency']} returns.")
    about = f"Exposure of {name} to each factor with its {sure} interval, robust standard errors"
    figure(f"factors_{name}", f"Exposure to each factor, {sure} intervals", exposures(drawn), drawn, about)
    parts.table("exposures", rows, about, height="content")
    st.caption(
        "Least squares of the excess returns on all factors at once; intervals and t by errors that hold where "
        "returns are uneven and depend on the days before (HAC). Alpha: return of a period that no factor explains."
    )
    explained(parts.asked(chosen), "factor_exposure")
    parts.provenance(chosen, "factor_exposures")


def tiles(fit: Record, alpha: Record | None) -> None:
    """How much of the returns the factors explain, and what they leave over."""
    numbers = [
        ("R squared", formats.ratio(fit["r2"], 3), "Share of the variance of the returns that all factors explain"),
        ("R squared, adjusted", formats.ratio(fit["adjusted_r2"], 3), "The same, less what any factors would explain"),
        ("Returns", formats.count(fit["n_obs"]), "Of which the fit is made"),
    ]
    if alpha:
        of = {"daily": "a day", "monthly": "a month"}.get(fit["frequency"], fit["frequency"])
        numbers += [
            (f"Alpha {of}", formats.percent(alpha["exposure"], 3), "Return of a period that no factor explains"),
            ("t of alpha", formats.ratio(alpha["hac_t_value"]), "Alpha over its robust standard error"),
        ]
    grid = st.grid(6, min_column_width=150, gap="xsmall")
    for name, text, about in numbers:
        # None of them is the exposure itself: what it means is explained, of no one.
        label = links.to_explanation(name, "factor_exposure", links.Asked())
        grid.metric(label, text, border=True, height="stretch", help=about)
