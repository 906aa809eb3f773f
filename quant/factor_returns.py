"""Factor returns that a user supplies: one column per factor in a file, one row per factor and period for SQL."""

from contextlib import closing

import duckdb
import pyarrow as pa

from quant.errors import ConfigError, DataError
from quant.given import Given, take
from quant.given_bars import make_factors, several_rows
from quant.settings import Settings, config_path

FACTOR_RETURNS = pa.schema(
    {"frequency": pa.string(), "ts": pa.timestamp("us", "UTC"), "factor": pa.string(), "value": pa.float64()}
)


def factor_returns(settings: Settings) -> pa.Table:
    """The rows of the file in config.yaml, none without one; raises ConfigError with file, column, value, remedy."""
    file = settings.factors.path(config_path())
    if file is None:
        return FACTOR_RETURNS.empty_table()
    with closing(duckdb.connect()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            make_factors(given := take(connection, file, "factors"), name="wide")
            _refuse_finer(given, settings.factors.frequency)
        except DataError as error:
            raise ConfigError(f"config.yaml: factors.file: {error}") from error
        rows = connection.sql(
            f"select '{settings.factors.frequency}' as frequency, ts::timestamptz as ts, factor, value "
            "from wide unpivot include nulls (value for factor in (columns(* exclude (ts)))) order by factor, ts"
        ).to_arrow_table()
    return rows.cast(FACTOR_RETURNS)


def _refuse_finer(given: Given, frequency: str) -> None:
    """A file of days that is taken for one of months would give the last day's return as the month's."""
    if found := several_rows(given, frequency, "wide"):
        remedy = "or factors.frequency: daily if they are of days" if frequency != "daily" else "the whole day's return"
        raise DataError(f"{given.title}: {found}, and factors.frequency is {frequency}: give one row each, {remedy}")
