"""What the API answers. Decimals, never per cent; instants are UTC; null means not knowable yet, never zero."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

Ratio = Annotated[float | None, Field(description="decimal: 0.01 is 1 %")]
Money = Annotated[float | None, Field(description="currency of the quote")]
PeriodsPerYear = Annotated[
    float | None, Field(description="bars per year with which annualised values were scaled; null when there is none")
]
RunId = Annotated[str | None, Field(description="the ingest run that brought the newest input row")]


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str = "about:blank"
    title: str = Field(description="the phrase of the status")
    status: int
    detail: str = Field(description="one sentence: the value and the remedy")
    instance: str = Field(description="the path that was asked")
    known: list[str] = Field(description="values that would have been accepted, the nearest first")
    request_id: str = Field(description="as in X-Request-ID, and in the log")


class Answer(BaseModel):
    build_id: str = Field(description="the build that answered")
    demo: bool = Field(description="true: prices of the stand-in market, never real ones")
    as_of: datetime | None = Field(description="instant of the newest value; null when there is none")


class TableAnswer(Answer):
    next_cursor: str | None = Field(None, description="leads to the next page; null: there is none")


class SeriesAnswer(TableAnswer):
    source: str
    symbol: str
    asset_class: str = Field(description="crypto | equity")


class Price(BaseModel):
    ts: datetime = Field(description="of the trade, or the end of the bar")
    price: float = Field(description="currency of the quote")
    trade_id: int | None = Field(description="the exchange's; null for an asset without trades")
    previous_close: Money = Field(description="of the last final daily bar before the day of ts")
    change: Ratio = Field(description="price / previous_close - 1, decimal")
    is_live: bool = Field(description="the price comes from a trade")


class Metric(BaseModel):
    value: float | None = Field(description="in `unit`; null: not knowable yet")
    unit: str | None = Field(description="as in /catalog")
    as_of: datetime | None = Field(description="end of the bar that gave the value")
    ingest_run_id: RunId


class MetricsAnswer(SeriesAnswer):
    interval: str = Field(description="length of the bars: 1m | 5m | 15m | 1h | 4h | 1d | 1w")
    periods_per_year: PeriodsPerYear
    price: Price | None = Field(description="the newest one, also of trades that came after the build")
    metrics: dict[str, Metric] = Field(description="by id of /catalog: the newest final value")


class RiskAnswer(SeriesAnswer):
    interval: str | None = Field(None, description="length of the bars; null while there is too little history")
    periods_per_year: PeriodsPerYear = None
    benchmark: str | None = Field(None, description="what beta, alpha and correlation refer to")
    first_session_date: date | None = None
    session_date: date | None = Field(None, description="the last one in the sample")
    n_obs: int | None = Field(None, description="returns in the sample")
    risk_free_rate: Ratio = Field(None, description="annual, effective, decimal")
    var_confidence: Ratio = Field(None, description="of value at risk and expected shortfall: 0.95 is 95 %")
    metrics: dict[str, Metric] = Field(description="by id of /catalog, over the whole sample")


class IntervalAnswer(SeriesAnswer):
    interval: str = Field(description="length of the bars: 1m | 5m | 15m | 1h | 4h | 1d | 1w")
    periods_per_year: PeriodsPerYear


class Index(BaseModel):
    name: str
    version: str
    demo: bool
    endpoints: dict[str, str] = Field(description="what each path answers")
