"""The part of config.yaml that SQL joins with, as tables of schema `config` in each build."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from quant.factor_returns import factor_returns
from quant.metric_examples import metric_table
from quant.portfolio_configuration import portfolio_tables
from quant.settings import Settings
from quant.settings.signals import rule_rows, signal_vars
from udfs.arrow_udfs import FUNCTIONS

COUNTED_AFTER = timedelta(minutes=15)  # the end of an hour: its trades are on disk by then
LIVE_HOURS = 3  # before the hour of the build: a minute that was not final then may still change
MEANING = {
    "trades_boundary": "ticks before it are in trades/closed, the others in the tail",
    "live_since": "live bars are made from the ticks since; older ones are stored",
    "counted_since": "trade ids are counted live since; earlier ones are stored",
}


def write_configuration(connection: duckdb.DuckDBPyConnection, settings: Settings, boundary: datetime) -> None:
    """Create schema `config`, one table per part of config.yaml, and the macros of three instants."""
    # The registry of metrics, which meta.catalog joins: macro, parameters, an example of each.
    metrics = metric_table(settings, [function.name for function in FUNCTIONS])
    write_tables(connection, {**configuration_tables(settings), "metrics": metrics})
    write_instants(connection, instants(boundary))


def write_tables(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Schema `config` with these tables."""
    connection.execute("create schema if not exists config")
    for name, table in tables.items():
        connection.register(f"config_{name}", table)
        connection.execute(f"create or replace table config.{name} as from config_{name}")
        connection.unregister(f"config_{name}")


def instants(boundary: datetime) -> dict[str, datetime]:
    """The instants of a build that begins now, by the names of their macros."""
    now = datetime.now(UTC)
    return {
        "trades_boundary": boundary,
        "live_since": _hour(now) - timedelta(hours=LIVE_HOURS),
        "counted_since": max(boundary, _hour(now - COUNTED_AFTER)),
    }


def write_instants(connection: duckdb.DuckDBPyConnection, given: Mapping[str, datetime]) -> None:
    """Macros that are literals: a view that calls one skips files by it before they are opened."""
    for name, at in given.items():
        connection.execute(f"create or replace macro {name}() as timestamptz '{at.isoformat()}'")
        connection.execute(f"comment on macro {name} is '{MEANING[name]}'")


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def configuration_tables(settings: Settings) -> dict[str, pa.Table]:
    """name -> table; one row per instrument, asset class, portfolio member, dividend yield, rate, promise ..."""
    return {
        "instruments": pa.Table.from_pylist([asdict(each) for each in settings.instruments], schema=INSTRUMENTS),
        "asset_classes": asset_class_table(settings),
        **portfolio_tables(settings),
        "factor_returns": factor_returns(settings),
        **_option_tables(settings),
        "signal_rules": pa.Table.from_pylist(_signal_rules(settings), schema=SIGNAL_RULES),
        "promises": pa.Table.from_pylist(
            [
                {"dataset": name, "promised_seconds": seconds}
                for name, seconds in settings.promise_seconds.model_dump().items()
            ],
            schema=pa.schema({"dataset": pa.string(), "promised_seconds": pa.float64()}),
        ),
    }


def asset_class_table(settings: Settings) -> pa.Table:
    """Alone, for those who read no build: the other tables may need a user's files."""
    return pa.Table.from_pylist(_asset_classes(settings), schema=ASSET_CLASSES)


def _option_tables(settings: Settings) -> dict[str, pa.Table]:
    wanted = settings.options
    return {
        "dividend_yields": pa.Table.from_pylist(
            [{"underlying": name, "dividend_yield": rate} for name, rate in wanted.dividend_yields.items()],
            schema=pa.schema({"underlying": pa.string(), "dividend_yield": pa.float64()}),
        ),
        "european_options": pa.Table.from_pylist(
            [{"underlying": name} for name in wanted.european],
            schema=pa.schema({"underlying": pa.string()}),
        ),
        "rates": pa.Table.from_pylist(
            [{"days": days, "rate": rate} for days, rate in wanted.rate_curve.items()],
            schema=pa.schema({"days": pa.float64(), "rate": pa.float64()}),
        ),
    }


SIGNAL_RULES = pa.schema(
    {
        "rule": pa.string(),
        "kind": pa.string(),
        "description": pa.string(),
        "intervals": pa.string(),
        "thresholds": pa.string(),
        "is_on": pa.bool_(),
    }
)
INSTRUMENTS = pa.schema({"source": pa.string(), "symbol": pa.string(), "asset_class": pa.string()})
ASSET_CLASSES = pa.schema(
    {
        "asset_class": pa.string(),
        "days_per_year": pa.int32(),
        "minutes_per_day": pa.int32(),
        "benchmark": pa.string(),
        "timezone": pa.string(),
        "final_grace_seconds": pa.float64(),
    }
)


def _signal_rules(settings: Settings) -> list[dict[str, object]]:
    return rule_rows(settings.signals, {**settings.metrics.model_dump(), **signal_vars(settings.signals)})


def _asset_classes(settings: Settings) -> list[dict[str, object]]:
    grace = {
        "crypto": settings.crypto.final_grace_seconds,
        "equity": settings.equities.final_delay_minutes * 60,
    }
    classes = settings.asset_classes
    return [
        {"asset_class": name, **getattr(classes, name).model_dump(), "final_grace_seconds": grace[name]}
        for name in type(classes).model_fields
    ]
