"""The last good answers: they stay on the page when a newer one cannot be had, and the page says so."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from quant.errors import QuantError

_NOTES: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@dataclass(frozen=True)
class Good:
    """An answer and when it was known to be right."""

    table: pa.Table
    at: datetime


class LastGood:
    """The newest answers by question, for all viewers; of the least asked nothing is kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Good] = OrderedDict()

    def ask(self, question: str, answer: Callable[[], pa.Table]) -> pa.Table:
        """The answer; where it fails the last good one, with a note to whoever looks; else the failure."""
        try:
            found = answer()
        except QuantError as error:
            return self._instead(question, error)
        self._keep(question, found)
        return found

    def _keep(self, question: str, table: pa.Table) -> None:
        with self._lock:
            self._answers[question] = Good(table, datetime.now(UTC))
            self._answers.move_to_end(question)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def _instead(self, question: str, error: QuantError) -> pa.Table:
        with self._lock:
            good = self._answers.get(question)
        if good is None:
            raise error
        note(f"{error} Shown is what was known at {good.at:%H:%M:%S} UTC.")
        return good.table


@contextmanager
def noting() -> Iterator[list[str]]:
    """What had to be answered from memory within the block, a sentence each; a block within a block has its own."""
    notes: list[str] = []
    before = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(before)


def note(sentence: str) -> None:
    notes = _NOTES.get()
    if notes is not None and sentence not in notes:
        notes.append(sentence)
