"""Engines as they are when processes are killed, and when there is no Spark."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quant.errors import BuildError, ConfigError
from quant.scale.engines import ATTEMPTS, ProcessPool
from quant.scale.shards import SeriesKey, Shard
from quant.scale.spark import require_answer
from quant.scale.task import ShardResult
from quant.settings import PROJECT_PATH

KILLER = 3
DRIVER = """
import sys
from pathlib import Path
from quant.scale.engines import ProcessPool
from tests.quant.test_shard_engines import Staying, shards

if __name__ == "__main__":
    list(ProcessPool(2).run(Staying(Path(sys.argv[1])), shards(6)))
"""
SPARK = """
import logging, sys, threading
from quant.scale.spark import Spark
from tests.quant.test_shard_engines import python_of, shards

logging.basicConfig(level="INFO", stream=sys.stdout)
"""
OF_OTHERS = """
from pyspark.sql import SparkSession
local = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
thread = threading.Thread(target=local.getOrCreate)
thread.start(); thread.join()
from pyspark import SparkContext
theirs = SparkContext.getOrCreate()
results = list(Spark(None).run(python_of, shards(1)))
print("sum", theirs.parallelize([1, 2]).sum(), len(results))
"""
DEFAULT = """
for result in Spark(None).run(python_of, shards(1)):
    print("python", *result.rows)
"""


def shards(count: int) -> list[Shard]:
    return [Shard(number, (SeriesKey("yahoo", f"S{number}"),), {}, "") for number in range(count)]


def made(shard: Shard) -> ShardResult:
    return ShardResult(shard.number, {}, {}, 0.0, 0.0, 0.0)


def python_of(shard: Shard) -> ShardResult:
    return ShardResult(shard.number, {sys.executable: 1}, {}, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Killing:
    """The process of shard `KILLER` is killed so many times; each run leaves a byte in `folder`."""

    folder: Path
    times: int

    def __call__(self, shard: Shard) -> ShardResult:
        if runs_of(self.folder, shard.number, add=True) <= self.times and shard.number == KILLER:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(shard)


@dataclass(frozen=True)
class Raising:
    folder: Path
    times: int

    def __call__(self, shard: Shard) -> ShardResult:
        if runs_of(self.folder, shard.number, add=True) <= self.times and shard.number == KILLER:
            raise OSError("no route to the disk")
        return made(shard)


@dataclass(frozen=True)
class Staying:
    """Says its process, and never ends."""

    folder: Path

    def __call__(self, shard: Shard) -> ShardResult:
        (self.folder / str(os.getpid())).touch()
        signal.pause()
        return made(shard)


def runs_of(folder: Path, number: int, add: bool = False) -> int:
    with (folder / f"runs{number}").open("ab") as file:
        file.write(b"." * add)
    return (folder / f"runs{number}").stat().st_size


def test_the_shard_that_kills_its_process_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=rf"shard {KILLER} \(S{KILLER}\) failed {ATTEMPTS} times: its process was kil"):
        list(ProcessPool(2).run(Killing(tmp_path, 99), shards(6)))


def test_processes_that_are_killed_cost_the_other_shards_no_attempt(tmp_path: Path) -> None:
    """Once among others, and then alone as often as is allowed."""
    results = list(ProcessPool(2).run(Killing(tmp_path, ATTEMPTS), shards(6)))
    assert sorted(result.number for result in results) == [*range(6)]
    assert runs_of(tmp_path, KILLER) == ATTEMPTS + 1


def test_a_shard_that_raises_is_tried_again_and_then_named(tmp_path: Path) -> None:
    assert len(list(ProcessPool(2).run(Raising(tmp_path, ATTEMPTS - 1), shards(6)))) == 6
    assert {runs_of(tmp_path, number) for number in range(6) if number != KILLER} == {1}
    with pytest.raises(BuildError, match=rf"\(S{KILLER}\) failed {ATTEMPTS} times: OSError: no route to the disk"):
        list(ProcessPool(2).run(Raising(tmp_path, 99), shards(6)))


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs a pool; whatever it leaves is ended."""
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    (tmp_path / "pids").mkdir()
    command = [sys.executable, str(script), str(tmp_path / "pids")]
    with subprocess.Popen(command, env=environment(), start_new_session=True) as process:
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYSPARK_PYTHON"} | {
        "PYTHONPATH": str(PROJECT_PATH)
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel that kills them is Linux's")
def test_a_pool_ends_with_its_driver(
    driver: subprocess.Popen[bytes], tmp_path: Path, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    folder = tmp_path / "pids"
    wait_for(lambda: len(list(folder.iterdir())) == 2)
    pids = [int(each.name) for each in folder.iterdir()]
    driver.kill()
    wait_for(lambda: not any(map(is_alive, pids)))
    assert len(list(folder.iterdir())) == 2  # no queued shard was begun


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_master_that_does_not_answer_is_named() -> None:
    master = f"spark://127.0.0.1:{free_port()}"
    with pytest.raises(BuildError, match=rf"no Spark master answers at {master}: "):
        require_answer(master)


def test_one_of_several_masters_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        require_answer(f"spark://127.0.0.1:{free_port()},127.0.0.1:{server.getsockname()[1]}")


@pytest.mark.parametrize("master", ["spark://", "spark://host", "spark://host:seven"])
def test_a_master_without_a_port_is_refused(master: str) -> None:
    with pytest.raises(ConfigError, match=f"scale.master is '{master}': .* spark://host:7077"):
        require_answer(master)


@pytest.mark.parametrize("master", ["", "local[2]", "k8s://https://127.0.0.1:1", "yarn"])
def test_only_standalone_masters_are_asked(master: str) -> None:
    require_answer(master)


def on_spark(script: str, **variables: str) -> str:
    """What a process of its own says: a process that had a JVM keeps it."""
    pytest.importorskip("pyspark")
    command = [sys.executable, "-c", SPARK + script]
    done = subprocess.run(command, env=environment() | variables, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_spark_without_java_says_what_it_needs(tmp_path: Path) -> None:
    said = on_spark("list(Spark('local[1]').run(python_of, shards(1)))", JAVA_HOME=str(tmp_path))
    assert "BuildError: no Spark at local[1]: Java did not start: engine spark needs Java 17 or newer; " in said
    assert f"set JAVA_HOME to its folder (it is {tmp_path})" in said


def test_a_session_of_another_thread_is_left_as_it_was() -> None:
    assert "sum 3 1" in on_spark(OF_OTHERS, PYSPARK_PYTHON=sys.executable)


def test_a_default_master_on_this_machine_is_told_and_runs_this_python() -> None:
    said = on_spark(DEFAULT, PATH=path_with_another_python())
    assert "Spark's master is local[*]" in said
    assert f"python {sys.executable}" in said


def path_with_another_python() -> str:
    """Without the folder of this one."""
    here = str(Path(sys.executable).parent)
    return os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != here)
