"""The page Price: every point of its chart is the warehouse's, whatever was chosen to stand in it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import indicators, stretch, windows
from dashboard.views import price_chart
from dashboard.windows import DAY, HOUR, Window

Visit = Callable[..., AppTest]
Sql = Callable[..., list[Any]]
DAYS = {"symbol": "BTCUSDT", "interval": "1d", "range": "3M"}
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SERIES = "series_id = series_id_of('demo-binance', 'BTCUSDT', '1d')"


def datasets(page: AppTest, which: int = 0) -> dict[str, pa.Table]:
    found = {}
    for each in page.get("vega_lite_chart")[which].proto.datasets:
        with pa.ipc.open_stream(each.data.data) as reader:
            found[each.name] = reader.read_all()
    return found


def specification(page: AppTest, which: int = 0) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(page.get("vega_lite_chart")[which].proto.spec)
    return spec


def rows(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.select(list(names)).to_pylist()]


def chosen(since: datetime, until: datetime) -> dict[str, str]:
    """A stretch as the address says it."""
    return {"from": f"{since:%Y-%m-%dT%H:%MZ}", "to": f"{until:%Y-%m-%dT%H:%MZ}"}


def test_each_pane_has_every_point_of_its_metrics_where_a_candle_is_a_bar(visit_demo: Visit, sql: Sql) -> None:
    names = ("ts", *indicators.DEFAULT)
    shown = rows(datasets(visit_demo("price", **DAYS))["bars"], *names)
    expected = sql(
        f"select {', '.join(names)} from serving.metrics where {SERIES} and ts >= ? order by ts", shown[0][0]
    )
    assert len(expected) > 80 and all(None not in row for row in expected)
    assert [row for row in shown if row[1] is not None] == expected
    assert len(shown) - len(expected) <= 1  # the open bar has no final figure yet


def test_wide_candles_have_as_few_points_as_draw_the_same_lines(visit_demo: Visit, sql: Sql) -> None:
    found = datasets(visit_demo("price", **{**DAYS, "range": "5Y"}))
    points = rows(found["rsi"], "ts", "rsi")
    everything = sql(
        f"select ts, rsi from serving.metrics where {SERIES} and ts >= ? and rsi is not null", points[0][0]
    )
    assert 100 < len(points) <= 300 < len(everything)
    assert set(points) <= set(everything)
    extremes = [{pick(value for _, value in each) for pick in (min, max)} for each in (points, everything)]
    assert extremes[0] == extremes[1]


def test_any_metric_of_the_catalogue_can_be_added_by_the_address(visit_demo: Visit, sql: Sql) -> None:
    page = visit_demo("price", **DAYS, metrics=["ema_short", "adx", "garch11_vol"])
    (chosen,) = page.multiselect
    assert chosen.value == ["ema_short", "adx", "garch11_vol"]
    stored = {name for (name,) in sql("select distinct metric from meta.catalog")}
    columns = {name for name, *_ in sql("describe serving.metrics")}
    assert set(chosen.options) == stored & columns and len(chosen.options) > 60
    assert {"ema_short", "adx", "garch11_vol"} <= set(datasets(page)["bars"].column_names)
    price, volume, *below = specification(page)["vconcat"]
    fields = [{unit["encoding"]["y"].get("field") for unit in pane["layer"]} for pane in (price, *below)]
    assert "ema_short" in fields[0] and "adx" in fields[1] and "garch11_vol" in fields[2]
    assert volume["encoding"]["y"]["field"] == "volume"
    linked = " ".join(caption.value for caption in page.caption)
    assert "/catalogue?metric=garch11_vol&symbol=BTCUSDT&interval=1d" in linked


def test_levels_are_the_newest_word_on_each_within_the_prices_shown(visit_demo: Visit, sql: Sql) -> None:
    found = datasets(visit_demo("price", **DAYS))
    shown = rows(found["levels"], "kind", "level", "touches")
    low, high = min(found["bars"]["low"].to_pylist()), max(found["bars"]["high"].to_pylist())
    stored = sql("select kind, level, touches from serving.levels where symbol = 'BTCUSDT' and interval = '1d'")
    assert 0 < len(shown) <= 6
    assert set(shown) <= set(stored)
    assert all(low <= level <= high for _, level, _ in shown)
    last = found["bars"]["close"][-1].as_py()
    for kind, level, is_passed in rows(found["levels"], "kind", "level", "is_passed"):
        assert is_passed == (last > level if kind == "resistance" else last < level)


def test_of_levels_whose_names_would_cover_each_other_the_first_is_drawn() -> None:
    """What is not drawn covers nothing; the name of a support stands below it, that of a resistance above."""
    found = told_apart([(100, "s"), (109, "s"), (118, "s"), (50, "s"), (70, "s"), (30, "s"), (10, "s"), (90, "s")])
    assert found == [100, 118, 50, 70, 30, 10]
    assert told_apart([(100, "r"), (115, "s")]) == [100]
    assert told_apart([(100, "s"), (101, "r")]) == [100, 101]
    assert told_apart([]) == []


def told_apart(levels: list[tuple[float, str]]) -> list[float]:
    """Those that are drawn where names need 10, of levels that are supports or resistances."""
    kinds = {"s": "support", "r": "resistance"}
    table = pa.table(
        {
            "level": pa.array([level for level, _ in levels], pa.float64()),
            "kind": pa.array([kinds[kind] for _, kind in levels], pa.string()),
        }
    )
    shown: list[float] = price_chart.told_apart(table, 10.0)["level"].to_pylist()
    return shown


def test_the_strip_shows_all_bars_and_shades_those_above(visit_demo: Visit, sql: Sql) -> None:
    page = visit_demo("price", **DAYS)
    found, above = datasets(page, 1), datasets(page)["bars"]["ts"]
    stored = sql("select ts, close from serving.final_bars where symbol = 'BTCUSDT' and interval = '1d' order by ts")
    points = rows(found["points"], "ts", "close")
    assert points[0] == stored[0] and points[-1] == stored[-1]
    assert set(points) <= set(stored) and len(points) <= 480
    assert rows(found["shown"], "since", "until") == [(above[0].as_py(), above[-1].as_py())]


def test_a_stretch_of_the_address_is_what_is_drawn_in_its_finest_candles(visit_demo: Visit, sql: Sql) -> None:
    since = TODAY - timedelta(days=300)
    until = since + timedelta(days=56)
    page = visit_demo("price", **DAYS, **chosen(since, until))
    shown = rows(datasets(page)["bars"], "ts", "close")
    assert shown == sql(
        "select ts, close from serving.bars where symbol = 'BTCUSDT' and interval = '1d' "
        "and ts >= ? and ts < ? order by ts",
        since,
        until,
    )
    assert len(shown) == 56
    assert any(f"{since:%Y-%m-%d} 00:00 UTC to {until:%Y-%m-%d} 00:00 UTC" in title.value for title in page.subheader)


def test_a_candle_of_several_bars_has_all_of_them_where_the_stretch_begins_or_ends(visit_demo: Visit, sql: Sql) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday() + 7)
    since, until = monday - timedelta(weeks=70), monday
    page = visit_demo(
        "price", symbol="SPY", interval="1d", **chosen(since + timedelta(days=2), until - timedelta(days=4))
    )
    shown = rows(datasets(page)["bars"], "ts", "open", "high", "low", "close", "volume")
    assert shown == sql(
        "select date_trunc('week', ts), arg_min(open, ts), max(high), min(low), arg_max(close, ts), sum(volume) "
        "from serving.bars where symbol = 'SPY' and interval = '1d' and ts >= ? and ts < ? group by all order by all",
        since,
        until,
    )
    assert len(shown) == 70


def test_a_stretch_without_bars_says_so(visit_demo: Visit) -> None:
    page = visit_demo("price", **DAYS, **{"from": "1999-01-05T00:00Z", "to": "1999-03-02T00:00Z"})
    assert not page.exception and not page.get("vega_lite_chart")
    assert any("No bars in this stretch" in text.value for text in page.markdown)


@pytest.mark.parametrize("wrong", [{"from": "yesterday", "to": "now"}, {"from": "2026-03-02T00:00Z"}])
def test_half_a_stretch_or_nonsense_is_none(visit_demo: Visit, wrong: dict[str, str]) -> None:
    page = visit_demo("price", **DAYS, **wrong)
    assert not page.exception and len(page.get("vega_lite_chart")) == 2


def test_figures_have_a_view_of_their_own(visit_demo: Visit, sql: Sql) -> None:
    page = visit_demo("price", **DAYS, view="Figures")
    ((count,),) = sql("select count(*) from serving.latest_metrics where symbol = 'BTCUSDT' and interval = '1d'")
    assert len(page.metric) >= count > 20
    assert not page.get("vega_lite_chart")


def test_days_of_shares_are_sessions_of_a_named_exchange(visit_demo: Visit) -> None:
    said = [
        " ".join(caption.value for caption in visit_demo("price", symbol=symbol, interval="1d").caption)
        for symbol in ("SPY", "BTCUSDT")
    ]
    assert "A day is a session of XNYS, America/New_York." in said[0] and "A day begins at 00:00 UTC." in said[1]


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "length", "step"),
    [
        ("1m", timedelta(hours=2), 60),
        ("1m", timedelta(hours=7), 300),  # 420 minutes are more than can be told apart
        ("1m", timedelta(days=3), 900),
        ("1d", timedelta(days=10), DAY),
        ("1d", timedelta(days=5 * 365), 7 * DAY),
        ("4h", timedelta(days=30), 4 * HOUR),
        ("1w", timedelta(days=2000), 7 * DAY),
        ("1w", timedelta(days=9999), 28 * DAY),
        ("1d", timedelta(days=9999), 28 * DAY),
    ],
)
def test_a_chosen_stretch_has_the_finest_candles_that_can_be_told_apart(
    interval: str, length: timedelta, step: int
) -> None:
    assert windows.between(interval, NOON - length, NOON).step == step


def test_every_range_has_few_candles_and_its_steps_are_whole_bars() -> None:
    ranges = [window for choices in windows.RANGES.values() for window in choices.values()]
    assert all(window.span / window.step <= windows.MOST_CANDLES for window in ranges)
    assert all(window.step % windows.BAR_SECONDS[window.interval] == 0 for window in ranges)


def test_only_an_open_bar_that_is_shown_is_asked_again() -> None:
    coin, share = {"asset_class": "crypto"}, {"asset_class": "equity"}
    hour = Window("1m", HOUR, 60)
    assert windows.refresh_seconds(coin, hour, 0) == 2.1
    assert windows.refresh_seconds(coin, hour, 4) == 10  # what stands below makes it heavier
    assert windows.refresh_seconds(coin, Window("1d", 365 * DAY, DAY), 4) == 60
    assert windows.refresh_seconds(share, Window("1d", 365 * DAY, DAY), 4) == 60
    assert windows.refresh_seconds(coin, Window("1h", 3 * DAY, HOUR), 0) is None
    assert windows.refresh_seconds(coin, windows.between("1m", NOON - timedelta(hours=1), NOON), 0) is None


def test_kinds_share_an_axis_and_levels_stand_over_the_price(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "ema_short": ("exponential_averages", "price"),
        "atr": ("true_range", "price"),
        "rsi": ("oscillators", "0 to 100"),
        "cci": ("oscillators", "ratio"),
        "realized_vol": ("volatility", "decimal per year"),
        "garch11_vol": ("conditional_variance", "decimal per year"),
    }
    known = {name: {"metric": name, "family": family, "unit": unit} for name, (family, unit) in told.items()}
    monkeypatch.setattr("dashboard.data.catalog", lambda: known)
    found = indicators.arranged(list(told), "USD")
    assert found.overlays == ("ema_short",)
    assert [(pane.title, pane.metrics) for pane in found.panes] == [
        ("(USD)", ("atr",)),
        ("(0-100)", ("rsi",)),
        ("(ratio)", ("cci",)),
        ("(%/yr)", ("realized_vol", "garch11_vol")),
    ]
    assert found.panes[1].guides == (30, 70)  # config.yaml: signals.rules.rsi_level


def test_what_a_brush_says_becomes_an_address_of_whole_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    address: dict[str, str] = {"symbol": "SPY"}
    monkeypatch.setattr("streamlit.query_params", address)
    edges = [NOON.timestamp() * 1000 + 1234.5, (NOON - timedelta(days=2)).timestamp() * 1000]
    stretch.choose(stretch.brushed({"selection": {"brush": {"ts": edges}}}, "brush", "ts"))
    assert address == {"symbol": "SPY", "from": "2026-11-20T12:00Z", "to": "2026-11-22T12:00Z"}
    assert stretch.chosen() == (NOON - timedelta(days=2), NOON)
    stretch.choose(stretch.brushed({"selection": {"brush": {}}}, "brush", "ts"))
    assert address == {"symbol": "SPY"} and stretch.chosen() is None
