"""`make scale`: builds with record and shards in an object store, which a local server stands in for."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fsspec
import pytest

from quant.cli.up import duckdb_command
from quant.errors import BuildError
from quant.scale.manifest import Manifest
from quant.scale.mirror import mirror_of
from quant.scale.store import Store
from quant.settings import PROJECT_PATH, Settings, load_settings
from quant.warehouse import open_build
from tests.conftest import Demo
from tests.scale.builds import build, differences, long_ago, made_anew, manifest_of, on_spark, prepend, start, store_of
from tests.scale.cluster import Cluster, free_port, running_cluster
from tests.scale.conftest import copied
from tests.scale.faults import damaged, kill_in_the_middle, refused
from tests.scale.same import relations

BUCKET = "s3://quant-proof"
SHARDS = "4"  # each relation of each is a file, and the stand-in is slow


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


@dataclass(frozen=True)
class Grown:
    """Two builds into the bucket: of all symbols, with a worker killed when it had `written` so many files; and after
    news of one.
    """

    settings: Settings
    written: int
    first: Manifest
    second: Manifest
    environment: dict[str, str]


@pytest.fixture(scope="module")
def story(bucket: str, settled: Demo, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with pytest.MonkeyPatch.context() as patch:
        copied(settled, tmp_path_factory.mktemp("stored"), patch)
        patch.setenv("QUANT_SCALE__SHARDS", SHARDS)
        patch.setenv("QUANT_SCALE__DATA_PATH", f"{bucket}/market")
        settings = load_settings()
        long_ago(settings)
        written = kill_in_the_middle(store_of(settings), cluster, start(*on_spark(cluster, SHARDS)))
        first = manifest_of(settings)
        prepend(settings, "ETHUSDT", 5)
        build(*on_spark(cluster, SHARDS))
        environment = {name: value for name, value in os.environ.items() if name.startswith("QUANT_")}
        yield Grown(settings, written, first, manifest_of(settings), environment)


@pytest.fixture
def grown(story: Grown, monkeypatch: pytest.MonkeyPatch) -> Grown:
    """With its environment, which each test loses."""
    for name, value in story.environment.items():
        monkeypatch.setenv(name, value)
    return story


def test_news_of_one_symbol_make_one_shard_anew_in_the_store(grown: Grown) -> None:
    assert grown.second.root == store_of(grown.settings).root
    assert grown.second.root.startswith(f"{BUCKET}/market")
    assert len(grown.first.shards) > 2 and len(grown.first.builds) == 1
    assert len(made_anew(grown.first, grown.second)) == 1


def test_a_build_into_the_store_outlives_one_of_its_workers(grown: Grown) -> None:
    """What its rows are, the next test says: most shards of the second build are of the first."""
    assert 0 < grown.written < len(grown.first.shards) * len(grown.first.columns)  # it was in the middle


def test_after_news_the_store_gives_what_one_duckdb_gives_of_the_same_record(grown: Grown, cluster: Cluster) -> None:
    """serving.* as well, which is stored in the database and must not be that of the build before."""
    assert differences(grown.settings, *on_spark(cluster, SHARDS)) == {}


def test_what_is_served_is_read_without_the_store(grown: Grown) -> None:
    """By the older prompt, which cannot read an object store, with the server's address taken away."""
    path = grown.settings.market_path.resolve()
    with open_build(path) as connection:
        served = relations(connection, "serving")
    query = "; ".join(f"select count(*) from {name}" for name in served)
    command = [duckdb_command(), "-readonly", str(path), "-c", query]
    done = subprocess.run(command, cwd=PROJECT_PATH, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(served) > 40


def test_a_shard_that_fails_leaves_nothing_in_the_store(grown: Grown, cluster: Cluster) -> None:
    with damaged(grown.settings):
        refused(grown.settings, store_of(grown.settings), on_spark(cluster, SHARDS))


def test_the_copy_of_the_record_follows_what_is_new_changed_and_deleted(bucket: str, tmp_path: Path) -> None:
    """Files are told apart by what they hold: a restored one may be older than its copy, and as long."""
    ours, known = Store(str(tmp_path / "record")), tmp_path / "mirrored.json"
    mirror = mirror_of(ours, Store(f"{bucket}/mirror"), known)
    write(tmp_path, same=b"same", longer=b"some", later=b"once", gone=b"gone")
    assert contents(mirror.bring_up_to_date()) == {
        "same": b"same",
        "longer": b"some",
        "later": b"once",
        "gone": b"gone",
    }
    write(tmp_path, longer=b"some more", later=b"then", new=b"new")
    (tmp_path / "record" / "a" / "gone").unlink()
    assert contents(mirror.bring_up_to_date()) == {
        "same": b"same",
        "longer": b"some more",
        "later": b"then",
        "new": b"new",
    }


def test_a_file_with_an_older_time_than_its_copy_is_copied_too(bucket: str, tmp_path: Path) -> None:
    """From a backup, by rsync -t or cp -p: other rows, as many bytes, the time of a day when the copy was not there."""
    ours, known = Store(str(tmp_path / "record")), tmp_path / "mirrored.json"
    mirror = mirror_of(ours, Store(f"{bucket}/restored"), known)
    write(tmp_path, restored=b"once")
    mirror.bring_up_to_date()
    write(tmp_path, restored=b"then")
    day_ago = time.time() - 86_400
    os.utime(tmp_path / "record" / "a" / "restored", (day_ago, day_ago))
    assert contents(mirror.bring_up_to_date()) == {"restored": b"then"}


def test_a_record_that_is_lost_does_not_take_its_copy_along(bucket: str, tmp_path: Path) -> None:
    mirror = mirror_of(Store(str(tmp_path / "record")), Store(f"{bucket}/lost"), tmp_path / "mirrored.json")
    write(tmp_path, one=b"1", two=b"2", three=b"3")
    copy = mirror.bring_up_to_date()
    for name in ("one", "two"):
        (tmp_path / "record" / "a" / name).unlink()
    with pytest.raises(BuildError, match=r"2 files of .* are gone from .*: copy them back"):
        mirror.bring_up_to_date()
    assert set(contents(copy)) == {"one", "two", "three"}


def write(root: Path, **files: bytes) -> None:
    for name, content in files.items():
        (root / "record" / "a").mkdir(parents=True, exist_ok=True)
        (root / "record" / "a" / name).write_bytes(content)


def contents(copy: Store) -> dict[str, bytes]:
    return {Path(file.address).name: copy.files.cat_file(file.address) for file in copy.below("a")}
