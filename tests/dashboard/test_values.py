"""What a page shows is what the warehouse says, at full precision: numbers, tables and the points of charts."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import formats
from dashboard.views import tape

Visit = Callable[..., AppTest]


def drawn(page: AppTest, which: int = 0) -> pa.Table:
    """The rows behind a chart."""
    chart = page.get("vega_lite_chart")[which].proto
    data = chart.datasets[0].data.data if chart.datasets else chart.data.data
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def name_of(tile: Any) -> str:
    """What stands above the number; it is a link to what explains it."""
    return str(tile.label).removeprefix("[").partition("]")[0]


def test_market_tiles_show_the_newest_prices(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    page = visit_demo("")
    shown = {name_of(tile): (tile.value, tile.delta) for tile in page.metric if "metric=close" in tile.label}
    expected = sql("select symbol, price, change from serving.latest_prices")
    assert shown == {symbol: (formats.price(price), formats.change(change) or "") for symbol, price, change in expected}
    assert len(shown) == 7  # config.yaml: three coins and four equities


def test_market_arrows_point_where_the_price_went(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    priced = (tile for tile in visit_demo("").metric if "metric=close" in tile.label)
    tiles = {name_of(tile): tile.proto for tile in priced}
    changes = dict(sql("select symbol, change from serving.latest_prices"))
    assert set(tiles) == set(changes)
    for symbol, tile in tiles.items():
        arrow = {"up": tile.UP, "down": tile.DOWN, "flat": tile.NONE}[formats.direction(changes[symbol])]
        assert tile.direction == arrow, (symbol, changes[symbol])


def test_minute_candles_are_the_bars(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    page = visit_demo("price", symbol="ETHUSDT", interval="1m", range="1h")
    shown = drawn(page).select(["ts", "open", "high", "low", "close", "volume", "sma", "bb_upper", "bb_lower"])
    expected = sql(
        """
        select ts, open, high, low, close, volume, sma, bb_upper, bb_lower
        from serving.bars where symbol = 'ETHUSDT' and interval = '1m'
        order by ts desc limit 60
        """
    )
    rows = [tuple(row.values()) for row in shown.to_pylist()]
    assert len(rows) == 60
    assert rows == expected[::-1]


def test_wide_candles_keep_extremes_ends_and_volume(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    candle = drawn(visit_demo("price", symbol="BTCUSDT", interval="1d", range="5Y")).to_pylist()[-2]
    (expected,) = sql(
        """
        select arg_min(open, ts), max(high), min(low), arg_max(close, ts), sum(volume), count(*)
        from serving.bars
        where symbol = 'BTCUSDT' and interval = '1d' and ts >= ? and ts < ? + interval 7 days
        """,
        candle["ts"],
        candle["ts"],
    )
    assert expected[-1] == 7
    names = ("open", "high", "low", "close", "volume")
    assert [candle[name] for name in names] == pytest.approx(expected[:-1], rel=1e-12)


@pytest.mark.parametrize(
    ("symbol", "interval", "span", "is_plain"),
    [
        ("BTCUSDT", "1m", "6h", True),
        ("BTCUSDT", "1m", "1d", False),
        ("SPY", "1d", "1Y", True),
        ("SPY", "1d", "5Y", False),
    ],
)
def test_overlays_are_drawn_only_where_a_candle_is_one_bar(
    visit_demo: Visit, symbol: str, interval: str, span: str, is_plain: bool
) -> None:
    """The mean of 20 days under weekly candles would pass for one of 20 weeks."""
    page = visit_demo("price", symbol=symbol, interval=interval, range=span)
    overlays = {"sma", "bb_upper", "bb_lower"}
    assert overlays & set(drawn(page).column_names) == (overlays if is_plain else set())
    captions = " ".join(caption.value for caption in page.caption)
    assert ("mean of 20" in captions) == ("population standard deviations" in captions) == is_plain


@pytest.mark.parametrize("span", ["3M", "5Y"])
def test_candles_say_how_far_their_data_go_not_when_the_open_day_ends(
    visit_demo: Visit, sql: Callable[..., list[Any]], span: str
) -> None:
    ((until,),) = sql("select max(as_of) from serving.bars where symbol = 'BTCUSDT' and interval = '1d'")
    captions = [caption.value for caption in visit_demo("price", symbol="BTCUSDT", interval="1d", range=span).caption]
    (said,) = [caption for caption in captions if "`serving.bars`" in caption]
    assert said.endswith(f"data to {formats.instant(until)}")
    assert until <= datetime.now(UTC)


def test_data_below_a_chart_are_its_rows(visit_demo: Visit) -> None:
    """Closed, the table costs nothing; opened, it holds every row and value that is drawn."""
    assert not visit_demo("options", symbol="AAPL").dataframe
    (table,) = visit_demo("options", {"expander_surface_AAPL": True}, symbol="AAPL").dataframe
    cells = drawn(visit_demo("options", symbol="AAPL")).drop_columns(["x0", "x1"])
    assert table.value["implied_vol"].tolist() == cells["implied_vol"].to_pylist()
    assert list(table.value.columns) == cells.column_names


@pytest.mark.parametrize(("interval", "span"), [("1m", "1h"), ("1m", "6h"), ("1m", "3d"), ("1d", "1Y"), ("1d", "5Y")])
def test_no_chart_has_so_many_marks_that_it_leaves_svg(visit_demo: Visit, interval: str, span: str) -> None:
    rows = drawn(visit_demo("price", symbol="BTCUSDT", interval=interval, range=span)).num_rows
    assert 0 < rows * 5 <= 2000  # two wicks, body, volume and at most one signal a candle


def test_each_cell_of_the_surface_is_a_row_of_it(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    cells = drawn(visit_demo("options", symbol="AAPL")).select(["expiry_on", "strike", "implied_vol"])
    shown = {tuple(row.values()) for row in cells.to_pylist()}
    expected = sql(
        """
        select expiry_on, strike, implied_vol from serving.option_surface
        where underlying = 'AAPL' and implied_vol is not null
        """
    )
    assert shown == set(expected)
    assert len(shown) > 50


def test_trades_are_the_newest_ones(visit_demo: Visit, sql: Callable[..., list[Any]]) -> None:
    """The fixture's market may stand still, and its trades be older than the page shows: then it says so."""
    expected = sql(
        """
        select ts, price, size, case when is_buyer_maker then 'sell' else 'buy' end
        from serving.recent_trades where symbol = 'BTCUSDT' and ts > now() - interval 15 minutes
        order by trade_id desc limit ?
        """,
        tape.TRADES,
    )
    page = visit_demo("", symbol="BTCUSDT")
    tapes = [table.value for table in page.dataframe if "side" in table.value]
    shown = [tuple(row) for tape in tapes for row in tape.itertuples(index=False)]
    assert shown == expected
    assert expected or any("No trade in the last 15 minutes" in element.value for element in page.markdown)


