"""What the oracle knows beyond the disk: every trade whose writing was acknowledged, by whichever process."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pyarrow as pa

from ingest.crypto import Recorder
from ingest.tail import Tail

Acknowledged = defaultdict[str, set[int]]


@contextmanager
def listening(acknowledged: Acknowledged, recorders: list[Recorder]) -> Iterator[None]:
    """Note what the recorder's disk calls durable, and which recorders there are."""
    write_minute, begin = Tail.write_minute, Recorder.__init__

    def write_and_note(self: Tail, minute: int, symbol: str, rows: pa.Table) -> int:
        count = write_minute(self, minute, symbol, rows)
        acknowledged[symbol].update(rows["trade_id"].to_pylist())
        return count

    def begin_and_note(self: Recorder, *arguments: object, **options: object) -> None:
        begin(self, *arguments, **options)  # type: ignore[arg-type]
        recorders[:] = [self]

    with patch.object(Tail, "write_minute", write_and_note), patch.object(Recorder, "__init__", begin_and_note):
        yield
