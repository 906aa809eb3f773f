"""What /explain answers: a figure, and everything that it was made of."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EXAMPLE: dict[str, Any] = {
    "build_id": "20261123T050931.147095Z", "demo": True, "metric": "sharpe", "symbol": "AAPL", "source": "demo-yahoo",
    "interval": "1d", "keys": {}, "value": -0.4712, "unit": "ratio", "as_of": "2026-11-20T21:00:00Z",
    "description": "Sharpe ratio, annualised.", "range": "any", "stored_in": "serving.latest_risk.sharpe",
    "reference": "Sharpe (1994), J. Portfolio Management 21(1)",
    "formulas": [{
        "macro": "sharpe", "kind": "table", "signature": "sharpe(bars, rf := 0.0, ppy := null)",
        "body": "select source, symbol, ... as value from excess_returns(bars, rf, ppy) group by ...",
        "comment": "mean excess return per unit of sample standard deviation, annualised by sqrt(ppy)",
        "notes": "Sharpe ratio of excess returns, annualised. Unit: 1.", "file": "macros/formulas/41_sharpe.sql",
        "line": 12,
    }],
    "parameters": [{"name": "rf", "value": "0.0", "default": "0.0", "origin": "default"}],
    "sql": "with bars as (from serving.final_bars where symbol = 'AAPL' ...) select value from sharpe('bars', ...);",
    "stored_sql": "select sharpe as value from serving.latest_risk where ...;", "computed_sql": None, "note": None,
    "compute": "quant compute sharpe --bars FILE",
    "lineage": {
        "column": "serving.latest_risk.sharpe",
        "origins": [
            {"dataset": "equities", "relation": "raw.equities", "column_name": "close", "depth": 7, "is_exact": True}
        ],
        "steps": [{
            "relation": "serving.latest_risk", "column_name": "sharpe", "parent_relation": "metrics.sharpe_ratios",
            "parent_column": "sharpe", "macros": "", "is_exact": True,
        }],
    },
    "inputs": [{
        "role": "bars", "dataset": "equities", "source": "demo-yahoo", "symbol": "AAPL", "interval": "1d",
        "count_rows": 499, "first_ts": "2024-11-25T14:30:00Z", "last_ts": "2026-11-20T21:00:00Z", "count_trades": None,
        "periods_per_year": 252.0, "count_runs": 1,
        "runs": [{
            "ingest_run_id": "20261123T044158.345925Z-e68895", "dataset": "equities", "source": "demo-yahoo",
            "status": "ok", "started_at": "2026-11-23T04:41:58Z", "row_count": 1996, "count_rows": 499,
            "first_ts": "2024-11-25T14:30:00Z", "last_ts": "2026-11-20T21:00:00Z",
        }],
    }],
}  # fmt: skip


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
    count_rows: int = Field(
        description="bars that the formula was given, of which a trailing one uses its window; quotes"
    )
    first_ts: datetime | None
    last_ts: datetime | None = Field(description="end of the last bar")
    count_trades: int | None = Field(None, description="trades in the bars, where the source tells")
    periods_per_year: float | None = None
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
