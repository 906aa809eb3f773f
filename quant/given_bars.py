"""The caller's rows as the relations that metrics read: bars, trades, benchmark, factors; one clean row per instant."""

import duckdb

from quant.doubts import rows_have, warn
from quant.errors import DataError
from quant.given import NUMBERS, Given

PRICES = ("open", "high", "low", "close", "adj_close", "volume")
OPTIONAL = ("open", "high", "low", "volume")  # NULL where they are not given; a metric that needs one is refused
SIZES = ("size", "qty", "quantity")
BARS = "asked_bars"
FACTORS = ("mkt_rf", "smb", "hml", "rf")
FACTOR_CLOCKS = ("ts", "date", "month")
PERIODS = {"daily": "day", "weekly": "week", "monthly": "month"}
MOST_TYPICAL = 0.2  # of the absolute returns of a period
CLOCKS, OTHER_CLOCKS = ("ts", "date"), ("timestamp", "datetime", "time", "__index_level_0__")


def make_bars(given: Given, name: str = BARS) -> None:
    """Create temporary table `name` with the columns that every metric may read, from the caller's rows."""
    require(given, ("close",), "bars need ts (or date) and close")
    columns = {
        "source": given.text("source", "file"),
        "symbol": given.text("symbol", given.stem),
        "interval": given.text("interval", "1d"),
        "ts": _time(given),
        "asset_class": given.text("asset_class", "equity"),
        "given_ppy": given.number("periods_per_year") if given.has("periods_per_year") else "null::double",
        **{each: given.number(each) if given.has(each) else "null::double" for each in PRICES},
    }
    if not given.has("adj_close"):
        columns["adj_close"] = columns["close"]
    flow = ""
    if given.has("flow"):
        columns["flow"], flow = given.number("flow"), ", case when isfinite(flow) then flow end as flow"
    keep_newest(given, name, columns, "source, symbol, interval, ts")
    _refuse_unknown_classes(given, name)
    _warn_of_no_prices(given, name, PRICES)
    _warn_of_losses(given, name)
    cleaned = ", ".join(f"case when isfinite({each}) and {each} >= 0 then {each} end as {each}" for each in PRICES)
    given.cursor.execute(
        f"create or replace temp table {name} as "
        f"select source, symbol, interval, ts, {cleaned}, "
        "coalesce(case when isfinite(given_ppy) and given_ppy > 0 then given_ppy end, "
        f"periods_per_year(days_per_year, minutes_per_day, interval)) as periods_per_year{flow} "
        f"from {name} left join asset_classes using (asset_class)"
    )


def make_trades(given: Given, name: str = BARS) -> None:
    """Create temporary table `name` of trades: source, symbol, ts, trade_id, price, size."""
    size = given.first_of(SIZES)
    require(given, ("price",), "this metric is computed from trades, which need ts, price and size (or qty)")
    if size is None:
        raise DataError(f"{given.title}: trades need their size, in a column {', '.join(SIZES)}")
    columns = {
        "source": given.text("source", "file"),
        "symbol": given.text("symbol", given.stem),
        "ts": _time(given),
        "trade_id": given.known_whole("trade_id") if given.has("trade_id") else "given_row",
        "price": given.number("price"),
        "size": given.number(size),
    }
    keep_newest(given, name, columns, "source, symbol, trade_id")
    _warn_of_no_prices(given, name, ("price", "size"))
    cleaned = ", ".join(f"case when isfinite({e}) and {e} >= 0 then {e} end as {e}" for e in ("price", "size"))
    if not given.has("trade_id"):
        cleaned += ", row_number() over (partition by source, symbol order by ts, trade_id) as trade_id"
    given.cursor.execute(f"create or replace temp table {name} as select * replace ({cleaned}) from {name}")


