"""`quant status`, `quant metrics`, `quant sql` on the demo warehouse that the real parts built."""

import subprocess
import sys
from typing import Any

import pytest

from quant.settings import PROJECT_PATH


@pytest.fixture
def quant(demo: Any) -> Any:
    def run(*arguments: str) -> str:
        return str(demo.run("-m", "quant.cli", *arguments).stdout)

    return run


def test_status_names_build_and_every_source_and_says_that_data_are_demo(quant: Any, demo: Any) -> None:
    shown = quant("status")
    assert "demo data: the market is a stand-in" in shown
    assert "(full, " in shown
    for symbol in (*demo.settings.crypto.symbols, *demo.settings.equities.symbols):
        assert symbol in shown
    for dataset in ("trades", "klines", "equities", "options"):
        assert dataset in shown


def test_metrics_lists_the_catalogue_and_shows_one_whole(quant: Any) -> None:
    assert "sharpe" in quant("metrics")
    shown = quant("metrics", "sharpe")
    for name in ("metric", "unit", "formula", "relation", "source", "description", "parameters", "macro"):
        assert f"\n{name} " in f"\n{shown}"
    # From the catalogue of the build, not only from the formulas.
    assert any(line.startswith("relation") and " metrics." in line for line in shown.splitlines())


def test_what_no_metric_is_about_is_refused_with_where_to_look(demo: Any) -> None:
    for words, remedy in (("quatsch", "`quant metrics` lists all"), ("sharbe", "did you mean sharpe")):
        command = [sys.executable, "-m", "quant.cli", "metrics", words]
        done = subprocess.run(command, cwd=PROJECT_PATH, env=demo.environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert f"no metric has {words!r} in its name or description: " in done.stderr
        assert remedy in done.stderr


def test_a_formula_can_be_called_with_numbers_of_ones_own(quant: Any) -> None:
    # mean 0.01, sample standard deviation 0.01 of (0, 0.01, 0.02); by hand: 1 * sqrt(252) = 15.8745
    shown = quant("sql", "select round(sharpe_of(0.01, 0.01, 252), 4) as sharpe", "--format", "csv")
    assert shown == "sharpe\n15.8745\n"


def test_the_older_cli_answers_live_views_from_the_project_root(quant: Any, demo: Any) -> None:
    command = [sys.executable, "-m", "quant.cli", "sql"]
    query = "select count(*) > 0 as live from serving.latest_prices where price > 0;"
    done = subprocess.run(command, cwd=PROJECT_PATH, env=demo.environment, input=query, capture_output=True, text=True)
    assert "true" in done.stdout, done.stderr
