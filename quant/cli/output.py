"""Where an answer goes and in which format: the file's name says it, and nothing that was read is written over."""

from collections.abc import Iterable
from pathlib import Path

from quant.errors import QuantError

FORMATS = ("csv", "json", "parquet")


class OutputError(QuantError):
    """An answer cannot be written where, or as, it was asked."""


def format_of(out: Path | None, format: str | None) -> str:
    """The format asked for, or that of the file's name; `table` where it is printed for a person."""
    if out is None:
        return format or "table"
    refuse_no_folder(out)
    suffix = out.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        if format is None:
            known = ", ".join(f".{each}" for each in FORMATS)
            raise OutputError(f"--out {out}: its name says no format: let it end in {known}, or add --format")
        return format
    if format not in (None, suffix):
        raise OutputError(f"--out {out} says {suffix} and --format says {format}: leave --format out, or rename it")
    return suffix


def refuse_to_write_over(out: Path | None, inputs: Iterable[str | None]) -> None:
    """An answer written over what it was computed from would lose the data."""
    for name in inputs:
        if out is not None and name is not None and out.exists() and Path(name).exists() and out.samefile(name):
            raise OutputError(f"--out {out} is the input {name}, which would be lost: name another file")


def refuse_no_folder(out: Path) -> None:
    if out.is_dir():
        raise OutputError(f"--out {out} cannot be written: it is a folder; name a file in it")
    if not out.parent.is_dir():
        raise OutputError(f"--out {out} cannot be written: there is no folder {out.parent}; make it, or name another")
