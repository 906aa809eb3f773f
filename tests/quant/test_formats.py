"""Rows of whatever types, in every format: nothing is a fault, and NaN is null."""

import datetime as dt
import io
import json
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from quant.formats import JSON, PIECE, WRITERS, described, json_rows, labelled

ODD = """
select 'nan'::double as nan, 'inf'::float as inf, ['-inf'::double, 1] as list, 1.50::decimal(9, 2) as price,
    99999999999999999999999999999999999999::decimal(38, 0) as big, null as nothing, '' as empty, 'a"b,\n' as quoted,
    timestamptz '2026-11-20 21:00:00.5+00' as ts, date '2026-11-20' as day, time '21:00' as clock, true as is_so,
    map {'a': 1.0::double} as weights, {'x': null, 'y': date '2026-11-20'} as both, '\\xAA'::blob as bytes,
    interval 1 day as span
"""


def written(table: pa.Table, kind: str) -> bytes:
    sink = pa.BufferOutputStream()
    WRITERS[kind](table, sink)
    return bytes(memoryview(sink.getvalue()))


@pytest.fixture(scope="module")
def odd() -> pa.Table:
    return duckdb.connect().sql("set timezone = 'UTC'; " + ODD).to_arrow_table()


def test_json_says_null_for_what_is_no_number_and_keeps_every_digit(odd: pa.Table) -> None:
    [row] = json.loads(JSON.encode(json_rows(odd)), parse_float=Decimal)
    assert (row["nan"], row["inf"], row["list"], row["nothing"]) == (None, None, [None, 1], None)
    assert (row["price"], row["big"]) == (Decimal("1.50"), 10**38 - 1)
    assert (row["ts"], row["day"], row["is_so"]) == ("2026-11-20T21:00:00.500000Z", "2026-11-20", True)
    assert (row["weights"], row["both"]) == ({"a": 1}, {"x": None, "y": "2026-11-20"})


@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_the_other_formats_take_every_type_too(odd: pa.Table, kind: str) -> None:
    table = odd.drop_columns("span") if kind == "parquet" else odd  # which has no intervals
    text = written(labelled(table, {"demo": True}), kind)
    if kind == "ndjson":
        assert json.loads(text) == {"demo": True, **json.loads(JSON.encode(json_rows(odd)))[0]}
    elif kind == "csv":
        [row] = pyarrow.csv.read_csv(
            io.BytesIO(text), parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)
        ).to_pylist()
        assert (row["demo"], row["nan"], row["list"], row["price"]) == (True, None, "[null,1.0]", 1.5)
        assert (row["quoted"], row["day"]) == ('a"b,\n', dt.date(2026, 11, 20))
    else:
        assert pq.read_table(io.BytesIO(text))["nan"].to_pylist() == [None]


def test_pieces_make_one_whole() -> None:
    """One row more than two pieces; none at all is an empty array."""
    table = pa.table({"n": range(2 * PIECE + 1)})
    assert json.loads(JSON.encode(json_rows(table))) == table.to_pylist()
    assert [json.loads(line) for line in written(table, "ndjson").splitlines()] == table.to_pylist()
    assert JSON.encode(json_rows(table.slice(0, 0))) == b"[]" and written(table.slice(0, 0), "ndjson") == b""


@pytest.mark.parametrize("name", ["it's", 'a "b"', "back\\slash", "line\nbreak", "", "class", "é"])
def test_a_column_may_have_any_name(name: str) -> None:
    table = pa.table({name: [1], "other": [None]})
    assert json.loads(JSON.encode(json_rows(table))) == [{name: 1, "other": None}]


def test_what_is_said_of_all_rows_is_json_in_the_metadata() -> None:
    said = described(pa.table({"n": [1]}), {"demo": False, "as_of": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)})
    assert said.schema.metadata == {b"quant.demo": b"false", b"quant.as_of": b'"2026-01-02T00:00:00Z"'}
