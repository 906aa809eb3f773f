"""What the API answers of drawdowns; see schemas.py for what holds of all answers."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas import Answer, Ratio


class DrawdownSummary(BaseModel):
    session_date: date | None = Field(description="the newest session that counts")
    drawdown: Ratio = Field(description="distance from the peak now, decimal")
    max_drawdown: Ratio = Field(description="the deepest so far, decimal")
    avg_drawdown: Ratio = Field(description="mean depth of all falls, decimal")
    max_drawdown_duration_bars: int | None = Field(description="sessions of the longest time under water")
    ulcer_index: Ratio = Field(description="root mean square of the distances, decimal")
    pain_index: Ratio = Field(description="mean of the distances, decimal")
    calmar: float | None = Field(description="annual growth over the depth of the deepest fall")
    martin_ratio: float | None = Field(description="annual growth above the risk-free rate over the ulcer index")


class DrawdownsAnswer(Answer):
    source: str = Field(description="'portfolio' of a portfolio")
    symbol: str
    interval: str = Field(description="1d: falls are those of daily bars, dividends reinvested")
    summary: DrawdownSummary | None = Field(description="of the whole history; null before there is one")
    next_cursor: str | None = Field(description="leads to the sessions after these; null at the end")
