"""Errors that a person can act on: one sentence that names the value and the remedy."""

COME_BACK_LATER = 75  # exit code of a pull whose source wants, or needs, some minutes (EX_TEMPFAIL in sysexits.h)


class QuantError(Exception):
    """Shown as it stands by the CLI, without a traceback."""


class ConfigError(QuantError):
    """config.yaml or a QUANT_* variable is wrong."""


class NoBuildError(QuantError):
    """Nothing has been built yet, so there is nothing to read."""


class StorageError(QuantError):
    """The data folder is away, or its disk does not answer."""


class BuildError(QuantError):
    """A build failed; the answers of the last good one stay."""


class MetricError(QuantError, ValueError):
    """No such metric, or not with these parameters or data."""


class DataError(QuantError, ValueError):
    """The caller's bars cannot be read as bars."""


class DataWarning(UserWarning):
    """Some of the caller's rows count for nothing; how many and why."""
