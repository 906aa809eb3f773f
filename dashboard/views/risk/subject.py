"""What a view of the page is of."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.data import Record
from dashboard.links import Asked


@dataclass(frozen=True)
class Subject:
    """A symbol: its whole-sample figures, the instant that charts over time begin at, and the bars that are tested."""

    risk: Record
    since: datetime
    interval: str
    catalog: dict[str, Record]

    @property
    def symbol(self) -> str:
        return str(self.risk["symbol"])

    @property
    def source(self) -> str:
        return str(self.risk["source"])

    @property
    def benchmark(self) -> str | None:
        """None for the benchmark itself, which nothing is compared with."""
        return None if self.risk["benchmark"] == self.symbol else self.risk["benchmark"]

    def asked(self, interval: str = "1d") -> Asked:
        return Asked(self.symbol, interval)
