"""The demo record of `make scale`, final to its last minute, and copies of it that a proof may write on."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quant.settings import Settings, load_settings
from tests.conftest import Demo
from tests.scale.builds import SHARDS
from tests.scale.cluster import Cluster, running_cluster

SETTLING_SECONDS = 90.0  # a minute of ticks ends, and its grace passes


@pytest.fixture(scope="session")
def settled(demo: Demo) -> Demo:
    """The demo record once its last minute is final."""
    newest = max(file.stat().st_mtime for file in demo.settings.parquet_path.rglob("*.parquet"))
    time.sleep(max(0.0, newest + SETTLING_SECONDS - time.time()))
    return demo


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture
def copy(settled: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo record without a build, in a folder of its own, which the environment names."""
    return copied(settled, tmp_path, monkeypatch)


def copied(demo: Demo, folder: Path, patch: pytest.MonkeyPatch) -> Settings:
    source = demo.settings.parquet_path
    shutil.copytree(source, folder / source.relative_to(demo.settings.data_path))
    given = {**demo.environment, "QUANT_DATA_PATH": str(folder), "QUANT_SCALE__SHARDS": SHARDS}
    for name, value in given.items():
        patch.setenv(name, value)
    return load_settings()
