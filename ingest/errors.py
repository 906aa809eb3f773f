"""What can go wrong between us and a source, each with a remedy of its own."""

from quant.errors import QuantError


class SourceError(QuantError):
    """A source answered with an error, or not at all."""


class RefusedError(SourceError):
    """The source does not know what we ask for: asking again changes nothing."""


class RateLimitedError(SourceError):
    """The source asks us to slow down: stop the pull, come back later."""


class BusyError(QuantError):
    """Another process already does this on the same data folder."""
