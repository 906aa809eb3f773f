"""`python -m ingest init | crypto | equities | options | archive | fill | compact`: the only writer of data/parquet."""

import argparse
import sys
from pathlib import Path

from quant.endings import run_process

COMMANDS = {
    "init": "lay down one empty typed file per dataset, so that every view can be created",
    "crypto": "record Binance trades and bars until stopped; with --once: bars and the newest trades",
    "equities": "pull daily bars from Yahoo, again and again; with --once: once",
    "options": "pull option chains from Yahoo, again and again; with --once: once",
    "archive": "take in daily or monthly zips of trades or klines from the exchange's public archive",
    "fill": "fetch what open gaps of the trades are missing, up to the allowance of one run",
    "compact": "move the ticks of whole hours from many small files into one, and advance the boundary",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. SIGTERM and SIGINT end it cleanly, with 0.

    75 says that a source wants, or needs, some minutes before the next pull.
    """
    options = _parser().parse_args(arguments)

    # Everything else is imported only now: --help answers at once, and a signal during the imports is obeyed.
    from ingest.commands import run
    from quant.errors import QuantError
    from quant.logs import configure_logging
    from quant.settings import load_settings

    try:
        settings = load_settings()
        configure_logging("ingest", settings.log_level)
        files = getattr(options, "files", [])
        return run(options.command, once=getattr(options, "once", False), files=files, settings=settings)
    except QuantError as error:
        print(f"ingest {options.command}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"ingest {options.command}: {error}: see to disk space and permissions, start again", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, meaning in COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=meaning)
        if name in {"crypto", "equities", "options"}:
            command.add_argument("--once", action="store_true", help="pull once and exit")
        if name == "archive":
            command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="BTCUSDT-1m-2024-03.zip, say")
    return parser


if __name__ == "__main__":
    run_process(main)
