"""The stand-in as one web application: Binance's and Yahoo's paths on one port."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from ingest.standin.assets import coin_of, stock_of
from ingest.standin.clock import Clock, HeldClock, wall_clock
from ingest.standin.hub import Hub
from ingest.standin.rest import Rest
from ingest.standin.sessions import Sessions
from ingest.standin.stock import Share, equity_climate
from ingest.standin.tape import Tape
from ingest.standin.yahoo import Yahoo
from quant.settings import Settings

log = logging.getLogger(__name__)


def create_app(settings: Settings, clock: Clock = wall_clock) -> Starlette:
    """Every configured symbol, its past drawn and ready; takes about half a second per crypto pair."""
    tapes = {symbol: Tape(coin_of(symbol), clock) for symbol in settings.crypto.symbols}
    for tape in tapes.values():
        tape.prepare()
    sessions = Sessions(settings.equities.calendar)
    weather = equity_climate()
    yields = settings.options.dividend_yields
    names = dict.fromkeys([*settings.equities.symbols, *settings.options.underlyings])
    shares = {symbol: Share(stock_of(symbol, yields), sessions, weather) for symbol in names if symbol not in tapes}
    hub = Hub(tapes, clock)
    yahoo = Yahoo(shares, settings.options, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        players = [asyncio.create_task(hub.play(tape), name=symbol) for symbol, tape in tapes.items()]
        for player in players:
            player.add_done_callback(_report)
        yield
        for player in players:
            player.cancel()
        await asyncio.gather(*players, return_exceptions=True)

    streams = [WebSocketRoute(path, hub.serve) for path in ("/stream", "/ws", "/ws/{streams:path}")]
    app = Starlette(routes=[*streams, *Rest(tapes, clock).routes(), *yahoo.routes()], lifespan=lifespan)
    app.state.hub, app.state.clock = hub, clock
    return app


def _report(player: asyncio.Task[None]) -> None:
    if not player.cancelled() and (error := player.exception()):
        log.error("%s trades no more until a restart: %r", player.get_name(), error, exc_info=error)


class StandInServer(uvicorn.Server):
    """Says where it listens, and tells its stream clients before it goes."""

    def __init__(self, app: Starlette, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets and not self.should_exit:
            if isinstance(self.app.state.clock, HeldClock):
                self.app.state.clock.start()
            host, port = sockets[0].getsockname()
            print(f"The stand-in market listens on http://{host}:{port}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.state.hub.announce_shutdown()
        await asyncio.sleep(0.05)  # lets the frames leave before the sockets close
        await super().shutdown(sockets)


def serve(settings: Settings, port: int, clock: Clock = wall_clock) -> None:
    """Listen on loopback until SIGINT or SIGTERM; port 0 takes a free one, which the printed line names."""
    listener = socket.create_server(("127.0.0.1", port))
    app = create_app(settings, clock)
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_ping_interval=20,
        ws_ping_timeout=60,
        ws_per_message_deflate=False,
        log_level="error",  # curl offers HTTP/2 in each request, which uvicorn would warn of each time
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    StandInServer(app, config).run([listener])
