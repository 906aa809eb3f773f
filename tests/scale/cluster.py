"""A real standalone Spark cluster on loopback: a master and workers, each a process group that can be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """`url` is what --master takes; `workers` are the processes of the workers, executors are their children."""

    url: str
    status_url: str
    workers: list[subprocess.Popen[bytes]]

    def alive(self) -> int:
        """How many workers the master counts."""
        with urlopen(f"{self.status_url}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])

    def await_workers(self, count: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, ValueError):
                if self.alive() == count:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"not {count} workers at {self.url} after {WAIT_SECONDS:g} s")


@contextmanager
def running_cluster(folder: Path, workers: int = 2, cores: int = 1, memory: str = "2g") -> Iterator[Cluster]:
    """Started and stopped here; logs and work of the executors lie in `folder`."""
    port, status_port = free_port(), free_port()
    url = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port)]
        stack.enter_context(_process(folder, "master", [*master, "--webui-port", str(status_port)]))
        size = ["--cores", str(cores), "--memory", memory]
        started = [
            stack.enter_context(_process(folder, f"worker{i}", [
                "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", str(free_port()),
                *size, "--work-dir", str(folder / f"work{i}"), url,
            ]))
            for i in range(workers)
        ]  # fmt: skip
        cluster = Cluster(url, f"http://127.0.0.1:{status_port}", started)
        cluster.await_workers(workers)
        yield cluster


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(folder: Path, name: str, arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.log").open("wb") as log:
        command = [str(home / "bin" / "spark-class"), *arguments]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
