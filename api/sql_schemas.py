"""What POST /sql takes and gives."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.formats import Format
from api.queries.sql import EXAMPLE


class SqlQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"sql": EXAMPLE}]})

    sql: str = Field(min_length=1, description="one query over the public relations; `from meta.columns` lists them")
    format: Format | None = Field(None, description="of the answer; else what Accept asks for, else json")


class SqlColumn(BaseModel):
    name: str = Field(description="as in `rows`; of two columns of one name the second is called name_1")
    type: str = Field(description="as DuckDB has it")


class SqlLimits(BaseModel):
    seconds: float = Field(description="after these a query is stopped (408)")
    rows: int = Field(description="more are cut off")
    bytes: int = Field(description="more are cut off; about as the rows lie in memory")
    memory_mb: int = Field(description="of the process; a query that needs more is refused (422)")
    characters: int = Field(description="of a query; more are refused (413)")


class SqlAnswerBody(BaseModel):
    build_id: str = Field(description="the build that answered")
    demo: bool = Field(description="true: prices of the stand-in market, never real ones")
    as_of: datetime = Field(description="when the build began: the public relations do not go on after it")
    columns: list[SqlColumn]
    rows: list[dict[str, Any]] = Field(
        description="null also for NaN and infinity; what JSON has no type for (intervals, maps, 128 bits) is text"
    )
    row_count: int
    truncated: bool = Field(description="true: there is more, see `limits`")
    limits: SqlLimits
    seconds: float = Field(description="that the query took")
    sql: str = Field(description="what ran: the query as it was read")
