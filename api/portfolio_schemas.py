"""What the API answers of portfolios and of pairs; see schemas.py for what holds of all answers."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas import PeriodsPerYear, Ratio, TableAnswer


class Figure(BaseModel):
    value: float | None = Field(description="in `unit`; null: not knowable yet")
    unit: str | None = Field(description="as in /catalog")


class PortfolioHead(TableAnswer):
    source: str = Field(description="always 'portfolio'")
    portfolio: str
    benchmark: str | None = Field(description="what beta, alpha and attribution refer to")
    periods_per_year: PeriodsPerYear


class PortfolioAnswer(PortfolioHead):
    weighting: str = Field(description="equal | fixed | buy_and_hold | inverse_volatility")
    rebalance: str = Field(description="daily | weekly | monthly | quarterly | yearly | never")
    volatility_window: int | None = Field(description="sessions over which inverse volatility is measured")
    count_members: int
    first_session_date: date | None = Field(description="the first session on which all members have a bar")
    session_date: date | None = Field(description="the last one")
    n_obs: int | None = Field(description="returns in the sample")
    reason_empty: str | None = Field(description="why there are no figures; null where there are")
    metrics: dict[str, Figure] = Field(description="by id of /catalog, over the whole sample")


class CorrelationAnswer(TableAnswer):
    source: str | None = Field(description="the one that was asked for; rows say theirs")
    periods_per_year: PeriodsPerYear


class RollingAnswer(CorrelationAnswer):
    a: str
    source_a: str
    b: str
    source_b: str
    newest: Ratio = Field(description="the newest correlation up to `to`, -1 to 1, whichever page is shown")
