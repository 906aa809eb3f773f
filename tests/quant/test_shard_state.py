"""Which shards stand as they are, and which of their files are kept: what an incremental build goes by."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quant.publish import Builds, new_build_id
from quant.scale.building import SETTLED_AFTER, ShardedBuilder
from quant.scale.manifest import MadeShard, Manifest
from quant.scale.record import Dataset, Record, read_record
from quant.scale.reuse import is_settled, stands
from quant.scale.shards import SeriesKey, Shard
from quant.scale.store import Store
from quant.scale.task import file_name
from quant.settings import load_settings

NOW = datetime.now(UTC)
COIN, SHARE, RATE = SeriesKey("binance", "BTCUSDT"), SeriesKey("yahoo", "SPY"), SeriesKey("yahoo", "^IRX")
OF_SERIES = "hive_types={'symbol':VARCHAR,'source':VARCHAR}"
DATASETS = {
    "equities": Dataset("equities", 3, OF_SERIES),
    "trades/tail": Dataset("trades/tail", 3, OF_SERIES),
    "ledger/gaps": Dataset("ledger/gaps", 2, ""),
}


@dataclass(frozen=True)
class Raw:
    """A record of files that nobody opens, by hand."""

    root: Path

    def put(self, name: str, hours_ago: float, size: int = 10) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        then = (NOW - timedelta(hours=hours_ago)).timestamp()
        os.utime(path, (then, then))

    def read(self) -> Record:
        return read_record(Store(str(self.root)), DATASETS)

    def made(self, key: SeriesKey) -> MadeShard:
        """What the manifest would say of a shard that is made now."""
        rows, shard = self.read(), self.shard(key)
        return MadeShard(new_build_id(), shard.print, is_settled(rows, shard, NOW - SETTLED_AFTER), {})

    def shard(self, key: SeriesKey) -> Shard:
        return self.read().shard(0, (key,))

    def stands(self, key: SeriesKey, made: MadeShard | None) -> bool:
        return stands(self.shard(key), made)


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    """A coin and a share, of which the last was heard five hours ago."""
    given = Raw(tmp_path)
    given.put("equities/symbol=0/source=0/empty.parquet", 9)
    given.put("equities/symbol=SPY/source=yahoo/one.parquet", 5)
    given.put("trades/tail/symbol=BTCUSDT/source=binance/one.parquet", 5)
    given.put("ledger/gaps/date=2026-01-01/one.parquet", 5)
    return given


def test_a_shard_whose_files_are_as_they_were_stands(raw: Raw) -> None:
    assert raw.stands(SHARE, raw.made(SHARE))
    assert raw.stands(COIN, raw.made(COIN))


def test_a_shard_that_was_never_made_does_not_stand(raw: Raw) -> None:
    assert not raw.stands(SHARE, None)


@pytest.mark.parametrize(
    ("name", "hours_ago", "size"),
    [("one", 5, 11), ("one", 4, 10), ("two", 5, 10), ("two", 0, 0)],
    ids=["another size", "another instant", "one more file", "one more file, empty"],
)
def test_a_shard_with_a_changed_or_a_new_file_does_not_stand(raw: Raw, name: str, hours_ago: float, size: int) -> None:
    share, coin = raw.made(SHARE), raw.made(COIN)
    raw.put(f"equities/symbol=SPY/source=yahoo/{name}.parquet", hours_ago, size)
    assert not raw.stands(SHARE, share)
    assert raw.stands(COIN, coin)


def test_a_shard_that_lost_a_file_does_not_stand(raw: Raw) -> None:
    raw.put("equities/symbol=SPY/source=yahoo/two.parquet", 5)
    share = raw.made(SHARE)
    (raw.root / "equities/symbol=SPY/source=yahoo/two.parquet").unlink()
    assert not raw.stands(SHARE, share)


def test_what_is_not_whole_yet_changes_nothing(raw: Raw) -> None:
    share = raw.made(SHARE)
    raw.put("equities/symbol=SPY/source=yahoo/.two.parquet", 0)
    raw.put("equities/symbol=SPY/source=yahoo/two.parquet.tmp", 0)
    assert raw.stands(SHARE, share)


def test_a_shard_of_fresh_files_is_made_again_because_time_alone_makes_minutes_final(raw: Raw) -> None:
    raw.put("trades/tail/symbol=BTCUSDT/source=binance/two.parquet", 1.9)
    made = raw.made(COIN)
    assert not made.settled
    assert not raw.stands(COIN, made)
    assert raw.stands(COIN, replace(made, settled=True))
    raw.put("trades/tail/symbol=BTCUSDT/source=binance/two.parquet", 2.1)
    assert raw.stands(COIN, raw.made(COIN))


def test_what_is_said_of_holes_concerns_whoever_has_trades(raw: Raw) -> None:
    share, coin = raw.made(SHARE), raw.made(COIN)
    raw.put("ledger/gaps/date=2026-01-01/two.parquet", 1)
    assert raw.stands(SHARE, share)
    assert not raw.stands(COIN, coin)
    assert raw.made(SHARE).settled
    assert not raw.made(COIN).settled


def test_a_rate_that_all_read_concerns_every_shard(raw: Raw) -> None:
    raw.put("equities/symbol=%5EIRX/source=yahoo/one.parquet", 5)
    before = {shard.keys: shard.print for shard in raw.read().shards([], 1000, [RATE.symbol])}
    raw.put("equities/symbol=%5EIRX/source=yahoo/two.parquet", 5)
    after = {shard.keys: shard.print for shard in raw.read().shards([], 1000, [RATE.symbol])}
    assert {*before} == {*after} == {(COIN,), (SHARE,), (RATE,)}
    assert all(before[keys] != after[keys] for keys in before)


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShardedBuilder]:
    yield builder_at(tmp_path / "one", tmp_path / "shared", monkeypatch)


def builder_at(data: Path, shards: Path, patch: pytest.MonkeyPatch) -> ShardedBuilder:
    for name, value in {"DATA_PATH": data, "SCALE__SHARDS": 4, "SCALE__DATA_PATH": shards}.items():
        patch.setenv(f"QUANT_{name}", str(value))
    return ShardedBuilder(load_settings())


def publish(builder: ShardedBuilder, reads: tuple[str, ...] = ()) -> str:
    """A build whose shard 0 is its own, and others of builds before it. Returns its id."""
    record = builder._plan(full=True)
    builds: Builds = builder.builds
    builds.prepare(record).touch()
    shards = {i: MadeShard(build_id, "print", True, {}) for i, build_id in enumerate((record.build_id, *reads))}
    Manifest(builder.store.root, {"bars.bars": []}, shards).write(builds.next_path)
    write(builder, record.build_id)
    builds.publish(record)
    return record.build_id


def write(builder: ShardedBuilder, build_id: str) -> None:
    with builder.store.writing(file_name(build_id, "bars.bars", 0)) as path:
        path.write_bytes(b"rows")


def test_shards_that_a_build_on_disk_reads_are_kept_and_others_go(builder: ShardedBuilder) -> None:
    first = publish(builder)
    write(builder, killed := new_build_id())
    second = publish(builder, reads=(first,))
    assert builder.store.folders("build") == sorted([first, killed, second])
    builder._tidy()
    assert builder.store.folders("build") == [first, second]
    third = publish(builder)
    builder._tidy()
    assert builder.store.folders("build") == [first, second, third]  # readers may be on the second still
    builder.builds.prune(grace_seconds=0)
    builder._tidy()
    assert builder.store.folders("build") == [third]


def test_what_is_no_build_of_ours_stays(builder: ShardedBuilder) -> None:
    """Somebody keeps his notes beside the builds, in a folder that he named data_path."""
    publish(builder)
    for name in ("build/notes", "parquet-of-mine", "build/20260101"):
        with builder.store.writing(f"{name}/a.txt") as path:
            path.write_text("mine")
    builder._tidy()
    assert {"notes", "20260101"} <= {*builder.store.folders("build")}
    assert builder.store.folders("parquet-of-mine") == ["a.txt"]


def test_two_data_folders_with_one_place_for_shards_keep_theirs(
    builder: ShardedBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = publish(builder)
    other = builder_at(tmp_path / "two", tmp_path / "shared", monkeypatch)
    theirs = publish(other)
    for each in (builder, other):
        each._tidy()
    assert mine in builder.store.folders("build")
    assert theirs in other.store.folders("build")
