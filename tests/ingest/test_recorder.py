"""The real stream client against a local exchange: from the frame to the row on disk."""

import asyncio
import json
from decimal import Decimal

import duckdb
import pytest

from ingest.binance_record import Trade
from ingest.binance_rest import BinanceRest
from ingest.binance_rest_rows import parse_rest_trade
from ingest.crypto import Recorder
from ingest.parquet import lay_down_empty_files
from ingest.runs import Run
from ingest.tail import Tail
from quant.boundary import EPOCH
from quant.settings import PROJECT_PATH, Settings
from tests.ingest.exchange import Exchange, trade_frame, trade_row
from tests.ingest.market_time import SOURCE, seen
from tests.ingest.recorder_session import START, Session, frames, rows

RECORDED = PROJECT_PATH.parent / "shared" / "data" / "binance_btcusdt_trades_2021-01-08.parquet"
THREE_REAL_TRADES = [  # the first of 2021-01-08 at Binance
    (553287559, 1610064000278, "39432.48000000", "0.00026300", True),
    (553287560, 1610064000310, "39439.44000000", "0.00437600", False),
    (553287561, 1610064000368, "39439.22000000", "0.00031100", False),
]
BAR = {
    "t": START,
    "T": START + 59_999,
    "s": "BTCUSDT",
    "i": "1m",
    "f": 1,
    "L": 3,
    "o": "100.5",
    "c": "100.5",
    "h": "100.5",
    "l": "100.5",
    "v": "0.75",
    "n": 3,
    "x": True,
    "q": "75.375",
    "V": "0",
    "Q": "0",
    "B": "0",
}


def test_stream_begins_where_it_begins(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(501, 502, 503))

    session.run(script, 3)
    assert seen(settings.parquet_path, EPOCH) == [501, 502, 503]
    assert session.ledger("gaps") == []
    assert "btcusdt@trade/btcusdt@kline_1m/btcusdt@kline_1d/ethusdt@trade" in exchange.requests[0]


def test_doubles_are_counted_and_gaps_filled(settings: Settings, exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 100))
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(1, 2, 2, 1, 3, 8, 7, 9))

    session.run(script, 8)
    assert seen(settings.parquet_path, EPOCH) == list(range(1, 10))
    gap = session.ledger("gaps")[0]
    assert (gap["first_trade_id"], gap["last_trade_id"], gap["status"], gap["count_filled"]) == (4, 7, "filled", 4)
    assert (gap["symbol"], gap["source"], gap["ingest_run_id"]) == ("BTCUSDT", SOURCE, session.trades.run_id)
    run = next(row for row in session.ledger("runs") if row["dataset"] == "trades")
    assert (run["row_count"], run["count_duplicates"], run["status"]) == (9, 3, "ok")


def test_restart_fills_what_it_missed(settings: Settings, exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 100))
    for count, ids in ((1, (1, 2, 3)), (2, (50, 51))):
        session = Session(settings, exchange)

        def script(count: int = count, ids: tuple[int, ...] = ids) -> None:
            exchange.wait_for_streams(count)
            exchange.send(frames(*ids))

        session.run(script, len(ids))
    assert seen(settings.parquet_path, EPOCH) == list(range(1, 52))


def test_restart_fills_holes_of_the_newest_minutes(settings: Settings, exchange: Exchange) -> None:
    exchange.trades["BTCUSDT"] = rows(*range(1, 100))
    lay_down_empty_files(settings.parquet_path)
    before = [parse_rest_trade(json.dumps(row).encode(), "BTCUSDT", START * 1000) for row in rows(1, 2, 4, 5, 9)]
    Tail(settings.parquet_path, SOURCE, "before", symbols=1).write(
        [trade for trade in before if isinstance(trade, Trade)]
    )
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(frames(10, 11))

    session.run(script, 2)
    assert seen(settings.parquet_path, EPOCH) == list(range(1, 12))
    gaps = [(gap["first_trade_id"], gap["last_trade_id"], gap["status"]) for gap in session.ledger("gaps")]
    assert gaps == [(3, 3, "filled"), (6, 8, "filled")]


