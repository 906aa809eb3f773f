"""Where shards lie: never in a folder that is somebody else's; and what a store says that cannot be used."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from quant.errors import BuildError
from quant.scale.home import own_name, shard_store
from quant.scale.manifest import Manifest, read_manifest
from quant.scale.record import at_instant
from quant.scale.store import Store, StoreError
from quant.settings import PROJECT_PATH, Settings, load_settings


def settings_of(folder: Path, place: str, patch: pytest.MonkeyPatch) -> Settings:
    patch.setenv("QUANT_SCALE__SHARDS", "2")
    patch.setenv("QUANT_SCALE__DATA_PATH", place)
    return load_settings(data_path=folder)


def test_two_data_folders_share_a_place_and_no_folder_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (settings_of(tmp_path / name, str(tmp_path / "place"), monkeypatch) for name in "ab")
    assert shard_store(one).root != shard_store(other).root
    assert shard_store(one).root == shard_store(one).root
    assert {Path(shard_store(each).root).parent for each in (one, other)} == {tmp_path / "place"}


def test_a_place_is_below_the_project_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path, "elsewhere", monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert Path(shard_store(settings).root).parent == PROJECT_PATH / "elsewhere"


def test_a_name_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "shards_name").write_text("market-ours\n")
    assert own_name(tmp_path) == "market-ours"
    assert [file.name for file in tmp_path.iterdir()] == ["shards_name"]


def test_an_object_store_without_credentials_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs", reason="the extra `scale` is not installed: make scale installs it")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StoreError, match=r"s3://bucket/a could not be used: \w+"):
        Store("s3://bucket/a").below("build")


def test_who_runs_a_statement_later_gets_the_same_rows() -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    said = at_instant("select ts <= now() and known() from trades", at)
    assert said == "select ts <= timestamptz '2026-11-20T12:00:00+00:00' and known() from trades"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"root": "/x", "columns": {}}'])
def test_a_damaged_list_of_shards_is_told_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "shards.json").write_text(text)
    with pytest.raises(BuildError, match=r"shards\.json is damaged: `quant build --full-refresh`"):
        read_manifest(tmp_path)
    Manifest("/x", {}, {}).write(tmp_path)
    assert read_manifest(tmp_path) == Manifest("/x", {}, {})
