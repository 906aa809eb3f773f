"""Numbers and times as text. ASCII minus throughout: st.metric reads the direction from it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

MISSING = "n/a"
PROPER_NAMES = {
    **{each.lower(): each for each in (
        "ADF", "ADX", "ARCH", "ATM", "ATMF", "ATR", "Aroon", "B", "Brinson", "CAGR", "CCI", "Calmar", "Carino",
        "Cornish", "EMA", "ES", "EWMA", "Fisher", "GEX", "Garman", "HAC", "HMA", "IV", "Jensen", "KPSS", "Keltner",
        "Klass", "LM", "Ledoit", "MACD", "MFI", "Martin", "OBV", "OI", "PPO", "Parkinson", "RMA", "RMSE", "ROC", "RSI",
        "SMA", "SSVI", "SVI", "Sharpe", "Sortino", "Spearman", "TEMA", "TRIX", "Treynor", "VIX", "VWAP", "VWMA",
        "WMA", "Wolf", "Basel", "Bera", "Durbin", "Hurst", "Jarque", "Kelly", "Lo", "Rogers", "Satchell", "Watson",
        "CMF", "DEMA", "DI", "Donchian", "Ichimoku", "KAMA", "NATR", "PSAR",
        "Yang", "Zhang",
    )},
    "ad": "A/D",
    "avg": "average",
    "hist": "histogram",
    "hhi": "HHI",
    "pca": "PCA",
    "var": "VaR",
    "bb": "Bollinger",
    "cdar": "CDaR",
    "garch11": "GARCH(1,1)",
    "m2": "M2",
    "pvalue": "p-value",
    "rs": "R/S",
    "se": "standard error",
    "stat": "statistic",
    "vol": "volatility",
}  # fmt: skip
PAIRS = ("Garman-Klass", "Rogers-Satchell", "Yang-Zhang", "Cornish-Fisher", "Jarque-Bera", "Durbin-Watson")
SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
Direction = Literal["up", "down", "flat"]


def price(value: float | None) -> str:
    """Two decimals from 1 on, more below, thousands separated."""
    if value is None:
        return MISSING
    return f"{value:,.2f}" if abs(value) >= 1 else f"{Decimal(f'{value:.4g}'):f}"


def price_format(value: float | None) -> str:
    """The same for a column of prices like this one, as st.column_config takes it."""
    return "%,.2f" if value is None or abs(value) >= 1 else "%.6g"


def percent(value: float | None, digits: int = 2) -> str:
    """A decimal as per cent, without a plus sign: 0.123 is 12.30%."""
    return MISSING if value is None else f"{value:z.{digits}%}"


def points(value: float | None, digits: int = 2) -> str:
    """A difference of two decimals in points, so that it does not pass for a share: -0.049 is -4.90 pts."""
    return MISSING if value is None else f"{value * 100:z.{digits}f} pts"


def money(value: float | None) -> str:
    """Four digits and the size: -418.5 M."""
    if value is None:
        return MISSING
    size, name = next(((size, name) for size, name in SIZES if abs(value) >= size), (1, ""))
    return f"{value / size:,.4g} {name}".rstrip()


def ratio(value: float | None, digits: int = 2) -> str:
    return MISSING if value is None else f"{value:z,.{digits}f}"


def count(value: float | None) -> str:
    """Whole above a hundred; a half-life of 6.07 bars is 6.1."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def change(value: float | None) -> str | None:
    """A signed per cent for st.metric's delta; None shows nothing."""
    if value is None:
        return None
    return "0.00%" if direction(value) == "flat" else f"{value:+.2%}"


def direction(value: float | None) -> Direction:
    """What the eye sees: a change that rounds to 0.00 % has no direction."""
    rounded = round(value or 0.0, 4)
    return "flat" if rounded == 0 else "up" if rounded > 0 else "down"


def age(seconds: float | None) -> str:
    """45 s, 12 min, 3.4 h, 6 d."""
    if seconds is None:
        return MISSING
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.0f} d"


def instant(moment: datetime | None, seconds: bool = False) -> str:
    """2026-11-22 13:27 UTC."""
    if moment is None:
        return MISSING
    return f"{moment.astimezone(UTC):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}} UTC"


def name(metric: str) -> str:
    """A metric's id for people: var_historical is VaR historical."""
    words = [PROPER_NAMES.get(word, word) for word in metric.split("_")]
    text = words[0][:1].upper() + words[0][1:] + "".join(f" {word}" for word in words[1:])
    for pair in PAIRS:
        text = text.replace(pair.replace("-", " "), pair)
    return text


def value(number: float | None, unit: str | None) -> str:
    """A metric in the unit that the catalogue gives it; decimals are shown per cent."""
    if unit is None or number is None:
        return ratio(number)
    if unit.startswith("decimal"):
        return percent(number)
    if unit in {"count", "code"}:
        return count(number)
    if unit in {"price", "quote currency"}:
        return price(number)
    # A gamma, or a variance of a day: two decimals would make nothing of it.
    return f"{number:.3g}" if 0 < abs(number) < 0.01 else ratio(number)
