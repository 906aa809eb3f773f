"""dbt-duckdb plugin: what a build file holds before the first model runs."""

import warnings
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from quant.boundary import read_boundary
from quant.configuration import write_configuration
from quant.errors import DataWarning
from quant.formulas import load_formulas
from quant.retention import read_kept_since, write_kept_since
from quant.scale.store import Store
from quant.settings import load_settings
from udfs import register


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt ships no types
    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        settings = load_settings()
        register(conn)
        load_formulas(conn)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # said by the builder, once for all connections
            write_configuration(conn, settings, read_boundary(settings.parquet_path))
        write_kept_since(conn, read_kept_since(settings.parquet_path))
        if settings.scale.is_remote and settings.scale.data_path is not None:
            Store(settings.scale.data_path).join(conn)

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing to configure: config.yaml is the only place."""
