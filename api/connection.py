"""A connection that does not wait for ever: for a question that comes drop by drop, or an answer that nobody takes."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientConnection(H11Protocol):
    """uvicorn's, but ended when the head of a request is not there after api.head_seconds, or when of an answer not a
    byte was taken in api.stall_seconds.

    uvicorn itself only ends connections that are silent between two requests, and even those keep what was not taken.
    """

    _patience: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()  # the head is whole
        elif self._patience is None:
            self._wait_for_head()  # the beginning of another one

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes less than there is."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_watching()

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(self.app_state["edge"].head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _watch(self) -> None:
        seconds, waiting = self.app_state["edge"].stall_seconds, self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(seconds, self._judge, waiting)

    def _judge(self, waited: int) -> None:
        if self.transport.get_write_buffer_size() >= waited:
            self.transport.abort()  # close() would wait for the client
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
