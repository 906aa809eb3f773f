"""The exchange's archives: every row is a trade once, a dead letter, or counted; importing again changes nothing."""

import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ingest.archive_file
import ingest.archive_trades
from ingest.archive import import_archives
from ingest.compaction import close_settled
from ingest.errors import BusyError
from ingest.gap_ledger import fates
from ingest.parquet import lay_down_empty_files
from ingest.runs import Gap, Run
from ingest.tail import Tail
from quant.boundary import read_boundary
from quant.locks import exclusive
from quant.settings import Settings
from tests.ingest.archive_zips import DAY, TRADE_HEADER, bar_line, day_lines, sign, trade_line, zipped
from tests.ingest.market_time import SOURCE, trade
from tests.ingest.staging_view import shown, shown_ids

NAME = "BTCUSDT-trades-2024-03-01"
MIDNIGHT = int(DAY.timestamp()) * 1000


@pytest.fixture
def root(settings: Settings) -> Path:
    lay_down_empty_files(settings.parquet_path)
    return settings.parquet_path


@pytest.fixture(autouse=True)
def _without_breath(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.archive_trades, "BREATH_SECONDS", 0)


def ledger(root: Path, what: str) -> list[dict[str, object]]:
    files = sorted((root / "ledger" / what).rglob("*.parquet"))
    return [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]


def told(root: Path, symbol: str = "BTCUSDT") -> list[tuple[int, int, str]]:
    return [(gap.first_trade_id, gap.last_trade_id, gap.status) for gap in fates(root, SOURCE, symbol)]


def contents(root: Path) -> dict[str, bytes]:
    """Every file of trades, bars and gaps."""
    folders = [root / "trades", root / "klines", root / "ledger" / "gaps"]
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*.parquet")}


def test_a_day_of_trades_is_taken_in(
    settings: Settings, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zipped(tmp_path, NAME, day_lines(range(1, 2001), 2000))
    assert import_archives(settings, [path]) == 0
    assert capsys.readouterr().out.startswith(f"{path.name}: 2,000 rows, 2,000 new, 0 stored before, sum verified; ")
    columns = "trade_id, ts, price, size, is_buyer_maker, origin, source, symbol"
    first, *_, last = shown(root, read_boundary(root), columns)
    price, size = Decimal("60001.25"), Decimal("0.00125")
    assert first == (1, DAY, price, size, True, "archive", SOURCE, "BTCUSDT")
    assert last[:2] == (2000, DAY + timedelta(milliseconds=1999 * 43_200))
    assert shown_ids(root, read_boundary(root)) == list(range(1, 2001))
    (run,) = ledger(root, "runs")
    assert (run["dataset"], run["symbol"], run["status"], run["row_count"]) == ("archive", "BTCUSDT", "ok", 2000)


def test_the_same_file_again_changes_nothing(settings: Settings, root: Path, tmp_path: Path) -> None:
    lines = day_lines([*range(1, 300), *range(320, 1001)], 1000)
    path = zipped(tmp_path, NAME, [*lines[:500], "rubbish", *lines[500:]])
    import_archives(settings, [path])
    before, letters = contents(root), len(ledger(root, "dead_letters"))
    assert import_archives(settings, [path]) == 0
    assert contents(root) == before
    assert len(ledger(root, "dead_letters")) == letters == 1
    assert [(run["row_count"], run["count_duplicates"]) for run in ledger(root, "runs")] == [(980, 0), (0, 980)]


def test_microseconds_and_a_header_line_are_understood(settings: Settings, root: Path, tmp_path: Path) -> None:
    day = datetime(2025, 1, 1, tzinfo=UTC)
    lines = day_lines(range(1, 25), 24, day, per_millisecond=1000)
    import_archives(settings, [zipped(tmp_path, "BTCUSDT-trades-2025-01-01", [TRADE_HEADER, *lines])])
    assert [row[0] for row in shown(root, read_boundary(root), "ts")] == [day + timedelta(hours=i) for i in range(24)]


def test_what_cannot_be_a_trade_is_a_dead_letter(settings: Settings, root: Path, tmp_path: Path) -> None:
    good = day_lines(range(1, 11), 10)
    bad = {
        trade_line(11, MIDNIGHT, price="0"): "not above 0",
        trade_line(12, MIDNIGHT, size="-1.5"): "",
        trade_line(13, MIDNIGHT, price="1.123456789"): "does not fit",
        trade_line(14, MIDNIGHT, price="NaN"): "",
        trade_line(15, 1000): "between 2009",
        trade_line(16, MIDNIGHT + 5 * 86_400_000): "outside the days",
        "17,1.0,1.0,1.0": "4 fields",
        trade_line(18, MIDNIGHT).replace("False", "perhaps"): "",
        "99999999999999999999" + trade_line(0, MIDNIGHT)[1:]: "",
    }
    late_good = trade_line(19, MIDNIGHT, price="1e2")  # unusual, but a number
    import_archives(settings, [zipped(tmp_path, NAME, [*good, *bad, late_good])])
    assert shown_ids(root, read_boundary(root)) == [*range(1, 11), 19]
    letters = {bytes(str(row["frame"]), "ascii"): str(row["reason"]) for row in ledger(root, "dead_letters")}
    found = [str(row["reason"]) for row in ledger(root, "dead_letters")]
    assert len(letters) == len(bad) == len(found)
    for reason, expected in zip(found, bad.values(), strict=True):
        assert reason.startswith(f"{NAME}.zip: ") and expected in reason
    assert [run["count_dead_letters"] for run in ledger(root, "runs")] == [len(bad)]
    assert told(root) == [(11, 18, "absent_upstream")]


@pytest.mark.parametrize("rows_per_insert", [7, 40, 10_000])
def test_duplicates_disorder_and_holes_inside_the_file(
    settings: Settings, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_insert: int
) -> None:
    monkeypatch.setattr(ingest.archive_trades, "ROWS_PER_INSERT", rows_per_insert)
    monkeypatch.setattr(ingest.archive_file, "BYTES_PER_CHUNK", 500)
    ids = [*range(1, 40), *range(44, 80), *range(30, 50), *range(90, 101), 60, 85]
    import_archives(settings, [zipped(tmp_path, NAME, day_lines(ids, 100))])
    there = sorted(set(ids))
    assert shown_ids(root, read_boundary(root)) == there
    absent = [i for first, last, status in told(root) if status == "absent_upstream" for i in range(first, last + 1)]
    assert absent == sorted({*range(1, 101)} - {*there})
    assert [(run["row_count"], run["count_duplicates"]) for run in ledger(root, "runs")] == [
        (len(there), len(ids) - len(there))
    ]


def test_what_the_stream_has_recorded_stays_and_open_gaps_are_closed(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    times = {i: DAY + timedelta(milliseconds=(i - 1) * 864_000) for i in range(1, 101)}
    streamed = [*range(1, 40), *range(70, 101)]
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(i, times[i]) for i in streamed])
    Run(root, SOURCE, "trades").record_gaps([Gap("BTCUSDT", 40, 69, "open", "an outage", DAY)])
    close_settled(root, DAY + timedelta(hours=14, minutes=30))  # rows of hours before W and after
    path = zipped(tmp_path, NAME, day_lines([i for i in range(1, 101) if i not in (5, 60)], 100))
    assert import_archives(settings, [path]) == 0
    assert shown_ids(root, read_boundary(root)) == [i for i in range(1, 101) if i != 60]
    assert told(root) == [(40, 59, "filled"), (60, 60, "absent_upstream"), (61, 69, "filled")]
    origins = shown(root, read_boundary(root), "trade_id, origin")
    assert [i for i, origin in origins if origin == "stream"] == streamed
    assert {gap.detected_at for gap in fates(root, SOURCE, "BTCUSDT")} == {DAY}


