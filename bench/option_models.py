"""The option models' own SQL in a database of its own, over quotes that somebody gives: what tests and benches share.

dbt is left out: a model is a template that names relations and settings, and these are few.
"""

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from ingest.record import EQUITY_PRICE, INGEST_RUN
from quant.build import dbt_vars
from quant.configuration import configuration_tables
from quant.formulas import load_formulas
from quant.retention import FOR_EVER, write_kept_since
from quant.settings import PROJECT_PATH, Settings
from udfs import register

MODELS = PROJECT_PATH / "models"
STORED = ("forwards", "priced_quotes", "svi_fits", "term_structure", "american_quotes", "snapshots")
FIRST = (
    "quotes",
    "forwards",
    "newest_chains",
    *STORED[1:-1],
    "constant_maturity",
    "snapshots",
)  # each after what it reads
BARS = """
create table serving.final_bars (
    source varchar, symbol varchar, interval varchar, ts timestamptz, open double, high double, low double,
    close double, adj_close double, volume double, periods_per_year double, is_final boolean
)
"""


def open_market(settings: Settings, path: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """A database with formulas, UDFs and configuration, and nothing received yet."""
    connection = duckdb.connect(path)
    register(connection)
    load_formulas(connection)
    write_kept_since(connection, FOR_EVER)
    for schema in ("config", "staging", "options", "serving", "raw"):
        connection.execute(f"create schema {schema}")
    empty = {"staging.equity_prices": EQUITY_PRICE, "staging.ingest_runs": INGEST_RUN}
    given = {f"config.{name}": table for name, table in configuration_tables(settings).items()}
    given |= {name: schema.empty_table() for name, schema in empty.items()}
    for name, table in given.items():
        _store(connection, name, table)
    connection.execute(BARS)
    return connection


def receive(connection: duckdb.DuckDBPyConnection, quotes: str, settings: Settings) -> None:
    """Stage the relation `quotes`, rows as the ingest stores them, with their `date`."""
    connection.execute(f"create or replace view raw.options as select * from {quotes}")
    connection.execute(f"create or replace view staging.option_quotes as {rendered(_file('option_quotes'), settings)}")


def build(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Price and fit what is staged, and create every view over it."""
    for name in [*FIRST, *_others()]:
        build_model(connection, settings, name)


def build_model(connection: duckdb.DuckDBPyConnection, settings: Settings, name: str) -> None:
    """One model, in full."""
    kind = "table" if name in STORED else "view"
    sql = rendered(_file(name), settings)
    connection.execute(f"create or replace {kind} {_relation(name)} as {sql}")


def rendered(file: Path, settings: Settings) -> str:
    """The SQL of a model, built in full."""
    variables = dbt_vars(settings)

    def nothing(**_: object) -> str:
        return ""

    context: dict[str, Any] = {
        "ref": _relation,
        "source": lambda schema, name: f"{schema}.{name}",
        "var": variables.__getitem__,
        "config": nothing,
        "is_incremental": lambda: False,
        "of_new_chains": lambda caller: caller(),
    }
    return jinja2.Template(file.read_text()).render(context)


def _others() -> list[str]:
    """Views of the options schema and of serving that read nothing but the former, each after what it reads."""
    names = sorted(path.stem for path in (MODELS / "options").glob("*.sql"))
    serving = [path.stem for path in (MODELS / "serving").glob("serving_option_*.sql")]
    left = [name for name in names if name not in FIRST]
    # All chains, then the newest quotes, then what is made of those.
    return [
        *left,
        *sorted(serving, key=lambda name: ("snapshot" not in name, not name.endswith("quotes"), name)),
    ]


def _file(name: str) -> Path:
    return next(MODELS.rglob(f"{name}.sql"))


def _relation(name: str) -> str:
    """Of serving_option_quotes, serving.option_quotes."""
    folder = _file(name).parent.name
    return f"{folder}.{name.removeprefix(f'{folder}_')}"


def _store(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("given_table", table)
    connection.execute(f"create or replace table {name} as from given_table")
    connection.unregister("given_table")
