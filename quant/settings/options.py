"""The `options` section of config.yaml: which chains, which rates and yields, what a quote has to be."""

from typing import Annotated

from pydantic import Field

from quant.settings.section import Count, Positive, Rate, Section, Symbol

Root = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,6}$")]


class Options(Section):
    underlyings: tuple[Symbol, ...]
    expiries: Count
    european: tuple[Symbol, ...]
    am_settled: tuple[Root, ...]
    risk_free_rate: Rate
    rates: dict[Count, Rate]
    rate_series: Symbol | None
    dividend_yields: dict[Symbol, Rate]
    wide_share: Positive
    wide_floor: Annotated[float, Field(ge=0)]
    stale_days: Count
    open_delay_minutes: Annotated[int, Field(ge=0)]
    close_grace_minutes: Annotated[int, Field(ge=0)]
    keep_days: Count | None

    @property
    def rate_curve(self) -> dict[int, float]:
        """Continuous rates by days from now, ascending, the first one at 0 days; flat where `rates` is empty."""
        curve = dict(sorted(self.rates.items())) or {0: self.risk_free_rate}
        return {0: next(iter(curve.values())), **curve}
