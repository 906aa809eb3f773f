"""What tests share: settings of a throw-away data folder, and one small real warehouse for the whole run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quant.settings import PROJECT_PATH, Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A QUANT_* variable of the developer's shell must not decide a test."""
    for name in [name for name in os.environ if name.startswith("QUANT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """config.yaml with an empty data folder of its own."""
    monkeypatch.setenv("QUANT_DATA_PATH", str(tmp_path))
    return load_settings()
