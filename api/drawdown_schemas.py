"""What the API answers of drawdowns; see schemas.py for what holds of all answers."""

from pydantic import Field

from api.queries.drawdowns import FACTS
from api.row_models import row_model
from api.schemas import Answer

DrawdownSummary = row_model("latest_risk", only=FACTS, name="DrawdownSummary")


class DrawdownsAnswer(Answer):
    source: str = Field(description="'portfolio' of a portfolio")
    symbol: str
    interval: str = Field(description="1d: falls are those of daily bars, dividends reinvested")
    summary: DrawdownSummary | None = Field(  # type: ignore[valid-type]
        description="of the whole history; null before there is one"
    )
    next_cursor: str | None = Field(description="leads to the sessions after these; null at the end")
