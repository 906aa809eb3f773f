"""What can be asked, and of which build; only ages against now are computed here."""

BUILD = """
with

aged as (
    select kind, started_at, tested_at, seconds, epoch(now()) - epoch(started_at) as age_seconds
    from meta.builds
    where build_id = $build_id
)

select *, $promised::double as promised_seconds, age_seconds > $promised as is_stale
from aged
"""
