"""Drawdowns of a symbol, and of a portfolio in the same words."""

from api.queries.figures import facts_query

FACTS = (
    "session_date", "drawdown", "max_drawdown", "avg_drawdown", "max_drawdown_duration_bars", "ulcer_index",
    "pain_index", "calmar", "martin_ratio",
)  # fmt: skip

SUMMARY = facts_query("latest_risk", ("as_of", *FACTS), "source = $source and symbol = $symbol")
PORTFOLIO_SUMMARY = facts_query("portfolio_summary", FACTS, "portfolio = $symbol")
