"""What a build shows: the project's own staging view over a data folder, with a boundary of our choice."""

import re
from datetime import datetime
from pathlib import Path

import duckdb
import yaml

from quant.settings import PROJECT_PATH


def shown(root: Path, boundary: datetime, columns: str = "trade_id") -> list[tuple[object, ...]]:
    """Rows of staging.trades in the order of symbol and id, doubles included."""
    sources = yaml.safe_load((PROJECT_PATH / "models" / "sources.yml").read_text())["sources"]
    places = _places(sources)
    view = (PROJECT_PATH / "models" / "staging" / "trades.sql").read_text()
    query = re.sub(r"\{\{ source\('raw', '(\w+)'\) \}\}", lambda found: places[found[1]], view)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create macro trades_boundary() as timestamptz '{boundary.isoformat()}'")
        path = query.replace("{{ var('parquet_path') }}", str(root))
        return connection.execute(f"select {columns} from ({path}) order by symbol, trade_id").fetchall()


def shown_ids(root: Path, boundary: datetime) -> list[int]:
    return [int(str(row[0])) for row in shown(root, boundary)]


def _places(sources: list[dict[str, object]]) -> dict[str, str]:
    """The expression that each raw table stands for."""
    raw = next(source for source in sources if source["name"] == "raw")
    tables = raw["tables"]
    assert isinstance(tables, list)
    return {table["name"]: table["config"]["meta"]["external_location"] for table in tables}
