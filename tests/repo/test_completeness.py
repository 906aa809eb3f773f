"""Through a real build: every closed minute is proven against the exchange, every id is accounted for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest import record
from ingest.parquet import lay_down_empty_files
from quant.build import Builder
from quant.settings import load_settings
from tests.conftest import build_only
from tests.repo.conftest import ENVIRONMENT, built
from tests.repo.lab import MINUTE, Lab, Row, origin

PROVEN, TURNED = "BTCUSDT", "ETHUSDT"  # minutes against klines; a hole at midnight
DIGIT = Decimal("0.00000001")
PER_MINUTE = 3


def ids(minute: int) -> range:
    return range(1000 + PER_MINUTE * minute, 1000 + PER_MINUTE * (minute + 1))


@dataclass(frozen=True)
class Record:
    """Sixteen minutes from yesterday noon on, as the exchange knows them, and what became of them here."""

    lab: Lab

    def truth(self, minute: int) -> list[Row]:
        fetched = self.lab.noon + timedelta(hours=1)
        return [
            self.lab.trade(PROVEN, trade_id, self.lab.noon + minute * MINUTE + timedelta(seconds=5 + 20 * i), fetched)
            | {"price": Decimal("97531.00000001") + i, "size": Decimal("0.00000003") * (i + 1)}
            for i, trade_id in enumerate(ids(minute))
        ]

    def kline(self, minute: int, hours: int = 1, **other: object) -> Row:
        """The exchange's bar of the true trades, fetched so many hours later, but for `other`."""
        trades = self.truth(minute)
        prices, fetched = [trade["price"] for trade in trades], self.lab.noon + timedelta(hours=hours)
        summed = {"trade_count": len(trades), "volume": sum(trade["size"] for trade in trades)}
        shape = {"open": prices[0], "high": max(prices), "low": min(prices), "close": prices[-1]}
        return self.lab.kline("1m", PROVEN, minute, fetched) | shape | summed | other

    def damaged(self) -> list[Row]:
        """What we stored of minutes 0 to 15."""
        kept = {minute: self.truth(minute) for minute in range(16)}
        del kept[0][0]  # the recording began here
        del kept[2][1]
        kept[3].append(kept[3][0])
        kept[4][2] = kept[4][2] | {"price": kept[4][2]["price"] + DIGIT}
        del kept[6]
        del kept[8][1], kept[12][0]  # the ledger knows of these
        del kept[15][1:]  # the newest one, still to come
        return [trade for minute in kept.values() for trade in minute]

    def klines(self) -> list[Row]:
        bars = {minute: self.kline(minute) for minute in range(16)}
        bars[5]["volume"] += DIGIT
        bars[7] |= {"trade_count": 0, "volume": Decimal(0)}
        bars[9] |= {"close": Decimal(1), "low": Decimal(1)}
        bars[11] |= {"first_trade_id": ids(11)[0], "last_trade_id": ids(11)[-1] + 1}
        bars[13] |= {"is_final": False, "trade_count": 99}
        revised = [self.kline(9, hours=2), self.kline(10, hours=2, high=Decimal(99999))]
        return [*bars.values(), *revised]

    def write(self) -> None:
        self.lab.trades(PROVEN, "1", self.damaged())
        self.lab.klines("1m", PROVEN, "1", self.klines())
        self.fate(PROVEN, ids(8)[1], ids(8)[1], "open", 1)
        self.fate(PROVEN, ids(12)[0], ids(12)[0], "absent_upstream", 1)
        self.turn_of_days()

    def turn_of_days(self) -> None:
        """Ids 1 to 10 before midnight, 15 to 20 after it; 11 and 12 are absent, 13 is open, 14 nobody knows of."""
        midnight = self.lab.noon.replace(hour=0)
        for name, known, at in (("1", range(1, 11), midnight - MINUTE), ("1", range(15, 21), midnight)):
            rows = [self.lab.trade(TURNED, trade_id, at + trade_id * DAWN, midnight) for trade_id in known]
            self.lab.trades(TURNED, name, rows)
            us = [row | {"source": "binance-us", "trade_id": row["trade_id"] + 7000} for row in rows]
            self.other(us)
        self.fate(TURNED, 11, 12, "absent_upstream", 1)
        self.fate(TURNED, 13, 13, "open", 1)

    def other(self, rows: list[Row]) -> None:
        ts = rows[0]["ts"]
        keys = {"symbol": TURNED, "source": "binance-us", "date": ts.date(), "hour": ts.hour}
        self.lab.write(record.TRADES_TAIL, "1", rows, **keys)

    def fate(self, coin: str, first: int, last: int, status: str, hours: float) -> None:
        said = self.lab.noon + timedelta(hours=hours) if status != "filled" else datetime.now(UTC)
        row = {
            "symbol": coin, "first_trade_id": first, "last_trade_id": last, "status": status, "count_filled": 0,
            "reason": "by hand", "detected_at": self.lab.noon, **origin("binance", said),
        }  # fmt: skip
        self.lab.write(record.GAPS, f"{coin}-{first}-{status}", [row], date=said.date())

    def fill(self) -> None:
        """13 and 14 come after all; the ledger says so of 13."""
        midnight = self.lab.noon.replace(hour=0)
        fetched = datetime.now(UTC) - MINUTE  # what came within seconds is not judged yet
        rows = [self.lab.trade(TURNED, trade_id, midnight + DAWN, fetched) for trade_id in (13, 14)]
        self.lab.trades(TURNED, "filled", rows)
        self.fate(TURNED, 13, 13, "filled", 0)


