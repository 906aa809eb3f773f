"""`make scale`: the same build with record and shards in an object store, which a local server stands in for."""

import subprocess
import sys
import time
from collections.abc import Iterator

import fsspec
import pytest

from quant.cli.up import duckdb_command
from quant.settings import PROJECT_PATH, Settings, load_settings
from quant.warehouse import open_build
from tests.conftest import Demo
from tests.scale.cluster import Cluster, free_port, running_cluster
from tests.scale.proof_cluster import build, copy, differences, manifest_of, on_spark, settled
from tests.scale.same import relations

__all__ = ["copy", "settled"]  # fixtures
BUCKET = "s3://quant-proof"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An empty bucket; its address and keys are in the environment, as a user gives them."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    given = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "stand-in",
        "AWS_SECRET_ACCESS_KEY": "stand-in", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        try:
            await_bucket()
            yield BUCKET
        finally:
            server.terminate()
            server.wait(10)


def await_bucket() -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            fsspec.filesystem("s3", skip_instance_cache=True).mkdir(BUCKET)
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


@pytest.fixture(scope="module")
def cluster(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Its workers inherit the environment: that is how tasks come to the keys."""
    with running_cluster(tmp_path_factory.mktemp("spark")) as running:
        yield running


@pytest.fixture
def stored(bucket: str, copy: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("QUANT_SCALE__DATA_PATH", f"{bucket}/market")
    monkeypatch.setenv("QUANT_SCALE__SHARDS", "16")
    return load_settings()


def test_an_object_store_gives_what_one_duckdb_gives(demo: Demo, stored: Settings, cluster: Cluster) -> None:
    build(*on_spark(cluster))
    assert manifest_of(stored).root == f"{BUCKET}/market"
    assert differences(stored, demo, *on_spark(cluster)) == {}


def test_what_is_served_is_read_without_the_store(stored: Settings, cluster: Cluster) -> None:
    """By the older prompt, which cannot read an object store, with the server's address taken away."""
    build(*on_spark(cluster))
    with open_build(stored.market_path.resolve()) as connection:
        served = relations(connection, "serving")
    query = "; ".join(f"select count(*) from {name}" for name in served)
    command = [duckdb_command(), "-readonly", str(stored.market_path.resolve()), "-c", query]
    done = subprocess.run(command, cwd=PROJECT_PATH, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(served) > 40
