"""What came of one symbol's part in a pull: the statuses of the ledger's rows that name a symbol."""

from dataclasses import dataclass
from typing import Literal

from ingest.errors import RateLimitedError, RefusedError, SourceError

Outcome = Literal[
    # stored
    "ok",
    "half_formed",  # the newest bar lacks prices
    "no_adjusted_close",  # Yahoo sent none, so there is nothing to reconcile ours with
    "ended",  # no bar for several sessions: halted or delisted
    "short",  # bars that are stored are missing in the answer; they stay
    # not stored
    "empty",  # an answer without rows
    "changed_shape",  # fields are missing or of another type
    "changed_currency",
    "changed_basis",  # prices that do not join on to the stored ones, and no split says why
    "unknown_symbol",
    "rate_limited",
    "failed",  # no answer, or an error; it may pass
    "not_fetched",  # the pull ended before
]


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth that was stored, and why."""

    outcome: Outcome
    message: str | None = None
    is_whole: bool = True  # it has every session that was stored within its window


class ChangedError(RefusedError):
    """An answer that must not stand beside what is stored: asking again at once would bring the same."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


def outcome_of(error: SourceError) -> Outcome:
    """The status of a symbol whose pull ended with `error`."""
    if isinstance(error, ChangedError):
        return error.outcome
    if isinstance(error, RateLimitedError):
        return "rate_limited"
    return "unknown_symbol" if isinstance(error, RefusedError) else "failed"
