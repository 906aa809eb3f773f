"""The only door to the warehouse: the selects of queries/*.sql, answered by the newest build.

Answers are shared by all viewers: as long as their build answers, for a moment where a live view does. A table of Arrow
cannot be changed, so that all viewers get the same one. A question that fails is answered with its last good answer,
and the page says so (last_good.py); it is asked again with the next refresh.
"""

import logging
import re
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import streamlit as st

from dashboard.last_good import LastGood
from quant.destinations import DeliveryState, read_delivery_states
from quant.errors import QuantError
from quant.explanation import Asked, explain
from quant.explanation.answer import ALIASES
from quant.explanation.places import places
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
    {
        "bars",
        "candles",
        "completeness",
        "freshness",
        "gaps",
        "health",
        "latest_prices",
        "losses",
        "runs",
        "tape",
        "trades",
    }
)
SLOW = frozenset({"alerts", "build_age", "data_alerts", "failed_runs", "open_gaps", "signals", "sparklines"})
# The same of the parts of serving.bars and serving.latest_prices, whichever query asks them.
LIVE_PARTS = frozenset({"crypto_minutes", "crypto_days", "crypto_prices"})
SLOW_PARTS = frozenset({"equity_bars", "equity_prices"})
WHOLE = re.compile(r"\bserving\.(bars|latest_prices)\b")

# Of any stored metrics of one series, as few points as draw the same lines.
LINES = """
with wide as (
    select ts, {columns}
    from serving.metrics
    where
        series_id = series_id_of($source, $symbol, $interval)
        and ts >= $since and ts < coalesce($until::timestamptz, 'infinity'::timestamptz)
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


@st.cache_resource(show_spinner=False)
def last_good() -> LastGood:
    return LastGood(MAX_ENTRIES)


def build() -> tuple[str | None, str | None]:
    """The build that answers now and what is wrong with a newer one; (None, reason) before the first."""
    try:
        with warehouse().reading() as reading:
            return reading.build_id, warehouse().problem
    except QuantError as error:
        return None, str(error)


def table(name: str, *, part: Any = None, **parameters: object) -> pa.Table:
    """The answer of queries/<name>.sql, shared by all viewers; raises UnreadableError where there never was one.

    `part` is asked instead of the whole that the query names: all rows of one kind, which are planned sooner.
    """

    def answer() -> pa.Table:
        with warehouse().reading() as reading:
            return _keeping(name, part)(reading, reading.build_id, statement(name, part), parameters)

    return last_good().ask(f"{name} {part} {sorted(parameters.items())}", answer)


def rows(name: str, *, part: Any = None, **parameters: object) -> list[Record]:
    records: list[Record] = table(name, part=part, **parameters).to_pylist()
    return records


def row(name: str, *, part: Any = None, **parameters: object) -> Record | None:
    """The first one, None without any."""
    return next(iter(rows(name, part=part, **parameters)), None)


def lines(
    metrics: Sequence[str], since: datetime, stretches: int, until: datetime | None = None, **series: str
) -> pa.Table:
    """`ts`, `series` (the metric), `value`; at most 4 * `stretches` points each. `series`: source, symbol, interval."""
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in metrics)
    asked = {"since": since, "until": until, "stretches": stretches, **series}

    def answer() -> pa.Table:
        with warehouse().reading() as reading:
            return _kept(reading, reading.build_id, LINES.format(columns=columns), asked)

    return last_good().ask(f"{columns} {sorted(asked.items(), key=str)}", answer)


def catalog() -> dict[str, Record]:
    """What each metric is, by its id."""
    return {about["metric"]: about for about in rows("catalog")}


def explanation(metric: str, asked: Asked) -> Record:
    """Why a stored figure is what it is, asked once a build; raises ExplanationError where that cannot be said."""
    with warehouse().reading() as reading:
        return _explained(reading, reading.build_id, metric, asked)


def kinds_of(metric: str) -> list[str]:
    """Of whom the build may keep the metric: symbol, portfolio, underlying."""
    name = ALIASES.get(metric, (metric, {}))[0]
    stored_in = next((each["stored_in"] for each in rows("definitions") if each["metric"] == name), None)
    is_of_bars = any(each["metric"] == metric for each in rows("measured"))
    with warehouse().reading() as reading:
        return _kinds(reading, reading.build_id, metric, stored_in, is_of_bars)


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
def statement(name: str, part: str | None = None) -> str:
    text = (QUERIES / f"{name}.sql").read_text()
    return WHOLE.sub(f"serving.{part}", text) if part else text


def _keeping(name: str, part: str | None) -> Callable[..., pa.Table]:
    if name in SLOW or part in SLOW_PARTS:
        return _kept_for_a_while
    return _kept_for_a_moment if part in LIVE_PARTS or (part is None and name in LIVE) else _kept


@st.cache_resource(ttl=LIVE_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_moment(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


@st.cache_resource(ttl=SLOW_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_while(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


@st.cache_resource(max_entries=MAX_ENTRIES, show_spinner=False)
def _kept(_reading: Reading, build_id: str, sql: str, parameters: Record) -> pa.Table:
    return _answer(_reading, sql, parameters)


@st.cache_resource(max_entries=MAX_ENTRIES, show_spinner=False)
def _explained(_reading: Reading, build_id: str, metric: str, asked: Asked) -> Record:
    try:
        return explain(_reading, metric, asked)
    except duckdb.Error as error:
        raise _unreadable(_reading, f"explain {metric} of {asked.symbol}", error) from error


@st.cache_resource(max_entries=MAX_ENTRIES, show_spinner=False)
def _kinds(_reading: Reading, build_id: str, metric: str, stored_in: str | None, is_of_bars: bool) -> list[str]:
    # A relation of many metrics is a place of any, whether it has it or not.
    found = {place.subject for place in places(_reading, metric, stored_in) if place.metric is None or is_of_bars}
    return sorted("symbol" if kind == "a" else kind for kind in found)


def _answer(reading: Reading, sql: str, parameters: Record) -> pa.Table:
    try:
        return reading.query(sql, parameters)
    except duckdb.Error as error:
        raise _unreadable(reading, sql, error) from error


def _unreadable(reading: Reading, what: str, error: duckdb.Error) -> UnreadableError:
    if isinstance(error, duckdb.CatalogException):
        lacking = str(error).splitlines()[0].removeprefix("Catalog Error: ").rstrip("!")
        return UnreadableError(f"Build {reading.build_id}: {lacking}. Run `quant build --full-refresh`.")
    log.error("build %s refused %s", reading.build_id, what, exc_info=error)
    return UnreadableError(f"Build {reading.build_id} could not answer ({type(error).__name__}).")
