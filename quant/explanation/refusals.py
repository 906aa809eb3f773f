"""Why a figure cannot be explained: one sentence with the remedy, and the values that would have been accepted."""

from collections.abc import Sequence

from quant.errors import QuantError


class ExplanationError(QuantError):
    """A figure that is not explained."""

    def __init__(self, message: str, known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.known = list(known)


class UnknownNameError(ExplanationError):
    """A metric or a symbol that nothing here is called."""


class NotStoredError(ExplanationError):
    """A metric that is known, and that the build does not keep for what was asked."""


class SeveralSourcesError(ExplanationError):
    """A symbol that several sources have: which one is meant must be said."""
