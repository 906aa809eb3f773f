"""Publishes the newest build again and again, as a new build in a folder of its own, until standard input ends.

`python -m bench.publisher SECONDS`; prints each id. What a build does beside the market's database is copied too.
"""

import os
import select
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from quant.publish import RECORD, Builds, new_build_id
from quant.settings import load_settings

HISTORY = "insert into meta.builds select * replace ($id as build_id) from meta.builds where build_id = $old"


def publish_again(builds: Builds) -> str:
    """A copy of the newest build under a new id, published as any other."""
    current = builds.current()
    if current is None:
        raise SystemExit("nothing is published yet")
    now = datetime.now(UTC)
    record = replace(current, build_id=new_build_id(now), kind="incremental")
    source = builds.link.resolve().parent
    with builds.exclusive():
        database = builds.prepare(record)
        for path in source.iterdir():
            if path.is_file() and path.name not in {RECORD, database.name}:
                shutil.copyfile(path, database.parent / path.name)
        with duckdb.connect(str(database)) as connection:
            connection.execute(HISTORY, {"id": record.build_id, "old": current.build_id})
        builds.publish(record)
    return record.build_id


def main(seconds: float) -> None:
    os.nice(10)  # it stands for what publishing does to readers, not for what building costs
    builds = Builds(load_settings().duckdb_path)
    due = time.monotonic()
    while not select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
        print(publish_again(builds), flush=True)
        due += seconds


if __name__ == "__main__":
    main(float(sys.argv[1]))
