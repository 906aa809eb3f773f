"""The `scale` section of config.yaml: whether a build is split into shards, and who works on them."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from quant.settings.section import Count, Section

SPARK_SHARDS = 64  # where a cluster is asked for and nobody says how many


SCHEME = re.compile(r"[A-Za-z][\w+.-]*:/")
UNTOLD = "?#"  # what begins a query or a fragment, where some write keys


def checked_location(value: str) -> str:
    """A folder, or a place in an object store. No password stands in it: credentials are of the environment.

    ValueError repeats nothing of `value` but its scheme, for a password may stand in what is refused.
    """
    scheme = SCHEME.match(value)
    rest = value.removeprefix("s3://")
    if scheme and rest == value:
        raise ValueError(f"{scheme[0]}... is neither a folder nor s3://bucket/prefix")
    if scheme and ("@" in rest or any(each in rest for each in UNTOLD) or not rest.strip("/")):
        raise ValueError("s3://bucket/prefix without credentials: those come from AWS_ACCESS_KEY_ID and the like")
    if any(each in value for each in UNTOLD):
        raise ValueError("a folder or s3://bucket/prefix has neither ? nor # in its name: choose another")
    return value.rstrip("/") or "/"


def _given(value: object) -> object:
    """QUANT_SCALE__MASTER= takes back what config.yaml says: a variable cannot say null."""
    return None if value == "" else value


def checked_master(value: str | None) -> str | None:
    """A misspelt one would else be told by Spark, a minute later and in pages."""
    if value is None or value.startswith(("spark://", "k8s://", "local", "yarn")):
        return value
    raise ValueError(
        f"{value!r} is no master of Spark: those are spark://host:7077, k8s://https://host, yarn, local[2]"
    )


class Scale(Section, hide_input_in_errors=True):
    """`shards`: null builds everything in one DuckDB; a number splits symbols among so many tasks.

    `data_path`: where shards read the record and write what they made; null is beside the data.
    """

    engine: Literal["local", "spark"] = "local"
    master: Annotated[str | None, BeforeValidator(_given), AfterValidator(checked_master)] = None
    shards: Annotated[Count, Field(le=100_000)] | None = None
    data_path: Annotated[str, AfterValidator(checked_location)] | None = None
    processes: Count | None = None
    task_memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*(MB|GB)$")] = "1200MB"

    @model_validator(mode="after")
    def _master_is_of_spark(self) -> Self:
        if self.master is not None and self.engine != "spark":
            raise ValueError(
                f"master is {self.master!r}, which only engine: spark asks: say engine: spark as well, or no master"
            )
        if self.data_path is not None and self.count is None:
            raise ValueError("data_path is where shards are written: say shards as well")
        return self

    @property
    def count(self) -> int | None:
        """How many shards; None where a build is not split."""
        return self.shards or (SPARK_SHARDS if self.engine == "spark" else None)

    @property
    def is_remote(self) -> bool:
        """Whether shards lie in an object store, which neither the prompt nor another machine's DuckDB can read."""
        return self.data_path is not None and "://" in self.data_path
