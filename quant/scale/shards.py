"""Which series belong together: a symbol of a source, with all its intervals and its option chains, is in one shard."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

BUILDS = "build"  # the folder below which each build's shards lie, wherever that is


@dataclass(frozen=True, order=True)
class SeriesKey:
    """What is never split: bars of all intervals come from the same ticks, chains stand beside their underlying."""

    source: str
    symbol: str


@dataclass(frozen=True)
class Shard:
    """One task's work. `files`: of each raw dataset the files that hold its rows, so that whoever does it once more
    reads the same; `print`: a hash of those files.
    """

    number: int
    keys: tuple[SeriesKey, ...]
    files: dict[str, tuple[str, ...]]
    print: str

    @property
    def symbols(self) -> str:
        """For a person: its symbols, or the first of many."""
        names = [key.symbol for key in self.keys]
        return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def shard_of(key: SeriesKey, shards: int) -> int:
    """0 to shards - 1; the same on any machine and with any version of DuckDB or Python."""
    digest = blake2b(f"{key.source}/{key.symbol}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % shards


def shared_out(keys: Iterable[SeriesKey], shards: int) -> dict[int, tuple[SeriesKey, ...]]:
    """Shard number -> its keys in order. Shards without a key are not there, but for 0 if there is no key at all."""
    found: dict[int, list[SeriesKey]] = defaultdict(list)
    for key in sorted(set(keys)):
        found[shard_of(key, shards)].append(key)
    return {number: tuple(found[number]) for number in sorted(found)} or {0: ()}
