"""What the views of a portfolio share."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard import data, layout, links, metric_columns, tiles
from dashboard.data import Record

MOST_MEMBERS = 30  # of a chart with a row per member; the table beside it holds all
BUILD = "Run `quant build`."
SHARES = ("weight", "mean_weight", "benchmark_weight", "portfolio_return", "benchmark_return", "depth")


def asked(chosen: Record, where: tuple[str, ...] = ()) -> links.Asked:
    return links.Asked(portfolio=chosen["portfolio"], where=where)


def figures(chosen: Record, names: Sequence[str], border: bool = True, where: tuple[str, ...] = ()) -> None:
    """Tiles of the portfolio's own figures, named, formatted and explained as the catalogue has them.

    `where` tells them from others of the portfolio that have the same names.
    """
    catalog = data.catalog()
    grid = st.grid(6, min_column_width=150, gap="xsmall")
    for name in names:
        about = {"unit": None, **catalog.get(name, {}), "metric": name, "value": chosen[name]}
        tiles.metric(grid, about, asked(chosen, where), border=border)


def table(key: str, rows: pa.Table, about: str, link: str | None = None, **options: Any) -> None:
    """Every row, its columns formatted and explained by the catalogue."""
    config = metric_columns.columns(rows, SHARES, link)
    st.dataframe(rows, hide_index=True, placeholder="-", key=key, column_config=config, alt=about, **options)


def provenance(chosen: Record, *relations: str) -> None:
    named = [f"`serving.{relation}`" for relation in relations]
    layout.provenance(", ".join(named), "portfolio", chosen["session_date"])
