"""Every select of the API, a file for each noun. Values are bound by name ($symbol), never written into the text."""

from api.queries import catalog, drawdowns, health, options, parts, portfolio, prices, risk, series, signals, stream

__all__ = [
    "catalog",
    "drawdowns",
    "health",
    "options",
    "parts",
    "portfolio",
    "prices",
    "risk",
    "series",
    "signals",
    "stream",
]
