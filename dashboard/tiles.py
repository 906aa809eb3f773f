"""Numbers with their names: a price with its change, a metric by its unit. The name leads to its explanation."""

from typing import Any

from dashboard import data, formats, links


def price(place: Any, label: str, row: data.Record, closes: list[float] | None = None) -> None:
    """A price with its change; arrow, sign and colour say the direction."""
    direction = formats.direction(row["change"])
    place.metric(
        label,
        formats.price(row["price"]),
        formats.change(row["change"]),
        delta_color={"up": "blue", "down": "orange", "flat": "off"}[direction],
        delta_arrow="off" if direction == "flat" else "auto",
        chart_data=closes,
        border=True,
        height="stretch",
        help=f"{row['source']}, {formats.instant(row['ts'], seconds=True)}",
    )


def metric(place: Any, row: data.Record, asked: links.Asked, border: bool = False, note: str | None = None) -> None:
    """A metric's value by its unit, with what the catalogue says on hover; a click on its name explains it.

    `note` stands small below the value and says how far it goes, such as its confidence interval.
    """
    text = formats.value(row["value"], row["unit"])
    label = links.to_explanation(formats.name(row["metric"]), row["metric"], asked)
    without_direction = {"delta": note, "delta_color": "off", "delta_arrow": "off"}
    place.metric(label, text, **without_direction, help=explanation(row), border=border, height="stretch")


def explanation(metric: data.Record) -> str | None:
    """What the catalogue says about a number, for the hover help."""
    if not metric.get("description"):
        return None
    parts = [
        metric["description"],
        f"Unit: {metric['unit']}.",
        f"Formula: `{metric['formula']}`. {metric['source'] or ''}",
    ]
    return "\n\n".join(parts)
