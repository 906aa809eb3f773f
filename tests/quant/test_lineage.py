"""Which columns a column is made of, on statements small enough to say by hand."""

import pytest

from quant.lineage.edges import Edge, edges

COLUMNS = {
    "bars.bars": "source symbol interval ts open high low close adj_close volume periods_per_year".split(),
    "bars.series": ["series_id", "symbol"],
}
PLACED = {"b.ts", "b.symbol", "b.source", "b.interval"}  # by which a window finds the bars before


def parents(sql: str, *columns: str) -> dict[str, set[str]]:
    """column -> what it is made of, of a statement over bars.bars (b.) and bars.series (s.)."""
    found = edges({"serving.asked": sql}, {**COLUMNS, "serving.asked": list(columns)}, ["udf_of"])
    steps = [edge for edge in found if edge.kind == "step" and edge.column_name in columns]
    assert all(edge.is_exact for edge in steps)
    return {name: {_short(edge) for edge in steps if edge.column_name == name} for name in columns}


def _short(edge: Edge) -> str:
    return f"{edge.parent_relation[5]}.{edge.parent_column}"  # bars.bars.close is b.close


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select close as a from bars.bars", {"a": {"b.close"}}),
        ("select close + open * 2 as a, 7 as k from bars.bars", {"a": {"b.close", "b.open"}, "k": set()}),
        ("with c as (select close as x from bars.bars) select c.x as a from c", {"a": {"b.close"}}),
        ("select * exclude (open) replace (low + 1 as close) from bars.bars", {"close": {"b.low"}, "high": {"b.high"}}),
        ("from bars.bars left join bars.series using (symbol)", {"series_id": {"s.series_id"}, "symbol": {"b.symbol"}}),
        ("select close from bars.bars semi join bars.series using (symbol)", {"close": {"b.close"}}),
        ("select count(*) as n from bars.bars", {"n": {"b.*"}}),
        ("select sum(close) filter (volume > 0) as a from bars.bars", {"a": {"b.close", "b.volume"}}),
        (
            "select rank() over (partition by symbol order by ts) as a from bars.bars",
            {"a": {"b.symbol", "b.ts"}},
        ),
        ("select close as c, c * 2 as a from bars.bars", {"a": {"b.close"}}),
        ("select open as a from bars.bars union all select close from bars.bars", {"a": {"b.open", "b.close"}}),
        (
            "select 1 as k, open as a from bars.bars union all by name select close as a from bars.bars",
            {"a": {"b.open", "b.close"}, "k": set()},
        ),
        ("select list_transform(list(close), lambda ts, i: ts + i) as a from bars.bars", {"a": {"b.close"}}),
        ("select (select max(x.open) from bars.bars x where x.ts = y.ts) as a from bars.bars y", {"a": {"b.open"}}),
        (
            "with recursive r as (select close as a from bars.bars union all select a + low from r, bars.bars) from r",
            {"a": {"b.close", "b.low"}},
        ),
        (
            "with w as (select open, close from bars.bars) from w unpivot (v for n in (columns(* exclude (open))))",
            {"v": {"b.close"}, "n": set(), "open": {"b.open"}},
        ),
        ("select columns('^(o|l).*') + close as 'x_\\0' from bars.bars", {"x_open": {"b.open", "b.close"}}),
        ("with q as (select {'x': close} as q from bars.bars) select q.x as a from q", {"a": {"b.close"}}),
        ("select u.x as a from bars.bars, unnest([close, low]) as u(x)", {"a": {"b.close", "b.low"}}),
        ("select sharpe_of(close, open, 252) as a from bars.bars", {"a": {"b.close", "b.open"}}),
        ("with b as (from bars.bars) select value from sma('b', n := 3)", {"value": {"b.close", *PLACED}}),
        ("with b as (from bars.bars) select value from total_return('b')", {"value": {"b.adj_close", *PLACED}}),
        (
            "with b as (from bars.bars) select value from sharpe('b')",
            {"value": {"b.adj_close", "b.periods_per_year", *PLACED}},
        ),
    ],
)  # fmt: skip
def test_a_column_is_made_of_what_a_person_says(sql: str, expected: dict[str, set[str]]) -> None:
    assert parents(sql, *expected) == expected


def test_a_step_names_the_formulas_and_functions_that_it_passes_through() -> None:
    sql = "with b as (from bars.bars) select udf_of(value) as a from annual_vol('b')"
    (step, *_) = edges({"serving.asked": sql}, {**COLUMNS, "serving.asked": ["a"]}, ["udf_of"])
    assert {"annual_vol", "excess_returns", "with_returns", "annualise", "udf_of"} - {"annualise"} <= set(
        step.macros.split(", ")
    )


def test_origins_are_where_the_steps_end_with_the_fewest_of_them() -> None:
    models = {
        "staging.t": "select price, size from read_parquet('data/parquet/trades/closed/*/*/*/*.parquet')",
        "bars.x": "select price * size as p, size as s from staging.t",
        "serving.y": "select p + size as a from bars.x, staging.t",
    }
    columns = {"staging.t": ["price", "size"], "bars.x": ["p", "s"], "serving.y": ["a"]}
    found = [edge for edge in edges(models, columns, ()) if edge.kind == "origin" and edge.relation == "serving.y"]
    assert {(edge.parent_relation, edge.parent_column, edge.dataset, edge.depth) for edge in found} >= {
        ("raw.trades_closed", "price", "trades", 3),
        ("raw.trades_closed", "size", "trades", 2),
    }


def test_what_cannot_be_told_is_said_to_be_uncertain() -> None:
    columns = {"serving.asked": ["a"], "bars.bars": ["open", "close"]}
    found = edges({"serving.asked": "select nowhere as a from bars.bars"}, columns, ())
    assert {(edge.parent_column, edge.is_exact) for edge in found if edge.column_name == "a"} == {
        ("open", False), ("close", False), ("*", False),
    }  # fmt: skip
