"""How many bars make a year, where the caller does not say: days of an equity, unless the bars contradict."""

from collections.abc import Callable

import duckdb

from quant.doubts import warn
from quant.errors import DataError
from quant.given import Given
from quant.metrics import Metric
from quant.wording import value

LEAST_HOURS, MOST_HOURS = 20, 6 * 24  # between them the median step of days, whatever holidays and clock changes do
KNOWN_HOURS = {"1m": 1 / 60, "5m": 5 / 60, "15m": 0.25, "30m": 0.5, "1h": 1, "4h": 4, "1w": 168}
NO_PPY = "give a column periods_per_year"
UNITS = ((24, "d"), (1, "h"), (1 / 60, "min"), (1 / 3600, "s"))


def refuse_unknown(
    cursor: duckdb.DuckDBPyConnection, metric: Metric, bars: str, reads_them: Callable[[], bool]
) -> None:
    """Bars of an interval that nobody knows have no year; a metric that reads none does not mind."""
    query = f"select interval from {bars} where periods_per_year is null limit 1"
    for (interval,) in cursor.execute(query).fetchall():
        if reads_them():
            ways = f"give {value('ppy', '252')} (of daily bars of a stock)" if annualises(metric) else NO_PPY
            needed = f"{metric.name} needs the bars per year, which nobody knows for interval {interval!r}"
            raise DataError(f"{needed}: {ways}")


def refuse_or_doubt(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, bars: str) -> None:
    """Of a metric that annualises: bars that are no days and do not say what are refused, doubtful days are told."""
    if not annualises(metric) or given.has("periods_per_year"):
        return
    if not given.has("interval") and (hours := _odd_step(cursor, bars)) is not None:
        raise DataError(f"{metric.name}: {_unsaid(hours)}")
    if not given.has("asset_class") and _trades_at_weekends(cursor, bars):
        query = "select days_per_year from asset_classes where asset_class = 'equity'"
        days = next((days for (days,) in cursor.execute(query).fetchall()), 252)
        warn(
            f"{given.title}: daily bars on Saturdays and Sundays are annualised with {days:g} as an equity's; "
            f"give asset_class 'crypto' (a column) or {value('ppy', '365')}"
        )


def annualises(metric: Metric) -> bool:
    return any(parameter.name == "ppy" for parameter in metric.parameters)


def _unsaid(hours: float) -> str:
    name = next((f" ('{name}')" for name, each in KNOWN_HOURS.items() if abs(hours - each) < each / 100), "")
    size, unit = next((each for each in UNITS if hours >= each[0]), UNITS[-1])
    ways = f"add a column interval{name} or " if name else ""
    ways += f"give {value('ppy', 'N')}"
    return (
        f"the bars are {hours / size:.3g} {unit} apart (median) but say no interval, "
        f"so nobody knows how many make a year: {ways}"
    )


def _odd_step(cursor: duckdb.DuckDBPyConnection, bars: str) -> float | None:
    """The median hours between bars of the first series that are no days."""
    query = f"""
        select median(hours) from (
            select symbol, source, epoch(ts - lag(ts) over (partition by source, symbol order by ts)) / 3600 as hours
            from {bars}
        )
        group by source, symbol
        having median(hours) < {LEAST_HOURS} or (median(hours) >= {MOST_HOURS} and count(hours) > 1)
        order by source, symbol limit 1
    """
    return next((float(hours) for (hours,) in cursor.execute(query).fetchall()), None)


def _trades_at_weekends(cursor: duckdb.DuckDBPyConnection, bars: str) -> bool:
    """On both days: markets elsewhere trade on a Sunday, and a Monday in Tokyo may begin on one by UTC."""
    query = f"""
        select true from (select distinct source, symbol, isodow(ts) as weekday from {bars} where interval = '1d')
        where weekday > 5 group by source, symbol having count(*) = 2 limit 1
    """
    return bool(cursor.execute(query).fetchall())
