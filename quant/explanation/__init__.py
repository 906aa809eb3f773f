"""Why a figure is what it is: its formula, the SQL that yields it, and the rows and runs behind it."""

from quant.explanation.answer import explain
from quant.explanation.places import Asked, keys_from
from quant.explanation.refusals import ExplanationError, NotStoredError, SeveralSourcesError, UnknownNameError

__all__ = [
    "Asked",
    "ExplanationError",
    "NotStoredError",
    "SeveralSourcesError",
    "UnknownNameError",
    "explain",
    "keys_from",
]
