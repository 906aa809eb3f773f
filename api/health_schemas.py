"""What /health answers: how old everything is, against what is promised."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Build(BaseModel):
    kind: str = Field(description="full | incremental")
    started_at: datetime
    tested_at: datetime | None = Field(description="when every data test last passed")
    seconds: float = Field(description="what it took")
    age_seconds: float = Field(description="now - started_at")
    promised_seconds: float
    is_stale: bool


class Freshness(BaseModel):
    source: str
    dataset: str = Field(description="trades | klines | equities | options")
    symbol: str | None
    last_event_at: datetime | None
    last_fetched_at: datetime | None
    age_seconds: float | None = Field(description="now - last_fetched_at")
    promised_seconds: float | None
    is_stale: bool | None


class Job(BaseModel):
    job: str
    status: str = Field(description="running | ok | failed | abandoned")
    attempt: int = Field(description="1 for the first; more while a failed job is retried")
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class HealthAnswer(BaseModel):
    status: Literal["ok", "degraded", "starting", "failing"] = Field(
        description="ok and degraded: answers are given (200); starting: nothing is built yet, "
        "failing: the build cannot be read (503)"
    )
    reasons: list[str] = Field(description="why the status is not ok, one sentence each")
    version: str
    demo: bool = Field(description="true: prices of the stand-in market, never real ones")
    checked_at: datetime
    build_id: str | None = Field(None, description="the build that answers now")
    build: Build | None = None
    sources: list[Freshness] = Field([], description="age of each dataset against what config.yaml promises")
    count_open_gaps: int | None = Field(None, description="holes in the trade ids that are not filled yet")
    findings: dict[str, int] = Field({}, description="rows of meta.quality by finding; empty is good")
    jobs: list[Job] = Field(description="newest run of each scheduler job; empty where no scheduler ran")
