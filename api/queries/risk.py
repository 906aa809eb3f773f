"""Performance and risk of one series over its whole history."""

from api.queries.figures import facts_query, figures_query

SAMPLE = (
    "interval", "benchmark", "first_session_date", "session_date", "as_of", "n_obs", "periods_per_year",
    "risk_free_rate", "var_confidence", "ingest_run_id",
)  # fmt: skip
OF_SERIES = "source = $source and symbol = $symbol"

RISK = facts_query("latest_risk", SAMPLE, OF_SERIES)
RISK_METRICS = figures_query("latest_risk", ("source", "symbol", "asset_class", *SAMPLE), OF_SERIES)
