"""Who runs the tasks. An engine maps one function over shards: scheduling and retries are all its business.

Another engine (Ray, say) is one more class with `run` and one more line in `engine_of`.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Protocol

from quant.errors import BuildError
from quant.scale.plan import Plan
from quant.scale.shards import Shard
from quant.scale.task import ShardResult, build_shard
from quant.settings.scale import Scale

log = logging.getLogger(__name__)

ATTEMPTS = 4  # as many as Spark makes where nobody says otherwise

Task = Callable[[Shard], ShardResult]


class Engine(Protocol):
    """Runs `task` once with success for each shard, in any order; raises BuildError if it cannot."""

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]: ...


@dataclass(frozen=True)
class ProcessPool:
    """Processes of this machine. One that is killed, or that raises, costs its shard one of a few attempts."""

    processes: int

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        left = {shard.number: shard for shard in shards}
        problem: BaseException | None = None
        for _ in range(ATTEMPTS):
            if not left:
                return
            with ProcessPoolExecutor(min(self.processes, len(left)), get_context("spawn")) as pool:
                futures = {pool.submit(task, shard): number for number, shard in left.items()}
                for future in as_completed(futures):
                    problem = future.exception() or problem
                    if future.exception() is None:
                        del left[futures[future]]
                        yield future.result()
            if left:
                log.warning("shards %s are tried again: %s", ", ".join(map(str, left)), _said(problem))
        if left:
            shard = next(iter(left.values()))
            raise BuildError(f"shard {shard.number} ({shard.symbols}) failed {ATTEMPTS} times: {_said(problem)}")


def _said(problem: BaseException | None) -> str:
    if isinstance(problem, BrokenProcessPool):
        return "a process was killed, by a lack of memory perhaps (scale.task_memory, scale.processes)"
    return f"{type(problem).__name__}: {problem}"


def engine_of(scale: Scale) -> Engine:
    """As config.yaml says. pyspark is imported only where it is asked for."""
    if scale.engine == "spark":
        from quant.scale.spark import Spark

        return Spark(scale.master)
    return ProcessPool(scale.processes or os.cpu_count() or 1)


def task_of(plan: Plan) -> Task:
    return partial(build_shard, plan)