def test_unknown_symbol_in_the_address_is_told_and_the_first_one_shown(visit_demo: Visit) -> None:
    page = visit_demo("price", symbol="[NO](//such)")
    assert not page.exception
    assert page.get("vega_lite_chart")
    assert "There is no NOsuch on this page." in [toast.value for toast in page.toast]


def test_small_letters_of_an_address_name_the_same_symbol(visit_demo: Visit) -> None:
    page = visit_demo("price", symbol="ethusdt")
    assert {group.value for group in page.button_group if group.label == "Symbol"} == {"ETHUSDT"}
    assert not page.toast and page.query_params["symbol"] == "ETHUSDT"  # whoever sends the link on sends it whole


def test_specification_of_a_chart_does_not_depend_on_its_data(visit_demo: Visit) -> None:
    """Streamlit swaps the rows in place if nothing but their name differs; else it draws anew, with a flicker."""
    pages = [visit_demo("price", symbol=symbol, interval="1m", range="1h") for symbol in ("BTCUSDT", "SOLUSDT")]
    one, other = ([chart.proto for chart in page.get("vega_lite_chart")] for page in pages)
    assert [chart.spec for chart in one] == [chart.spec for chart in other]
    assert [[rows.name for rows in chart.datasets] for chart in one] == [["bars", "levels"], ["points", "shown"]]
