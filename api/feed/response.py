"""A stream as an HTTP answer: frames go out as fast as the client takes them, and no slower than it must."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from api import telemetry
from api.feed.connection import Connection
from api.feed.frames import HEARTBEAT, Event
from api.feed.hub import Feed, Subscription
from quant.settings.api import Stream

log = logging.getLogger(__name__)
GLANCE_SECONDS = 0.25  # how often a silent stream looks whether the server ends
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nobody between may keep events back


class SlowClientError(Exception):
    """It takes nothing, or less than there is."""


class EventStream(EventSourceResponse):
    def __init__(self, feed: Feed, subscription: Subscription, settings: Stream, closing: asyncio.Event) -> None:
        super().__init__(content=(), headers=HEADERS)
        self._feed = feed
        self._subscription = subscription
        self._settings = settings
        self._closing = closing
        self._connection = Connection()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._connection = Connection.under(receive)
        writer = asyncio.ensure_future(self._write(send))
        listener = asyncio.ensure_future(disconnection(receive))
        try:
            self._connection.limit_buffers(self._settings.buffer_kilobytes)
            with telemetry.stream_client():
                await asyncio.wait({writer, listener}, return_when=asyncio.FIRST_COMPLETED)
                if writer.done():
                    await self._finish(writer)
        finally:
            self._feed.leave(self._subscription)
            for task in (writer, listener):
                task.cancel()
            await asyncio.gather(writer, listener, return_exceptions=True)

    async def _finish(self, writer: asyncio.Future[None]) -> None:
        try:
            writer.result()
        except SlowClientError as error:
            telemetry.count_dropped_client()
            log.warning("a stream to %s was cut off: %s", self._subscription.client.address, error)
            await self._connection.abort()

    async def _write(self, send: Send) -> None:
        await self._send(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        retry = format_sse_event(retry=round(self._settings.retry_seconds * 1000))
        await self._send(send, {"type": "http.response.body", "body": retry, "more_body": True})
        async for event in self._events():
            await self._send(send, {"type": "http.response.body", "body": event.frame, "more_body": True})
            telemetry.count_event(event.name)
        if self._subscription.client.is_slow:
            raise SlowClientError("more waited for it than may (api.stream.queue_events, queue_kilobytes)")
        await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, message: Message) -> None:
        """Raises SlowClientError where the client's buffers stay full."""
        try:
            async with asyncio.timeout(self._settings.send_seconds):
                await send(message)
        except TimeoutError:
            raise SlowClientError(f"it took nothing for {self._settings.send_seconds:g} s") from None

    async def _events(self) -> AsyncIterator[Event]:
        client = self._subscription.client
        first, self._subscription.first = self._subscription.first, []
        for event in first:
            if client.wants(event):
                yield event
        del first
        heard_at = time.monotonic()
        while not client.is_slow:
            if client.is_over or self._closing.is_set() or self._connection.is_ending:
                yield self._subscription.poller.farewell()
                return
            found = await client.next(GLANCE_SECONDS)
            if found is None and time.monotonic() - heard_at < self._settings.heartbeat_seconds:
                continue
            heard_at = time.monotonic()
            yield found or HEARTBEAT


async def disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
