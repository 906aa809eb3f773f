"""Stream clients that read next to nothing, each with a small buffer; who is cut off comes back.

`python -m bench.deaf PORT CLIENTS`, until standard input ends; prints how often they were cut off.
"""

import asyncio
import random
import socket
import sys

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
RETRY_SECONDS = 2.0
BYTES_PER_SECOND = 50
ESTABLISHED = 1  # Linux: the first byte of TCP_INFO


async def listen(port: int, symbol: str, cut: list[int]) -> None:
    """Asks for a stream and takes some bytes a second of it, again and again."""
    loop = asyncio.get_running_loop()
    while True:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, ("127.0.0.1", port))
            await loop.sock_sendall(connection, f"GET /stream/{symbol} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            while is_open(connection) and await loop.sock_recv(connection, BYTES_PER_SECOND):
                await asyncio.sleep(1)
        except OSError:
            pass  # reset: cut off
        finally:
            connection.close()
        cut.append(1)
        await asyncio.sleep(RETRY_SECONDS * (1 + random.random()))


def is_open(connection: socket.socket) -> bool:
    """What had come before the end is still there to be read: the end is only seen by asking for it."""
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED


async def main(port: int, clients: int) -> None:
    cut: list[int] = []
    tasks = [asyncio.create_task(listen(port, SYMBOLS[number % 3], cut)) for number in range(clients)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(len(cut))
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
