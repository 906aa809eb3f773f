"""What must be true: nothing lost, nothing twice, every row as the exchange made it, every hole explained."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from tests.simulation.exchange import Exchange
from tests.simulation.knowledge import Acknowledged
from tests.simulation.market import Book
from tests.simulation.reader import Reader

BELIEVED_AFTER = 2  # answers of the exchange that deny an id

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lost(reader: Reader, acknowledged: Acknowledged) -> list[str]:
    """What was called durable and is in no file."""
    problems = []
    for symbol, ids in acknowledged.items():
        if gone := ids - reader.ids_on_disk(symbol):
            problems.append(f"{symbol}: {_some(gone)} were called durable and are gone")
    return problems


def hidden(reader: Reader, acknowledged: Acknowledged, boundaries: Sequence[datetime]) -> list[str]:
    """What is on disk and not seen by the reader of one of the builds, after everything has settled."""
    return [
        f"{symbol}: {_some(unseen)} are on disk but not seen at W = {boundary:%d %H:%M}"
        for symbol in acknowledged
        for boundary in boundaries
        if (unseen := reader.ids_on_disk(symbol) - set(reader.seen(symbol, boundary)["trade_id"].to_pylist()))
    ]


def different(reader: Reader, exchange: Exchange, symbol: str, boundary: datetime) -> list[str]:
    """Rows that the exchange did not make, or not so."""
    made = {
        one.trade_id: (one.ms * 1000, one.price, one.size, one.is_buyer_maker) for one in exchange.books[symbol].trades
    }
    rows = reader.seen(symbol, boundary)
    stored = zip(
        rows["trade_id"].to_pylist(),
        pc.cast(rows["ts"], pa.int64()).to_pylist(),
        _units(rows["price"]),
        _units(rows["size"]),
        rows["is_buyer_maker"].to_pylist(),
        strict=True,
    )
    wrong = {trade_id for trade_id, *fields in stored if made.get(trade_id) != tuple(fields)}
    return [f"{symbol}: {_some(wrong)} are not as the exchange made them"] if wrong else []


def unexplained(reader: Reader, book: Book, boundary: datetime) -> list[str]:
    """Ids from the first recorded one to the last one made that are no row, and whose absence nobody proved."""
    seen = set(reader.seen(book.symbol, boundary)["trade_id"].to_pylist())
    if not seen:
        return [f"{book.symbol}: nothing was recorded"] if len(book.ids) > 0 else []
    made, fates = set(book.ids), reader.fates(book.symbol)
    kinds: dict[str, set[int]] = {}
    for trade_id in range(min(seen), book.ids[-1] + 1):
        if (kind := _wrong(trade_id, trade_id in seen, trade_id in made, fates.get(trade_id), book)) is not None:
            kinds.setdefault(kind, set()).add(trade_id)
    return [f"{book.symbol}: {_some(ids)} {kind}" for kind, ids in kinds.items()]


def _wrong(trade_id: int, is_seen: bool, is_made: bool, fate: str | None, book: Book) -> str | None:
    if fate == "open":
        return "are still open"
    if is_seen:
        return "are rows, and absent by the ledger" if fate == "absent_upstream" else None
    if fate == "filled":
        return "are filled by the ledger, and no rows"
    if fate is None:
        return "are no rows, and the ledger does not know of them"
    if is_made and book.denied[trade_id] < BELIEVED_AFTER:
        return "are absent by the ledger; the exchange did not say so"
    return None


def _units(column: pa.ChunkedArray) -> list[int]:
    return [int(value.scaleb(8)) for value in column.to_pylist()]


def _some(ids: set[int]) -> str:
    """3 to 7 (5 ids)"""
    return f"{min(ids)} to {max(ids)} ({len(ids)} ids)"