def test_between_the_record_and_a_later_archive_a_gap_is_open(settings: Settings, root: Path, tmp_path: Path) -> None:
    Tail(root, SOURCE, "a-run", symbols=1).write([trade(10, DAY - timedelta(days=3))])
    import_archives(settings, [zipped(tmp_path, NAME, day_lines(range(101, 201), 200))])
    assert told(root) == [(11, 100, "open")]
    earlier = day_lines(range(11, 101), 200, DAY - timedelta(days=1))
    import_archives(settings, [zipped(tmp_path, "BTCUSDT-trades-2024-02-29", earlier)])
    assert told(root) == [(11, 100, "filled")]
    assert shown_ids(root, read_boundary(root)) == list(range(10, 201))


def test_an_archive_beyond_a_running_recorder_is_refused(
    settings: Settings, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zipped(tmp_path, NAME, day_lines(range(1, 101), 100))
    other = zipped(tmp_path, "XRPETH-trades-2024-03-01", day_lines(range(1, 101), 100))
    with exclusive(root / "trades" / "recorder.lock"):
        assert import_archives(settings, [path, other]) == 1  # nobody records the other
        assert "the recorder runs" in capsys.readouterr().err
        assert shown_ids(root, read_boundary(root)) == list(range(1, 101))
    assert import_archives(settings, [path]) == 0


def test_bars_are_taken_in_once(settings: Settings, root: Path, tmp_path: Path) -> None:
    minutes = [bar_line(MIDNIGHT + i * 60_000) for i in range(10)]
    bad = [bar_line(MIDNIGHT + 600_000, close="99999"), bar_line(MIDNIGHT + 660_000, length=30_000)]
    path = zipped(tmp_path, "BTCUSDT-1m-2024-03-01", [*minutes, minutes[3], *bad])
    days = zipped(tmp_path, "BTCUSDT-1d-2024-03", [bar_line(MIDNIGHT + i * 86_400_000, 86_400_000) for i in range(31)])
    for _ in range(2):
        assert import_archives(settings, [path, days]) == 0
    tables = [pq.ParquetFile(each).read() for each in (root / "klines" / "symbol=BTCUSDT").rglob("*.parquet")]
    assert sorted(table.num_rows for table in tables) == [10, 31]
    (row,) = [row for table in tables for row in table.to_pylist() if row["ts"] == DAY and row["interval"] == "1m"]
    assert (row["end_ts"], row["high"], row["trade_count"]) == (DAY + timedelta(minutes=1), Decimal("62050.1"), 310)
    assert row["is_final"] and row["volume"] == Decimal("12.5") and row["first_trade_id"] is None
    assert [run["count_dead_letters"] for run in ledger(root, "runs")] == [2, 0, 2, 0]


def test_a_month_of_trades_is_a_name_too(settings: Settings, root: Path, tmp_path: Path) -> None:
    lines = day_lines(range(1, 11), 10) + day_lines(range(11, 21), 10, DAY + timedelta(days=20))
    assert import_archives(settings, [zipped(tmp_path, "BTCUSDT-trades-2024-03", lines)]) == 0
    assert shown_ids(root, read_boundary(root)) == list(range(1, 21))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("BTCUSDT-aggTrades-2024-03-01", "holds aggTrades: we take in trades, and klines of 1m and 1d"),
        ("BTCUSDT-5m-2024-03-01", "holds 5m: we take in"),
        ("BTCUSDT-trades-2024-02-30", "names no day"),
        ("trades", "is not named as the exchange names its archives"),
    ],
)
def test_other_archives_are_refused(
    settings: Settings, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, complaint: str
) -> None:
    assert import_archives(settings, [zipped(tmp_path, name, day_lines([1], 1))]) == 1
    assert complaint in capsys.readouterr().err
    assert ledger(root, "runs") == []


