"""What /signals answers."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas import Answer, Money, Ratio


class Signal(BaseModel):
    signal_id: str = Field(description="stable: the same event has the same id in each build")
    rule: str
    kind: str | None = Field(description="market: of final bars | option: of chains | data: stands now")
    source: str
    symbol: str
    asset_class: str | None
    interval: str | None = Field(description="null: no event of a bar")
    ts: datetime = Field(description="start of the bar, instant of the quotes, or when the promise broke")
    end_ts: datetime = Field(description="when it was knowable")
    direction: str = Field(description="up | down, as the rule says")
    close: Money
    value: float | None = Field(description="what was compared, in the unit of the rule")
    threshold: float | None = Field(description="what it was compared with")
    explanation: str | None
    is_of_price: bool | None = Field(description="whether the direction is the price's, not volatility's or the data's")
    next_return: Ratio = Field(description="simple return of the bar after the event; null: not known yet")
    past_events: int | None = Field(
        description="earlier events of the same rule, series and direction, whose outcome was known by then"
    )
    past_hit_rate: Ratio = Field(description="share of their outcomes in the signalled direction")
    past_mean_return: Ratio = Field(description="mean of their outcomes")


class SignalsAnswer(Answer):
    sources: list[str] = Field(description="of the signals in this answer")
    rules: list[str] = Field(description="every rule that there is, whatever the filter")
    signals: list[Signal] = Field(description="the last to be known first, at most `limit`")
