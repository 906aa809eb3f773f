"""Answers whose rows have a name each: metrics by their ids."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from api.row_models import columns_of
from api.tables import chosen


def of_names(table: pa.Table, column: str, names: str | None, hint: str = "") -> pa.Table:
    """The rows that `names` lists, comma-separated, in its order; all of them without it.

    Raises Refusal (404), with the `hint`: which rows there are is in the data.
    """
    if names is None or not table.num_rows:
        return table
    known = table[column].to_pylist()
    return table.take([known.index(name) for name in chosen(known, names, hint)])


def with_units(table: pa.Table, relation: str) -> pa.Table:
    """A figure that is no metric of the catalogue has the unit that the yml of its relation says."""
    columns = columns_of(relation)
    own = [columns[name].get("config", {}).get("meta", {}).get("unit") for name in table["metric"].to_pylist()]
    units = pc.coalesce(table["unit"], pa.array(own, pa.string()))
    return table.set_column(table.schema.get_field_index("unit"), "unit", units)


def without_periods(table: pa.Table) -> tuple[pa.Table, datetime | None, float | None]:
    """Rows without the bars per year, which they share; the newest instant of them; and that number."""
    periods = table["periods_per_year"][0].as_py() if table.num_rows else None
    newest = pc.max(table["as_of"]).as_py() if table.num_rows else None
    return table.drop_columns(["periods_per_year"]), newest, periods
