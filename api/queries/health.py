"""How old and how complete the data are."""

FRESHNESS = """
select source, dataset, symbol, last_event_at, last_fetched_at, age_seconds, promised_seconds, is_stale
from serving.health
order by source, dataset, symbol
"""

OPEN_GAPS = """
select count(*) as count_open, coalesce(sum(last_trade_id - first_trade_id + 1), 0)::bigint as count_trades
from meta.gaps
where status = 'open'
"""

COMPLETENESS = """
select
    source, symbol, first_date, newest_date, last_trade_id, row_count, row_count_today, count_missing_today,
    count_unexplained_today, count_missing, count_absent, count_open, count_unexplained, count_duplicates
from serving.completeness
order by source, symbol
"""

FINDINGS = """
select finding, count(*) as count_rows
from meta.quality
group by finding
order by finding
"""
