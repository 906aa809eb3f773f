"""The fingerprint changes with everything that decides what a build computes, and with nothing else."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from quant.fingerprint import fingerprint
from quant.settings import PROJECT_PATH, load_settings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project: one formula, one model, one UDF module."""
    for path, text in {
        "macros/formulas/20_returns.sql": "create or replace macro twice(x) as 2 * x;",
        "models/bars/bars.sql": "select 1 as x",
        "models/bars/bars.yml": "models: []",
        "udfs/black_scholes.py": "RATE = 0.0",
        "README.md": "words",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    shutil.copy(PROJECT_PATH / "dbt_project.yml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path", ["macros/formulas/20_returns.sql", "models/bars/bars.sql", "models/bars/bars.yml", "udfs/black_scholes.py"]
)
def test_it_changes_with_a_formula_a_model_or_a_udf(project: Path, path: str) -> None:
    settings = load_settings()
    before = fingerprint(settings, project)
    (project / path).write_text((project / path).read_text() + "\n")
    assert fingerprint(settings, project) != before


def test_it_changes_when_a_formula_is_added_moved_or_removed(project: Path) -> None:
    settings, formulas = load_settings(), project / "macros" / "formulas"
    prints = [fingerprint(settings, project)]
    (formulas / "30_volatility.sql").write_text("")
    prints.append(fingerprint(settings, project))
    (formulas / "30_volatility.sql").rename(formulas / "40_volatility.sql")
    prints.append(fingerprint(settings, project))
    assert len(set(prints)) == 3
    (formulas / "40_volatility.sql").unlink()
    assert fingerprint(settings, project) == prints[0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("QUANT_METRICS__WINDOW_LONG", "63"), ("QUANT_OPTIONS__RISK_FREE_RATE", "0.01"), ("QUANT_DEMO", "true")],
)
def test_it_changes_with_a_setting_that_matters(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: Any
) -> None:
    before = fingerprint(load_settings(), project)
    monkeypatch.setenv(variable, value)
    assert fingerprint(load_settings(), project) != before


@pytest.mark.parametrize(("variable", "value"), [("QUANT_LOG_LEVEL", "DEBUG"), ("QUANT_PORTS__API", "9000")])
def test_it_stays_with_a_setting_that_does_not_or_a_text_for_people(
    project: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    before = fingerprint(load_settings(), project)
    monkeypatch.setenv(variable, value)
    (project / "README.md").write_text("other words")
    assert fingerprint(load_settings(), project) == before
