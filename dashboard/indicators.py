"""Which stored metrics can stand in a chart, and where: over the price, or in a pane with others of their kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import data

# In money too, yet no level of the price: they have a pane of their own.
APART = frozenset({"macd", "macd_signal", "macd_hist", "momentum", "atr", "true_range"})
BARS = frozenset({"macd_hist"})  # drawn from zero
DEFAULT = ("rsi", "macd", "macd_signal", "macd_hist", "atr", "realized_vol")
LIVE = "1m"  # whose chart is sent again every other second, and begins with the price alone
CROSSING_ZERO = frozenset({"macd", "macd_hist", "ppo", "momentum", "roc", "trix", "cci", "cmf"})
MOST = 10
VOLATILITY = "decimal per year"
SHORT_UNITS = {
    "0 to 100": "0-100",
    "-100 to 0": "-100-0",
    VOLATILITY: "%/yr",
    "decimal": "%",
    "per cent": "%",
}


@dataclass(frozen=True)
class Pane:
    """What is drawn on one axis below the candles; `guides` are heights that mean something."""

    title: str
    unit: str
    metrics: tuple[str, ...]
    guides: tuple[float, ...] = ()


@dataclass(frozen=True)
class Arrangement:
    """Where each chosen metric stands."""

    overlays: tuple[str, ...] = ()
    panes: tuple[Pane, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*self.overlays, *(name for pane in self.panes for name in pane.metrics))


def drawable() -> list[str]:
    """Metrics of the catalogue that every bar of a series has."""
    known = data.catalog()
    return [name for name in data.table("metric_columns").column_names if name in known]


def default(interval: str) -> tuple[str, ...]:
    """What stands below the candles before anybody chose."""
    return () if interval == LIVE else DEFAULT


def arranged(metrics: Sequence[str], currency: str) -> Arrangement:
    """Levels of the price over it, the others in panes by kind: what has one unit and family shares an axis, and so do
    all volatilities.
    """
    known = data.catalog()
    levels = [name for name in metrics if _is_level(known[name])]
    kinds: dict[tuple[str, str], list[str]] = {}
    for name in (name for name in metrics if name not in levels):
        unit = known[name]["unit"]
        kinds.setdefault(("volatility" if unit == VOLATILITY else known[name]["family"], unit), []).append(name)
    panes = (_pane(unit, names, currency) for (_, unit), names in kinds.items())
    return Arrangement(tuple(levels), tuple(panes))


def _is_level(about: data.Record) -> bool:
    return bool(about["unit"] == "price" and about["metric"] not in APART)


def _pane(unit: str, names: Sequence[str], currency: str) -> Pane:
    """Its lines are named in the pane; the axis has room for the unit alone."""
    said = currency if unit == "price" else SHORT_UNITS.get(unit, unit)
    return Pane(f"({said})", unit, tuple(names), _guides(names))


def _guides(names: Sequence[str]) -> tuple[float, ...]:
    """Where the rule of the house calls an RSI low and high; zero, where a line crosses it."""
    if "rsi" in names:
        thresholds: dict[str, Any] = data.settings().signals.of("rsi_level").thresholds
        return tuple(thresholds[name] for name in ("low", "high") if name in thresholds)
    return (0.0,) if CROSSING_ZERO & set(names) else ()
