"""An example of what /explain answers: its SQL stands with all other SQL of the API."""

from typing import Any

EXAMPLE: dict[str, Any] = {
    "build_id": "20261123T050931.147095Z", "demo": True, "metric": "sharpe", "symbol": "AAPL", "source": "demo-yahoo",
    "interval": "1d", "keys": {}, "window": None, "periods_per_year": 252.0, "value": -0.4712,
    "unit": "ratio", "as_of": "2026-11-20T21:00:00Z",
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