def make_benchmark(cursor: duckdb.DuckDBPyConnection, given: Given | str, name: str = "asked_benchmark") -> None:
    """For each series of the bars the rows of its benchmark: those given, or those of a symbol among the bars."""
    if isinstance(given, str):
        cursor.execute(f"create temp table benchmark_bars as from {BARS} where symbol = $symbol", {"symbol": given})
        title, matches = given, "b.source = m.source and b.interval = m.interval"
    else:
        make_bars(given, "benchmark_bars")
        title, matches = given.title, "b.interval = m.interval" if given.has("interval") else "true"
    symbols = cursor.execute("select distinct symbol from benchmark_bars order by symbol limit 5").fetchall()
    if len(symbols) > 1:
        named = ", ".join(symbol for (symbol,) in symbols)
        raise DataError(f"{title}: a benchmark is one symbol, and here are {named}: hand in the rows of one")
    cursor.execute(
        f"create temp table {name} as select b.source, b.symbol, b.interval, m.ts, m.adj_close "
        f"from (select distinct source, symbol, interval from {BARS}) as b join benchmark_bars as m on {matches}"
    )
    if isinstance(given, str) or given.has("asset_class") or given.has("periods_per_year"):
        _count_common_bars(cursor)
    shared = f"select count(*) from {name} semi join {BARS} using (source, symbol, interval, ts)"
    if _count(cursor, BARS) and not cursor.execute(shared).fetchall()[0][0]:
        raise DataError(f"{title}: no row of the benchmark has the interval and ts of a bar: both must be of one clock")


def _count_common_bars(cursor: duckdb.DuckDBPyConnection) -> None:
    """A year of a coin beside a stock has the bars of the stock: no more are common to both."""
    cursor.execute(
        f"update {BARS} set periods_per_year = least(periods_per_year, other.least_ppy) "
        "from (select interval, min(periods_per_year) as least_ppy from benchmark_bars group by interval) as other "
        f"where other.interval = {BARS}.interval and periods_per_year is not null"
    )


def make_factors(given: Given, needed: tuple[str, ...] = (), name: str = "asked_factors") -> None:
    """Create temporary table `name`: ts, and each other column as a number, its name in small letters (mkt_rf).

    Where some are `needed`, others that are no numbers are left aside.
    """
    clock = given.first_of(FACTOR_CLOCKS)
    columns = {"ts": _time(given, FACTOR_CLOCKS)}
    for each, (_, type) in given.columns.items():
        plain = "".join(letter if letter.isalnum() else "_" for letter in each)
        is_number = type.startswith(NUMBERS)  # all of a CSV is text
        if each not in (clock, "given_row", "fetched_at") and (plain in needed or not needed or is_number):
            if plain in columns:
                raise DataError(f"{given.title}: two columns would be called {plain}: give one another name")
            columns[plain] = f"case when isfinite({given.number(each)}) then {given.number(each)} end"
    if missing := [each for each in needed if each not in columns]:
        raise DataError(f"{given.title} has no column {missing[0]!r}: factors need ts (or month), {', '.join(needed)}")
    if not set(columns) - {"ts", "rf"}:
        raise DataError(f"{given.title} has no factor: give a column of returns for each, and rf if there is one")
    if "alpha" in columns:
        raise DataError(f"{given.title}: alpha is what factors leave over: give the column another name")
    keep_newest(given, name, columns, "ts")
    _warn_of_per_cent(given, name, [each for each in columns if each in needed or (each != "ts" and not needed)])


def _warn_of_per_cent(given: Given, name: str, columns: list[str]) -> None:
    """A median move of a fifth is no factor's: such files are in per cent, as French's are."""
    for each in columns:
        query = f'select median(abs("{each}")) from {name}'
        if (middle := given.cursor.execute(query).fetchall()[0][0]) is not None and middle > MOST_TYPICAL:
            warn(f"{given.title}: half of the values of {each} are beyond {middle:g}, as per cent are: divide by 100")
            return


