"""Portfolios as tables of schema `config`: one row per portfolio, one per member."""

from typing import Any

import pyarrow as pa

from quant.settings import Settings
from quant.settings.portfolios import Member, members_of

PORTFOLIOS = pa.schema(
    {
        "portfolio": pa.string(),
        "weighting": pa.string(),
        "rebalance": pa.string(),
        "volatility_window": pa.int32(),
        "benchmark": pa.string(),
        "benchmark_source": pa.string(),
        "is_benchmark_a_portfolio": pa.bool_(),
    }
)
MEMBERS = pa.schema(
    {
        "portfolio": pa.string(),
        "source": pa.string(),
        "symbol": pa.string(),
        "asset_class": pa.string(),
        "sector": pa.string(),
        "weight": pa.float64(),
    }
)
OWN_SOURCE = "portfolio"  # of the bars of a portfolio, which are no market's


def portfolio_tables(settings: Settings) -> dict[str, pa.Table]:
    """`portfolios` and `portfolio_members`; a portfolio whose rule finds nobody is left out."""
    held = {
        name: members
        for name, portfolio in settings.portfolios.items()
        if (members := members_of(portfolio, settings.instruments))
    }
    portfolios = [_portfolio(settings, name, held) for name in held]
    rows = [_member(settings, name, member) for name, members in held.items() for member in members]
    return {
        "portfolios": pa.Table.from_pylist(portfolios, schema=PORTFOLIOS),
        "portfolio_members": pa.Table.from_pylist(rows, schema=MEMBERS),
    }


def _portfolio(settings: Settings, name: str, held: dict[str, tuple[Member, ...]]) -> dict[str, Any]:
    portfolio = settings.portfolios[name]
    benchmark, source = _benchmark(settings, name, held)
    return {
        "portfolio": name,
        "weighting": portfolio.weighting,
        "rebalance": portfolio.rebalance,
        "volatility_window": portfolio.window,
        "benchmark": benchmark,
        "benchmark_source": source,
        "is_benchmark_a_portfolio": source == OWN_SOURCE if benchmark else None,
    }


def _benchmark(settings: Settings, name: str, held: dict[str, tuple[Member, ...]]) -> tuple[str | None, str | None]:
    """What it is compared with, and where that comes from; by itself that of the one asset class of all members."""
    wanted = settings.portfolios[name].benchmark
    if wanted in settings.portfolios:
        return (wanted, OWN_SOURCE) if wanted in held else (None, None)
    known = settings.instruments
    classes = {member.instrument.asset_class for member in held[name]}
    if wanted is None and len(classes) == 1:
        known = tuple(each for each in known if each.asset_class in classes)  # another market may know the symbol, too
        wanted = getattr(settings.asset_classes, classes.pop()).benchmark
    sources = {each.symbol: each.source for each in known}
    return (wanted, sources[wanted]) if wanted is not None else (None, None)


def _member(settings: Settings, name: str, member: Member) -> dict[str, Any]:
    instrument = member.instrument
    return {
        "portfolio": name,
        "source": instrument.source,
        "symbol": instrument.symbol,
        "asset_class": instrument.asset_class,
        "sector": settings.sectors.get(instrument.symbol, instrument.asset_class),
        "weight": member.weight,
    }
