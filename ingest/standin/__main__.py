"""`python -m ingest.standin [--port N] [--at TIME]`: run the stand-in market until SIGINT or SIGTERM."""

import argparse
import sys
from datetime import UTC, datetime

from ingest.standin.clock import HeldClock, wall_clock
from ingest.standin.server import serve
from quant.endings import run_process
from quant.errors import QuantError
from quant.logs import configure_logging
from quant.settings import load_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ingest.standin", description=__doc__)
    parser.add_argument("--port", type=int, help="0 takes a free one; default: ports.standin of config.yaml")
    parser.add_argument("--at", type=_instant, help="let its clock start at this UTC instant, e.g. 2026-11-18T15:30:00")
    options = parser.parse_args()
    try:
        settings = load_settings()
        configure_logging("standin", settings.log_level)
        port = settings.ports.standin if options.port is None else options.port
        serve(settings, port, wall_clock if options.at is None else HeldClock(options.at))
    except QuantError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Port {port} of 127.0.0.1 cannot be used ({error.strerror}): free it or pass --port", file=sys.stderr)
        return 1
    return 0


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    run_process(main)
