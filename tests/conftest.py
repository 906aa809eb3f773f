"""What tests share: settings of a throw-away data folder, and one small real warehouse for the whole run."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import hypothesis
import pytest

from quant.build import _commands
from quant.settings import PROJECT_PATH, Settings, load_settings

# An example may take as long as the machine needs, and everybody tries the same ones: what fails, fails for all.
# `make fuzz` looks for others.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=300, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: there is no need to look for garbage among them."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """What DuckDB's binding still holds is let go before the interpreter ends, or it lists it as leaked."""
    gc.unfreeze()
    gc.collect()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A QUANT_* variable of the developer's shell must not decide a test, nor one left by a command (`--demo`)."""
    for name in [name for name in os.environ if name.startswith("QUANT_")]:
        monkeypatch.delenv(name)
    yield
    for name in [name for name in os.environ if name.startswith("QUANT_")]:
        del os.environ[name]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """config.yaml with an empty data folder of its own."""
    monkeypatch.setenv("QUANT_DATA_PATH", str(tmp_path))
    return load_settings()


def build_only(patch: pytest.MonkeyPatch, *selected: str) -> None:
    """Builds of this process make these models of the project, as dbt selects, and run the tests of these alone.

    Most of a build's time are the others. meta.gaps comes along for its schema, where builds write their history.
    """
    selection = ["--select", *selected, "+meta_gaps", "--indirect-selection", "cautious"]
    patch.setattr("quant.build._commands", lambda *how: [*_commands(*how), *selection])


@dataclass(frozen=True)
class Demo:
    """A running stand-in market and a demo data folder; `environment` selects both in a child process."""

    settings: Settings
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python ARGUMENTS` on this data folder; raises with its output if it fails."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=PROJECT_PATH, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done


@pytest.fixture(scope="session")
def demo_market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The stand-in market on a free port, with a small demo configuration and nothing ingested yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    overrides = {
        "QUANT_DEMO": "true",
        "QUANT_DATA_PATH": str(tmp_path_factory.mktemp("demo")),
        "QUANT_PORTS__STANDIN": str(port),
        "QUANT_CRYPTO__HISTORY_DAYS": '{"1m": 1, "1d": 400}',
        "QUANT_EQUITIES__HISTORY_YEARS": "2",
        "QUANT_EQUITIES__REQUEST_SECONDS": "0",
        "QUANT_OPTIONS__EXPIRIES": "6",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUANT_")} | overrides
    with pytest.MonkeyPatch.context() as patch:
        for name, value in overrides.items():
            patch.setenv(name, value)
        demo_settings = load_settings()
    log = Path(overrides["QUANT_DATA_PATH"]) / "standin.log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "ingest.standin"]
        standin = subprocess.Popen(command, cwd=PROJECT_PATH, env=environment, stdout=output, stderr=output)
    try:
        _await(f"{demo_settings.standin_url}/api/v3/ping", standin, log)
        yield Demo(demo_settings, environment)
    finally:
        standin.terminate()
        standin.wait(10)


@pytest.fixture(scope="session")
def demo(demo_market: Demo) -> Demo:
    """The stand-in market ingested once by the real clients and built once by the real builder."""
    pulls = [
        subprocess.Popen(
            [sys.executable, "-m", "ingest", dataset, "--once"],
            cwd=PROJECT_PATH,
            env=demo_market.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for dataset in ("crypto", "equities", "options")
    ]
    for pull in pulls:
        output, _ = pull.communicate(timeout=120)
        assert pull.returncode == 0, output[-4000:]
    demo_market.run("-m", "quant.cli", "build", "--full-refresh")
    return demo_market


@pytest.fixture(scope="session")
def demo_warehouse(demo: Demo) -> Settings:
    """Settings of the built demo data folder."""
    return demo.settings


def _await(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)  # not listening yet
    raise AssertionError(f"{url} did not answer within {seconds} s: {log.read_text()}")
