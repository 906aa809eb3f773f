"""How long a source wants to be left alone, as all our clients of it must know: it counts requests by address."""

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from ingest.errors import RateLimitedError

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 60.0  # what is longer ends the pull instead
UNREADABLE_SECONDS = 60.0  # what we wait when told to wait in words that we do not understand


class Pause:
    """No request leaves before its end; shared by every client in a process."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def prolong(self, seconds: float) -> None:
        """Leave the source alone for `seconds` from now; a pause is never shortened."""
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def wait(self) -> None:
        """Sleep until the end of the pause. Raises RateLimitedError at once when that is far off."""
        while (seconds := self._not_before - asyncio.get_running_loop().time()) > 0:
            if seconds > LONGEST_WAIT_SECONDS:
                raise RateLimitedError(
                    f"the exchange asked to wait, for {seconds:.0f} s more: leaving it alone until then"
                )
            log.warning("asked to slow down, waiting %.0f s", seconds)
            await asyncio.sleep(seconds)


def seconds_told(retry_after: str | None) -> float:
    """Seconds that a Retry-After asks for, in its either form: a number, or a date; 1 when there is none."""
    if retry_after is None:
        return 1.0
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _seconds_until(retry_after)
    return max(0.0, seconds) if isfinite(seconds) else UNREADABLE_SECONDS


def _seconds_until(date: str) -> float:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return UNREADABLE_SECONDS
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
