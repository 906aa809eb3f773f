"""Which series there are, and where they come from."""

# Stored rows: which series the build knows. The live view below also sees a symbol that came after the build.
SERIES = """
select distinct source, symbol, asset_class
from serving.latest_metrics
where $symbol::varchar is null or upper(symbol) = upper($symbol)
order by symbol, source
"""

LIVE_SERIES = """
select source, symbol, asset_class
from serving.latest_prices
where $symbol::varchar is null or upper(symbol) = upper($symbol)
order by symbol, source
"""
