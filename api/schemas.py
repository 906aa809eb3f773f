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


class Expiry(BaseModel):
    expiry_on: date
    count_quotes: int
    count_implied_vols: int = Field(description="quotes whose price carries a volatility")


class OptionQuote(BaseModel):
    contract_symbol: str
    expiry_on: date
    expires_at: datetime
    years: float | None = Field(description="ACT/365 from quoted_at to expires_at")
    is_call: bool
    strike: float
    bid: Money
    ask: Money
    mid: Money = Field(description="null unless the quote is two-sided")
    last_price: Money
    volume: int | None = Field(description="contracts")
    open_interest: int | None = Field(description="contracts")
    quality: str | None = Field(description="two_sided | no_quote | crossed | wide | stale | off_hours")
    spot: Money
    forward: Money
    log_moneyness: float | None = Field(description="ln(strike / forward)")
    implied_vol: Ratio = Field(description="annualised, decimal; null: see iv_status")
    iv_status: str | None = Field(description="ok, or why there is no implied volatility")
    delta: float | None = Field(description="per 1.00 of spot")
    gamma: float | None = Field(description="delta per 1.00 of spot")
    vega: float | None = Field(description="per 1.00 of volatility")
    theta: float | None = Field(description="per year")
    theta_per_day: float | None = Field(description="per calendar day")
    rho: float | None = Field(description="per 1.00 of rate")
    vendor_iv: Ratio = Field(description="Yahoo's, to compare with, decimal")
    quoted_at: datetime
    fetched_at: datetime
    ingest_run_id: RunId
    is_american: bool = Field(description="may be exercised before expiry")
    rate: Ratio = Field(description="continuous, that it is priced with")
    rate_source: str = Field(description="bill | curve")
    dividend_yield: Ratio = Field(description="continuous, that the forward implies")
    discount: float | None = Field(description="what 1 at expiry is worth now")
    forward_method: str = Field(description="regression | nearest_strike | configured")
    price: Money = Field(description="at the implied volatility")
    vega_per_point: float | None = Field(description="per 0.01 of volatility")
    rho_per_point: float | None = Field(description="per 0.01 of rate")
    dividend_rho: float | None = Field(description="per 1.00 of dividend yield")
    itm_prob: float | None = Field(description="risk-neutral probability to expire in the money")
    vanna: float | None = Field(description="delta per 1.00 of volatility")
    volga: float | None = Field(description="vega per 1.00 of volatility")
    charm: float | None = Field(description="delta per year")
    charm_per_day: float | None = Field(description="delta per calendar day")
    american_iv: Ratio = Field(description="early exercise included; null of European options")
    american_iv_status: str | None = Field(description="ok, or why there is none")
    early_exercise_premium: Money
    american_delta: float | None = Field(description="per 1.00 of spot")
    american_gamma: float | None = Field(description="delta per 1.00 of spot")
    american_theta_per_day: float | None = Field(description="per calendar day")
    american_vega_per_point: float | None = Field(description="per 0.01 of volatility")


class SurfacePoint(BaseModel):
    expiry_on: date
    years: float | None = Field(description="ACT/365")
    strike: float
    forward: Money
    log_moneyness: float | None = Field(description="ln(strike / forward)")
    is_call: bool = Field(description="the out-of-the-money side, which gave the volatility")
    implied_vol: Ratio = Field(description="annualised, decimal")
    quoted_at: datetime
    expires_at: datetime
    svi_vol: Ratio = Field(description="of the SVI curve through the expiry")
    svi_error: Ratio = Field(description="implied_vol - svi_vol")
    ssvi_vol: Ratio = Field(description="of the SSVI surface through the chain")
    ingest_run_id: RunId


class OptionsAnswer(Answer):
    source: str
    underlying: str
    expiries: list[Expiry] = Field(description="of the newest chain, whatever the filter")
    quotes: list[OptionQuote] = Field(description="by expiry, strike, calls first; at most `limit`")
    surface: list[SurfacePoint] = Field(description="by expiry and strike; at most `limit`")
    reason: str | None = Field(description="why the chain has no volatility at all, in words; null where it has one")
    is_truncated: bool = Field(description="there are more quotes or points than `limit`")


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
