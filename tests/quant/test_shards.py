"""How symbols are shared out, and what the `scale` section of config.yaml refuses."""

from collections import Counter

import pytest
from pydantic import ValidationError

from quant.fingerprint import fingerprint
from quant.scale.engines import ProcessPool, engine_of
from quant.scale.record import Dataset, datasets_of, with_raw_relations
from quant.scale.shards import SeriesKey, shard_of, shared_out
from quant.settings import load_settings
from quant.settings.scale import SPARK_SHARDS, Scale

READ = (
    "select * from read_parquet('data/parquet/trades/closed/*/*/*/*.parquet', hive_partitioning=true, "
    "hive_types={'symbol':VARCHAR,'source':VARCHAR,'date':DATE}) where price > 0"
)


def test_a_series_is_in_the_same_shard_for_ever() -> None:
    """Written down: another number would make files of old builds those of other symbols."""
    assert shard_of(SeriesKey("binance", "BTCUSDT"), 64) == 61
    assert shard_of(SeriesKey("yahoo", "SPY"), 64) == 40


def test_symbols_are_spread_evenly() -> None:
    keys = [SeriesKey("yahoo", f"S{i:05d}") for i in range(10_000)]
    counted = Counter(shard_of(key, 100) for key in keys)
    assert set(counted) == set(range(100))
    assert max(counted.values()) < 2 * 100


def test_each_series_is_in_one_shard_and_shards_without_any_are_not_there() -> None:
    keys = [SeriesKey("yahoo", f"S{i}") for i in range(7)]
    shared = shared_out([*keys, *keys], 1000)
    assert sorted(key for given in shared.values() for key in given) == sorted(keys)
    assert len(shared) <= 7
    assert shared_out([], 8) == {0: ()}


def test_sources_of_files_become_relations_of_a_task() -> None:
    assert with_raw_relations(READ) == "select * from raw.trades_closed where price > 0"
    dataset = datasets_of([READ])["trades/closed"]
    assert dataset == Dataset(
        "trades/closed", 4, ", hive_partitioning=true, hive_types={'symbol':VARCHAR,'source':VARCHAR,'date':DATE}"
    )
    assert dataset.is_of_series
    assert dataset.select.startswith("from read_parquet(getvariable('files_of_trades_closed'), hive_partitioning=")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"master": "local[2]"}, "say engine: spark as well"),
        ({"data_path": "/tmp/shards"}, "say shards as well"),
        ({"shards": 4, "data_path": "gs://bucket"}, "neither a folder nor s3://bucket/prefix"),
        ({"shards": 4, "data_path": "s3://key:secret@bucket/a"}, "without credentials"),
        ({"shards": 4, "data_path": "s3://"}, "without credentials"),
        ({"shards": 0}, "greater than 0"),
        ({"engine": "ray"}, "'local' or 'spark'"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Scale.model_validate(given)


def test_a_build_is_split_only_if_somebody_says_so() -> None:
    assert Scale().count is None
    assert Scale(shards=8).count == 8
    assert Scale(engine="spark").count == SPARK_SHARDS
    assert isinstance(engine_of(Scale(shards=8, processes=3)), ProcessPool)


def test_another_layout_is_another_build_but_another_engine_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = fingerprint(load_settings())
    monkeypatch.setenv("QUANT_SCALE__SHARDS", "64")
    split = fingerprint(load_settings())
    monkeypatch.setenv("QUANT_SCALE__ENGINE", "spark")
    assert fingerprint(load_settings()) == split != plain
    monkeypatch.setenv("QUANT_SCALE__SHARDS", "65")
    assert fingerprint(load_settings()) != split
