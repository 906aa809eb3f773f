"""The process that takes one message: what arrives, and what its command line shows."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from quant.courier import REFUSED, _reason, carry
from quant.messages import Message
from tests.quant.mailbox import SECRET, Mailbox, open_mailbox

HELLO = Message("Hello", "x < y & <b>z</b> *a* _b_")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as mailbox:
        yield mailbox


def test_a_message_arrives_as_it_is_and_no_command_line_shows_the_address(mailbox: Mailbox) -> None:
    mailbox.answer = "hang"
    said: list[str | None] = []
    address = SecretStr(mailbox.url)
    sending = threading.Thread(target=lambda: said.append(carry(address, HELLO, 30, threading.Event())))
    sending.start()
    mailbox.wait_for(1)
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert any(b"quant.courier" in line for line in lines)
    assert [line for line in lines if SECRET.encode() in line] == []
    mailbox.answer = 200
    mailbox.released.set()
    sending.join(30)
    assert said == ["no connection, or no whole answer"]
    assert carry(address, HELLO, 30, threading.Event()) is None
    assert [(letter["title"], letter["message"]) for letter in mailbox.taken] == [(HELLO.title, HELLO.body)]


def test_a_refusal_with_a_good_status_is_told_as_a_refusal() -> None:
    """Slack says 200 and, in the body, that it did not take it."""
    assert _reason(["Failed to send: error=200."]) == REFUSED
    assert _reason(["Failed to send: error=403."]) == "the service answered 403 Forbidden"
