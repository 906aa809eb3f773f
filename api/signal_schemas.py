"""What /signals answers beside its rows."""

from pydantic import Field

from api.schemas import TableAnswer


class SignalsAnswer(TableAnswer):
    sources: list[str] = Field(description="of the signals in this answer")
    rules: list[str] = Field(description="every rule that there is, whatever the filter")
