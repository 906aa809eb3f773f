"""Kernels for a new bar, aggregates over the bars up to it, give what the frames of 10_windows.sql give on that bar."""

import math
from collections.abc import Iterator

import duckdb
import pytest

from quant.formulas import load_formulas

# Three series: values of two sizes with equal ones among them, one without a move, one with holes.
BARS = """
    create table bars as
    select
        series_id, i as row_index,
        case when series_id = 2 then 7.1 when series_id < 3 or i not in (8, 25)
             then pow(10, 3 * series_id) * (1 + round(sin(i * 1.7 + series_id), 1) / 10) end as x,
        x * (1 + abs(cos(i * 3.1)) / 50) as high, x * (1 - abs(cos(i * 2.3)) / 50) as low
    from range(1, 4) as series(series_id), range(60) as rows(i)
"""
# Of N bars: the kernel of a new bar, and the frame.
AGE = "(newest.row_index - past.row_index)"
FRAME = "N, series_id, row_index)"
QUANTILE = "quantile_before(x, {}, N, 3, series_id, row_index)"
KERNELS = {
    "recent_is_full": ("recent_is_full(past.x, N, 0, AGE)", f"roll_avg(x, {FRAME} is not null"),
    "recent_mean": ("recent_mean(past.x, newest.x, N, AGE)", f"roll_avg(x, {FRAME}"),
    "recent_std": ("recent_std(past.x, newest.x, N, AGE)", f"roll_std(x, {FRAME}"),
    "recent_std_pop": ("recent_std_pop(past.x, newest.x, N, AGE)", f"roll_std_pop(x, {FRAME}"),
    "recent_variance": ("recent_variance(past.x, newest.x, N, AGE)", f"square_of(roll_std(x, {FRAME})"),
    "recent_covariance": ("recent_covariance(past.x, newest.x, N, AGE)", f"roll_covar_pop(x, row_index, {FRAME}"),
    "recent_max": ("recent_max(past.x, N, 0, AGE)", f"roll_max(x, {FRAME}"),
    "recent_min": ("recent_min(past.x, N, 0, AGE)", f"roll_min(x, {FRAME}"),
    "recent_max, 3 bars before": ("recent_max(past.x, N, 3, AGE)", QUANTILE.format(1)),
    "recent_min, 3 bars before": ("recent_min(past.x, N, 3, AGE)", QUANTILE.format(0)),
    "recent_middle": (
        "recent_middle(past.high, past.low, N, 0, AGE)", f"(roll_max(high, {FRAME} + roll_min(low, {FRAME}) / 2",
    ),
    "recent_max_age": ("recent_max_age(past.x, N, AGE)", f"row_index - roll_max_index(x, row_index, {FRAME}"),
    "recent_min_age": ("recent_min_age(past.x, N, AGE)", f"row_index - roll_max_index(-x, row_index, {FRAME}"),
    "recent_mean_distance": (
        "recent_mean_distance(past.x, newest.x, N, AGE)",
        f"mean_abs_deviation_of(roll_values(x, {FRAME}, roll_avg(x, {FRAME})",
    ),
    "recent_value": ("recent_value(past.x, N, AGE)", f"value_before(x, {FRAME}"),
    "recent_previous_quantile": (
        "recent_previous_quantile(past.x, 0.05, N, AGE)", f"previous_quantile(x, 0.05, {FRAME}",
    ),
}  # fmt: skip
COMPARED = """
    with recent as (
        select newest.series_id, newest.row_index, {kernel} as ours
        from bars as past
        inner join bars as newest on past.series_id = newest.series_id
            and past.row_index between newest.row_index - 30 and newest.row_index
        group by all
    ),
    framed as (select *, {frame} as theirs from bars),
    sized as (
        select *, max(greatest(abs(theirs::double), abs(x) / 1000)) over (partition by series_id) as size from framed
    )
    select
        series_id, count_if(ours is distinct from theirs and (ours is null or theirs is null)),
        coalesce(max(abs(ours::double - theirs::double) / nullif(size, 0)), 0), max(abs(ours::double)), count(ours)
    from recent inner join sized using (series_id, row_index) group by series_id order by series_id
"""
# A sample of one has no dispersion.
UNKNOWN_OF_ONE = (("recent_std", 1), ("recent_variance", 1))
STEADY = ("recent_std", "recent_std_pop", "recent_variance", "recent_mean_distance", "recent_covariance")


@pytest.fixture(scope="module")
def bars() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute(BARS)
        yield connection


@pytest.mark.parametrize("n", [1, 2, 14, 20])
@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_of_a_new_bar_equals_its_frame(bars: duckdb.DuckDBPyConnection, name: str, n: int) -> None:
    kernel, frame = (text.replace("N", str(n)).replace("AGE", AGE) for text in KERNELS[name])
    rows = bars.execute(COMPARED.format(kernel=kernel, frame=frame)).fetchall()
    assert [series for series, *_ in rows] == [1, 2, 3]
    for series, one_sided, difference, greatest, count in rows:
        assert one_sided == 0, series
        assert difference < 1e-12, series
        assert count > 10 or (name, n) in UNKNOWN_OF_ONE, series
        assert series != 2 or name not in STEADY or not greatest, "exactly 0 where nothing moves"


FILTERS = {
    "next_average": ("average_filter(x, 0.3, 5, 2, row_index)", "next_average(x, before, 0.3, 5, 2, row_index)"),
    "next_wilder_sum": ("wilder_sum_filter(x, 5, row_index)", "next_wilder_sum(x, before, 5, row_index)"),
    "next_sum": ("sum_filter(x, row_index)", "next_sum(x, before)"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_state_steps_on_as_its_recursion_does(bars: duckdb.DuckDBPyConnection, name: str) -> None:
    """From every bar to the next. A sum is not known before its first value; the recursion has 0 there."""
    recursion, step = FILTERS[name]
    rows = bars.execute(
        f"with inputs as (select *, {recursion} as state_x from bars order by series_id, row_index), "
        "stepped as (select *, state_x.state as expected, "
        "earlier_in_series(state_x.state, 1, row_index) as before from filtered('inputs', 0.0)) "
        f"select expected, {step} from stepped where row_index > 0"
    ).fetchall()
    assert len(rows) == 3 * 59
    for expected, ours in rows:
        assert math.isclose(ours, expected, rel_tol=1e-13)


def test_a_sum_begins_with_its_first_value(bars: duckdb.DuckDBPyConnection) -> None:
    assert bars.execute(
        "select next_sum(null, null), next_sum(2, null), next_sum(null, 3), next_sum(2, 3)"
    ).fetchall() == [(None, 2, 3, 5)]


def test_the_newest_bar_of_a_series_is_the_one_before_another(bars: duckdb.DuckDBPyConnection) -> None:
    rows = bars.execute(
        "select series_id, row_index from (select *, is_newest_of_series(series_id) as is_newest "
        "from (from bars order by series_id, row_index)) where is_newest"
    ).fetchall()
    assert rows == [(1, 59), (2, 59), (3, 59)]
