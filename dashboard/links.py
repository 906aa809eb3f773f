"""From a number to what it is: addresses of the catalogue page."""

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Asked:
    """Whose number it is: a symbol with its bars, an underlying, or a portfolio."""

    symbol: str | None = None
    interval: str | None = None
    portfolio: str | None = None
    underlying: str | None = None


def address(metric: str, asked: Asked) -> str:
    """/catalogue?metric=sharpe&symbol=AAPL: what the number means, and the SQL that yields it."""
    said = {"metric": metric, **{name: value for name, value in vars(asked).items() if value is not None}}
    return f"/catalogue?{urlencode(said)}"


def to_explanation(text: str, metric: str, asked: Asked) -> str:
    """Markdown: `text` as a link."""
    return f"[{text}]({address(metric, asked)})"
