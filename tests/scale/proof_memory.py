"""`make scale`: the memory of a task is what scale.task_memory says and Python's own, however large its shard."""

from dataclasses import replace

import duckdb

from bench.scale import Bench, prepared
from quant.scale.engines import ProcessPool
from quant.scale.store import Store
from quant.scale.task import ShardResult, file_name

SYMBOLS, SESSIONS = 120, 2520  # ten years of days of each: 300,000 bars, 7 million rows of all relations, in one shard
AMPLE, LITTLE = "8GB", "256MB"
# Python with its libraries, the formulas and the plans of sixty models take some 400 MB; a fit of a series, and what
# DuckDB does not count (its results as Arrow for functions in Python), some 100 MB; and the limit.
BOUND_MB = 256 + 500


def test_a_shard_larger_than_the_memory_of_its_task_is_made_in_it() -> None:
    with prepared(SYMBOLS, SESSIONS) as bench:
        ample, little = made(bench, AMPLE), made(bench, LITTLE)
        assert ample.peak_mb > 1.3 * BOUND_MB  # else this says nothing
        assert little.peak_mb < BOUND_MB
        assert little.rows == ample.rows
        assert sum(ample.rows.values()) > 5_000_000
        assert unequal(bench) == []


def made(bench: Bench, memory: str) -> ShardResult:
    """The one shard of all symbols, made with this limit in a process of its own."""
    (shard,) = bench.shards(1)
    plan = replace(bench.plan, build_id=memory, memory=memory)
    (result,) = replace(bench, plan=plan).lap(ProcessPool(1), [shard]).made
    return result


def unequal(bench: Bench) -> list[str]:
    """The relations of which some row is in the files of one build alone."""
    (shard,), store = bench.shards(1), Store(bench.plan.root)
    found = []
    with duckdb.connect() as connection:
        for relation in bench.plan.stored:
            one, two = (store.address(file_name(name, relation, shard.number)) for name in (AMPLE, LITTLE))
            rows = connection.execute(
                f"select count(*) from ((from '{one}' except all from '{two}') union all "
                f"(from '{two}' except all from '{one}'))"
            ).fetchall()
            found += [relation] if rows != [(0,)] else []
    return found
