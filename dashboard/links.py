"""From a number to what it is: addresses of the catalogue page, and what they say when one is opened."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from quant import explanation
from quant.explanation import ExplanationError, keys_from

NOT_PLAIN = re.compile(r"[^\w.^=:+ -]")
LONGEST = 60
SUBJECTS = ("portfolio", "underlying", "symbol")  # an address that names several means the first of these


@dataclass(frozen=True)
class Asked:
    """Whose number it is: a symbol with its bars, an underlying, or a portfolio; `where` tells it further, `lag:5`."""

    symbol: str | None = None
    interval: str | None = None
    portfolio: str | None = None
    underlying: str | None = None
    source: str | None = None
    expiry: str | None = None
    where: tuple[str, ...] = ()

    @property
    def subject(self) -> str | None:
        """Who has the figure."""
        return next((value for kind in SUBJECTS if (value := getattr(self, kind))), None)

    def meant(self) -> explanation.Asked:
        """The same for quant.explanation; raises ExplanationError where nothing could be meant."""
        if self.subject is None:
            raise ExplanationError("whose figure is meant was not said: choose one")
        return explanation.Asked(self.subject, self.source, self.interval, _date(self.expiry), keys_from(self.where))


def address(metric: str, asked: Asked) -> str:
    """/catalogue?metric=sharpe&symbol=AAPL: what the number means, and the SQL that yields it."""
    said = {"metric": metric, **{name: value for name, value in vars(asked).items() if value}}
    return f"/catalogue?{urlencode(said, doseq=True)}"


def to_explanation(text: str, metric: str, asked: Asked) -> str:
    """Markdown: `text` as a link."""
    return f"[{text}]({address(metric, asked)})"


def asked_in(parameters: Mapping[str, Sequence[str]]) -> Asked:
    """What an address of the catalogue page asks for; of a name that is said twice the last counts."""

    def said(name: str) -> str | None:
        values = parameters.get(name)
        return plain(values[-1]) or None if values else None

    return Asked(
        said("symbol"),
        said("interval"),
        said("portfolio"),
        said("underlying"),
        said("source"),
        said("expiry"),
        tuple(plain(each) for each in parameters.get("where", ())),
    )


def plain(text: str) -> str:
    """What an address may say: it is shown, and must not turn into a link or a picture of somebody else's."""
    return NOT_PLAIN.sub("", text)[:LONGEST].strip()


def of_source(asked: Asked, source: str) -> Asked:
    """The same of one source."""
    return replace(asked, source=source)


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ExplanationError(f"expiry {text} is no date: give one like 2026-12-18") from error
