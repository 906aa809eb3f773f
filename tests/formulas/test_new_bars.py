"""New bars are appended to the trailing models: after several builds their tables hold what one full build gives."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from bench.compiled import BEFORE, TRAILING, Build
from quant.build import dbt_vars
from quant.formulas import load_formulas
from quant.settings import load_settings

# A series, which of its bars a build finds (build 0 is whole, 1, 2, 4 and 5 bring news, 3 does not: `news` counts
# them), and what bars.changes has to say of it in builds 1 to 5.
GROWS, GROWN = "i < 300 + news", ["grown", "grown", "same", "grown", "grown"]
ONCE_CHANGED = ["grown", "grown", "same", "changed", "grown"]
FATES = {
    "grows": (GROWS, GROWN),
    "is longer than sums stream": ("i < 2060 + news", GROWN),
    "has no move": (GROWS, GROWN),
    "has no volume now and then": (GROWS, GROWN),
    "has no close now and then": (GROWS, GROWN),
    "is of minutes": (f"{GROWS} and i % 40 <> 7", GROWN),
    "begins with one bar": ("i <= news", GROWN),
    "is young": ("i < 3 + news + 60 * (build > 1)::int", GROWN),
    "is young and still at first": ("i < 3 + news + 60 * (build > 1)::int", GROWN),
    "stays at one bar": ("i < 1", ["same"] * 5),
    "stays as it is": ("i < 300", ["same"] * 5),
    "got many bars at once": ("i < 300 + news + 40 * (build > 1)::int", GROWN),
    "got more than is appended": ("i < 100 + news + 150 * (build > 3)::int", ONCE_CHANGED),
    "is new": ("i < 30 + news and build > 3", [None, None, None, "changed", "grown"]),
    "is gone": ("i < 300 and build < 4", ["same", "same", "same", "gone", None]),
    "was corrected": (GROWS, ONCE_CHANGED),
    "got a late bar": (f"{GROWS} and (build > 3 or i <> 150)", ONCE_CHANGED),
    "lost its newest bar": (f"{GROWS} and (build < 4 or i <> 301)", ONCE_CHANGED),
    "paid a dividend": (GROWS, ONCE_CHANGED),
}
NEWS = (0, 1, 2, 2, 3, 4)
WALK = """
    create table all_series as
    select
        hash(fate) % 10000 as series_id, 'lab' as source, fate as symbol, 'crypto' as asset_class,
        case when fate = 'is of minutes' then '1m' else '1d' end as interval,
        case interval when '1m' then 525600.0 else 365.0 end::double as periods_per_year
    from unnest($fates) as fates(fate);
"""
# A missing value lies in a window, and on the bar that build 2 brings.
BARS = """
    create or replace table bars as
    select
        series_id, source, symbol, asset_class, interval,
        timestamptz '2024-01-01 00:00:00+00' + i::int * step as ts, ts + step as end_ts, ts::date as session_date,
        x * (1 + 0.004 * y) as open, x * (1 + 0.015 * abs(y)) as high, x * (1 - 0.015 * abs(y)) as low,
        case when symbol = 'was corrected' and i = 150 and build > 3 then 1.01 * x
             when symbol <> 'has no close now and then' or i not in (30, 290, 301) then x * (1 - 0.006 * y)
        end as close,
        close * case when symbol = 'paid a dividend' and i < 200 and build > 3 then 0.98 else 1 end as adj_close,
        case when symbol = 'has no volume now and then' and i in (20, 295, 301) then null else 1000 + 900 * y end
            as volume,
        'run' as ingest_run_id
    from (
        select
            *, {build} as build, {news} as news,
            symbol <> 'has no move' and (symbol <> 'is young and still at first' or i > 20) as moves,
            case when moves then sin(i * 3.1 + series_id) else 0 end as y,
            pow(10, series_id % 5) * case when moves then exp(
                0.02 * sin(i * 1.7 + series_id) + 0.015 * cos(i * i * 0.37 + series_id) + 0.0004 * i
            ) else 1 end as x,
            case interval when '1m' then interval 1 minute else interval 1 day end as step
        from all_series, range(2070) as rows(i)
    )
    where case symbol {there} end
    order by hash(series_id, i);
    create or replace table series as from all_series where series_id in (select series_id from bars);
"""
# TRIX is what a ratio is above 1, in per cent: no more exact than the ratio. Differences are at least of this size.
LEAST_SIZES = {"trix": 1.0}
Fingerprints = dict[str, int]
Worst = dict[str, dict[str, tuple[int, float]]]


@dataclass(frozen=True)
class Lab:
    """What builds 1 to 5 said of each series; the tables before and after the build without news; and how they end:
    symbol -> column -> how many values only one side knows, and the greatest difference, in the column's size."""

    kinds: dict[str, list[str | None]]
    before_quiet: Fingerprints
    after_quiet: Fingerprints
    worst: Worst


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    variables = dbt_vars(load_settings())
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 2")
        load_formulas(connection)
        connection.execute(WALK, {"fates": list(FATES)})
        kinds: dict[str, list[str | None]] = {name: [] for name in FATES}
        left = []
        for number, news in enumerate(NEWS):
            fill(connection, number, news)
            run(Build(variables, connection, is_incremental=number > 0))
            found = dict(
                connection.execute("select symbol, kind from all_series join changes using (series_id)").fetchall()
            )
            left.append(fingerprints(connection))
            for name in FATES if number else []:
                kinds[name].append(found.get(name))
        for model in TRAILING:
            connection.execute(f"alter table {model} rename to appended_{model}")
        for model in BEFORE:
            connection.execute(f"drop table {model}")
        run(Build(variables, connection))
        yield Lab(kinds, left[2], left[3], compared(connection))


