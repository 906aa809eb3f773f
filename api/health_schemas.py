"""What /health answers: how old everything is, against what is promised."""

from datetime import date, datetime
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


class Completeness(BaseModel):
    """What meta.completeness says of one symbol; missing ids lie between trades that are stored."""

    source: str
    symbol: str
    first_date: date = Field(description="UTC day of the oldest trade")
    newest_date: date = Field(description="UTC day of the newest trade")
    last_trade_id: int
    row_count: int = Field(description="trades stored, all days")
    row_count_today: int = Field(description="trades stored since midnight UTC")
    count_missing_today: int = Field(description="missing ids that belong to today, UTC")
    count_unexplained_today: int = Field(description="of these: the ledger does not say why")
    count_missing: int = Field(description="missing ids of all days = absent + open + unexplained")
    count_absent: int = Field(description="the exchange does not have them either")
    count_open: int = Field(description="still to be fetched")
    count_unexplained: int = Field(description="the ledger does not say why; 0 is good")
    count_duplicates: int = Field(description="rows that repeat an id; 0 is good")


class Storage(BaseModel):
    path: str
    free_mb: float | None = Field(description="10^6 bytes free; null when the folder cannot be asked")
    least_free_mb: float = Field(description="less degrades")
    is_writable: bool | None = Field(description="for this process, which only reads")
    problem: str | None


class Job(BaseModel):
    job: str
    status: str = Field(description="running | ok | failed | abandoned")
    attempt: int = Field(description="1 for the first; more while a failed job is retried")
    started_at: datetime
    finished_at: datetime | None
    error: str | None


class Delivery(BaseModel):
    """How alerts to one destination are doing."""

    destination: str = Field(description="its service, its place among the addresses and a stable id; never an address")
    is_failing: bool = Field(description="the newest attempt failed; it is tried again")
    failures: int = Field(description="attempts that failed, in a row")
    next_attempt_at: datetime | None
    last_delivered_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    count_pending: int = Field(description="alerts that wait, also for the end of quiet hours")
    held_until: str | None = Field(description="the end of the quiet hours that hold them now, with its time zone")
    oldest_pending_at: datetime | None = Field(description="when the oldest of them was first seen")
    oldest_pending_seconds: float | None = Field(description="now - oldest_pending_at")
    count_delivered: int = Field(description="alerts taken in the last 24 hours")
    count_failed: int = Field(description="alerts given up in the last 24 hours")


class Probe(BaseModel):
    """All that is told without a key where one is needed."""

    status: Literal["ok", "degraded", "starting", "failing"] = Field(
        description="ok and degraded: answers are given (200); starting: nothing is built yet, "
        "failing: the build cannot be read (503)"
    )
    version: str


class HealthAnswer(Probe):
    """How old everything is, against what is promised."""

    reasons: list[str] = Field(description="why the status is not ok, one sentence each")
    demo: bool = Field(description="true: prices of the stand-in market, never real ones")
    checked_at: datetime
    build_id: str | None = Field(None, description="the build that answers now")
    build: Build | None = None
    sources: list[Freshness] = Field([], description="age of each dataset against what config.yaml promises")
    count_open_gaps: int | None = Field(None, description="holes in the trade ids that are not filled yet")
    count_open_trades: int | None = Field(None, description="trades in them")
    completeness: list[Completeness] = Field([], description="whether each trade id is stored, by symbol")
    storage: Storage
    findings: dict[str, int] = Field({}, description="rows of meta.quality by finding; empty is good")
    jobs: list[Job] = Field(description="newest run of each scheduler job; empty where no scheduler ran")
    deliveries: list[Delivery] = Field([], description="where alerts go; empty where nobody is told")
