"""Seconds from `quant up --demo` on an empty data folder to healthy, and what processes are left afterwards."""

import os
import sys
import time
from pathlib import Path

from bench.product import running_product


def main(rounds: int) -> None:
    for _ in range(rounds):
        with running_product() as product:
            print(f"healthy after {product.seconds:.1f} s", flush=True)
            marker = product.environment["QUANT_DATA_PATH"]
        print(f"processes left after SIGTERM: {len(_processes_with(marker))}", flush=True)


def _processes_with(marker: str) -> list[int]:
    """Pids whose environment names the throw-away folder: children of the product, if any survived."""
    time.sleep(0.5)
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        pid = int(environ.parent.name)
        try:
            if pid != os.getpid() and f"QUANT_DATA_PATH={marker}".encode() in environ.read_bytes():
                found.append(pid)
        except OSError:
            continue  # it ended meanwhile, or is another user's
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
