"""Old option chains go, the newest stays, and whoever reads meanwhile notices nothing."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingest.parquet import lay_down_empty_files, partition_path, write_table
from ingest.record import OPTIONS
from ingest.retention import keep_recent_chains as keep_recent_chains_of
from quant.build import Builder
from quant.retention import FOR_EVER, read_kept_since
from quant.settings import Settings, load_settings
from quant.warehouse import open_build
from tests.conftest import build_only
from tests.ingest.exchange import wait_until

NOON = datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC) + timedelta(hours=12)
TODAY, KEEP, DAYS = NOON.date(), 5, 40
keep_recent_chains = partial(keep_recent_chains_of, clock=lambda: NOON)  # whatever the hour, and at midnight too


@pytest.fixture
def keeping(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("QUANT_OPTIONS__KEEP_DAYS", str(KEEP))
    lay_down_empty_files(settings.parquet_path)
    return load_settings()


def add_chain(settings: Settings, days_ago: int, underlying: str = "SPY") -> None:
    """One quote, fetched at noon of that day."""
    at = NOON - timedelta(days=days_ago)
    row = {
        "underlying": underlying, "contract_symbol": f"{underlying}-C", "expiry_on": TODAY + timedelta(days=30),
        "expires_at": NOON + timedelta(days=30), "is_call": True, "strike": 100.0, "bid": 4.9, "ask": 5.1,
        "spot": 100.0, "quoted_at": at, "source": "yahoo", "fetched_at": at, "ingest_run_id": f"run-{days_ago}",
    }  # fmt: skip
    keys = {"underlying": underlying, "source": "yahoo", "date": str(at.date())}
    table = pa.Table.from_pylist([row], OPTIONS.schema)
    write_table(table, partition_path(settings.parquet_path, OPTIONS, keys) / f"run-{days_ago}.parquet")


def days_kept(settings: Settings, underlying: str = "SPY") -> list[int]:
    """How many days ago each chain on disk was fetched."""
    folders = (settings.parquet_path / "options" / f"underlying={underlying}").rglob("date=*")
    return sorted((TODAY - date.fromisoformat(folder.name[5:])).days for folder in folders)


def publish(settings: Settings, build_id: str, since: str | None) -> None:
    """What a builder leaves behind; builds of earlier versions had no word on option chains."""
    folder = settings.duckdb_path / "builds" / build_id
    folder.mkdir(parents=True)
    said = {} if since is None else {"options_since": since}
    (folder / "build.json").write_text(json.dumps({"boundary": "1970-01-01T00:00:00+00:00", **said}))


def test_chains_are_kept_for_ever_unless_told_otherwise(settings: Settings) -> None:
    assert settings.options.keep_days is None
    add_chain(settings, days_ago=5000)
    publish(settings, "one", str(TODAY))
    keep_recent_chains(settings)
    assert days_kept(settings) == [5000]
    assert read_kept_since(settings.parquet_path) == FOR_EVER


def test_nothing_goes_before_every_build_on_disk_can_do_without_it(keeping: Settings) -> None:
    for days_ago in (0, 5, 6, 9, 10):
        add_chain(keeping, days_ago)
    keep_recent_chains(keeping)  # no build yet
    publish(keeping, "one", None)
    keep_recent_chains(keeping)
    assert days_kept(keeping) == [0, 5, 6, 9, 10]
    assert read_kept_since(keeping.parquet_path) == TODAY - timedelta(days=KEEP)
    (keeping.duckdb_path / "builds" / "one" / "build.json").unlink()
    publish(keeping, "two", str(TODAY - timedelta(days=9)))
    publish(keeping, "three", str(TODAY))
    keep_recent_chains(keeping)
    assert days_kept(keeping) == [0, 5, 6, 9]
    (keeping.duckdb_path / "builds" / "two" / "build.json").unlink()
    keep_recent_chains(keeping)
    assert days_kept(keeping) == [0, 5]


def test_the_newest_chain_of_an_underlying_stays_however_old_it_is(keeping: Settings) -> None:
    for days_ago, underlying in ((0, "SPY"), (20, "SPY"), (30, "SPY"), (20, "AAPL"), (30, "AAPL")):
        add_chain(keeping, days_ago, underlying)
    publish(keeping, "one", str(TODAY))
    keep_recent_chains(keeping)
    assert (days_kept(keeping), days_kept(keeping, "AAPL")) == ([0, 20], [20])


def test_the_day_never_moves_back(keeping: Settings) -> None:
    add_chain(keeping, days_ago=0)
    keep_recent_chains(keeping)
    keep_recent_chains(keeping, clock=lambda: NOON - timedelta(days=100))
    assert read_kept_since(keeping.parquet_path) == TODAY - timedelta(days=KEEP)


def test_readers_of_a_build_see_no_file_vanish(keeping: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    build_only(monkeypatch, *(f"+{model}" for model in Reader.MODELS))
    for days_ago in range(DAYS):
        add_chain(keeping, days_ago)
    builder = Builder(keeping)
    keep_recent_chains(keeping, clock=lambda: NOON - timedelta(days=3))
    assert builder.build().options_since == str(TODAY - timedelta(days=KEEP + 3))
    keep_recent_chains(keeping)
    assert builder.build().kind == "incremental"
    keep_recent_chains(keeping)
    assert days_kept(keeping) == list(range(KEEP + 4))  # the older build is still on disk
    builder.builds.prune(grace_seconds=0)
    with open_build(Path(keeping.market_path).resolve()) as build:
        readers = [Reader(build) for _ in range(3)]
        try:
            for _ in range(2):
                told = [reader.count for reader in readers]
                wait_until(lambda told=told: all(r.count > n for r, n in zip(readers, told, strict=True)), "reads")  # type: ignore[misc]
                keep_recent_chains(keeping)
                assert days_kept(keeping) == list(range(KEEP + 1))
                for days_ago in range(KEEP + 1, DAYS):
                    add_chain(keeping, days_ago)
        finally:
            problems = [problem for reader in readers for problem in reader.end()]
    assert problems == []


class Reader:
    """Asks one build for its chains, again and again, and keeps every answer that is not the expected one."""

    MODELS = ("option_quotes", "priced_quotes", "health")
    QUERIES = (
        ("select count(*) from staging.option_quotes", [(KEEP + 1,)]),
        ("select count(*) from options.priced_quotes", [(KEEP + 1,)]),
        ("select last_fetched_at from serving.health where dataset = 'options' and symbol = 'SPY'", [(NOON,)]),
    )

    def __init__(self, build: duckdb.DuckDBPyConnection) -> None:
        self.count = 0
        self._problems: list[object] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(build.cursor(),), daemon=True)
        self._thread.start()

    def end(self) -> list[object]:
        self._stop.set()
        self._thread.join(60)
        return self._problems

    def _read(self, cursor: duckdb.DuckDBPyConnection) -> None:
        while not self._stop.is_set():
            for query, expected in self.QUERIES:
                try:
                    found = cursor.execute(query).fetchall()
                except duckdb.Error as error:
                    found = [(error,)]
                if found != expected:
                    self._problems.append(found)
            self.count += 1
