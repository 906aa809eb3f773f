"""The README's table of metrics, made from meta.catalog: `python -m quant.catalogue` writes it."""

from pathlib import Path

from quant.settings import PROJECT_PATH, load_settings
from quant.warehouse import Warehouse

BEGIN = "<!-- metrics: written by `python -m quant.catalogue`, checked by a test -->"
END = "<!-- /metrics -->"
METRICS = """
    select metric, unit, formula, relation, source
    from meta.catalog
    order by relation, metric
"""


def metric_table(warehouse: Warehouse) -> str:
    """One line per metric of the newest build, as a Markdown table."""
    rows = warehouse.query(METRICS).to_pylist()
    lines = [f"| `{row['metric']}` | {row['unit']} | `{row['formula']}` | {row['source']} |" for row in rows]
    return "\n".join(["| metric | unit | formula (macro) | source |", "|---|---|---|---|", *lines])


def with_table(readme: str, table: str) -> str:
    """`readme` with `table` between the two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main(path: Path = PROJECT_PATH / "README.md") -> None:
    path.write_text(with_table(path.read_text(), metric_table(Warehouse(load_settings()))))


if __name__ == "__main__":
    main()
