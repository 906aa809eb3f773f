"""The README's table of metrics, made from meta.catalog: `python -m quant.catalogue` writes it."""

import re
from pathlib import Path

from quant.settings import PROJECT_PATH, load_settings
from quant.warehouse import Warehouse

BEGIN = "<!-- metrics: written by `python -m quant.catalogue`, checked by a test -->"
END = "<!-- /metrics -->"
METRICS = """
    select
        catalog.metric, catalog.unit, catalog.parameters, catalog.stored_in, catalog.source,
        coalesce(registry.macro_file[:2], split_part(catalog.relation, '.', 1)) as place
    from meta.catalog
    left join config.metrics as registry on registry.metric = catalog.macro
    order by registry.macro_file nulls last, catalog.relation, catalog.metric
"""
HEAD = "| metric | unit | parameters and defaults | stored in | source |\n|---|---|---|---|---|"
CHAPTERS = {
    "Returns, liquidity and seasons": r"2\d|bars",
    "Volatility, dependence and stationarity": r"3\d",
    "Performance and drawdown": r"4\d",
    "Risk and benchmark": r"5\d|pairs",
    "Portfolios, pairs and factors": r"6[0-46-9]|portfolio",
    "From trades": r"65",
    "Technical indicators": r"[78]\d|metrics|serving",
    "Options": r"9\d|options",
}


def metric_table(warehouse: Warehouse) -> str:
    """One line per metric of the newest build, as a Markdown table to open for each chapter."""
    rows = warehouse.query(METRICS).to_pylist()
    chapters = {title: [row for row in rows if chapter_of(row["place"]) == title] for title in CHAPTERS}
    if missed := [row["metric"] for row in rows if chapter_of(row["place"]) is None]:
        raise ValueError(f"no chapter of the README takes {missed}: add one to quant/catalogue.py")
    return "\n\n".join(_chapter(title, chapter) for title, chapter in chapters.items())


def chapter_of(place: str | None) -> str | None:
    """The chapter of a metric by the number of its formula's file, else by the schema that keeps it."""
    return next((title for title, places in CHAPTERS.items() if re.fullmatch(places, place or "")), None)


def _chapter(title: str, rows: list[dict[str, str | None]]) -> str:
    lines = "\n".join(map(_line, rows))
    return f"<details><summary>{title} ({len(rows)})</summary>\n\n{HEAD}\n{lines}\n\n</details>"


def _line(row: dict[str, str | None]) -> str:
    parameters = f"`{row['parameters']}`" if row["parameters"] else ""
    stored = f"`{row['stored_in']}`" if row["stored_in"] else ""
    return f"| `{row['metric']}` | {row['unit']} | {parameters} | {stored} | {row['source']} |"


def with_table(readme: str, table: str) -> str:
    """`readme` with `table` between the two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main(path: Path = PROJECT_PATH / "README.md") -> None:
    path.write_text(with_table(path.read_text(), metric_table(Warehouse(load_settings()))))


if __name__ == "__main__":
    main()
