"""How many bars make a year, where the caller does not say: days of an equity, unless the bars contradict."""

import duckdb

from quant.doubts import warn
from quant.errors import DataError
from quant.given import Given
from quant.metrics import Metric
from quant.wording import value

LEAST_HOURS, MOST_HOURS = 20, 6 * 24  # between them the median step of days, whatever holidays and clock changes do
KNOWN_HOURS = {"1m": 1 / 60, "5m": 5 / 60, "15m": 0.25, "30m": 0.5, "1h": 1, "4h": 4, "1w": 168}
UNITS = ((24, "d"), (1, "h"), (1 / 60, "min"), (1 / 3600, "s"))


def refuse_or_doubt(cursor: duckdb.DuckDBPyConnection, metric: Metric, given: Given, bars: str) -> None:
    """Of a metric that reads the bars per year: unknown ones are refused, doubtful ones are told."""
    takes_ppy = any(parameter.name == "ppy" for parameter in metric.parameters)
    unknown = f"select interval from {bars} where periods_per_year is null limit 1"
    for row in cursor.execute(unknown).fetchall():
        remedy = f"give {value('ppy', '252')} (of daily bars of a stock)" if takes_ppy else NO_PPY
        raise DataError(f"{metric.name} needs the bars per year, which nobody knows for interval {row[0]!r}: {remedy}")
    if given.has("periods_per_year"):
        return
    if not given.has("interval") and (hours := _odd_step(cursor, bars)) is not None:
        raise DataError(f"{metric.name}: {_unsaid(hours, takes_ppy)}")
    if not given.has("asset_class") and _trades_at_weekends(cursor, bars):
        other = f" or {value('ppy', '365')}" if takes_ppy else ""
        warn(
            f"{given.title}: daily bars on Saturdays and Sundays are annualised with 252 as an equity's; "
            f"give asset_class 'crypto' (a column){other}"
        )


NO_PPY = "give a column periods_per_year"


def _unsaid(hours: float, takes_ppy: bool) -> str:
    name = next((f" ('{name}')" for name, each in KNOWN_HOURS.items() if abs(hours - each) < each / 100), "")
    size, unit = next((each for each in UNITS if hours >= each[0]), UNITS[-1])
    ways = f"add a column interval{name} or " if name else ""
    ways += f"give {value('ppy', 'N')}" if takes_ppy else NO_PPY
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
