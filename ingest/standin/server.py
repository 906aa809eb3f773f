"""The stand-in as one web application: Binance's and Yahoo's paths on one port."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from ingest.standin.assets import coin_of, stock_of
from ingest.standin.hub import Hub
from ingest.standin.rest import Rest
from ingest.standin.sessions import Sessions
from ingest.standin.stock import Share, equity_climate
from ingest.standin.tape import Tape
from ingest.standin.yahoo import Yahoo
from quant.settings import Settings

Clock = Callable[[], int]


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


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
        players = [asyncio.create_task(hub.play(tape)) for tape in tapes.values()]
        yield
        for player in players:
            player.cancel()
        await asyncio.gather(*players, return_exceptions=True)

    streams = [WebSocketRoute(path, hub.serve) for path in ("/stream", "/ws", "/ws/{streams:path}")]
    app = Starlette(routes=[*streams, *Rest(tapes, clock).routes(), *yahoo.routes()], lifespan=lifespan)
    app.state.hub = hub
    return app


class StandInServer(uvicorn.Server):
    """Tells its stream clients before it goes."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets and not self.should_exit:
            host, port = sockets[0].getsockname()
            print(f"The stand-in market listens on http://{host}:{port}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        if isinstance(app, Starlette):
            app.state.hub.announce_shutdown()
            await asyncio.sleep(0.05)  # lets the frames leave before the sockets close
        await super().shutdown(sockets)


def serve(settings: Settings, port: int, clock: Clock = wall_clock) -> None:
    """Listen on loopback until SIGINT or SIGTERM; port 0 takes a free one, which the printed line names."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        create_app(settings, clock),
        ws="websockets-sansio",
        ws_ping_interval=20,
        ws_ping_timeout=60,
        ws_per_message_deflate=False,
        log_level="error",  # curl offers HTTP/2 in each request, which uvicorn would warn of each time
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    StandInServer(config).run([listener])
