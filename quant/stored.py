"""What the newest build keeps under a name that is no metric of its own: a metric with other parameters."""

import duckdb

from quant.errors import QuantError
from quant.settings import Settings

ENTRY = "select macro, parameters, stored_in from meta.catalog where metric = $metric"


def explained_column(settings: Settings, name: str) -> str | None:
    """Which metric to compute instead of the stored column `name`; None where no build knows of it."""
    from quant.warehouse import Warehouse

    if not settings.market_path.exists():
        return None
    try:
        with Warehouse(settings).reading() as reading:
            row = next(iter(reading.rows(ENTRY, {"metric": name.lower()})), None)
    except (QuantError, duckdb.Error):
        return None  # a build that cannot be asked: the metrics of the formulas are all that we know
    if row is None:
        return None
    said = f"{name} is a stored column, {row['stored_in']}"
    if row["macro"] is None:
        return f"{said}, which no bars of your own can be asked for: `quant sql` reads it"
    parameters = [each.partition(" :=")[0] for each in (row["parameters"] or "").split(", ") if " :=" in each]
    chosen = f" with {', '.join(f'{each}=...' for each in parameters)}" if parameters else ""
    return f"{said}; compute {row['macro']}{chosen}"
