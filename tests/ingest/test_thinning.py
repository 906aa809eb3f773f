"""Old pulls go, and what all pulls together say stays the same."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingest.parquet import lay_down_empty_files, partition_path, write_table
from ingest.record import EQUITIES
from ingest.thinning import thin_pulls
from ingest.yahoo_stored import marked_whole
from quant.formulas import load_formulas
from quant.publish import Builds
from quant.settings import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPLIT_ON = date(2026, 10, 28)
KEYS = {"symbol": "SPY", "source": "yahoo", "interval": "1d"}


@pytest.fixture
def folder(settings: Settings) -> Path:
    lay_down_empty_files(settings.parquet_path)
    return partition_path(settings.parquet_path, EQUITIES, KEYS)


def add_pull(folder: Path, at: datetime, *, days: int = 30, whole: bool = True) -> None:
    """The last `days` days as a pull saw them; after the split, prices before it are a quarter."""
    rows = []
    for age in range(days, 0, -1):
        day = at.date() - timedelta(days=age)
        ts = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
        price = (100.0 + day.toordinal() % 50) / (4 if day < SPLIT_ON < at.date() else 1)
        rows.append({
            "symbol": "SPY", "interval": "1d", "session_date": day, "ts": ts, "end_ts": ts + timedelta(hours=6),
            "open": price, "high": price, "low": price, "close": price, "volume": 1, "dividend": 0.0,
            "split_ratio": 4.0 if day == SPLIT_ON else 0.0, "currency": "USD", "is_final": True, "source": "yahoo",
            "fetched_at": at, "ingest_run_id": f"{at:%Y%m%dT%H%M%S.%fZ}-000000",
        })  # fmt: skip
    table = pa.Table.from_pylist(rows, EQUITIES.schema)
    write_table(marked_whole(table) if whole else table, folder / f"{at:%Y%m%dT%H%M%S.%fZ}-000000.parquet")


def said(folder: Path) -> list[tuple[object, ...]]:
    """What staging makes of all pulls, on the basis of the newest, as bars have it."""
    splits = (
        "select list({'split_at': ts, 'known_at': split_known_at, 'ratio': split_ratio}) from s where split_ratio > 0"
    )
    with duckdb.connect() as connection:
        load_formulas(connection)
        connection.execute(f"create view received as from read_parquet('{folder}/*.parquet')")
        connection.execute("create table s as from newest_sessions('received')")
        price = f"close / missed_split_ratio(({splits}), ts, fetched_at)"
        query = f"select session_date, {price}, split_ratio from s order by all"
        return connection.execute(query).fetchall()


def ages(folder: Path) -> list[float]:
    """Days since each pull."""
    stems = [path.stem.partition("-")[0] for path in folder.glob("*.parquet")]
    found = [datetime.strptime(stem, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC) for stem in stems]
    return sorted((NOW - at) / timedelta(days=1) for at in found)


def test_of_old_weeks_one_pull_is_left_and_nothing_is_lost(settings: Settings, folder: Path) -> None:
    for hours in range(0, 24 * 42, 12):
        add_pull(folder, NOW - timedelta(hours=hours))
    before = said(folder)
    assert thin_pulls(settings, clock=lambda: NOW) > 30
    left = ages(folder)
    assert left[:29] == [hours / 24 for hours in range(0, 24 * 14 + 1, 12)]  # everything of two weeks
    weeks = [(NOW - timedelta(days=age)).isocalendar()[:2] for age in left if age > 14]
    assert len(weeks) == len(set(weeks)) + 1  # and the very first one, which reaches back furthest
    assert said(folder) == before
    assert thin_pulls(settings, clock=lambda: NOW) == 0


def test_a_pull_that_says_what_others_do_not_stays(settings: Settings, folder: Path) -> None:
    add_pull(folder, NOW - timedelta(days=50))
    monday = datetime(2026, 10, 19, 12, tzinfo=UTC)
    add_pull(folder, monday, days=60)  # reaches further back than any other
    add_pull(folder, monday + timedelta(days=1))
    add_pull(folder, monday + timedelta(days=2))
    add_pull(folder, monday + timedelta(days=3), whole=False)  # nothing newer in its week is whole
    before = said(folder)
    assert thin_pulls(settings, clock=lambda: NOW) == 1
    assert ages(folder) == [(NOW - monday).days - age for age in (3, 2, 0)] + [50]
    assert said(folder) == before


def test_what_a_build_on_disk_looks_at_stays(settings: Settings, folder: Path) -> None:
    for hours in range(0, 24 * 42, 12):
        add_pull(folder, NOW - timedelta(hours=hours), days=60)
    build = settings.duckdb_path / "builds" / "one"
    build.mkdir(parents=True)
    record = {"boundary": "1970-01-01T00:00:00+00:00", "started_at": (NOW - timedelta(days=20)).isoformat()}
    (build / "build.json").write_text(json.dumps(record))
    thin_pulls(settings, clock=lambda: NOW)
    assert [age for age in ages(folder) if age <= 28] == [hours / 24 for hours in range(0, 24 * 28 + 1, 12)]
    assert len(ages(folder)) < 70


def test_nothing_goes_while_somebody_builds(settings: Settings, folder: Path) -> None:
    for hours in range(0, 24 * 42, 12):
        add_pull(folder, NOW - timedelta(hours=hours))
    settings.duckdb_path.mkdir(parents=True)
    with Builds(settings.duckdb_path).exclusive():
        assert thin_pulls(settings, clock=lambda: NOW) == 0
    assert thin_pulls(settings, clock=lambda: NOW) > 0
