"""What /explain answers: a figure, and everything that it was made of."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.queries.explain import EXAMPLE


class Formula(BaseModel):
    macro: str
    kind: str = Field(description="table, which stands in FROM, or scalar, which stands in an expression")
    signature: str = Field(description="name and parameters with their defaults")
    body: str = Field(description="the SQL that it stands for")
    comment: str = Field(description="what it is, in a line")
    notes: str = Field(description="what its file says of it: unit, when it is null, and the source")
    file: str
    line: int


class Parameter(BaseModel):
    name: str
    value: str | None = Field(description="as SQL")
    default: str | None = Field(description="of the formula, as SQL")
    origin: str = Field(description="default, config.yaml, or what of the bars stands for null")


class Origin(BaseModel):
    """Where the steps from a column end."""

    dataset: str | None = Field(description="trades, klines, equities, options or ledger; config of the configuration")
    relation: str
    column_name: str = Field(description="* stands for which rows there are")
    depth: int = Field(description="steps that lie between, at least")
    is_exact: bool = Field(description="false: one of several that may have been used")


class Step(BaseModel):
    """From one column to one that its own SQL reads."""

    relation: str
    column_name: str
    parent_relation: str
    parent_column: str
    macros: str = Field(description="formulas that it passes through, comma-separated")
    is_exact: bool


class Lineage(BaseModel):
    """Of the code: the columns that this one is made of, for whatever symbol."""

    column: str = Field(description="where the steps begin")
    origins: list[Origin]
    steps: list[Step] = Field(description="every step between, each once: a graph down to the origins")


class Run(BaseModel):
    """An ingest run that brought some of the rows; its own figures are null where the ledger does not know it."""

    ingest_run_id: str | None
    dataset: str | None
    source: str | None
    status: str | None
    started_at: datetime | None
    row_count: int | None = Field(description="rows that the run stored in all")
    count_rows: int = Field(description="rows of this input that it brought")
    first_ts: datetime | None
    last_ts: datetime | None


class Input(BaseModel):
    """Rows that the figure was computed from."""

    role: str = Field(description="bars, benchmark, member of a portfolio, or quotes")
    dataset: str | None
    source: str
    symbol: str
    interval: str | None = None
    count_rows: int = Field(description="bars that entered: of a `window` the newest so many, else all; or quotes")
    first_ts: datetime | None
    last_ts: datetime | None = Field(description="end of the last bar")
    count_trades: int | None = Field(None, description="trades in the bars, where the source tells")
    periods_per_year: float | None = Field(None, description="bars per year, by which figures are annualised")
    count_runs: int = Field(description="ingest runs behind the rows, of which the newest are in runs")
    runs: list[Run]


class ExplainAnswer(BaseModel):
    """One figure and how it came to be."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    build_id: str
    demo: bool = Field(description="true: prices of the stand-in market, never real ones")
    metric: str
    symbol: str = Field(description="or the portfolio, or the underlying")
    source: str | None = Field(description="null of a portfolio")
    interval: str | None
    keys: dict[str, Any] = Field(description="what tells the figure from others of the symbol: expiry, strike, lag")
    window: int | None = Field(
        description="so many of the newest bars made the figure; null: all of them (a recursion, the whole sample)"
    )
    periods_per_year: float | None = Field(description="of the bars: how many a year has; null of quotes")
    value: float | int | str | bool | date | None = Field(description="as stored; null: not knowable yet")
    unit: str | None
    as_of: datetime | date | None = Field(description="end of the newest bar in it, or when the chain was quoted")
    description: str | None
    range: str | None = Field(description="which values it can have")
    reference: str | None = Field(description="where the definition is from")
    stored_in: str
    formulas: list[Formula] = Field(description="the macro that computes it of any bars, then what that applies")
    parameters: list[Parameter]
    sql: str = Field(description="yields this very value; runs in `quant sql` and the DuckDB command line as it stands")
    stored_sql: str = Field(description="selects the stored figure")
    computed_sql: str | None = Field(description="computes it; in `quant sql` alone where the formula needs Python")
    note: str | None = Field(description="why sql selects the stored figure, where it does")
    compute: str | None = Field(description="the command that computes it from files of your own")
    lineage: Lineage
    inputs: list[Input]
