"""The house: who may import whom, how long a room may be, where SQL may stand."""

import ast
import re
from pathlib import Path

import pytest

from quant.settings import PROJECT_PATH

PACKAGES = ("quant", "udfs", "ingest", "api", "dashboard", "scheduler")
MAY_IMPORT = {
    "udfs": {"udfs"},
    "quant": {"quant", "udfs"},
    "ingest": {"ingest", "quant", "udfs"},
    "api": {"api", "quant", "udfs"},
    "dashboard": {"dashboard", "quant", "udfs"},
    "scheduler": {"scheduler", "quant", "udfs"},
}
FILES = sorted(path for package in PACKAGES for path in (PROJECT_PATH / package).rglob("*.py"))
SELECT = re.compile(r"\bselect\b.+\bfrom\b", re.IGNORECASE | re.DOTALL)
# Where SQL may stand in Python: the one door of each package, the spine, and what registers UDFs.
MAY_SELECT = {"api/queries", "dashboard/data.py", "quant", "udfs"}


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT_PATH))


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 80


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_one_way(path: Path) -> None:
    package = path.relative_to(PROJECT_PATH).parts[0]
    tree = ast.parse(path.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    ours = {module.split(".")[0] for module in imported} & set(PACKAGES)
    assert ours <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_rooms_are_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 250
    long = {
        function.name: length
        for function in functions(ast.parse(text))
        if (length := (function.end_lineno or 0) - function.lineno + 1) > 30
    }
    assert long == {}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_sql_stands_behind_one_door_of_each_package(path: Path) -> None:
    if {name(path), name(path.parent), path.relative_to(PROJECT_PATH).parts[0]} & MAY_SELECT:
        return
    texts = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    docstrings = {ast.get_docstring(node, clean=False) for node in [ast.parse(path.read_text())]}
    found = [
        node.value
        for node in texts
        if isinstance(node.value, str) and SELECT.search(node.value) and node.value not in docstrings
    ]
    assert [text for text in found if "\n" in text or text.lower().startswith(("select", "from", "with"))] == []


@pytest.mark.parametrize("path", sorted((PROJECT_PATH / "dashboard" / "queries").glob("*.sql")), ids=name)
def test_the_dashboard_reads_only_what_is_promised(path: Path) -> None:
    relations = re.findall(r"\b(?:from|join)\s+([a-z_]+)\.[a-z_]+", path.read_text())
    assert set(relations) <= {"serving", "meta"}