def test_damaged_files_are_refused(
    settings: Settings, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = zipped(tmp_path, NAME, day_lines(range(1, 101), 100))
    content = whole.read_bytes()
    whole.write_bytes(content.replace(b"BTC", b"BTD"))
    missing = tmp_path / "ETHUSDT-trades-2024-03-01.zip"
    cut = missing.with_name("SOLUSDT-trades-2024-03-01.zip")
    cut.write_bytes(content[:-50])
    assert import_archives(settings, [whole, missing, cut]) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert "sha256" in complaints[0] and "download both again" in complaints[0]
    assert "is no file" in complaints[1] and "cannot be read" in complaints[2]
    whole.write_bytes(content)
    sign(whole)
    assert import_archives(settings, [whole]) == 0


def test_not_one_row_of_a_damaged_file_is_stored(
    settings: Settings, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its sum stands at its end: rows that were stored before that would stay, whatever they say."""
    monkeypatch.setattr(ingest.archive_trades, "ROWS_PER_INSERT", 10)
    monkeypatch.setattr(ingest.archive_file, "BYTES_PER_CHUNK", 1000)
    lines = day_lines(range(1, 1001), 1000)
    whole = zipped(tmp_path, NAME, lines, checksum=False).read_bytes()
    for position in range(100, len(whole) - 200, len(whole) // 40):
        path = tmp_path / f"{NAME}.zip"
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        assert import_archives(settings, [path]) == 1
        assert "cannot be read" in capsys.readouterr().err
    assert shown_ids(root, read_boundary(root)) == []
    path.write_bytes(whole)
    assert import_archives(settings, [path]) == 0
    assert shown_ids(root, read_boundary(root)) == list(range(1, 1001))


def test_files_of_other_shapes_are_refused(
    settings: Settings, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    futures = zipped(
        tmp_path, "BTCUSDT-trades-2024-03-02", ["id,price,qty,quote_qty,time,is_buyer_maker", "1,2,3,4,5,true"]
    )
    crowded = tmp_path / "BTCUSDT-trades-2024-03-03.zip"
    with zipfile.ZipFile(crowded, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "1")
    renamed = zipped(tmp_path, "ETHUSDT-trades-2024-03-01", day_lines([1], 1), checksum=False).rename(
        tmp_path / "BTCUSDT-trades-2024-03-04.zip"
    )
    assert import_archives(settings, [futures, crowded, renamed]) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert "6 columns, trades of the spot market have 7" in complaints[0]
    assert "holds a.csv, b.csv, not BTCUSDT-trades-2024-03-03.csv alone" in complaints[1]
    assert "holds ETHUSDT-trades-2024-03-01.csv, not BTCUSDT-trades-2024-03-04.csv alone" in complaints[2]
    assert {run["status"] for run in ledger(root, "runs")} == {"failed"}


def test_a_file_without_rows_is_an_empty_run(settings: Settings, root: Path, tmp_path: Path) -> None:
    assert import_archives(settings, [zipped(tmp_path, NAME, [TRADE_HEADER])]) == 0
    assert [run["status"] for run in ledger(root, "runs")] == ["empty"]


def test_two_imports_at_once_are_one_too_many(settings: Settings, root: Path, tmp_path: Path) -> None:
    with exclusive(root / "trades" / "archive.lock"), pytest.raises(BusyError, match="another process takes in"):
        import_archives(settings, [tmp_path])
