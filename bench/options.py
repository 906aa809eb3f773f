"""Options beside their peers: `python -m bench.options [SECTION ...]`. A section is a module whose `ratios()` tells.

All is CPU, the two sides of a ratio measured in turn in one process; what is missed is printed as well.
"""

import argparse
import importlib
import os

SECTIONS = {
    "kernels": "bench.option_kernels",
    "udfs": "bench.option_udfs",
    "chain": "bench.option_chain",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], help="all of them without any")
    for name in parser.parse_args().sections or SECTIONS:
        print(f"{name}; load of the machine {os.getloadavg()[0]:.1f}", flush=True)
        for ratio in importlib.import_module(SECTIONS[name]).ratios():
            print(ratio, flush=True)


if __name__ == "__main__":
    main()
