"""Apache Spark as the engine: one task a shard. Scheduling, retries, speculation and the cluster are Spark's."""

import logging
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from quant.boundness import is_loopback
from quant.errors import BuildError, ConfigError
from quant.scale.engines import Task
from quant.scale.shards import Shard
from quant.scale.task import ShardResult
from quant.settings import PROJECT_PATH

log = logging.getLogger(__name__)

STANDALONE = "spark://"
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Spark:
    """`master`: spark://host:7077, local[2], k8s://... ; None is what spark-submit or Spark's own files say."""

    master: str | None

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        """Results once all are there. Whatever a task raises is tried again as often as spark.task.maxFailures says."""
        with self._context() as context:
            log.info("Spark's master is %s", context.master)
            try:
                yield from context.parallelize(shards, len(shards)).map(task).collect()
            except Exception as error:  # Py4JJavaError, and what else a lost cluster raises
                raise BuildError(f"Spark gave up: {_last_line(error)}") from error

    @contextmanager
    def _context(self) -> Iterator[Any]:
        """One that was there before, in whatever thread, is a cluster's own and left as it was; ours is stopped."""
        require_pyspark()
        from pyspark import SparkContext

        if (known := SparkContext._active_spark_context) is not None:
            yield known
            return
        require_answer(self.master or "")
        context = self._started()
        context.setLogLevel("ERROR")
        try:
            _use_this_python(context)
            yield context
        finally:
            context.stop()

    def _started(self) -> Any:
        from pyspark import SparkConf, SparkContext

        conf = SparkConf().setAppName("quant build").setAll(list(self._options().items()))
        try:
            return SparkContext(conf=conf.setMaster(self.master) if self.master else conf)
        except Exception as error:  # no Java, no master, a port that is taken
            raise BuildError(f"no Spark at {self.master or 'the default master'}: {_explained(error)}") from error

    def _options(self) -> dict[str, str]:
        """No credentials: those of an object store are in the environment of the workers, as in ours."""
        options = {"spark.ui.enabled": "false", "spark.executorEnv.PYTHONPATH": str(PROJECT_PATH)}
        if _is_here(self.master or ""):
            options |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        return options


def _use_this_python(context: Any) -> None:
    """On this machine the tasks run in our own environment; elsewhere PYSPARK_PYTHON says which."""
    if _is_here(context.master):
        context.pythonExec = os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def _is_here(master: str) -> bool:
    hosts = [host for host, _ in _addresses(master)]
    return master.startswith("local") or (hosts != [] and all(map(is_loopback, hosts)))


def require_pyspark() -> None:
    """ConfigError, with the remedy, where it is not installed."""
    if find_spec("pyspark") is None:
        raise ConfigError("engine spark needs pyspark, which `make spark` adds, and Java 17")


def require_answer(master: str) -> None:
    """BuildError if none of the hosts of spark://host:port,host:port takes a connection: Spark itself would try for a
    minute, and then not say so. Other masters are not asked.
    """
    addresses = _addresses(master)
    if addresses and not any(map(_answers, addresses)):
        raise BuildError(f"no Spark master answers at {master}: start it, or correct scale.master (--master)")


def _addresses(master: str) -> list[tuple[str, int]]:
    """Hosts and ports of spark://host:port,host:port; none of another master."""
    if not master.startswith(STANDALONE):
        return []
    try:
        parts = [urlsplit(f"//{each}") for each in master.removeprefix(STANDALONE).split(",")]
        found = [(part.hostname, part.port) for part in parts]
    except ValueError:  # a port that is no number
        found = []
    if known := [(host, port) for host, port in found if host and port]:
        return known
    raise ConfigError(f"scale.master is {master!r}: a master is written with its port, spark://host:7077")


def _answers(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=ANSWER_SECONDS):
        return True
    return False


def _explained(error: Exception) -> str:
    if "JAVA_GATEWAY_EXITED" not in str(error):
        return _last_line(error)
    home = os.environ.get("JAVA_HOME")
    return (
        "Java did not start: engine spark needs Java 17 or newer; install it and set JAVA_HOME to its folder "
        f"(it is {home or 'not set'})"
    )


def _last_line(error: Exception) -> str:
    """What a task raised, without Spark's own pages around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if "Error: " in line or "Exception: " in line]
    return (said or lines or [type(error).__name__])[-1]
