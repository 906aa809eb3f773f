"""Marks that charts of several pages share."""

from typing import Any

from dashboard.charts.style import INK, PAPER, theme


def hovered(base: Any, tips: list[Any]) -> Any:
    """What a row says, wherever between bottom and top the pointer is: unseen rules."""
    return base.transform_filter("datum.is_hovered").mark_rule(strokeWidth=6, opacity=0).encode(tooltip=tips)


def haloed(base: Any, **looks: Any) -> list[Any]:
    """The text of `base` twice: an edge in the colour of the page keeps it apart from what is behind it."""
    edge = base.mark_text(stroke=PAPER[theme()], strokeWidth=3, **looks)
    return [edge, base.mark_text(color=INK[theme()], **looks)]
