"""Paths and files: what other parts take for granted."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.parquet import greatest, keys_of, partition_path, read_ids, read_table, write_table
from ingest.record import EQUITIES, TRADE, TRADES_TAIL
from quant.errors import QuantError


@pytest.mark.parametrize("symbol", ["BTCUSDT", "^VXAPL", "BRK-B", "EURUSD=X", "BTC-USD", "600519.SS"])
def test_every_symbol_finds_its_way_back_from_the_path(tmp_path: Path, symbol: str) -> None:
    keys = {"symbol": symbol, "source": "yahoo", "interval": "1d"}
    folder = partition_path(tmp_path, EQUITIES, keys)
    assert keys_of(folder) == keys
    write_table(pa.table({"value": [1]}), folder / "a.parquet")
    glob = f"{tmp_path}/equities/*/*/*/*.parquet"
    assert duckdb.execute(f"select symbol from read_parquet('{glob}', hive_partitioning = true)").fetchall() == [
        (symbol,)
    ]


def test_hour_of_the_path_is_an_integer_for_the_engine(tmp_path: Path) -> None:
    for hour in ("0", "9", "23"):
        keys = {"symbol": "S", "source": "x", "date": "2026-11-20", "hour": hour}
        write_table(pa.table({"value": [1]}), partition_path(tmp_path, TRADES_TAIL, keys) / "00.parquet")
    glob = f"{tmp_path}/trades/tail/*/*/*/*/*.parquet"
    rows = duckdb.execute(
        f"select hour, typeof(hour), typeof(date) from read_parquet('{glob}', hive_partitioning = true, "
        "hive_types = {'hour': tinyint, 'date': date}) order by hour"
    ).fetchall()
    assert rows == [(0, "TINYINT", "DATE"), (9, "TINYINT", "DATE"), (23, "TINYINT", "DATE")]


def test_footer_tells_the_greatest_id(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_table(pa.table({"trade_id": pa.array([3, 9, 5], pa.int64())}), path)
    assert greatest(path, "trade_id") == 9
    assert list(read_ids(path)) == [3, 9, 5]
    write_table(TRADE.empty_table(), path)
    assert greatest(path, "trade_id") is None


def test_ids_and_times_are_stored_as_differences(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_table(TRADE.empty_table(), path)
    assert pq.read_schema(path).equals(TRADE)
    ids = range(553_287_559, 553_289_560)
    write_table(pa.table({"trade_id": pa.array(ids, pa.int64())}), path)
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert "DELTA_BINARY_PACKED" in column.encodings
    assert column.compression == "ZSTD"


def test_broken_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(QuantError, match=r"broken\.parquet is no readable Parquet file.*move it away"):
        read_table(path)
