"""What the sections of config.yaml share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
Rate = Annotated[float, Field(gt=-1, lt=10)]
Symbol = Annotated[str, Field(pattern=r"^[A-Za-z0-9^][A-Za-z0-9.^=-]{0,19}$")]


class Section(BaseModel):
    """Frozen; a key that there is not is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
