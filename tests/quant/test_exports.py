"""`quant explain` and `quant export` on the demo build, as a person runs them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quant.cli.explaining import print_explanation
from quant.cli.export import export_rows
from quant.cli.output import OutputError
from quant.explanation.refusals import UnknownNameError
from quant.instants import first_instant, instant_after
from quant.settings import Settings
from quant.warehouse import Warehouse

ALL = (None, None, None, None, None, ())


@pytest.fixture(scope="module")
def warehouse(demo_warehouse: Settings) -> Iterator[Warehouse]:
    yield Warehouse(demo_warehouse)


def test_an_explanation_is_a_page_and_the_same_as_json(
    demo_warehouse: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explanation(demo_warehouse, "AAPL", "sharpe", (None, None, None, []), "json")
    found = json.loads(capsys.readouterr().out)
    print_explanation(demo_warehouse, "AAPL", "sharpe", (None, None, None, []), "table")
    page = capsys.readouterr().out
    for words in (str(found["value"]), found["sql"], "macros/formulas/41_sharpe.sql:12", "raw.equities.close"):
        assert words in page
    with pytest.raises(OutputError, match="table or json"):
        print_explanation(demo_warehouse, "AAPL", "sharpe", (None, None, None, []), "csv")


def test_a_date_at_the_end_is_included_whole(demo_warehouse: Settings, warehouse: Warehouse, tmp_path: Path) -> None:
    """The last two sessions of AAPL, of bars by their instants and of drawdowns by their days."""
    days = warehouse.query(
        "select distinct session_date from serving.drawdown where symbol = 'AAPL' order by session_date desc limit 2"
    )["session_date"].to_pylist()
    first, last = first_instant(days[1].isoformat()), instant_after(days[0].isoformat())
    for relation in ("final_bars", "drawdown"):
        out = tmp_path / f"{relation}.parquet"
        export_rows(demo_warehouse, relation, ("AAPL", None, "1d", first, last, ()), out, None)
        assert pq.read_table(out)["session_date"].to_pylist() == days[::-1]
    with pytest.raises(OutputError, match="is not before"):
        export_rows(demo_warehouse, "drawdown", ("AAPL", None, "1d", last, first, ()), tmp_path / "none.csv", None)


def test_a_typed_instant_is_utc_unless_it_says_another_zone() -> None:
    assert first_instant("2026-11-20") == first_instant("2026-11-20T00:00") == datetime(2026, 11, 20, tzinfo=UTC)
    assert instant_after("2026-11-20") == first_instant("2026-11-21T01:00+01:00")
    assert instant_after("2026-11-20T14:30") == first_instant("2026-11-20T14:30Z")
    assert instant_after("9999-12-31") == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("format", ["parquet", "csv", "arrow", "ndjson"])
def test_the_history_of_a_metric_is_written_with_where_it_came_from(
    demo_warehouse: Settings, warehouse: Warehouse, tmp_path: Path, format: str
) -> None:
    out = tmp_path / f"rsi.{format}"
    since = datetime(2026, 10, 1, tzinfo=UTC)
    export_rows(demo_warehouse, "rsi", ("AAPL", None, "1d", since, None, ()), out, None)
    rows = warehouse.query(
        "select source, symbol, interval, ts, end_ts, rsi from serving.metrics "
        "where symbol = 'AAPL' and interval = '1d' and ts >= $since order by ts", {"since": since}
    )  # fmt: skip
    if format == "parquet":
        found, metadata = pq.read_table(out), pq.read_schema(out).metadata
    elif format == "arrow":
        found = pa.ipc.open_file(out).read_all()
        metadata = found.schema.metadata
    else:
        lines = out.read_text().splitlines()
        assert len(lines) == rows.num_rows + (format == "csv")
        assert warehouse.build_id is not None and warehouse.build_id in lines[-1]
        return
    assert found.to_pylist() == rows.to_pylist()
    said = {name.decode().removeprefix("quant."): json.loads(text) for name, text in metadata.items()}
    assert (said["build_id"], said["demo"], said["relation"]) == (warehouse.build_id, True, "serving.metrics")
    assert len(said["formula_version"]) == 16 and said["as_of"].endswith("Z")
    assert (said["filters"]["symbol"], said["filters"]["since"]) == ("AAPL", "2026-10-01T00:00:00Z")


def test_any_public_relation_is_written_and_nothing_else(demo_warehouse: Settings, tmp_path: Path) -> None:
    said = export_rows(demo_warehouse, "option_chains", ALL, tmp_path / "chains.csv", None)
    assert "rows of serving.option_chains" in said
    with pytest.raises(UnknownNameError, match="no public relation and no metric of bars latest_risks: did you mean"):
        export_rows(demo_warehouse, "latest_risks", ALL, tmp_path / "x.csv", None)
    with pytest.raises(UnknownNameError, match="has no column shrpe: it has sharpe"):
        export_rows(demo_warehouse, "latest_risk", (*ALL[:5], ("shrpe",)), tmp_path / "x.csv", None)
    with pytest.raises(OutputError, match="its name says no format"):
        export_rows(demo_warehouse, "latest_risk", ALL, tmp_path / "x", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chains.csv"]