def fill(connection: duckdb.DuckDBPyConnection, build: int, news: int) -> None:
    """The bars that this build finds."""
    there = " ".join(f"when '{name}' then {condition}" for name, (condition, _) in FATES.items())
    connection.execute(BARS.format(build=build, news=news, there=there))


def run(build: Build) -> None:
    for model in (*BEFORE, *TRAILING):
        build.store(model)


def fingerprints(connection: duckdb.DuckDBPyConnection) -> Fingerprints:
    """A fingerprint of each table that the next build goes on from; of metrics.states that is the newest bars."""
    newest = "(from states qualify ts = max(ts) over (partition by series_id))"
    relations = {name: name for name in (*BEFORE[1:], *TRAILING)} | {"states": newest}
    return dict(
        connection.execute(
            " union all ".join(
                f"select '{name}', bit_xor(hash(hash(rows))) from {relation} as rows"
                for name, relation in relations.items()
            )
        ).fetchall()
    )


def compared(connection: duckdb.DuckDBPyConnection) -> Worst:
    worst: Worst = {name: {} for name in FATES}
    for model in TRAILING:
        described = connection.execute(f"describe {model}").fetchall()
        columns = [name for name, kind, *_ in described if kind == "DOUBLE"]
        found = connection.execute(
            f"select symbol, count_if(ours.ts is null or theirs.ts is null), {', '.join(map(difference, columns))} "
            f"from appended_{model} as ours full join {model} as theirs using (series_id, ts) "
            "join all_series using (series_id) group by symbol"
        ).fetchall()
        for symbol, rows, *differences in found:
            worst[symbol][f"{model}.ts"] = (rows, 0.0)
            worst[symbol] |= {
                f"{model}.{column}": (each["one_sided"], each["difference"])
                for column, each in zip(columns, differences, strict=True)
            }
    return worst


def difference(column: str) -> str:
    ours, theirs = f"ours.{column}", f"theirs.{column}"
    size = f"nullif(greatest(max(abs({theirs})), {LEAST_SIZES.get(column, 0)}), 0)"
    return (
        f"{{'one_sided': count_if(({ours} is null) <> ({theirs} is null)), "
        f"'difference': coalesce(max(abs({ours} - {theirs})) / {size}, max(abs({ours} - {theirs})), 0)}}"
    )


@pytest.mark.parametrize("name", FATES)
def test_appended_rows_equal_a_full_build(lab: Lab, name: str) -> None:
    """1e-12 of the greatest value of the column in this series."""
    assert (not lab.worst[name]) == (name == "is gone")
    for column, (one_sided, worst) in lab.worst[name].items():
        assert one_sided == 0, column
        assert worst < 1e-12, (column, worst)


def test_builds_find_what_became_of_each_series(lab: Lab) -> None:
    assert lab.kinds == {name: kinds for name, (_, kinds) in FATES.items()}


def test_a_build_without_news_changes_nothing(lab: Lab) -> None:
    assert set(lab.before_quiet) == {*BEFORE[1:], *TRAILING}
    assert lab.before_quiet == lab.after_quiet


def test_recent_bars_that_no_window_reaches_are_forgotten() -> None:
    """95 bars come five times: beyond twice the 253 that are needed they go, and later windows stay whole."""
    variables = dbt_vars(load_settings())
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set threads = 2")
        load_formulas(connection)
        connection.execute(WALK, {"fates": ["grows"]})
        kept: list[int] = []
        for number in range(6):
            connection.execute(BARS.format(build=number, news=number, there="when 'grows' then i < 300 + 95 * build"))
            run(Build(variables, connection, is_incremental=number > 0))
            kept += connection.execute("select count(*) from recent_bars").fetchone() or ()
        connection.execute("create table appended as from performance")
        run(Build(variables, connection))
        apart = connection.execute(
            "select count_if(ours.ts is null or theirs.ts is null), count_if("
            "(ours.rolling_sharpe is null) <> (theirs.rolling_sharpe is null)), "
            "max(abs(ours.rolling_sharpe - theirs.rolling_sharpe)) / max(abs(theirs.rolling_sharpe)) "
            "from appended as ours full join performance as theirs using (series_id, ts)"
        ).fetchone()
    assert kept == [253, 348, 443, 538, 253 + 95, 443]
    assert apart is not None
    assert apart[:2] == (0, 0)
    assert apart[2] < 1e-12
