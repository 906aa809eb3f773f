"""What arrives together is handed over together, and nothing that the wire does to frames changes them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from ingest.frames import MOST_FRAMES, BatchConnection
from tests.chaos.wire import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    fragments,
    frame,
    read_frame,
    read_request,
    response,
    welcome,
)

DEADLINE_SECONDS = 10
Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]
Made = tuple[bytes, Callable[[bytes], bytes]]  # a message and what puts it into frames

SIZES = (0, 1, 125, 126, 127, 300, 65_535)
MESSAGES = [bytes([65 + place]) * size for place, size in enumerate(SIZES)]


@asynccontextmanager
async def served(play: Play) -> AsyncIterator[BatchConnection]:
    """A connection to a server that plays `play(reader, writer, answer to the handshake)` once."""

    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        assert request is not None
        with suppress(ConnectionError):
            await play(reader, writer, welcome(request))
            await reader.read()  # until the client goes
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, asyncio.timeout(DEADLINE_SECONDS):
        try:
            async with connect(
                url,
                create_connection=BatchConnection,
                compression=None,
                ping_interval=None,
                close_timeout=0.1,
                proxy=None,
            ) as connection:
                assert isinstance(connection, BatchConnection)
                yield connection
        finally:
            await gone.wait()


async def take(connection: BatchConnection, count: int) -> list[bytes]:
    taken: list[bytes] = []
    while len(taken) < count:
        taken += await connection.batch()
    return taken


def sent_in_pieces(stream: bytes, size: int) -> Play:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        whole = answer + stream
        for begin in range(0, len(whole), size):
            writer.write(whole[begin : begin + size])
            await writer.drain()
            await asyncio.sleep(0)

    return play


def received(play: Play, count: int) -> list[bytes]:
    async def run() -> list[bytes]:
        async with served(play) as connection:
            return await take(connection, count)

    return asyncio.run(run())


@pytest.mark.parametrize("size", [10**6, 4096, 7, 1])
def test_frames_arrive_whole_however_the_wire_cuts_them(size: int) -> None:
    messages = MESSAGES if size > 7 else MESSAGES[:-1]
    stream = b"".join(map(frame, messages))
    assert received(sent_in_pieces(stream, size), len(messages)) == messages


def test_frames_that_come_with_the_handshake_are_not_lost() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(answer + frame(b"first") + frame(b"second")[:4])
        await writer.drain()
        await asyncio.sleep(0.01)  # so that the rest comes by itself
        writer.write(frame(b"second")[4:])

    assert received(play, 2) == [b"first", b"second"]


@pytest.mark.parametrize("seed", range(5))
def test_fragments_pings_binary_and_huge_frames_keep_their_order(seed: int) -> None:
    chance = Random(seed)
    huge = bytes([90]) * 70_000
    makers: list[Made] = [
        (b"plain", frame),
        (b"in pieces", lambda payload: fragments(payload, TEXT, chance)),
        (b"binary", lambda payload: frame(payload, BINARY)),
        (b"after a ping", lambda payload: frame(b"", PING) + frame(payload)),
        (b"after a pong", lambda payload: frame(b"unasked", PONG) + frame(payload)),
        (huge, frame),
    ]
    chosen: list[Made] = [(b"first", frame), *chance.choices(makers, k=20)]
    stream = b"".join(make(payload) for payload, make in chosen)
    assert received(sent_in_pieces(stream, chance.randint(1, 3000)), 21) == [payload for payload, _ in chosen]


def test_a_ping_among_frames_is_answered() -> None:
    answered: list[tuple[int, bytes]] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(answer + frame(b"a") + frame(b"are you there", PING) + frame(b"b"))
        answered.append(await read_frame(reader))
        writer.write(frame(b"c"))

    assert received(play, 3) == [b"a", b"b", b"c"]
    assert answered == [(PONG, b"are you there")]


def test_the_end_comes_after_the_last_frame() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(answer + frame(b"a") + frame((1000).to_bytes(2, "big"), CLOSE))
        await read_frame(reader)
        writer.close()

    async def run() -> None:
        async with served(play) as connection:
            assert await connection.batch() == [b"a"]
            with pytest.raises(ConnectionClosedOK):
                await connection.batch()

    asyncio.run(run())


def test_a_connection_cut_within_a_frame_is_an_error_and_the_half_frame_is_dropped() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(answer + frame(b"a") + frame(b"half")[:4])
        writer.close()

    async def run() -> None:
        async with served(play) as connection:
            assert await connection.batch() == [b"a"]
            with pytest.raises(ConnectionClosedError):
                await connection.batch()

    asyncio.run(run())


@pytest.mark.parametrize(
    "wrong", [b"\x81\x81maskx", b"\xc1\x01x", b"\x83\x01x", b"\x81\x7f" + b"\x7f" * 8, b"\x89\x7e\x00\xff" + bytes(255)]
)
def test_what_the_protocol_forbids_ends_the_connection(wrong: bytes) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(answer + frame(b"a") + wrong)
        opcode, _ = await read_frame(reader)
        assert opcode == CLOSE  # the client's, which says why
        writer.close()

    async def run() -> None:
        async with served(play) as connection:
            assert await connection.batch() == [b"a"]
            with pytest.raises(ConnectionClosedError):
                await connection.batch()

    asyncio.run(run())


def test_a_refusal_is_understood_when_its_body_comes_later() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        head, _, body = response(451, b'{"msg":"not in your country"}').partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)  # so that the body comes by itself
        writer.write(body)

    async def run() -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with served(play):
                pass
        assert refusal.value.response.status_code == 451
        assert b"not in your country" in (refusal.value.response.body or b"")

    asyncio.run(run())


def test_who_does_not_take_frames_stops_the_sender() -> None:
    total = 40 * MOST_FRAMES
    sent = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
        nonlocal sent
        writer.write(answer)
        while sent < total:
            writer.write(frame(b"x" * 200) * 256)
            sent += 256
            await writer.drain()

    async def run() -> None:
        async with served(play) as connection:
            seen = -1
            while sent != seen:  # until nothing moves any more
                seen = sent
                await asyncio.sleep(0.05)
            assert sent < total
            assert len(await take(connection, total)) == total

    asyncio.run(run())
