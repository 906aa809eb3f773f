"""A service on loopback that takes alerts as Apprise's json:// and form:// send them, or does not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SECRET = "hunter2-token"


class Mailbox(ThreadingHTTPServer):
    """Keeps what it was sent; `answer` is a status, "close", "hang" or "drip"."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: int | str = 200
        self.taken: list[dict[str, str]] = []
        self.asked = 0
        self.changed = threading.Condition()
        self.released = threading.Event()  # of those that hang

    @property
    def url(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self.server_port}/{SECRET}/in/path?+X-Token={SECRET}"

    def wait_for(self, asked: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.asked >= asked, 30)


class Handler(BaseHTTPRequestHandler):
    server: Mailbox

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers["Content-Type"]
        letter = json.loads(text) if is_json else {key: values[0] for key, values in parse_qs(text).items()}
        answer = self.server.answer
        with self.server.changed:
            self.server.asked += 1
            if answer == 200:
                self.server.taken.append(letter)
            self.server.changed.notify_all()
        if answer == "close":
            return
        if answer == "hang":
            self.server.released.wait(60)
            return
        if answer == "drip":
            self._drip()
            return
        self.send_response(int(answer))
        self.end_headers()

    def _drip(self) -> None:
        """A byte now and then: no read of the client ever times out."""
        try:
            for letter in b"HTTP/1.0 200 OK\r\nX-Never-Ending: " + b"x" * 1000:
                self.wfile.write(bytes([letter]))
                if self.server.released.wait(0.05):
                    return
        except OSError:
            return  # it has had enough

    def log_message(self, format: str, *args: object) -> None:
        """No line on stderr for each request."""


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    thread = threading.Thread(target=mailbox.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        mailbox.released.set()
        mailbox.shutdown()
        mailbox.server_close()
        thread.join(10)
