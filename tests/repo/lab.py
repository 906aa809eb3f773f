"""A small market written straight as Parquet: two coins, two shares, and a second visit that corrects the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest import record
from ingest.parquet import lay_down_empty_files, partition_path, write_table
from ingest.record import Dataset

COINS, SHARES = ("BTCUSDT", "ETHUSDT"), ("SPY", "AAPL")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Row = dict[str, Any]


def wave(i: int, symbol: str) -> float:
    """A price that moves, differently for each symbol."""
    return 100.0 + 7 * ((i * 37 + len(symbol) * 11 + ord(symbol[0])) % 13) + i / 8


@dataclass(frozen=True)
class Lab:
    """Yesterday at noon is minute 0; `now` is when the first visit began."""

    root: Path
    now: datetime

    @property
    def noon(self) -> datetime:
        return datetime.combine(self.now.date() - DAY, time(12), UTC)

    def first_visit(self) -> None:
        """Klines of minutes 0 to 29, trades of minutes 25 to 34 without ids 3165 and 3166, 30 days, 30 sessions."""
        lay_down_empty_files(self.root)
        fetched = self.now - timedelta(hours=5)
        for coin in COINS:
            self.klines(
                "1d", coin, "1", [self.kline("1d", coin, i, fetched + timedelta(hours=2)) for i in range(-30, 0)]
            )
            self.klines("1m", coin, "1", [self.kline("1m", coin, i, fetched) for i in range(30)])
            self.trades(
                coin,
                "1",
                [
                    trade
                    for i in range(25, 35)
                    for trade in self.minute(coin, i, fetched)
                    if trade["trade_id"] not in (3165, 3166)
                ],
            )
            self.gap(coin, "open", fetched)
        for share in SHARES:
            self.sessions(share, "1", [self.session(share, i, fetched) for i in range(30)])

    def second_visit(self) -> None:
        """Late klines of 30, 31 and 34, a corrected minute 10, the hole filled; a dividend, a close that is missing.

        The second share's sessions are fetched again as they were: on every day of the week there is something to keep.
        """
        fetched = self.now - timedelta(hours=1)
        for coin in COINS:
            late = [self.kline("1m", coin, i, fetched) for i in (30, 31, 34)]
            corrected = self.kline("1m", coin, 10, fetched) | {"close": Decimal("99.5"), "low": Decimal("90")}
            self.klines("1m", coin, "2", [*late, corrected])
            self.klines("1d", coin, "2", [self.kline("1d", coin, 0, fetched)])
            self.trades(
                coin, "2", [trade for trade in self.minute(coin, 33, fetched) if trade["trade_id"] in (3165, 3166)]
            )
            self.trades(coin, "3", self.minute(coin, 35, fetched))
            self.gap(coin, "filled", fetched)
        changed, unchanged = SHARES
        pull = [self.session(changed, i, fetched) for i in range(31)]
        pull[20]["dividend"], pull[9]["close"] = 1.5, None
        self.sessions(changed, "2", pull)
        self.sessions(unchanged, "2", [self.session(unchanged, i, fetched) for i in range(30)])

    def kline(self, interval: str, coin: str, i: int, fetched: datetime) -> Row:
        length = MINUTE if interval == "1m" else DAY
        start = (self.noon if interval == "1m" else datetime.combine(self.noon.date() - DAY, time(0), UTC)) + i * length
        price = wave(i, coin)
        opened, high, low, close = (Decimal(str(round(price + x, 2))) for x in (0, 2, -2, 1))
        return {
            "symbol": coin, "interval": interval, "ts": start, "end_ts": start + length, "open": opened, "high": high,
            "low": low, "close": close, "volume": Decimal(5), "quote_volume": 5 * close, "trade_count": 5,
            "taker_buy_volume": Decimal(2), "is_final": True, **origin("binance", fetched),
        }  # fmt: skip

    def minute(self, coin: str, i: int, fetched: datetime) -> list[Row]:
        """Five trades; minute i holds ids 3000 + 5 i to 3004 + 5 i."""
        ids = range(3000 + 5 * i, 3005 + 5 * i)
        return [
            self.trade(coin, id_, self.noon + i * MINUTE + (id_ - ids[0]) * timedelta(seconds=11), fetched)
            for id_ in ids
        ]

    def trade(self, coin: str, trade_id: int, ts: datetime, fetched: datetime) -> Row:
        price = Decimal(str(round(wave(trade_id, coin), 2)))
        return {
            "symbol": coin, "trade_id": trade_id, "ts": ts, "price": price, "size": Decimal("0.25"),
            "is_buyer_maker": trade_id % 2 == 0, "origin": "stream", **origin("binance", fetched),
        }  # fmt: skip

    def session(self, share: str, i: int, fetched: datetime) -> Row:
        day = self.noon.date() - (30 - i) * DAY
        opens = datetime.combine(day, time(14, 30), UTC)
        price = wave(i, share)
        return {
            "symbol": share, "interval": "1d", "session_date": day, "ts": opens,
            "end_ts": opens + timedelta(hours=6.5), "open": price, "high": price + 2, "low": price - 2,
            "close": price + 1, "volume": 1000, "dividend": 0.0, "split_ratio": 0.0, "is_final": True,
            **origin("yahoo", fetched),
        }  # fmt: skip

    def gap(self, coin: str, status: str, fetched: datetime) -> None:
        row = {
            "symbol": coin, "first_trade_id": 3165, "last_trade_id": 3166, "status": status, "count_filled": 0,
            "reason": "a hole made by hand", "detected_at": fetched, **origin("binance", fetched),
        }  # fmt: skip
        self.write(record.GAPS, f"{coin}-{status}", [row], date=fetched.date())

    def klines(self, interval: str, coin: str, name: str, rows: list[Row]) -> None:
        self.write(record.KLINES, name, rows, symbol=coin, source="binance", interval=interval)

    def sessions(self, share: str, name: str, rows: list[Row]) -> None:
        name = f"{rows[0]['fetched_at']:%Y%m%dT%H%M%S.%fZ}-{name}"  # as pulls are named: by their run
        self.write(record.EQUITIES, name, rows, symbol=share, source="yahoo", interval="1d")

    def trades(self, coin: str, name: str, rows: list[Row]) -> None:
        """Into the tail, by UTC date and hour of the first row: the rows of one call share an hour."""
        ts: datetime = rows[0]["ts"]
        self.write(record.TRADES_TAIL, name, rows, symbol=coin, source="binance", date=ts.date(), hour=ts.hour)

    def write(self, dataset: Dataset, name: str, rows: Iterable[Row], **keys: str | date | int) -> None:
        folder = partition_path(self.root, dataset, {key: str(value) for key, value in keys.items()})
        write_table(pa.Table.from_pylist(list(rows), schema=dataset.schema), folder / f"{name}.parquet")


def origin(source: str, fetched: datetime) -> Row:
    return {"source": source, "fetched_at": fetched, "ingest_run_id": f"{source}-{fetched:%H%M}"}
