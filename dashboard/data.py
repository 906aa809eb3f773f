"""The only door to the warehouse: the selects of queries/*.sql, answered by the newest build.

Answers are shared by all viewers and kept per build: for a moment where a live view answers, longer elsewhere.
"""

import logging
import sqlite3
from dataclasses import dataclass
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
STEADY_SECONDS = 20.0
MAX_ENTRIES = 256
BAR_SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "1d": 86400, "1w": 604800}

Record = dict[str, Any]


class UnreadableError(QuantError):
    """The build that answers lacks a relation, or could not answer."""


@dataclass(frozen=True)
class Window:
    """The newest `span` seconds of bars, drawn as candles of `step` seconds."""

    interval: str
    span: int
    step: int

    @property
    def is_plain(self) -> bool:
        """A candle is one bar."""
        return self.step == BAR_SECONDS[self.interval]


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


def latest_prices() -> list[Record]:
    return _rows(_live("latest_prices"))


def instruments() -> list[Record]:
    return _rows(_steady("instruments"))


def sparklines(interval: str, span: int, step: int) -> dict[str, list[float]]:
    """The last close of each `step` seconds out of the last `span`, by symbol."""
    rows = _steady("sparklines", interval=interval, span=span, step=step).to_pylist()
    return {row["symbol"]: row["closes"] for row in rows}


def bars(symbol: str, window: Window) -> pa.Table:
    """With moving average and Bollinger band; `window.step` does not count."""
    return _live("bars", symbol=symbol, interval=window.interval, span=window.span)


def candles(symbol: str, window: Window) -> pa.Table:
    return _live("candles", symbol=symbol, interval=window.interval, span=window.span, step=window.step)


def trades(symbol: str, limit: int) -> pa.Table:
    return _live("trades", symbol=symbol, limit=limit)


def signals(limit: int) -> pa.Table:
    return _steady("signals", limit=limit)


def metrics(symbol: str, interval: str) -> list[Record]:
    return _rows(_steady("metrics", symbol=symbol, interval=interval))


def risk(symbol: str) -> Record | None:
    return _first(_steady("risk", symbol=symbol))


def drawdown(symbol: str, points: int) -> pa.Table:
    """At most `points` stretches."""
    return _steady("drawdown", symbol=symbol, points=points)


def underlyings() -> dict[str, str | None]:
    """Each with the reason why its newest chain has no volatility, None where it has one."""
    return {row["underlying"]: row["reason"] for row in _steady("underlyings").to_pylist()}


def surface(underlying: str, limit: int) -> pa.Table:
    return _steady("surface", underlying=underlying, limit=limit)


def freshness(dataset: str, symbol: str | None = None) -> Record | None:
    return _first(_live("freshness", dataset=dataset, symbol=symbol))


def health() -> pa.Table:
    return _live("health")


def runs(limit: int) -> pa.Table:
    return _live("runs", limit=limit)


def gaps(limit: int) -> pa.Table:
    return _live("gaps", limit=limit)


def completeness(limit: int) -> pa.Table:
    """By symbol and day."""
    return _live("completeness", limit=limit)


def losses() -> list[Record]:
    """By symbol, all days."""
    return _rows(_live("losses"))


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


def findings(limit: int) -> pa.Table:
    return _steady("findings", limit=limit)


def builds(limit: int) -> pa.Table:
    return _steady("builds", limit=limit)


def catalog() -> dict[str, Record]:
    """What each metric is, by its id."""
    return {row["metric"]: row for row in _steady("catalog").to_pylist()}


@cache
def statement(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text()


def _first(table: pa.Table) -> Record | None:
    return next(iter(_rows(table)), None)


def _rows(table: pa.Table) -> list[Record]:
    rows: list[Record] = table.to_pylist()
    return rows


def _live(name: str, **parameters: object) -> pa.Table:
    with warehouse().reading() as reading:
        return _kept_for_a_moment(reading, reading.build_id, name, parameters)


def _steady(name: str, **parameters: object) -> pa.Table:
    with warehouse().reading() as reading:
        return _kept_for_a_while(reading, reading.build_id, name, parameters)


@st.cache_data(ttl=LIVE_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_moment(_reading: Reading, build_id: str, name: str, parameters: Record) -> pa.Table:
    return _answer(_reading, name, parameters)


@st.cache_data(ttl=STEADY_SECONDS, max_entries=MAX_ENTRIES, show_spinner=False)
def _kept_for_a_while(_reading: Reading, build_id: str, name: str, parameters: Record) -> pa.Table:
    return _answer(_reading, name, parameters)


def _answer(reading: Reading, name: str, parameters: Record) -> pa.Table:
    try:
        return reading.query(statement(name), parameters)
    except duckdb.CatalogException as error:
        lacking = str(error).splitlines()[0].removeprefix("Catalog Error: ").rstrip("!")
        raise UnreadableError(f"Build {reading.build_id}: {lacking}. Run `quant build --full-refresh`.") from error
    except duckdb.Error as error:
        log.exception("build %s refused queries/%s.sql", reading.build_id, name)
        raise UnreadableError(f"Build {reading.build_id} could not answer ({type(error).__name__}).") from error
