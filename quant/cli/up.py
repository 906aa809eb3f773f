"""`quant up`: every service of the product as a child of this process."""

import shutil
import sys
from pathlib import Path

from rich.console import Console

from quant.keys import refuse_keyless
from quant.services import listeners, refuse_used_ports, services, standin_service
from quant.settings import PROJECT_PATH, Settings
from quant.supervisor import Supervisor


def run_everything(settings: Settings) -> None:
    """Returns when asked to stop (Ctrl-C, SIGTERM), with no process left; raises if a service cannot start."""
    refuse_keyless(settings)
    refuse_used_ports(settings)
    console = Console(soft_wrap=True)
    supervisor = Supervisor(console)
    with supervisor.running():
        if settings.demo:
            supervisor.start([standin_service(settings)])
        if not supervisor.stopping.is_set():
            supervisor.start(services(settings))
        if not supervisor.stopping.is_set():
            announce(console, settings)
        supervisor.watch()
    console.print("stopped; no process is left", highlight=False)


def announce(console: Console, settings: Settings) -> None:
    """The two addresses, and the prompt that opens the same file."""
    api, dashboard = listeners(settings)[:2]
    lines = {
        "dashboard": dashboard.url,
        "API": f"{api.url} (its endpoints: {api.url}/openapi.json)",
        "SQL": f"{duckdb_command()} -readonly {relative(settings.market_path)}",
        "stop": "Ctrl-C",
    }
    console.print()
    for name, text in lines.items():
        console.print(f"  {name:<10} {text}", markup=False, highlight=False, style="bold")
    console.print()


def duckdb_command() -> str:
    """The DuckDB CLI that was installed with us, as it is called from the project root."""
    beside = Path(sys.executable).with_name("duckdb")
    return relative(beside) if beside.is_file() else shutil.which("duckdb") or "duckdb"


def relative(path: Path) -> str:
    """As seen from the project root, where globs in views begin."""
    return str(path.relative_to(PROJECT_PATH) if path.is_relative_to(PROJECT_PATH) else path)
