"""The `api` section of config.yaml: who may ask, how much, and what an answer may cost."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pages(Section):
    rows: Count
    most_rows: Count


class Api(Section):
    pages: Pages
