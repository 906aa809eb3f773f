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


class SeriesAnswer(Answer):
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


class Bar(BaseModel):
    ts: datetime = Field(description="start")
    end_ts: datetime
    as_of: datetime | None = Field(description="end_ts of a final bar, else the newest instant that it holds")
    session_date: date = Field(description="the exchange's own date")
    open: Money
    high: Money
    low: Money
    close: Money
    adj_close: Money = Field(description="dividends reinvested; = close for crypto")
    volume: float | None = Field(description="shares or coins")
    trade_count: int | None = Field(description="null where the source does not tell")
    bar_vwap: Money = Field(description="null where the source does not tell")
    is_final: bool = Field(description="false: the bar is still open")
    simple_return: Ratio
    log_return: float | None = Field(description="ln(adjusted close / the one before)")
    sma: Money = Field(description="simple moving average, metrics.window_short bars")
    bb_upper: Money = Field(description="upper Bollinger band")
    bb_middle: Money = Field(description="middle Bollinger band")
    bb_lower: Money = Field(description="lower Bollinger band")
    realized_vol: Ratio = Field(description="annualised by periods_per_year, metrics.window_volatility bars, decimal")
    ingest_run_id: RunId


class BarsAnswer(SeriesAnswer):
    interval: str
    periods_per_year: PeriodsPerYear
    bars: list[Bar] = Field(description="the newest `limit` ones, oldest first")


class Series(BaseModel):
    source: str
    symbol: str
    asset_class: str = Field(description="crypto | equity")


class SymbolsAnswer(Answer):
    symbols: list[Series]


class CatalogEntry(BaseModel):
    metric: str
    family: str | None
    relation: str | None = Field(description="where it is stored; null: it is computed when asked for")
    stored_in: str | None = Field(description="the same with the column")
    unit: str | None
    formula: str | None = Field(description="the macro that yields it: `quant sql` can call it")
    macro: str | None = Field(description="the table macro that computes it of any bars")
    parameters: str | None = Field(description="what its table macro takes, with the defaults")
    source: str | None = Field(description="paper or book")
    range: str | None
    description: str | None
    example: str | None = Field(description="a statement that runs as it stands at the prompt")


class CatalogAnswer(Answer):
    metrics: list[CatalogEntry]


class Index(BaseModel):
    name: str
    version: str
    demo: bool
    endpoints: dict[str, str] = Field(description="what each path answers")
