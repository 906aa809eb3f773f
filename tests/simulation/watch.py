"""Looks at the readers' views again and again: nothing twice, and what a build has shown it goes on showing."""

from collections.abc import Sequence
from datetime import datetime

from tests.simulation.reader import Reader, repeated

View = tuple[str, datetime]  # symbol, boundary of the build


class Watch:
    """Remembers what was seen since the last power loss."""

    def __init__(self, reader: Reader, symbols: Sequence[str]) -> None:
        self._reader, self._symbols = reader, symbols
        self._seen: dict[View, set[int]] = {}
        self._newest: dict[str, set[int]] = {}  # by the newest boundary of the last look

    def forget(self) -> None:
        """What was seen was perhaps not durable yet."""
        self._seen, self._newest = {}, {}

    def look(self, boundaries: Sequence[datetime]) -> list[str]:
        """What is wrong just now, for a reader of each of these builds."""
        views = [(symbol, boundary) for boundary in sorted(set(boundaries)) for symbol in self._symbols]
        problems = [problem for view in views for problem in self._look(view)]
        self._newest = {symbol: self._seen[symbol, boundary] for symbol, boundary in views}
        return problems

    def _look(self, view: View) -> list[str]:
        """A build of a new boundary shows what the last one has shown."""
        ids = self._reader.seen(*view)["trade_id"].to_numpy()
        before, self._seen[view] = self._seen.get(view, self._newest.get(view[0], set())), set(ids.tolist())
        vanished = sorted(before - self._seen[view])
        return [
            f"{view[0]}: {len(found)} ids from {found[0]} on {what} at W = {view[1]:%d %H:%M}"
            for found, what in ((repeated(ids), "are seen twice"), (vanished, "have vanished"))
            if found
        ]