def test_nonsense_is_kept_aside_and_the_stream_goes_on(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)
    foreign = trade_frame("DOGEUSDT", trade_row(1, START))

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([*frames(1), b"{nonsense", foreign, b'{"result":null,"id":1}', *frames(2)])

    session.run(script, 5)
    assert seen(settings.parquet_path, EPOCH) == [1, 2]
    letters = session.ledger("dead_letters")
    assert [letter["frame"] for letter in letters] == [b"{nonsense", foreign]
    assert "DOGEUSDT" in str(letters[1]["reason"])
    run = next(row for row in session.ledger("runs") if row["dataset"] == "trades")
    assert (run["count_dead_letters"], run["count_ignored"], run["row_count"]) == (2, 1, 2)


def test_kinds_without_number_take_no_memory_without_bound(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)
    kinds = [b'{"stream":"x","data":{"e":"%s%d"}}' % (b"kind" * 100, number) for number in range(50)]
    kinds += [b'{"stream":"x","data":{"e":"kind%d"}}' % number for number in range(500)]

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send([*kinds, *frames(1)])

    session.run(script, 551)
    ignored = session.trades.ignored
    assert sum(ignored.values()) == 550
    assert len(ignored) <= 101 and max(map(len, ignored)) <= 40
    assert ignored["others"] == 401


def test_only_closed_bars_are_stored(settings: Settings, exchange: Exchange) -> None:
    session = Session(settings, exchange)
    bars = [BAR | {"x": False}, BAR, BAR, BAR | {"t": START + 3_600_000, "T": START + 3_659_999}]

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(
            [json.dumps({"stream": "s", "data": {"e": "kline", "s": "BTCUSDT", "k": bar}}).encode() for bar in bars]
        )

    session.run(script, 4)
    folder = settings.parquet_path / "klines/symbol=BTCUSDT/source=binance/interval=1m"
    assert [path.name for path in sorted(folder.iterdir())] == [
        "stream-2026-11-20T09.parquet",
        "stream-2026-11-20T10.parquet",
    ]
    stored = duckdb.execute(
        f"select is_final, trade_count, first_trade_id, volume from '{folder}/*.parquet'"
    ).fetchall()
    assert stored == [(True, 3, 1, Decimal("0.75"))] * 2


def test_flush_that_failed_is_made_up_for(
    settings: Settings, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down_empty_files(settings.parquet_path)
    trades, klines = (Run(settings.parquet_path, SOURCE, name) for name in ("trades", "klines"))

    async def run() -> None:
        recorder = Recorder(settings, trades, klines, BinanceRest([exchange.url], trades.reject))
        await recorder.take_frames(frames(1), START * 1000)
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", _full_disk)
            with pytest.raises(OSError, match="No space"):
                await recorder.flush()
        await recorder.take_frames(frames(2), START * 1000)
        await recorder.flush()

    asyncio.run(run())
    assert seen(settings.parquet_path, EPOCH) == [1, 2]


@pytest.mark.parametrize("origin", ["three", "recorded"])
def test_real_trades_survive_the_whole_way(settings: Settings, exchange: Exchange, origin: str) -> None:
    if origin == "recorded" and not RECORDED.is_file():
        pytest.skip(f"the recording {RECORDED.name} is not beside the project")
    real = THREE_REAL_TRADES if origin == "three" else _recorded_trades()
    session = Session(settings, exchange)

    def script() -> None:
        exchange.wait_for_streams(1)
        exchange.send(
            [
                trade_frame("BTCUSDT", trade_row(trade_id, at, price, size) | {"isBuyerMaker": is_maker})
                for trade_id, at, price, size, is_maker in real
            ]
        )

    session.run(script, len(real))
    stored = duckdb.execute(
        f"""select trade_id, epoch_ms(ts), price::varchar, size::varchar, is_buyer_maker
            from '{settings.parquet_path}/trades/tail/symbol=BTCUSDT/*/*/*/*.parquet' order by trade_id"""
    ).fetchall()
    assert stored == real
    assert len(real) == {"three": 3, "recorded": 2001}[origin]


def _recorded_trades() -> list[tuple[int, int, str, str, bool]]:
    """Prices and sizes have at most 8 decimals at the exchange; the recording holds them as doubles."""
    return duckdb.execute(
        f"""select trade_id, epoch_ms(timestamp), printf('%.8f', price), printf('%.8f', quantity), buyer_maker = 'True'
            from '{RECORDED}' order by trade_id"""
    ).fetchall()


def _full_disk(descriptor: int) -> None:
    raise OSError(28, "No space left on device")
