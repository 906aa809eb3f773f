"""A hash of everything that decides what a build computes: a mismatch means a full build.

dbt does not notice that a formula macro or a UDF changed; this does.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from quant.settings import PROJECT_PATH, Settings, config_path

SOURCES = (
    "macros",
    "models",
    "udfs",
    "dbt_project.yml",
    "profiles.yml",
    "quant/configuration.py",
    "quant/factor_returns.py",
    "quant/portfolio_configuration.py",
    "quant/settings/portfolios.py",
    "quant/dbt_plugin.py",
    "quant/formula_texts.py",
    "quant/lineage",
    "quant/provenance.py",
    "quant/scale/plan.py",
    "quant/scale/record.py",
    "quant/scale/task.py",
)
TASK_SOURCES = (
    "macros/formulas", "udfs", "quant/scale", "quant/formulas.py", "quant/configuration.py", "quant/retention.py",
)  # fmt: skip
LIBRARIES = ("duckdb", "numpy", "pyarrow", "scipy")  # that numbers go through
RELEVANT = {
    "data_path", "demo", "crypto", "equities", "options", "asset_classes", "portfolios", "sectors", "factors",
    "metrics", "signals",
}  # fmt: skip


def fingerprint(settings: Settings, project: Path = PROJECT_PATH) -> str:
    """16 hex digits; equal if and only if formulas, models, UDFs and the settings that matter are."""
    digest = hashlib.sha256(json.dumps(settings.model_dump(mode="json", include=RELEVANT), sort_keys=True).encode())
    if settings.scale.count is not None:  # another layout, another build; who works on it does not matter
        digest.update(f"{settings.scale.count} shards in {settings.scale.data_path}".encode())
    for file in _files(project):
        digest.update(str(file.relative_to(project)).encode() + b"\0" + file.read_bytes() + b"\0")
    factors = settings.factors.path(config_path())
    if factors is not None and factors.is_file():
        digest.update(factors.read_bytes())
    return digest.hexdigest()[:16]


def code_print() -> str:
    """16 hex digits of what a task runs here, the libraries too: a worker must have what the driver has."""
    digest = hashlib.sha256(repr([(name, version(name)) for name in LIBRARIES]).encode())
    for file in _files(PROJECT_PATH, TASK_SOURCES):
        digest.update(str(file.relative_to(PROJECT_PATH)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(project: Path, sources: tuple[str, ...] = SOURCES) -> list[Path]:
    paths = [project / source for source in sources]
    nested = [
        file for path in paths if path.is_dir() for file in path.rglob("*") if file.suffix in {".sql", ".yml", ".py"}
    ]
    return sorted([path for path in paths if path.is_file()] + nested)
