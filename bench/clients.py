"""Real client libraries against the stand-in market: they must not notice a difference."""

import argparse
import os
import subprocess
from pathlib import Path

from ingest.standin.child import running_market
from quant.settings import PROJECT_PATH

PYTHON = PROJECT_PATH / ".venv-bench" / "bin" / "python"
CLIENTS = {"python-binance": "bench.peers.python_binance_client", "ccxt": "bench.peers.ccxt_client"}


def missing() -> str | None:
    """Why the clients cannot run; None when they can."""
    return (
        None if PYTHON.exists() else f"{Path('.venv-bench')} is missing: `make peers` installs the real clients there"
    )


def run_client(name: str, url: str, seconds: float = 0) -> subprocess.CompletedProcess[str]:
    """One client against the exchange at `url`; its lines say what it saw, its exit code whether all was well."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    command = [str(PYTHON), "-m", CLIENTS[name], url, str(seconds)]
    return subprocess.run(command, cwd=PROJECT_PATH, env=environment, capture_output=True, text=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=70, help="of the longest stream: past the server's pings")
    arguments = parser.parse_args()
    if (problem := missing()) is not None:
        raise SystemExit(problem)
    with running_market() as market:
        for name in CLIENTS:
            done = run_client(name, market.url, arguments.seconds)
            print(f"{name}: {done.stdout.count('ok: ')} checks passed", flush=True)
            if done.returncode:
                raise SystemExit(f"{name} noticed a difference:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
