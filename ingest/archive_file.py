"""A zip of the exchange's public archive: what its name promises, whether it is whole, and its lines as a stream."""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from quant.errors import QuantError

BYTES_PER_CHUNK = 4 << 20  # some 60,000 trades
COLUMNS = {"trades": 7, "klines": 12}
INTERVALS = ("1m", "1d")
# NotImplementedError: a compression that zipfile does not know; RuntimeError: a password is wanted
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
NAME = re.compile(r"([A-Z0-9]{2,20})-(\w+)-(\d{4})-(\d{2})(?:-(\d{2}))?\.zip")
EXAMPLES = "BTCUSDT-trades-2024-03-01.zip or BTCUSDT-1m-2024-03.zip"


class ArchiveError(QuantError):
    """A file that is no archive of ours, or a damaged one."""


@dataclass(frozen=True)
class Archive:
    """`interval` is None for trades; the rows lie from `begin` to `end` (exclusive), UTC days or months."""

    path: Path
    symbol: str
    interval: str | None
    begin: datetime
    end: datetime

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def kind(self) -> str:
        return "klines" if self.interval else "trades"


def archive_named(path: Path) -> Archive:
    """What a file's name promises. Raises ArchiveError when we cannot take that in."""
    if not path.is_file():
        raise ArchiveError(f"{path} is no file: name zips of the exchange's archive, such as {EXAMPLES}")
    found = NAME.fullmatch(path.name)
    if found is None:
        raise ArchiveError(f"{path.name} is not named as the exchange names its archives: {EXAMPLES}")
    symbol, what, year, month, day = found.groups()
    if what != "trades" and what not in INTERVALS:
        raise ArchiveError(f"{path.name} holds {what}: we take in trades, and klines of {' and '.join(INTERVALS)}")
    try:
        begin = datetime(int(year), int(month), int(day or 1), tzinfo=UTC)
    except ValueError as error:
        raise ArchiveError(f"{path.name} names no day: {error}") from error
    end = begin + timedelta(days=1) if day else (begin + timedelta(days=31)).replace(day=1)
    return Archive(path, symbol, None if what == "trades" else what, begin, end)


def verify(path: Path) -> bool:
    """Compare with the sum in `<name>.CHECKSUM` beside the file; False when there is none.

    Raises ArchiveError when they differ.
    """
    beside = path.with_name(f"{path.name}.CHECKSUM")
    if not beside.is_file():
        return False
    told = beside.read_text(errors="replace").split()[:1]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if told != [found]:
        raise ArchiveError(f"{path.name} has sha256 {found}, {beside.name} says {' '.join(told)}: download both again")
    return True


def refuse_damaged(archive: Archive) -> None:
    """Read it to its end, where the zip's own sum is compared: by then the first rows would be stored, and stay.

    Raises ArchiveError.
    """
    with _member(archive) as member:
        while member.read(BYTES_PER_CHUNK):
            pass


def chunks(archive: Archive) -> Iterator[bytes]:
    """The lines of the one file inside, without a header, some megabytes at a time.

    Raises ArchiveError when it cannot be read, or has other columns than the exchange's spot archives.
    """
    with _member(archive) as member:
        yield from _whole_lines(member, archive)


@contextmanager
def _member(archive: Archive) -> Iterator[IO[bytes]]:
    wanted = f"{archive.path.stem}.csv"  # the rows do not say whose they are: only the names do
    try:
        with zipfile.ZipFile(archive.path) as opened:
            names = [item.filename for item in opened.infolist() if not item.is_dir()]
            if names != [wanted]:
                raise ArchiveError(f"{archive.name} holds {', '.join(names) or 'nothing'}, not {wanted} alone")
            with opened.open(wanted) as member:
                yield member
    except DAMAGE as error:
        raise ArchiveError(f"{archive.name} cannot be read ({error}): download it again") from error


def _whole_lines(member: IO[bytes], archive: Archive) -> Iterator[bytes]:
    rest, is_first = b"", True
    while block := member.read(BYTES_PER_CHUNK):
        lines, newline, rest = (rest + block).rpartition(b"\n")
        if len(rest) > BYTES_PER_CHUNK:
            raise ArchiveError(f"{archive.name} has a line of more than {BYTES_PER_CHUNK} bytes: it is no archive")
        if newline:
            yield _without_header(lines, archive) if is_first else lines
            is_first = False
    if rest.strip():
        yield _without_header(rest, archive) if is_first else rest


def _without_header(lines: bytes, archive: Archive) -> bytes:
    """Some files begin with the names of the columns."""
    first, _, others = lines.partition(b"\n")
    count, wanted = first.count(b",") + 1, COLUMNS[archive.kind]
    if count != wanted:
        raise ArchiveError(
            f"{archive.name} has {count} columns, {archive.kind} of the spot market have {wanted}: "
            "archives of futures look like that"
        )
    return others if first[:1].isalpha() else lines
