"""Takes one message to one address: `python -m quant.courier` reads both from stdin and says how it went.

A process of its own, because a service that takes a connection and then says nothing, or a byte a minute, holds a
thread for ever; a process can be ended. What it says is chosen from phrases of ours: Apprise's own words may hold
a password, and so may the log of the HTTP client, so neither is ever shown.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from http import HTTPStatus

from pydantic import SecretStr

from quant.addresses import is_understood, service_of, without_addresses
from quant.leash import leashed
from quant.messages import Message
from quant.settings import PROJECT_PATH

START_SECONDS = 30.0  # a loaded machine may take long to start a process; what it sends has its own bound
GRACE_SECONDS = 2.0  # asked to stop, a message on its way has this long to be taken
LOOK_SECONDS = 0.1
REFUSED = "the service refused it"


def carry(address: SecretStr, message: Message, seconds: float, stopping: threading.Event) -> str | None:
    """None if the service took it within `seconds`, else why not, without a secret. Blocks, but not for longer."""
    order = {"url": address.get_secret_value(), "title": message.title, "body": message.body, "seconds": seconds}
    process = subprocess.Popen(
        leashed([sys.executable, "-m", "quant.courier"]),
        cwd=PROJECT_PATH,
        env=without_addresses(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    said = _hear(process, json.dumps(order), seconds, stopping)
    if process.returncode == 0:
        return None
    if process.returncode not in (-signal.SIGALRM, -signal.SIGKILL):
        return said or f"the courier ended with exit code {process.returncode}"
    return "we stopped before the service answered" if stopping.is_set() else f"no answer within {seconds:g} s"


def _hear(process: subprocess.Popen[str], order: str, seconds: float, stopping: threading.Event) -> str | None:
    """What it said before it ended or its time was over; None if that is nothing."""
    left, left_to_stop = seconds + START_SECONDS, GRACE_SECONDS
    given: str | None = order
    while True:
        try:
            said, _ = process.communicate(given, timeout=LOOK_SECONDS)
            return said.strip() or None
        except subprocess.TimeoutExpired:
            given = None
            left -= LOOK_SECONDS
            left_to_stop -= LOOK_SECONDS if stopping.is_set() else 0.0
        if min(left, left_to_stop) <= 0:
            process.kill()


def post(address: SecretStr, message: Message, seconds: float) -> str | None:
    """The same in this process: a service that drips its answer can hold it for longer than `seconds`."""
    service = service_of(address)
    from apprise import Apprise, NotifyFormat
    from apprise.common import OverflowMode

    if service is None:
        return "Apprise does not understand the address"
    service.optional = False  # `?optional=yes` would call a failure a success
    service.socket_connect_timeout = min(service.socket_connect_timeout or seconds, seconds)
    service.socket_read_timeout = seconds
    if service.overflow_mode is OverflowMode.UPSTREAM:
        service.overflow_mode = OverflowMode.SPLIT  # rather two messages than one that is too long for the service
    sender = Apprise(service)
    result = sender.notify(message.body, message.title, body_format=NotifyFormat.TEXT)
    return None if result else _reason(entry.message for entry in result.logs())


def main() -> int:
    order = json.load(sys.stdin)
    address, message, seconds = SecretStr(order["url"]), Message(order["title"], order["body"]), order["seconds"]
    if not is_understood(address):  # imports Apprise, which is not to be counted
        return 1
    signal.setitimer(signal.ITIMER_REAL, seconds)  # ends this process, whatever it waits for
    reason = post(address, message, seconds)
    if reason is None:
        return 0
    print(reason)
    return 1


def _reason(words: Iterable[str]) -> str:
    """A phrase of ours for what Apprise logged."""
    text = " ".join(words)
    failures = {str(status.value) for status in HTTPStatus if status >= 300}  # Slack refuses with 200 OK
    if (found := re.search(r"error=(\d{3})\b", text)) and found[1] in failures:
        return f"the service answered {found[1]} {HTTPStatus(int(found[1])).phrase}"
    if "onnection error" in text:
        return "no connection, or no whole answer"
    return REFUSED


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # no thread of a service is waited for
