"""Apache Spark as the engine: one task a shard. Scheduling, retries, speculation and the cluster are Spark's."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from quant.boundness import is_loopback
from quant.errors import BuildError, ConfigError
from quant.scale.engines import Task
from quant.scale.shards import Shard
from quant.scale.task import ShardResult
from quant.settings import PROJECT_PATH


@dataclass(frozen=True)
class Spark:
    """`master`: spark://host:7077, local[2], k8s://... ; None is what spark-submit or Spark's own files say."""

    master: str | None

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        """Results once all are there. Whatever a task raises is tried again as often as spark.task.maxFailures says."""
        with self._session() as session:
            try:
                yield from session.sparkContext.parallelize(shards, len(shards)).map(task).collect()
            except Exception as error:  # Py4JJavaError, and what else a lost cluster raises
                raise BuildError(f"Spark gave up: {_last_line(error)}") from error

    @contextmanager
    def _session(self) -> Iterator[Any]:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise ConfigError("engine spark needs pyspark: pip install '.[scale]', and Java 17") from error
        is_ours = SparkSession.getActiveSession() is None  # a cluster's own session is left as it was
        self._use_this_python()
        builder = SparkSession.builder.appName("quant build")
        for key, value in self._options().items():
            builder = builder.config(key, value)
        try:
            session = (builder.master(self.master) if self.master else builder).getOrCreate()
        except Exception as error:  # no Java, no master, a port that is taken
            raise BuildError(f"no Spark at {self.master or 'the default master'}: {_last_line(error)}") from error
        try:
            yield session
        finally:
            if is_ours:
                session.stop()

    def _options(self) -> dict[str, str]:
        """No credentials: those of an object store are in the environment of the workers, as in ours."""
        options = {"spark.ui.enabled": "false", "spark.executorEnv.PYTHONPATH": str(PROJECT_PATH)}
        if self._is_here():
            options |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        return options

    def _use_this_python(self) -> None:
        """On this machine the tasks run in our own environment; elsewhere PYSPARK_PYTHON says which."""
        if self._is_here():
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

    def _is_here(self) -> bool:
        master = self.master or ""
        return master.startswith("local") or is_loopback(master.removeprefix("spark://").rpartition(":")[0])


def _last_line(error: Exception) -> str:
    """What a task raised, without Spark's own pages around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if "Error: " in line or "Exception: " in line]
    return (said or lines or [type(error).__name__])[-1]
