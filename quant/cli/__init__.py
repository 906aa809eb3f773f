"""The `quant` command: what a person asks of the product from a terminal."""

import os
import sys

from quant.cli.commands import app
from quant.errors import QuantError


def main() -> None:
    """Run one command; an error that a person can act on is one sentence on stderr and exit code 1."""
    try:
        app(prog_name="quant")
    except QuantError as error:
        print(f"quant: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # `quant sql ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
