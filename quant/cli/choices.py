"""The words among which a verb of `quant` lets choose."""

from enum import StrEnum


class Dataset(StrEnum):
    """What `quant ingest` can do: pull, take in archives, fill gaps, compact."""

    crypto = "crypto"
    equities = "equities"
    options = "options"
    archive = "archive"
    fill = "fill"
    compact = "compact"


class Asked(StrEnum):
    """What `quant notify` can do."""

    test = "test"
    status = "status"


class KeyVerb(StrEnum):
    """What `quant key` can do."""

    new = "new"
    list = "list"
    revoke = "revoke"


class Format(StrEnum):
    """How an answer is printed or written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class EngineName(StrEnum):
    """Who runs the tasks of a build that is split."""

    local = "local"
    spark = "spark"
