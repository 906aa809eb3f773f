"""What went into a figure: rows of each input with their range, and the ingest runs that brought them."""

from collections.abc import Mapping

from quant.explanation.places import Place, Row, keys_of
from quant.metrics import Metric
from quant.warehouse import Reading

DATASETS = {"equity": "equities", "crypto": "klines and trades"}

BARS = """
select
    source, symbol, any_value(asset_class) as asset_class, interval, count(*) as count_rows, min(ts) as first_ts,
    max(end_ts) as last_ts, sum(trade_count)::bigint as count_trades, any_value(periods_per_year) as periods_per_year
from serving.final_bars
where symbol = $symbol and interval = $interval and ($source::varchar is null or source = $source)
    and ($until::date is null or session_date <= $until) and ($since::timestamptz is null or ts >= $since)
group by source, symbol, interval
order by source
"""
# Where the newest bars begin, of which a window is.
SINCE = """
select min(ts) as since
from (
    select ts
    from serving.final_bars
    where source = $source and symbol = $symbol and interval = $interval
    order by ts desc
    limit $window
)
"""
BENCHMARK = """
select distinct source, benchmark as symbol
from serving.benchmark_bars
where source = $source and symbol = $symbol and interval = $interval
"""
MEMBERS = """
select source, symbol, max(session_date) as until
from serving.portfolio_weights
where portfolio = $portfolio
group by source, symbol
order by source, symbol
"""
# Of bars made of others the run of their newest part.
BAR_RUNS = """
with

brought as (
    select ingest_run_id, count(*) as count_rows, min(ts) as first_ts, max(end_ts) as last_ts
    from serving.final_bars
    where source = $source and symbol = $symbol and interval = $interval
        and ($until::date is null or session_date <= $until) and ($since::timestamptz is null or ts >= $since)
    group by ingest_run_id
)

select
    ingest_run_id, runs.dataset, runs.source, runs.status, runs.started_at, runs.row_count, brought.count_rows,
    brought.first_ts, brought.last_ts, count(*) over () as count_runs
from brought
left join meta.ingest_runs as runs using (ingest_run_id)
order by runs.started_at desc nulls last, ingest_run_id desc
limit $newest
"""
CHAIN = """
select ingest_run_id, quoted_at, fetched_at, count_quotes
from serving.option_chains
where source = $source and underlying = $underlying
"""
RUN = """
select ingest_run_id, dataset, source, status, started_at, row_count
from meta.ingest_runs
where ingest_run_id = $ingest_run_id
"""
NEWEST_RUNS = 5


def inputs_of(reading: Reading, metric: Metric | None, place: Place, row: Row, window: int | None = None) -> list[Row]:
    """One record per input, the metric's own bars or quotes first; of bars the newest `window`, if it is told."""
    keys = keys_of(place, row)
    if place.subject == "portfolio":
        members = reading.rows(MEMBERS, {"portfolio": keys["portfolio"]})
        return [bars for each in members for bars in _bars(reading, "member", each, "1d", each["until"])]
    if place.subject == "underlying":
        return [*_chain(reading, keys), *_underlying_bars(reading, metric, keys)]
    symbols = [keys[name] for name in ("symbol", "a", "b") if name in keys]
    sources = [keys.get("source") or keys.get("source_a"), keys.get("source_b")]
    interval = keys.get("interval", "1d")
    since = _since(reading, {"source": sources[0], "symbol": symbols[0], "interval": interval}, window)
    found = [
        bars
        for symbol, source in zip(symbols, sources, strict=False)
        for bars in _bars(reading, "bars", {"source": source, "symbol": symbol}, interval, since=since)
    ]
    if metric is not None and "benchmark" in metric.relations:
        given = {"source": sources[0], "symbol": symbols[0], "interval": interval}
        for each in reading.rows(BENCHMARK, given):
            found += _bars(reading, "benchmark", each, interval, since=since)
    return found


def _since(reading: Reading, series: Mapping[str, object], window: int | None) -> object:
    return next(iter(reading.rows(SINCE, {**series, "window": window})))["since"] if window else None


def _bars(
    reading: Reading, role: str, series: Mapping[str, object], interval: str, until: object = None, since: object = None
) -> list[Row]:
    named = {"source": series["source"], "symbol": series["symbol"], "interval": interval}
    given = {**named, "until": until, "since": since}
    found = []
    for bars in reading.rows(BARS, given):
        runs = _runs(reading, {**given, "source": bars["source"]})
        found.append({**bars, "role": role, "dataset": DATASETS.get(bars["asset_class"]), **runs})
    return found


def _runs(reading: Reading, given: Mapping[str, object]) -> Row:
    rows = reading.rows(BAR_RUNS, {**given, "newest": NEWEST_RUNS})
    count = rows[0]["count_runs"] if rows else 0
    return {
        "runs": [{name: value for name, value in row.items() if name != "count_runs"} for row in rows],
        "count_runs": count,
    }


def _chain(reading: Reading, keys: Mapping[str, object]) -> list[Row]:
    given = {"source": keys["source"], "underlying": keys["underlying"]}
    found = []
    for chain in reading.rows(CHAIN, given):
        count = {"count_rows": chain["count_quotes"], "first_ts": chain["quoted_at"], "last_ts": chain["quoted_at"]}
        runs = [{**run, **count} for run in reading.rows(RUN, {"ingest_run_id": chain["ingest_run_id"]})]
        own = {"source": keys["source"], "symbol": keys["underlying"]}
        found.append({"role": "quotes", "dataset": "options", **own, **count, "runs": runs, "count_runs": len(runs)})
    return found


def _underlying_bars(reading: Reading, metric: Metric | None, keys: Mapping[str, object]) -> list[Row]:
    if metric is None or "bars" not in metric.relations:
        return []
    return _bars(reading, "bars", {"source": None, "symbol": keys["underlying"]}, "1d")
