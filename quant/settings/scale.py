"""The `scale` section of config.yaml: whether a build is split into shards, and who works on them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from quant.settings.section import Count, Section

SPARK_SHARDS = 64  # where a cluster is asked for and nobody says how many


def checked_location(value: str) -> str:
    """A folder, or a place in an object store. No password stands in it: credentials are of the environment."""
    scheme, separator, rest = value.partition("://")
    if separator and scheme != "s3":
        raise ValueError(f"{value!r} is neither a folder nor s3://bucket/prefix")
    if separator and ("@" in rest or not rest.strip("/")):
        raise ValueError("s3://bucket/prefix without credentials: those come from AWS_ACCESS_KEY_ID and the like")
    return value.rstrip("/") or "/"


class Scale(Section):
    """`shards`: null builds everything in one DuckDB; a number splits symbols among so many tasks.

    `data_path`: where shards read the record and write what they made; null is beside the data.
    """

    engine: Literal["local", "spark"] = "local"
    master: str | None = None
    shards: Annotated[Count, Field(le=100_000)] | None = None
    data_path: Annotated[str, AfterValidator(checked_location)] | None = None
    processes: Count | None = None
    task_memory: Annotated[str, Field(pattern=r"^[1-9][0-9]*(MB|GB)$")] = "1200MB"

    @model_validator(mode="after")
    def _master_is_of_spark(self) -> Self:
        if self.master is not None and self.engine != "spark":
            raise ValueError(f"master is {self.master!r}, which only engine: spark asks: say engine: spark as well")
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
