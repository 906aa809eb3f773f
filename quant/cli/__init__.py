"""The `quant` command: what a person asks of the product from a terminal."""

import os
import sys

from quant.cli.commands import app
from quant.errors import QuantError


def demo_first(arguments: list[str]) -> list[str]:
    """`--demo` means the same wherever it stands: `quant status --demo` is `quant --demo status`."""
    rest = [argument for argument in arguments if argument != "--demo"]
    return ["--demo", *rest] if len(rest) < len(arguments) else rest


def main() -> None:
    """Run one command; an error that a person can act on is one sentence on stderr and exit code 1."""
    try:
        app(demo_first(sys.argv[1:]), prog_name="quant")
    except QuantError as error:
        print(f"quant: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # `quant sql ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
