"""Surface: volatility by strike and expiry as a map, and the smiles of all expiries over each other."""

from dashboard import data
from dashboard.charts.options.surface import smiles, surface
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.views.options.chains import Chain
from dashboard.views.options.parts import explained, no_volatility, provenance

CELLS = 900  # drawn as a line and as a dot each, below 2,000 marks


def show(chain: Chain, summary: Record) -> None:
    name = chain.underlying
    cells = data.table("option_surface", **chain.key, expires_at=None, limit=CELLS)
    if cells.num_rows == 0:
        no_volatility(summary)
        return
    rows = cells.drop_columns(["x0", "x1"])
    figure(f"surface_{name}", "Surface", surface(cells), rows, f"{name}: implied volatility by strike and expiry")
    drawn = rows.select(["expires_at", "strike", "log_moneyness", "is_call", "implied_vol", "svi_vol"])
    title = "Smile of each expiry"
    figure(f"smiles_{name}", title, smiles(drawn), rows, f"{name}: implied volatility smile of each expiry")
    explained(chain, {"Implied volatility": "implied_vol", "Log-moneyness": "log_moneyness", "SVI curve": "svi_a"})
    provenance(chain, summary, "option_snapshot_surface")
