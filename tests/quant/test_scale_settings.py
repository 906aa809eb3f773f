"""What config.yaml's `scale` refuses tells no secret, and what the command line says instead of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quant.cli.building import choose_scale
from quant.errors import ConfigError
from quant.settings import PROJECT_PATH, load_settings
from quant.settings.scale import Scale

SECRETIVE = [
    "s3://KEYID:HUSH@bucket/a",
    "s3:/KEYID:HUSH@bucket/a",
    "gs://KEYID:HUSH@bucket/a",
    "s3://bucket/a?key=HUSH&id=KEYID",
    "s3://bucket/a#KEYID/HUSH",
    "/mnt/shared?key=HUSH&id=KEYID",
    "/mnt/shared#KEYID/HUSH",
]


def tells(text: str) -> bool:
    return "HUSH" in text or "KEYID" in text


@pytest.mark.parametrize("value", SECRETIVE)
def test_a_refused_place_is_not_repeated(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("QUANT_SCALE__SHARDS", "4")
    monkeypatch.setenv("QUANT_SCALE__DATA_PATH", value)
    with pytest.raises(ConfigError, match=r"scale\.data_path: ") as refused:
        load_settings()
    assert not tells(str(refused.value)), str(refused.value)
    with pytest.raises(ValueError, match="data_path") as invalid:
        Scale.model_validate({"shards": 4, "data_path": value})
    assert not tells(str(invalid.value)), str(invalid.value)


@pytest.mark.parametrize(
    "section", ['"s3://KEYID:HUSH@b"', '{"shards": 4, "data_path": ["s3://KEYID:HUSH@b"]}', '["s3://KEYID:HUSH@b"]']
)
def test_nor_is_one_that_stands_where_it_should_not(monkeypatch: pytest.MonkeyPatch, section: str) -> None:
    monkeypatch.setenv("QUANT_SCALE", section)
    with pytest.raises(ConfigError) as refused:
        load_settings()
    assert not tells(str(refused.value)), str(refused.value)


def test_no_command_tells_it_either() -> None:
    command = [sys.executable, "-m", "quant.cli", "build"]
    variables = {"PYTHONPATH": str(PROJECT_PATH), "QUANT_SCALE__SHARDS": "4", "QUANT_SCALE__DATA_PATH": SECRETIVE[0]}
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True)
    assert done.returncode == 1
    assert "without credentials" in done.stderr
    assert not tells(done.stdout + done.stderr)


@pytest.fixture
def on_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """config.yaml asks for Spark; what choose_scale sets is taken back."""
    mine = (PROJECT_PATH / "config.yaml").read_text()
    for old, new in {"engine: local": "engine: spark", "master: null": 'master: "spark://far:7077"'}.items():
        assert old in mine
        mine = mine.replace(old, new)
    (tmp_path / "config.yaml").write_text(mine)
    monkeypatch.setenv("QUANT_CONFIG", str(tmp_path / "config.yaml"))
    for name in ("ENGINE", "MASTER", "SHARDS"):
        monkeypatch.setenv(f"QUANT_SCALE__{name}", "")
        monkeypatch.delenv(f"QUANT_SCALE__{name}")


@pytest.mark.usefixtures("on_a_cluster")
def test_the_command_line_goes_back_to_this_machine() -> None:
    assert load_settings().scale.master == "spark://far:7077"
    choose_scale(engine="local", master=None, shards=8)
    scale = load_settings().scale
    assert (scale.engine, scale.master, scale.count) == ("local", None, 8)


@pytest.mark.usefixtures("on_a_cluster")
def test_a_master_for_this_machine_is_still_refused() -> None:
    choose_scale(engine="local", master="spark://near:7077", shards=None)
    with pytest.raises(ConfigError, match=r"spark://near:7077.*say engine: spark as well"):
        load_settings()


def test_a_misspelt_master_is_told_of_the_option() -> None:
    with pytest.raises(ConfigError, match=r"^--master: 'near:7077' is no master of Spark: those are spark://host:7077"):
        choose_scale(engine="spark", master="near:7077", shards=None)
    assert "QUANT_SCALE__MASTER" not in os.environ
