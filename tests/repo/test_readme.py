"""What the README says is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from quant.catalogue import metric_table, with_table
from quant.cli.commands import app
from quant.settings import PROJECT_PATH, Settings
from quant.warehouse import Warehouse

README = (PROJECT_PATH / "README.md").read_text()


def test_the_metric_table_is_the_catalogue(demo_warehouse: Settings) -> None:
    table = metric_table(Warehouse(demo_warehouse))
    assert table.count("\n") > 20
    assert with_table(README, table) == README, "run `python -m quant.catalogue` on a fresh build"


def test_every_command_of_quant_stands_in_the_readme() -> None:
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert {"up", "build", "sql"} <= commands
    assert {name for name in commands if f"`quant {name}" not in README} == set()


def test_every_path_that_the_readme_links_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (PROJECT_PATH / link).exists()] == []


@pytest.mark.parametrize("program", ["python", "cli"])
def test_every_query_of_the_readme_answers(
    demo_warehouse: Settings, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in a folder with a file of one's own, my.csv: dates and closes."""
    days = (f"2026-{month:02d}-{day:02d},{100 + day * 7 % 11}" for month in (1, 2) for day in range(1, 29))
    (tmp_path / "my.csv").write_text("\n".join(["ts,close", *days]))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```sql\n(.+?)```", README, re.DOTALL)
    queries = [re.sub(r"--.*", "", line).strip() for block in blocks for line in block.splitlines()]
    assert len(queries) == 34
    for query in queries:
        may_be_empty = query.startswith(("from meta.gaps", "from meta.quality", "select rule, "))
        if program == "python":
            assert Warehouse(demo_warehouse).query(query.rstrip(";")).num_rows > 0 or may_be_empty, query
            continue
        duckdb = Path(sys.executable).parent / "duckdb"
        command = [str(duckdb), "-readonly", "-csv", str(demo_warehouse.market_path), "-c", query]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), query
        assert len(done.stdout.splitlines()) > 1 or may_be_empty, query
