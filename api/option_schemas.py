"""What the API answers of an option chain; see schemas.py for what holds of all answers."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from api.queries.options import SUMMARY_COLUMNS
from api.row_models import row_model
from api.schemas import Answer

OF_UNDERLYING = frozenset({"source", "underlying"})
Quote = row_model("option_snapshot_quotes", OF_UNDERLYING, name="OptionQuote")
Point = row_model("option_snapshot_surface", OF_UNDERLYING, name="SurfacePoint")
Summary = row_model("option_snapshots", only=SUMMARY_COLUMNS, name="ChainSummary")


class Expiry(BaseModel):
    expiry_on: date
    count_quotes: int
    count_implied_vols: int = Field(description="quotes whose price carries a volatility")


class ChainHead(Answer):
    source: str
    underlying: str
    snapshot: str | None = Field(description="the ingest run that brought the chain; null before the first")
    fetched_at: datetime | None = Field(description="when the chain reached us; as_of says when it was quoted")
    is_newest: bool = Field(description="false: a chain of the past")
    reason: str | None = Field(description="why the chain has no volatility at all, in words; null where it has one")


class OptionsAnswer(ChainHead):
    summary: Summary | None = Field(description="the chain as a whole, whatever the filter; null without one")  # type: ignore[valid-type]
    expiries: list[Expiry] = Field(description="of the chain, whatever the filter")
    quotes: list[Quote] = Field(description="by expiry, strike, calls first; at most `limit`")  # type: ignore[valid-type]
    surface: list[Point] = Field(description="by expiry and strike; at most `limit`")  # type: ignore[valid-type]
    is_truncated: bool = Field(description="there are more quotes or points than `limit`")


class PartAnswer(ChainHead):
    next_cursor: str | None = Field(description="leads to the rows after these; null at the end")


class ChainsAnswer(Answer):
    source: str
    underlying: str
    reason: str | None = Field(description="why the newest chain has no volatility at all; null where it has one")
    next_cursor: str | None = Field(description="leads to the rows after these; null at the end")
