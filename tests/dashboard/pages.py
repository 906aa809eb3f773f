"""The one list of pages and their views: what every test, the screenshots and the measurements go through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

Query = Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """`views` names each value of ?view= with the least number of charts there; "" where a page has no views.

    `first` is what a visit asks for, `other` what it may ask for instead without another change than that of rows.
    """

    title: str
    path: str
    views: Mapping[str, int]
    first: Query = field(default_factory=dict)
    other: Query = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A page as one view shows it."""

    page: Page
    view: str

    @property
    def charts(self) -> int:
        return self.page.views[self.view]

    @property
    def name(self) -> str:
        """What a file of it is called: risk_tails."""
        return re.sub(r"[^a-z0-9]+", "_", f"{self.page.title} {self.view}".lower()).strip("_")

    def query(self, **more: str) -> dict[str, str]:
        """What stands behind the ? of its address."""
        return {**self.page.first, **({"view": self.view} if self.view else {}), **more}

    def address(self, **more: str) -> str:
        """As a browser is given it."""
        asked = self.query(**more)
        return f"/{self.page.path}" + (f"?{urlencode(asked)}" if asked else "")

    def __hash__(self) -> int:
        return hash(self.name)


COINS = ({"symbol": "ETHUSDT"}, {"symbol": "SOLUSDT"})  # the first one would leave the address
SHARES = ({"symbol": "NVDA"}, {"symbol": "MSFT"})
CHAINS = ({"symbol": "AAPL"}, {"symbol": "SPY"})
HOLDINGS = {"Overview": 2, "Weights": 3, "Attribution": 2, "Risk": 3, "Correlation": 3, "Factors": 1, "Kelly": 2}
OPTIONS = {"Surface": 2, "Smile": 1, "Term": 4, "Exposure": 4, "Parity": 2, "Chain": 0, "History": 2}
RISK = {"Overview": 2, "Distribution": 2, "Rolling": 1, "Calendar": 3, "Volatility": 2, "Dependence": 2}

PAGES = (
    Page("Market", "", {"": 1}, *COINS),
    Page("Price", "price", {"Chart": 2, "Figures": 0}, *COINS),
    Page("Risk", "risk", RISK, *SHARES),
    Page("Options", "options", OPTIONS, *CHAINS),
    Page("Portfolio", "portfolio", HOLDINGS, {"portfolio": "mixed"}, {"portfolio": "equities"}),
    Page("Signals", "signals", {"Events": 1, "Record": 2, "Rules": 0}, {"range": "5Y"}, {"direction": "up"}),
    Page("Data health", "data-health", {"Now": 1, "Trades": 0, "Runs and builds": 1}),
    Page("Catalogue", "catalogue", {"": 0}, {}, {"search": "wilder"}),
)
LOOKS = tuple(Look(page, view) for page in PAGES for view in page.views)
