"""What the README says is so."""

import re

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
