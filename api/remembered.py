"""Answers that were given before: of stored relations alone, whose rows no build ever changes."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Given:
    body: bytes
    headers: Mapping[str, str]
    media_type: str
    row_count: int


class Remembered:
    """The answers of one build by their tag, as many as fit; those that were not asked for longest go first."""

    def __init__(self, megabytes: int) -> None:
        self._most_bytes = megabytes * MEGABYTE
        self._lock = threading.Lock()
        self._forget(None)

    def find(self, build_id: str, tag: str) -> Given | None:
        with self._lock:
            if build_id != self._build_id or tag not in self._answers:
                return None
            self._answers.move_to_end(tag)
            return self._answers[tag]

    def keep(self, build_id: str, tag: str, given: Given) -> None:
        """What would take more than an eighth of the room is not kept; another build's answers are forgotten."""
        if len(given.body) > self._most_bytes // 8:
            return
        with self._lock:
            if self._build_id is None or build_id > self._build_id:
                self._forget(build_id)
            if build_id != self._build_id or tag in self._answers:
                return
            self._answers[tag] = given
            self._bytes += len(given.body)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._answers.popitem(last=False)[1].body)

    def _forget(self, build_id: str | None) -> None:
        self._build_id = build_id
        self._answers: OrderedDict[str, Given] = OrderedDict()
        self._bytes = 0
