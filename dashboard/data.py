"""The only door to the warehouse: the selects of queries/*.sql, answered by the newest build.

Answers are shared by all viewers: as long as their build answers, for a moment where a live view does. A table of Arrow
cannot be changed, so that all viewers get the same one.
"""

import logging
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import streamlit as st

from quant.destinations import DeliveryState, read_delivery_states
from quant.errors import QuantError
from quant.settings import Settings, load_settings
from quant.storage import Storage, StorageWatch
from quant.warehouse import Reading, Warehouse

log = logging.getLogger(__name__)

QUERIES = Path(__file__).parent / "queries"
LIVE_SECONDS = 0.9  # below the tiles' refresh, so that ten viewers cost one select
SLOW_SECONDS = 20.0
MAX_ENTRIES = 256
# Of live views, each asked again when a moment, or a while, is over. What is not listed changes with a build alone.
LIVE = frozenset(
    {"bars", "candles", "completeness", "freshness", "gaps", "health", "latest_prices", "losses", "runs", "trades"}
)
SLOW = frozenset({"data_alerts", "signals", "sparklines"})

# Of any stored metrics of one series, as few points as draw the same lines.
LINES = """
with wide as (
    select ts, {columns}
    from serving.metrics
    where series_id = series_id_of($source, $symbol, $interval) and ts >= $since
),
points as (
    unpivot wide on {columns} into name series value value
)
select ts, series, value
from m4('points', $stretches)
order by series, ts
"""

Record = dict[str, Any]


class UnreadableError(QuantError):
    """The build that answers lacks a relation, or could not answer."""


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """config.yaml, read once for the life of the server."""
    return load_settings()


@st.cache_resource(show_spinner=False)
def warehouse() -> Warehouse:
    return Warehouse(settings())


@st.cache_resource(show_spinner=False)
def storage_watch() -> StorageWatch:
    return StorageWatch(settings())


def build() -> tuple[str | None, str | None]:
    """The build that answers now and what is wrong with a newer one; (None, reason) before the first."""
    try:
        with warehouse().reading() as reading:
            return reading.build_id, warehouse().problem
    except QuantError as error:
        return None, str(error)


def table(name: str, **parameters: object) -> pa.Table:
    """The answer of queries/<name>.sql, shared by all viewers; raises UnreadableError where the build has none."""
    with warehouse().reading() as reading:
        kept = _kept_for_a_moment if name in LIVE else _kept_for_a_while if name in SLOW else _kept
        return kept(reading, reading.build_id, statement(name), parameters)


def rows(name: str, **parameters: object) -> list[Record]:
    records: list[Record] = table(name, **parameters).to_pylist()
    return records


def row(name: str, **parameters: object) -> Record | None:
    """The first one, None without any."""
    return next(iter(rows(name, **parameters)), None)


def lines(metrics: Sequence[str], since: datetime, stretches: int, **series: str) -> pa.Table:
    """`ts`, `series` (the metric), `value`; at most 4 * `stretches` points each. `series`: source, symbol, interval."""
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in metrics)
    with warehouse().reading() as reading:
        asked = {"since": since, "stretches": stretches, **series}
        return _kept(reading, reading.build_id, LINES.format(columns=columns), asked)


def catalog() -> dict[str, Record]:
    """What each metric is, by its id."""
    return {about["metric"]: about for about in rows("catalog")}


def storage() -> Storage:
    """What the file system says of the data folder."""
    return storage_watch().look()


def deliveries() -> list[DeliveryState]:
    """How alerts are doing, by the scheduler's own record; none while it cannot be read."""
    try:
        return read_delivery_states(settings().state_path) if storage().is_there else []
    except sqlite3.Error:
        log.exception("the deliveries cannot be read")
        return []


@cache
def statement(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text()


@st.cache_resource(ttl=LIVE_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_moment(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


@st.cache_resource(ttl=SLOW_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_while(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


@st.cache_resource(max_entries=MAX_ENTRIES, show_spinner=False)
def _kept(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


def _answer(reading: Reading, sql: str, parameters: Record) -> pa.Table:
    try:
        return reading.query(sql, parameters)
    except duckdb.CatalogException as error:
        lacking = str(error).splitlines()[0].removeprefix("Catalog Error: ").rstrip("!")
        raise UnreadableError(f"Build {reading.build_id}: {lacking}. Run `quant build --full-refresh`.") from error
    except duckdb.Error as error:
        log.exception("build %s refused %s", reading.build_id, sql)
        raise UnreadableError(f"Build {reading.build_id} could not answer ({type(error).__name__}).") from error
