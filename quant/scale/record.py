"""The raw record as shards see it: which series are in it, and of each shard the files that it reads."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import unquote

from quant.scale.shards import SeriesKey, Shard, shared_out
from quant.scale.store import Store, StoredFile

# As models/sources.yml writes them: read_parquet('.../trades/closed/*/*/*/*.parquet', hive_partitioning=true, ...)
LOCATION = re.compile(r"read_parquet\('[^']*?/((?:trades|ledger)/\w+|\w+)((?:/\*)+)\.parquet'([^()]*)\)")
EMPTY = "0"  # the keys of the typed file without a row that each dataset begins with
NOW = re.compile(r"\bnow\(\)")
GAPS = "ledger/gaps"  # what it says of a hole decides which bars are final


@dataclass(frozen=True)
class Dataset:
    """A raw source of the models: its folder, how deep its files lie below, and the rest of what reads it."""

    folder: str
    depth: int
    options: str

    @property
    def name(self) -> str:
        """trades/closed is raw.trades_closed, ledger/gaps raw.ledger_gaps."""
        return "raw." + self.folder.replace("/", "_")

    @property
    def is_of_series(self) -> bool:
        """Whether its first two folders are symbol (or underlying) and source."""
        return "'symbol'" in self.options or "'underlying'" in self.options

    @property
    def variable(self) -> str:
        """Of DuckDB: the list of a shard's files. They may be many, and each model that reads them names them again."""
        return "files_of_" + self.folder.replace("/", "_")

    @property
    def select(self) -> str:
        """What reads the listed files, as the source reads all."""
        return f"from read_parquet(getvariable('{self.variable}'){self.options})"


def datasets_of(statements: Iterable[str]) -> dict[str, Dataset]:
    """Folder -> each raw dataset that the SQL reads."""
    found = (match for statement in statements for match in LOCATION.finditer(statement))
    return {match[1]: Dataset(match[1], match[2].count("*"), match[3]) for match in found}


def with_raw_relations(statement: str) -> str:
    """The SQL with relations raw.* where it read files: a task says which files those are."""
    return LOCATION.sub(lambda match: Dataset(match[1], match[2].count("*"), match[3]).name, statement)


def at_instant(statement: str, at: datetime) -> str:
    """The SQL as it is at an instant: who runs it later gets the same rows."""
    return NOW.sub(f"timestamptz '{at.isoformat()}'", statement)


@dataclass(frozen=True)
class Record:
    """What is in the record: of each dataset its files; of those of series, by series."""

    store: Store
    datasets: Mapping[str, Dataset]
    files: Mapping[str, Mapping[SeriesKey, list[StoredFile]]]

    @property
    def keys(self) -> set[SeriesKey]:
        """Every series that anything was received of."""
        return {key for series in self.files.values() for key in series if key.symbol != EMPTY}

    def shards(self, keys: Iterable[SeriesKey], count: int, shared_symbols: Iterable[str] = ()) -> list[Shard]:
        """The work of each shard; every one also reads the series of `shared_symbols`, a rate say."""
        shared, symbols = shared_out([*keys, *self.keys], count), tuple(shared_symbols)
        return [self.shard(number, given, symbols) for number, given in shared.items()]

    def shard(self, number: int, keys: tuple[SeriesKey, ...], shared_symbols: Iterable[str] = ()) -> Shard:
        """A shard of these series, which also reads those of `shared_symbols`."""
        everybody = [key for key in sorted(self.keys) if key.symbol in set(shared_symbols)]
        read = [*dict.fromkeys([*keys, *everybody])]
        files = {folder: self._files(folder, read) for folder in self.datasets}
        return Shard(number, keys, files, self._print(read))

    def _files(self, folder: str, keys: list[SeriesKey]) -> tuple[str, ...]:
        """The typed file without a row comes first: it says what the columns are."""
        series = self.files[folder]
        return tuple(file.address for key in (SeriesKey(EMPTY, EMPTY), *keys) for file in series.get(key, ()))

    def _print(self, keys: list[SeriesKey]) -> str:
        digest = blake2b(digest_size=16)
        for file in self.read_by(keys):
            digest.update(f"{file.address}\0{file.size}\0{file.tag}\n".encode())
        return digest.hexdigest()

    def read_by(self, keys: Iterable[SeriesKey]) -> list[StoredFile]:
        """The files that decide what is made of these series: their own, and what is said of holes in trades."""
        own = [file for key in keys for series in self.files.values() for file in series.get(key, ())]
        has_trades = any("/trades/" in file.address for file in own)
        return own + (self.files.get(GAPS, {}).get(SeriesKey(EMPTY, EMPTY), []) if has_trades else [])


def read_record(store: Store, datasets: Mapping[str, Dataset]) -> Record:
    """List the files of each dataset; what is no Parquet file, or not whole yet, is left out."""
    return Record(store, datasets, {folder: _listed(store, dataset) for folder, dataset in datasets.items()})


def _listed(store: Store, dataset: Dataset) -> dict[SeriesKey, list[StoredFile]]:
    found: dict[SeriesKey, list[StoredFile]] = defaultdict(list)
    for file in store.below(dataset.folder):
        folders = file.address.removeprefix(store.address(dataset.folder) + "/").split("/")
        if file.address.endswith(".parquet") and not folders[-1].startswith(".") and len(folders) == dataset.depth:
            symbol, source = (_value(each) for each in folders[:2]) if dataset.is_of_series else (EMPTY, EMPTY)
            found[SeriesKey(source, symbol)].append(file)
    return dict(found)


def _value(folder: str) -> str:
    """symbol=BRK%2FB is BRK/B."""
    return unquote(folder.partition("=")[2])
