"""Drawdowns of a symbol, and of a portfolio in the same words."""

SUMMARY = """
select
    session_date, as_of, drawdown, max_drawdown, avg_drawdown, max_drawdown_duration_bars, ulcer_index, pain_index,
    calmar, martin_ratio
from serving.latest_risk
where source = $source and symbol = $symbol
"""

PORTFOLIO_SUMMARY = """
select
    session_date, drawdown, max_drawdown, avg_drawdown, max_drawdown_duration_bars, ulcer_index,
    pain_index, calmar, martin_ratio
from serving.portfolio_summary
where portfolio = $symbol
"""