def several_rows(given: Given, freq: str, name: str = "asked_factors") -> str | None:
    """The first period with several rows of factors, and how many: '22 rows of the month of 2024-01-01'."""
    if (unit := PERIODS.get(freq)) is None:
        return None
    query = (
        f"select count(*), date_trunc('{unit}', ts at time zone 'UTC')::date from {name} "
        "group by 2 having count(*) > 1 order by 2 limit 1"
    )
    found = given.cursor.execute(query).fetchone()
    return f"{found[0]} rows of the {unit} of {found[1]}" if found else None


def warn_of_finer_factors(given: Given, freq: str) -> None:
    """The return of a month's last day is not the month's."""
    if found := several_rows(given, freq):
        warn(f"{given.title}: {found}, of which the last counts: say freq = daily if they are of days")


def require(given: Given, names: tuple[str, ...], needed: str) -> None:
    if missing := [name for name in names if not given.has(name)]:
        found = ", ".join(theirs for theirs, _ in given.columns.values() if theirs != "given_row")
        raise DataError(f"{given.title} has no column {missing[0]!r}: {needed}; found {found}")


def _time(given: Given, clocks: tuple[str, ...] = CLOCKS) -> str:
    clock = given.first_of(clocks)
    if clock is None:
        others = [theirs for name, (theirs, _) in given.columns.items() if name in OTHER_CLOCKS]
        remedy = f"rename {others[0]!r} to ts" if others else "the start of each bar, as an instant or a date"
        raise DataError(f"{given.title} has no column 'ts': {remedy}")
    return given.known_instant(clock)


def keep_newest(given: Given, name: str, columns: dict[str, str], key: str) -> None:
    """Of rows with one key the last fetched_at, else the last as given; the others are counted in a warning.

    The key is of what the caller's columns mean: '2024-01-01' and '2024-01-01 00:00' are one instant.
    """
    newest = given.known_instant("fetched_at") if given.has("fetched_at") else "null"
    meant = ", ".join(f'{sql} as "{each}"' for each, sql in columns.items())
    given.cursor.execute(
        f'create temp table {name} as select * exclude ("newest at", "newest row") '
        f'from (select {meant}, {newest} as "newest at", given_row as "newest row" from {given.table}) '
        f'qualify row_number() over (partition by {key} order by "newest at" desc, "newest row" desc) = 1'
    )
    if doubled := _count(given.cursor, given.table) - _count(given.cursor, name):
        warn(f"{given.title}: {rows_have(doubled)} the {key.rpartition(', ')[2]} of a later row, which counts instead")


def _refuse_unknown_classes(given: Given, name: str) -> None:
    known = [each for (each,) in given.cursor.execute("select asset_class from asset_classes").fetchall()]
    query = f"select asset_class from {name} anti join asset_classes using (asset_class) limit 1"
    if row := given.cursor.execute(query).fetchone():
        raise DataError(f"{given.title}: asset_class is {row[0]!r}, config.yaml has {', '.join(known)}")


def _warn_of_no_prices(given: Given, name: str, columns: tuple[str, ...]) -> None:
    """NaN is how a frame says missing; an infinity or a negative price is an error that the caller may want to know."""
    wrong = " or ".join(f"isinf({each}) or {each} < 0" for each in columns)
    if count := _count(given.cursor, f"{name} where {wrong}"):
        warn(f"{given.title}: {rows_have(count)} a negative or infinite number, which counts as missing")


def _warn_of_losses(given: Given, name: str) -> None:
    """A price of exactly 0 is a total loss, which a hole that was filled with 0 is not."""
    zero = " or ".join(f"{each} = 0" for each in PRICES if each != "volume")
    query = f"select count(*), min(ts), arg_min(symbol, ts) from {name} where {zero}"
    count, first, symbol = given.cursor.execute(query).fetchall()[0]
    if count:
        warn(
            f"{given.title}: {rows_have(count)} a price of exactly 0, which counts as a total loss, the first of "
            f"{symbol} at {first:%Y-%m-%dT%H:%M:%SZ}: remove the row if it is a hole"
        )


def _count(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(cursor.execute(f"select count(*) from {table}").fetchall()[0][0])
