"""Frames that no recorder may take for a trade."""

from random import Random

NONSENSE = (
    b"",
    b"\xff\xfe\x00",
    b"{",
    b"[]",
    b"null",
    b'{"result":null,"id":1}',
    b'{"code":-1003,"msg":"Too much request weight used"}',
    b'{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1}}',
    b'{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT"}}',
    b"[" * 3000,
)


def garbage(frame: bytes, random: Random) -> bytes:
    """Nonsense, or a true frame that was damaged so that it can be seen."""
    damaged = (
        frame[: random.randrange(len(frame))],
        frame.replace(b'"s":"', b'"s":"NO'),
        frame.replace(b'"p":"', b'"p":"-'),
        frame.replace(b'"q":"', b'"q":"NaN'),
        frame.replace(b'"q":"', b'"q":"' + b"9" * 5000),
        frame.replace(b'"T":', b'"T":9'),
        frame.replace(b'"t":', b'"t":-'),
    )
    return random.choice((*NONSENSE, *damaged))
