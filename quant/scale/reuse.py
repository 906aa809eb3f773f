"""Which shards of the last build are still what a task would make."""

import logging
from datetime import UTC, datetime

from quant.scale.manifest import MadeShard, Manifest
from quant.scale.record import Record
from quant.scale.shards import Shard
from quant.scale.store import Store
from quant.scale.task import file_name, folder_of

log = logging.getLogger(__name__)


def stands(shard: Shard, made: MadeShard | None) -> bool:
    """Whether it was made of the very files that the shard has now, and time alone changes nothing."""
    return made is not None and made.settled and made.print == shard.print


def is_settled(rows: Record, shard: Shard, by: datetime) -> bool:
    """Whether no file that decides what the shard is has changed since `by`."""
    newest = max((file.changed for file in rows.read_by(shard.keys)), default=0.0)
    return datetime.fromtimestamp(newest, UTC) < by


def whole_shards(before: Manifest, store: Store) -> dict[int, MadeShard]:
    """The shards of which no file is lost."""
    there = {file.address for build_id in before.builds for file in store.below(folder_of(build_id))}
    lost = {
        number
        for number, made in before.shards.items()
        for relation in before.columns
        if store.address(file_name(made.build_id, relation, number)) not in there
    }
    if lost:
        log.warning("files of shards %s are gone: they are made anew", ", ".join(map(str, sorted(lost))))
    return {number: made for number, made in before.shards.items() if number not in lost}
