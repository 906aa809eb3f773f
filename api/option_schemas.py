"""What the API answers of an option chain; see schemas.py for what holds of all answers."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from api.schemas import Answer, Money, Ratio, RunId


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


class ChainSummary(BaseModel):
    spot: Money = Field(description="price of the underlying that came with the chain")
    count_expiries: int
    count_quotes: int
    count_two_sided: int = Field(description="contracts with a usable bid and ask, hence a mid")
    count_priced: int = Field(description="contracts whose mid yields a volatility")
    atm_iv_30d: Ratio = Field(description="implied volatility at the forward of 30 days, annualised, decimal")
    vix_style_index: Ratio = Field(description="volatility of 30 days from all options out of the money, decimal")
    gex: Money = Field(description="gamma exposure: what a move of 1 % makes dealers trade, calls + and puts -")
    gamma_flip: Money = Field(description="the spot at which gamma exposure changes its sign, the nearest")
    call_wall: float | None = Field(description="strike with most open calls")
    put_wall: float | None = Field(description="strike with most open puts")
    call_open_interest: int | None = Field(description="contracts")
    put_open_interest: int | None = Field(description="contracts")
    call_volume: int | None = Field(description="contracts, of the session")
    put_volume: int | None = Field(description="contracts, of the session")
    put_call_ratio_oi: float | None = Field(description="open puts to an open call")
    put_call_ratio_volume: float | None = Field(description="puts traded in the session to a call")


class OptionsAnswer(Answer):
    source: str
    underlying: str
    snapshot: str | None = Field(description="the ingest run that brought the chain; null before the first")
    fetched_at: datetime | None = Field(description="when the chain reached us; as_of says when it was quoted")
    is_newest: bool = Field(description="false: a chain of the past")
    summary: ChainSummary | None = Field(description="the chain as a whole, whatever the filter; null without one")
    expiries: list[Expiry] = Field(description="of the chain, whatever the filter")
    quotes: list[OptionQuote] = Field(description="by expiry, strike, calls first; at most `limit`")
    surface: list[SurfacePoint] = Field(description="by expiry and strike; at most `limit`")
    reason: str | None = Field(description="why the chain has no volatility at all, in words; null where it has one")
    is_truncated: bool = Field(description="there are more quotes or points than `limit`")


class PartAnswer(Answer):
    source: str
    underlying: str
    snapshot: str | None = Field(description="the ingest run that brought the chain; null before the first")
    fetched_at: datetime | None = Field(description="when the chain reached us; as_of says when it was quoted")
    is_newest: bool = Field(description="false: a chain of the past")
    reason: str | None = Field(description="why the chain has no volatility at all, in words; null where it has one")
    next_cursor: str | None = Field(description="leads to the rows after these; null at the end")


class ChainsAnswer(Answer):
    source: str
    underlying: str
    reason: str | None = Field(description="why the newest chain has no volatility at all; null where it has one")
    next_cursor: str | None = Field(description="leads to the rows after these; null at the end")
