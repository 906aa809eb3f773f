"""Who runs the tasks. An engine maps one function over shards: scheduling and retries are all its business.

Another engine (Ray, say) is one more class with `run` and one more line in `engine_of`.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Protocol

from quant.errors import BuildError
from quant.leash import end_with
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


class Failures(Counter[int]):
    """How often each shard failed, by its number."""

    def count(self, shard: Shard, problem: BaseException) -> None:
        """BuildError when that was the last attempt."""
        self[shard.number] += 1
        said = _said(problem)
        if self[shard.number] == ATTEMPTS:
            raise BuildError(f"shard {shard.number} ({shard.symbols}) failed {ATTEMPTS} times: {said}") from problem
        log.warning("shard %s (%s) is tried again: %s", shard.number, shard.symbols, said)


@dataclass(frozen=True)
class ProcessPool:
    """Processes of this machine, which end when it does. A shard whose process is killed, or that raises, has a few
    attempts.
    """

    processes: int

    def run(self, task: Task, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        left = {shard.number: shard for shard in shards}
        failures = Failures()
        while left:
            is_broken = False
            for shard, answer in _answers(task, list(left.values()), self.processes):
                if isinstance(answer, ShardResult):
                    del left[shard.number]
                    yield answer
                elif isinstance(answer, BrokenProcessPool):
                    is_broken = True  # of all that are left, and nobody says whose process it was
                else:
                    failures.count(shard, answer)
            # Work begins in order, so those that ran are among the first: each alone, and it shows which one kills.
            for shard in list(left.values())[: self.processes] if is_broken else ():
                del left[shard.number]
                yield _alone(task, shard, failures)


def _alone(task: Task, shard: Shard, failures: Failures) -> ShardResult:
    while True:
        for _, answer in _answers(task, [shard], 1):
            if isinstance(answer, ShardResult):
                return answer
            failures.count(shard, answer)


def _answers(
    task: Task, shards: Sequence[Shard], processes: int
) -> Iterator[tuple[Shard, ShardResult | BaseException]]:
    """What became of each shard, as it ends; one that could not even be handed over is not among them."""
    given = min(processes, len(shards)), get_context("spawn"), _end_with, (os.getpid(),)
    pool = ProcessPoolExecutor(*given)
    try:
        futures: dict[Future[ShardResult], Shard] = {}
        with suppress(BrokenProcessPool):
            for shard in shards:
                futures[pool.submit(task, shard)] = shard
        for future in as_completed(futures):
            yield futures[future], future.exception() or future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with(driver: int) -> None:
    """The processes of a pool would else go on when the driver is killed, and then wait for it for ever."""
    if not end_with(driver):
        os._exit(1)


def _said(problem: BaseException) -> str:
    if isinstance(problem, BrokenProcessPool):
        return "its process was killed, by a lack of memory perhaps: lower scale.task_memory, or raise scale.shards"
    return f"{type(problem).__name__}: {problem}"


def engine_of(scale: Scale) -> Engine:
    """As config.yaml says. pyspark is imported only where it is asked for."""
    if scale.engine == "spark":
        from quant.scale.spark import Spark

        return Spark(scale.master)
    return ProcessPool(scale.processes or os.cpu_count() or 1)


def task_of(plan: Plan) -> Task:
    return partial(build_shard, plan)
