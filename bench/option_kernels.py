"""The bare kernels beside py_vollib_vectorized, QuantLib and py_lets_be_rational, in one process of one environment.

py_vollib_vectorized compiles with numba 0.57 and NumPy 1.24 only, so that environment is made for it: .venv-vollib.
"""

import json
import os
import shutil
import subprocess
import sys

from bench.option_ratios import Ratio
from quant.settings import PROJECT_PATH

LOCK = PROJECT_PATH / "requirements" / "vollib.lock"
ENVIRONMENT = PROJECT_PATH / ".venv-vollib"
PYTHON = ENVIRONMENT / "bin" / "python"
ROUNDS = 5
FIRST, ALL, VOLATILITY = "ours, price and 7 greeks", "ours, price and 15 greeks", "ours, volatility"
VECTORISED, RATIONAL = "py_vollib_vectorized", "py_lets_be_rational, volatility loop"
Costs = dict[str, float]  # nanoseconds of CPU per option


def ratios() -> list[Ratio]:
    """Their cost in units of ours."""
    prepare()
    compiled, plain = costs(), costs(numba=False)
    print("  " + "; ".join(f"{name} {cost:.0f}" for name, cost in compiled.items()) + " ns of CPU per option")
    five, price = compiled[f"{VECTORISED}, 5 greeks"], compiled[f"{VECTORISED}, price"]
    engine, formula = (compiled[f"QuantLib {name}, price and 5 greeks loop"] for name in ("engine", "formula"))
    vol = compiled[VOLATILITY]
    return [
        Ratio(f"greeks: {VECTORISED}, 5 without price / our 7 and price", five / compiled[FIRST], 12),
        Ratio(f"greeks: {VECTORISED}, 5 and price / our 7 and price", (five + price) / compiled[FIRST]),
        Ratio(f"greeks: {VECTORISED}, 5 and price / our 15 and price", (five + price) / compiled[ALL]),
        Ratio("greeks: QuantLib engine loop, 5 and price / our 7 and price", engine / compiled[FIRST], 100),
        Ratio("greeks: QuantLib bare formula loop, likewise", formula / compiled[FIRST], 100),
        Ratio("greeks: QuantLib engine loop, 5 and price / our 15 and price", engine / compiled[ALL]),
        Ratio(f"volatility: {VECTORISED}", compiled[f"{VECTORISED}, volatility"] / vol, 2, note="aim for 3"),
        Ratio("volatility: py_lets_be_rational loop, as it comes", plain[RATIONAL] / plain[VOLATILITY], 90),
        Ratio("volatility: py_lets_be_rational loop, compiled by numba", compiled[RATIONAL] / vol),
        Ratio("volatility: QuantLib LiRS loop", compiled["QuantLib, volatility loop"] / vol),
    ]


def prepare() -> None:
    """Make .venv-vollib, unless it is there and newer than its pins."""
    done = ENVIRONMENT / "packages"
    if done.exists() and done.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    python = sys.executable if sys.version_info < (3, 12) else shutil.which("python3.11")
    if python is None:
        raise SystemExit("numba 0.57 needs Python 3.11, which is not installed here")
    print("  setting up .venv-vollib for py_vollib_vectorized (once) ...", flush=True)
    subprocess.run([python, "-m", "venv", str(ENVIRONMENT)], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([*pip, "-r", str(LOCK)], check=True)
    done.touch()


def costs(numba: bool = True) -> Costs:
    """Median of ROUNDS; without numba only ours and py_lets_be_rational."""
    command = [str(PYTHON), "-m", "bench.peers.vollib_options", str(ROUNDS)]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "" if numba else "1"}
    done = subprocess.run(command, cwd=PROJECT_PATH, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    found: Costs = json.loads(done.stdout.strip().splitlines()[-1])
    return found
