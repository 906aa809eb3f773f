"""Whether the data folder is there: without it no job can do anything, and one word about that is enough."""

import logging
import threading

from quant.settings import Settings
from quant.storage import StorageWatch

log = logging.getLogger(__name__)


class Folder:
    """Remembers that it was there once; before the first build there is nothing that could be missed."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        self._watch = StorageWatch(settings)
        self._lock = threading.Lock()
        self._was_there = self._is_missed = False

    def is_away(self) -> bool:
        """Looks, for two seconds at the longest; logs when the folder is missed, and when it is back."""
        with self._lock:
            found = self._watch.look()
            self._was_there = self._was_there or found.is_there
            is_away = found.is_away or (self._was_there and not found.is_there)
            if is_away and not self._is_missed:
                log.error("no job runs for now: %s", found.problem)
            if self._is_missed and not is_away:
                log.info("the data folder %s is back, all jobs go on", self._root)
            self._is_missed = is_away
            return is_away