DAWN = timedelta(seconds=1)


@dataclass(frozen=True)
class Story:
    """What was known after the first build, after the fill, and after the next build."""

    noon: datetime
    quality: list[tuple[Any, ...]]
    before: list[tuple[Any, ...]]
    filled: list[tuple[Any, ...]]
    rebuilt: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "QUANT_DATA_PATH": str(tmp_path_factory.mktemp("completeness"))}.items():
            patch.setenv(name, value)
        build_only(patch, "+quality", "+completeness")
        settings = load_settings()
        lab = Lab(settings.parquet_path, datetime.now(UTC))
        lay_down_empty_files(lab.root)
        told, builder = Record(lab), Builder(settings)
        told.write()
        with built(builder, "full") as first:
            quality = first.execute("select finding, symbol, ts, detail from meta.quality order by all").fetchall()
            before = days(first)
            told.fill()
            filled = days(first)
        with built(builder, "incremental") as second:
            yield Story(lab.noon, quality, before, filled, days(second))


def days(build: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return build.execute(
        "select source, date, first_trade_id, last_trade_id, row_count, count_missing, count_absent, count_open, "
        "count_unexplained, count_duplicates from meta.completeness where symbol = $symbol order by source, date",
        {"symbol": TURNED},
    ).fetchall()


def test_every_minute_that_differs_from_the_exchange_is_named_with_its_digits(story: Story) -> None:
    found = {
        int((ts - story.noon) / MINUTE): detail
        for finding, symbol, ts, detail in story.quality
        if (finding, symbol) == ("bar_mismatch", PROVEN)
    }
    assert found.pop(6).startswith("open: ours none, exchange 97531.00000001; ")
    assert found == {
        2: "volume: ours 0.00000012, exchange 0.00000018; trades: ours 2, exchange 3",
        3: "volume: ours 0.00000021, exchange 0.00000018; trades: ours 4, exchange 3",
        4: "high: ours 97533.00000002, exchange 97533.00000001; close: ours 97533.00000002, exchange 97533.00000001",
        5: "volume: ours 0.00000018, exchange 0.00000019",
        7: "volume: ours 0.00000018, exchange 0.00000000; trades: ours 3, exchange 0",
        10: "high: ours 97533.00000001, exchange 99999.00000000",
        11: "last id: ours 1035, exchange 1036",
        12: "open: ours 97532.00000001, exchange 97531.00000001; low: ours 97532.00000001, exchange 97531.00000001; "
        "volume: ours 0.00000015, exchange 0.00000018; trades: ours 2, exchange 3",
    }


def test_an_open_gap_is_one_finding_and_what_the_ledger_does_not_know_another(story: Story) -> None:
    noon = story.noon
    assert [(*found[:3], found[3].split(":")[0]) for found in story.quality if found[0] != "bar_mismatch"] == [
        ("duplicate_trades", PROVEN, noon, "1 rows repeat an id, among ids 1001 to 1045"),
        ("open_gap", PROVEN, noon, "ids 1025 to 1025"),
        ("open_gap", TURNED, noon, "ids 13 to 13"),
        ("unexplained_hole", PROVEN, noon, "ids 1007 to 1007"),
        ("unexplained_hole", PROVEN, noon, "ids 1018 to 1020"),
        ("unexplained_hole", TURNED, noon.replace(hour=0), "ids 11 to 14"),
        ("unexplained_hole", TURNED, noon.replace(hour=0), "ids 7011 to 7014"),  # of binance-us
    ]


def test_ids_missing_at_midnight_are_counted_once_on_the_later_day(story: Story) -> None:
    early, late = (story.noon - timedelta(days=1)).date(), story.noon.date()
    assert story.before == [
        ("binance", early, 1, 10, 10, 0, 0, 0, 0, 0),
        ("binance", late, 15, 20, 6, 4, 2, 1, 1, 0),
        ("binance-us", early, 7001, 7010, 10, 0, 0, 0, 0, 0),
        ("binance-us", late, 7015, 7020, 6, 4, 0, 0, 4, 0),
    ]


def test_a_fill_into_a_counted_day_is_believed_at_once_and_counted_at_the_next_build(story: Story) -> None:
    late = story.noon.date()
    assert story.filled[1] == ("binance", late, 15, 20, 6, 3, 2, 0, 1, 0)
    assert story.rebuilt[1] == ("binance", late, 13, 20, 8, 2, 2, 0, 0, 0)
    assert [story.rebuilt[i] for i in (0, 2, 3)] == [story.before[i] for i in (0, 2, 3)]
