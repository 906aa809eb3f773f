"""Shards together are what one DuckDB makes of the same record; what lacks a row or a file is no build."""

from dataclasses import replace
from pathlib import Path

import pytest

from quant.errors import BuildError
from quant.scale.relations import verify
from quant.scale.store import Store
from tests.repo.conftest import Sharded
from tests.scale.same import difference, relations


def test_every_relation_of_shards_is_what_one_duckdb_makes_of_it(sharded: Sharded) -> None:
    names = relations(sharded.split, "staging", "bars", "metrics", "options", "signals")
    assert (
        names
        == sorted(sharded.manifest.columns)
        == sorted(model.relation for model in sharded.needed if model.is_stored)
    )
    assert len(names) > 45
    found = {name: difference(sharded.split, sharded.whole, name) for name in names}
    assert {name: said for name, said in found.items() if said} == {}


def test_rows_lie_in_files_of_several_shards_and_nowhere_else(sharded: Sharded) -> None:
    manifest = sharded.manifest
    assert len(manifest.shards) > 1
    assert all(sum(made.rows.values()) > 0 for made in manifest.shards.values())
    stored = sorted(str(file) for file in Path(manifest.root).rglob("*.parquet"))
    assert stored == sorted(f"{manifest.root}/{name}" for each in manifest.columns for name in manifest.files(each))


def test_a_file_that_lacks_rows_is_no_build(sharded: Sharded) -> None:
    manifest, store = sharded.manifest, Store(sharded.manifest.root)
    verify(manifest, store)
    number, made = next(iter(manifest.shards.items()))
    short = replace(made, rows={**made.rows, "bars.crypto_bars": made.rows["bars.crypto_bars"] + 1})
    with pytest.raises(BuildError, match=r"bars\.crypto_bars has .* build again"):
        verify(replace(manifest, shards={**manifest.shards, number: short}), store)
    gone = replace(made, build_id="20260101T000000.000000Z")
    with pytest.raises(BuildError, match=r"what shards made of .* cannot be read"):
        verify(replace(manifest, shards={**manifest.shards, number: gone}), store)


def test_rows_that_moved_from_one_file_to_another_are_no_build(sharded: Sharded) -> None:
    """In all there are as many as the tasks counted."""
    manifest, name = sharded.manifest, "metrics.trend"
    one, two = (number for number, made in manifest.shards.items() if made.rows[name] > 0)
    changed = {
        number: replace(made, rows={**made.rows, name: made.rows[name] + by})
        for number, by in ((one, 1), (two, -1))
        for made in (manifest.shards[number],)
    }
    with pytest.raises(BuildError, match=r"metrics\.trend"):
        verify(replace(manifest, shards={**manifest.shards, **changed}), Store(manifest.root))
