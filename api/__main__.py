"""`python -m api`: the server as `quant up` and the container start it; stopped by SIGTERM it ends with code 0."""

import argparse
import os
import socket
import sys
import threading

import uvicorn

from api.app import create_app
from api.connection import PatientConnection
from quant.endings import run_process
from quant.errors import QuantError
from quant.keys import refuse_keyless
from quant.logs import configure_logging
from quant.settings import Settings, load_settings

LEAVE_SECONDS = 1.0  # beyond stop_seconds: what then still hangs in a thread, a disk say, is left behind


class Server(uvicorn.Server):
    """Ends in time: uvicorn waits for threads, and for as long as they please."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        patience = (self.config.timeout_graceful_shutdown or 0) + LEAVE_SECONDS
        last_resort = threading.Timer(patience, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        await super().shutdown(sockets)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    asked.add_argument("--host", help="instead of `host` of config.yaml")
    asked.add_argument("--port", type=int, help="instead of ports.api")
    given = asked.parse_args()
    try:
        settings = load_settings(**({"host": given.host} if given.host else {}))
        refuse_keyless(settings)
    except QuantError as error:
        print(f"api: {error}", file=sys.stderr)
        return 1
    configure_logging("api", settings.log_level)
    try:
        Server(server_config(settings, given.port or settings.ports.api)).run()
    except SystemExit as ended:  # uvicorn raises the signal anew once it has stopped
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def server_config(settings: Settings, port: int) -> uvicorn.Config:
    """h11 and asyncio, whatever else is installed: h11 bounds the head of a request (16 KB), httptools does not."""
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=port,
        loop="asyncio",
        http=PatientConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",  # anybody can make it warn: by half a request, by asking for an upgrade
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.api.stop_seconds,
    )


if __name__ == "__main__":
    run_process(main)
