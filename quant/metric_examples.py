"""The registry of metrics as a table of each build, with a statement for each that runs at the prompt as it stands."""

from collections.abc import Iterable

import pyarrow as pa

from quant.arguments import literal
from quant.metrics import Metric, metrics
from quant.settings import Settings
from quant.settings.portfolios import members_of

NEWEST_FIRST = "ts desc, symbol"
NEWEST = " semi join options.newest_chains using (source, underlying, ingest_run_id)"
HISTORY_MACROS = ("iv_ranks", "variance_premia")  # what they say of a chain is read off those before it
PORTFOLIO_MACROS = (
    "members_of",
    "targeted_members",
    "pair_returns",
    "high_less_low_of",
)  # what is computed of several symbols is computed from these

METRICS = pa.schema(
    {
        "metric": pa.string(),
        "family": pa.string(),
        "macro_file": pa.string(),
        "signature": pa.string(),
        "parameters": pa.string(),
        "takes_quotes": pa.bool_(),
        "needs_benchmark": pa.bool_(),
        "needs_factors": pa.bool_(),
        "takes_trades": pa.bool_(),
        "is_python": pa.bool_(),
        "comment": pa.string(),
        "notes": pa.string(),
        "example": pa.string(),
    }
)


def metric_table(settings: Settings, python_functions: Iterable[str]) -> pa.Table:
    """One row per metric; `example` is NULL where the prompt cannot run one: Python, or factors, which no build has."""
    rows = []
    for metric in metrics().values():
        is_python = metric.uses(python_functions)
        rows.append(
            {
                "metric": metric.name,
                "family": metric.family,
                "macro_file": metric.file,
                "signature": metric.signature,
                "parameters": ", ".join(map(str, metric.parameters)),
                "takes_quotes": metric.is_of_options,
                "needs_benchmark": "benchmark" in metric.relations,
                "needs_factors": "factors" in metric.relations,
                "takes_trades": "trades" in metric.relations,
                "is_python": is_python,
                "comment": metric.comment,
                "notes": metric.notes,
                "example": None if is_python or "factors" in metric.relations else example(metric, settings),
            }
        )
    return pa.Table.from_pylist(rows, schema=METRICS)


def example(metric: Metric, settings: Settings) -> str:
    """Every parameter by name, on the first configured series; of a portfolio on its members."""
    condition = _series(metric, settings)
    chain = f"{'' if metric.uses(HISTORY_MACROS) else NEWEST} where underlying = {_first(settings.options.underlyings)}"
    relations = {
        "quotes": f"quotes as (from options.quotes{chain})",
        "priced": f"priced as (from options.priced_quotes{chain})",
        "bars": f"bars as (from serving.final_bars where {condition})",
        "trades": f"trades as (from staging.trades where {condition})",
        "benchmark": f"benchmark as (from serving.benchmark_bars where {condition})",
    }
    given = ", ".join(relations[name] for name in metric.relations)
    arguments = ", ".join([*(f"'{name}'" for name in metric.relations), *map(str, metric.parameters)])
    hidden = "source, ingest_run_id" if metric.is_of_options else "source, interval"
    order = "all" if metric.is_of_options or not metric.gives_value or metric.uses(("pair_returns",)) else NEWEST_FIRST
    return f"with {given} select * exclude ({hidden}) from {metric.name}({arguments}) order by {order} limit 5;"


def _series(metric: Metric, settings: Settings) -> str:
    """Which bars an example reads."""
    if metric.is_of_options:
        return f"symbol = {_first(settings.options.underlyings)} and interval = '1d'"
    if "trades" in metric.relations:
        return f"symbol = {_first(settings.crypto.symbols)} and ts >= now() - interval '1 day'"
    if metric.uses(PORTFOLIO_MACROS):
        held = [members_of(portfolio, settings.instruments) for portfolio in settings.portfolios.values()]
        first = next((members for members in held if members), ())
        members = [each.instrument.symbol for each in first] or settings.equities.symbols
        return f"symbol in ({', '.join(map(literal, members))}) and interval = '1d'"
    symbols = (*settings.equities.symbols, *settings.crypto.symbols)
    if "benchmark" in metric.relations:
        classes = settings.asset_classes
        symbols = tuple(each for each in symbols if each not in (classes.equity.benchmark, classes.crypto.benchmark))
    return f"symbol = {_first(symbols)} and interval = '1d'"


def _first(symbols: tuple[str, ...]) -> str:
    return literal(symbols[0] if symbols else "none is configured")
