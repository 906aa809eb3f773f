"""The stand-in as a Binance client meets it: real sockets, the exchange's words, one truth behind all paths."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from ingest.standin.assets import coin_of
from ingest.standin.child import Market, running_market
from ingest.standin.messages import Messages
from ingest.standin.rest import Rest, trades_from
from ingest.standin.tape import Tape

# Its clock starts shortly before a full minute, so that a closing bar comes soon.
AT = datetime(2026, 3, 17, 14, 59, 54, tzinfo=UTC)
SMALL = {"QUANT_CRYPTO__SYMBOLS": '["BTCUSDT", "SOLUSDT"]', "QUANT_PORTFOLIOS__CRYPTO": '["BTCUSDT"]'}


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with running_market(AT, SMALL) as market:
        yield market


def get(market: Market, path: str, **parameters: object) -> Any:
    answer = httpx.get(f"{market.url}/api/v3/{path}", params={key: str(value) for key, value in parameters.items()})
    assert answer.headers["X-Stand-In"] == "quant-dashboard"
    return answer.json()


async def receive(socket: ClientConnection, seconds: float = 5) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), seconds))


def test_the_stream_sends_the_very_trades_that_the_archive_returns(market: Market) -> None:
    async def listen() -> list[dict[str, Any]]:
        frames: list[dict[str, Any]] = []
        closing = None
        async with connect(f"{market.stream_url}/stream?streams=btcusdt@trade/btcusdt@kline_1m/nosuch@trade") as socket:
            deadline = time.monotonic() + 75
            while time.monotonic() < deadline and (closing is None or frames[-1]["data"]["e"] != "trade"):
                frames.append(await receive(socket))
                if frames[-1]["data"]["e"] == "kline" and frames[-1]["data"]["k"]["x"]:
                    closing = frames[-1]
        return frames

    frames = asyncio.run(listen())
    trades = [frame["data"] for frame in frames if frame["stream"] == "btcusdt@trade"]
    bars = [frame["data"] for frame in frames if frame["stream"] == "btcusdt@kline_1m"]
    assert len(trades) + len(bars) == len(frames)  # a pair that does not exist never sends
    ids = [trade["t"] for trade in trades]
    assert ids == list(range(ids[0], ids[-1] + 1))
    assert all(0 <= trade["E"] - trade["T"] < 10_000 for trade in trades)  # two cores may have more to do
    body = get(market, "historicalTrades", symbol="BTCUSDT", fromId=ids[0], limit=len(ids))
    kept = [(row["id"], row["price"], row["qty"], row["time"], row["isBuyerMaker"]) for row in body]
    assert kept == [(trade["t"], trade["p"], trade["q"], trade["T"], trade["m"]) for trade in trades]
    (closing,) = [bar["k"] for bar in bars if bar["k"]["x"]]
    check_bar(market, closing)


def check_bar(market: Market, k: dict[str, Any]) -> None:
    """A closed kline frame against the REST bar, and both against the trades it names."""
    assert k["L"] - k["f"] + 1 == k["n"]
    [row] = get(market, "klines", symbol="BTCUSDT", interval="1m", startTime=k["t"], limit=1)
    assert row == [k["t"], k["o"], k["h"], k["l"], k["c"], k["v"], k["T"], k["q"], k["n"], k["V"], k["Q"], "0"]
    trades = get(market, "historicalTrades", symbol="BTCUSDT", fromId=k["f"], limit=k["n"])
    assert {trade["time"] // 60_000 * 60_000 for trade in trades} == {k["t"]}
    prices, sizes = ([Decimal(trade[key]) for trade in trades] for key in ("price", "qty"))
    assert [f"{price:.8f}" for price in (prices[0], max(prices), min(prices), prices[-1])] == row[1:5]
    assert sum(sizes) == Decimal(k["v"])
    assert sum(Decimal(trade["quoteQty"]) for trade in trades) == Decimal(k["q"])
    bought = [trade for trade in trades if not trade["isBuyerMaker"]]
    assert sum(Decimal(trade["qty"]) for trade in bought) == Decimal(k["V"])
    assert sum(Decimal(trade["quoteQty"]) for trade in bought) == Decimal(k["Q"])


def test_another_process_has_the_same_past(market: Market) -> None:
    now_us = int(AT.timestamp() * 1e6)
    tape = Tape(coin_of("SOLUSDT"), lambda: now_us)
    tape.prepare()
    here = Messages(tape.coin).trade_rows(trades_from(tape, 1_000_000, 700, now_us), micro=False)
    assert here == get(market, "historicalTrades", symbol="SOLUSDT", fromId=1_000_000, limit=700)


def test_subscribing_and_unsubscribing_take_effect(market: Market) -> None:
    async def listen() -> tuple[Any, Any]:
        async with connect(f"{market.stream_url}/stream?timeUnit=MICROSECOND") as socket:
            await socket.send('{"method":"SUBSCRIBE","params":["solusdt@aggTrade"],"id":1}')
            assert await receive(socket) == {"result": None, "id": 1}
            assert socket.response is not None
            assert socket.response.headers["X-Stand-In"] == "quant-dashboard"
            first = await receive(socket)
            await socket.send('{"method":"UNSUBSCRIBE","params":["solusdt@aggTrade"],"id":2}')
            while (answer := await receive(socket)).get("id") != 2:
                pass
            with pytest.raises(TimeoutError):
                await receive(socket, 1.5)
            return first, answer

    first, answer = asyncio.run(listen())
    assert answer == {"result": None, "id": 2}
    assert first["stream"] == "solusdt@aggTrade"
    assert first["data"]["T"] > 10**15  # microseconds
    assert first["data"]["a"] == first["data"]["f"] == first["data"]["l"]


def test_too_many_control_frames_close_the_connection(market: Market) -> None:
    async def flood() -> int | None:
        async with connect(f"{market.stream_url}/ws") as socket:
            for number in range(12):
                await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
            await asyncio.wait_for(socket.wait_closed(), 5)
            return socket.close_code

    assert asyncio.run(flood()) == 1008


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [  # codes and sentences: errors.md of the exchange's documentation
        ("klines", {"symbol": "NOPE", "interval": "1m"}, -1121),
        ("klines", {"interval": "1m"}, -1102),
        ("klines", {"symbol": "BTCUSDT"}, -1102),
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("klines", {"symbol": "btcusdt", "interval": "1m"}, -1100),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "startTime": "yesterday"}, -1100),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "color": "red"}, -1104),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": ""}, -1105),
        ("trades", {"symbol": "BTCUSDT", "limit": 0}, -1130),
        ("trades", {"symbol": "BTCUSDT", "limit": 1, "fromId": 3}, -1101),
        ("aggTrades", {"symbol": "BTCUSDT", "fromId": 1, "startTime": 5}, -1128),
        ("exchangeInfo", {"symbol": "NOPE"}, -1121),
    ],
)
def test_a_wrong_request_gets_the_exchange_s_code(
    market: Market, path: str, parameters: dict[str, object], code: int
) -> None:
    assert get(market, path, **parameters)["code"] == code


def test_bars_obey_bounds_and_limits(market: Market) -> None:
    start = int(AT.timestamp() * 1000) // 60_000 * 60_000 - 3600_000
    opens = [row[0] for row in get(market, "klines", symbol="BTCUSDT", interval="1m", startTime=start + 1, limit=5)]
    assert opens == [start + 60_000 * (1 + k) for k in range(5)]
    until = get(market, "klines", symbol="BTCUSDT", interval="5m", endTime=start, limit=3)
    assert until[-1][0] == start // 300_000 * 300_000
    assert len(until) == 3
    assert len(get(market, "klines", symbol="BTCUSDT", interval="1m", limit=5000)) == 1000
    assert len(get(market, "klines", symbol="BTCUSDT", interval="1d")) == 500
    assert get(market, "klines", symbol="BTCUSDT", interval="1m", startTime=4 * 10**12) == []


def test_newest_trades_end_where_the_archive_goes_on(market: Market) -> None:
    newest = get(market, "trades", symbol="SOLUSDT", limit=3)
    assert [trade["id"] for trade in newest] == list(range(newest[0]["id"], newest[0]["id"] + 3))
    assert get(market, "historicalTrades", symbol="SOLUSDT", fromId=newest[0]["id"])[:3] == newest
    assert get(market, "historicalTrades", symbol="SOLUSDT", fromId=newest[-1]["id"] + 100_000) == []
    at = newest[1]["time"]
    assert get(market, "aggTrades", symbol="SOLUSDT", startTime=at, limit=1)[0]["T"] == at


def test_clients_find_what_they_read_at_start(market: Market) -> None:
    assert get(market, "ping") == {}
    assert get(market, "time")["serverTime"] >= int(AT.timestamp() * 1000)
    info = get(market, "exchangeInfo", symbol="SOLUSDT")["symbols"][0]
    assert (info["baseAsset"], info["quoteAsset"], info["status"]) == ("SOL", "USDT", "TRADING")
    kinds = {rule["filterType"]: rule for rule in info["filters"]}
    assert kinds["PRICE_FILTER"]["tickSize"] == "0.01000000"
    assert kinds["LOT_SIZE"]["stepSize"] == "0.00100000"
    day = get(market, "ticker/24hr", symbol="SOLUSDT")
    assert day["lastId"] - day["firstId"] + 1 == day["count"]
    assert Decimal(day["lowPrice"]) <= Decimal(day["weightedAvgPrice"]) <= Decimal(day["highPrice"])
    assert {row["symbol"] for row in get(market, "ticker/price")} == {"BTCUSDT", "SOLUSDT"}


def test_weight_is_counted_and_its_limit_enforced() -> None:
    """exchangeInfo weighs 20 and 6000 are allowed in a minute: the 301st is refused."""
    quarter_past = 15 * 1_000_000
    app = Starlette(routes=[*Rest({}, lambda: quarter_past).routes()])

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://standin") as client:
            return [await client.get("/api/v3/exchangeInfo") for _ in range(301)]

    answers = asyncio.run(ask())
    assert [answer.headers["X-MBX-USED-WEIGHT-1M"] for answer in answers[:3]] == ["20", "40", "60"]
    assert {answer.status_code for answer in answers[:300]} == {200}
    assert (answers[300].status_code, answers[300].json()["code"]) == (429, -1003)
    assert answers[300].headers["Retry-After"] == "45"


def test_it_says_goodbye_and_leaves_cleanly() -> None:
    with running_market(AT, SMALL | {"QUANT_CRYPTO__SYMBOLS": '["BTCUSDT"]'}) as market:

        async def watch() -> list[Any]:
            async with connect(f"{market.stream_url}/stream?streams=btcusdt@trade") as socket:
                await receive(socket)
                market.process.terminate()
                frames = []
                with pytest.raises(ConnectionClosedError, match="1012"):
                    while True:
                        frames.append(await receive(socket))
                return frames

        frames = asyncio.run(watch())
        assert frames[-1]["data"]["e"] == "serverShutdown"
        assert market.stop() == 0
