"""Archives as the exchange publishes them."""

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

DAY = datetime(2024, 3, 1, tzinfo=UTC)
TRADE_HEADER = "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match"


def trade_line(trade_id: int, milliseconds: int, price: str = "62000.50000000", size: str = "0.00125000") -> str:
    return f"{trade_id},{price},{size},77.50062500,{milliseconds},{'True' if trade_id % 2 else 'False'},True"


def day_lines(ids: Iterable[int], count: int, day: datetime = DAY, per_millisecond: int = 1) -> list[str]:
    """Trades of which `count` would fill the day evenly; `per_millisecond` 1000: times in microseconds."""
    begin = int(day.timestamp()) * 1000
    return [
        trade_line(i, (begin + (i - 1) * 86_400_000 // count) * per_millisecond, f"{60000 + i % 977}.25") for i in ids
    ]


def bar_line(milliseconds: int, length: int = 60_000, close: str = "62010.00") -> str:
    prices = f"62000.00,62050.10,61990.00,{close}"
    return f"{milliseconds},{prices},12.50000000,{milliseconds + length - 1},775000.00000000,310,6.2,384000.5,0"


def zipped(folder: Path, name: str, lines: Sequence[str], checksum: bool = True) -> Path:
    """`<name>.zip` with `<name>.csv` inside, and its sum beside it."""
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", "\n".join(lines) + "\n")
    if checksum:
        sign(path)
    return path


def sign(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.CHECKSUM").write_text(f"{digest}  {path.name}\n")
