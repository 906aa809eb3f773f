"""Files and streams that a caller may hand in: how DuckDB reads them, and what is refused before it tries."""

from pathlib import Path

import pyarrow as pa

from quant.arguments import literal
from quant.errors import DataError
from quant.wording import kinds

PARQUET, CSV = (".parquet", ".pq"), (".csv", ".tsv", ".txt", ".csv.gz")
MAGIC = b"PAR1"  # the first and the last bytes of a Parquet file


def source_of(path: Path, role: str) -> tuple[str, str, str]:
    """How DuckDB reads a file, how messages call it, and the symbol that its name stands for."""
    if path.is_dir():
        raise DataError(f"{path} is a folder: {kinds(role)}")
    if not path.is_file():
        raise DataError(f"there is no file {path}: {kinds(role)}")
    name, stem = path.name.lower(), path.name.partition(".")[0]
    if not name.endswith((*PARQUET, *CSV)):
        raise DataError(f"{path} is neither Parquet nor CSV by its name: it must end in {', '.join((*PARQUET, *CSV))}")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty: it has not even the names of columns")
    if name.endswith(CSV):
        return f"read_csv({_only(path)}, all_varchar = true, header = true, skip = 0)", path.name, stem
    _refuse_other_bytes(path)
    return f"read_parquet({_only(path)})", path.name, stem


def stream_of(data: object, role: str) -> pa.RecordBatchReader:
    """The rows of a table, reader, relation or frame; what has no columns by name, or one name twice, is refused."""
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data]).to_reader()
    if not hasattr(data, "__arrow_c_stream__"):
        raise DataError(f"{kinds(role)}, not {type(data).__name__}")
    try:
        reader = pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowException, ValueError, TypeError) as error:
        if type(data).__name__ in ("Series", "ChunkedArray"):
            remedy = "make it a frame with ts and close, as series.rename('close').rename_axis('ts').reset_index()"
            raise DataError(f"{kinds(role)}, not a {type(data).__name__} without columns: {remedy}") from error
        raise DataError(f"{role} cannot be read: {in_one_line(error)}") from error
    names = reader.schema.names
    if doubled := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{role}: two columns are called {doubled[0]!r}: leave one out")
    return reader


def in_one_line(error: Exception) -> str:
    """What a library says, without its listing of the query and of options."""
    said = str(error).strip().split("\n\n")[0].split("\nPossible Solution")[0]
    return " ".join(said.split())


def _refuse_other_bytes(path: Path) -> None:
    with path.open("rb") as file:
        first = file.read(len(MAGIC))
        file.seek(-min(len(MAGIC), path.stat().st_size), 2)
        last = file.read()
    if (first, last) != (MAGIC, MAGIC):
        raise DataError(f"{path.name} cannot be read: it is no Parquet file, or was cut off while it was written")


def _only(path: Path) -> str:
    """A path as SQL that names this one file, and no other that a * or [1] in its name would match."""
    return literal("".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path)))
