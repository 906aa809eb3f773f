"""Charts that are drawn again and again: the specification is made once and names its data, a refresh brings rows.

Altair takes a tenth of a second of CPU to make and check one of several panes; made once, it costs a viewer nothing.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

import altair as alt
import pyarrow as pa
import streamlit as st

from dashboard.charts import style

Selected = Callable[[], None]


def rows(name: str) -> Any:
    """Data that `draw` brings under this name."""
    return alt.NamedData(name)


def specification(chart: Any, is_zoomed: bool = False) -> str:
    """The chart as Vega-Lite; if `is_zoomed`, panes share one zoom, whichever the pointer is over.

    A zoom goes by the field of the axis: only panes that have the same as the first take part with the wheel.
    """
    made = style.styled(chart).to_dict()
    made["config"] = {"view": {"strokeWidth": 0}, "axis": made["config"]["axis"]}  # of page width, without legends
    if is_zoomed:
        units = [_first_unit(pane) for pane in made["vconcat"]]
        zoomed = [unit for unit in units if _time(unit) == _time(units[0])]
        for place, unit in enumerate(zoomed):
            unit["name"] = f"pane_{place}"
        views = [unit["name"] for unit in zoomed]
        select = {"type": "interval", "encodings": ["x"]}
        zoom = {"name": style.ZOOM, "select": select, "bind": "scales", "views": views}
        made["params"] = [*made.get("params", []), zoom]
    return json.dumps({name: part for name, part in made.items() if name != "$schema"})


def _first_unit(pane: dict[str, Any]) -> dict[str, Any]:
    return _first_unit(pane["layer"][0]) if "layer" in pane else pane


def _time(unit: dict[str, Any]) -> str:
    return str(unit["encoding"]["x"]["field"])


def draw(
    made: str,
    tables: Mapping[str, pa.Table],
    key: str,
    description: str,
    selection: str | None = None,
    on_select: Selected | Literal["rerun"] = "rerun",
) -> None:
    """`tables` by the names that the specification gives them; `selection` is kept over refreshes, as the zoom is."""
    told: dict[str, Any] = {"spec": {**json.loads(made), "datasets": dict(tables)}, "key": key, "alt": description}
    if selection is None:
        st.vega_lite_chart(**told, width="stretch")
    else:
        st.vega_lite_chart(**told, width="stretch", on_select=on_select, selection_mode=selection)
