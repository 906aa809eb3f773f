"""What the charts of the risk page share."""

from typing import Any

from dashboard.charts.style import theme

INK = {"light": "#17202a", "dark": "#e6ebf1"}  # of text, as in config.toml


def hovered(base: Any, tips: list[Any]) -> Any:
    """What a row says, wherever between bottom and top the pointer is: unseen rules, one a row."""
    return base.mark_rule(strokeWidth=6, opacity=0).encode(tooltip=tips)


def ink() -> str:
    return INK[theme()]
