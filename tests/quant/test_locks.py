"""Lock files: held by one, refused to others with the holder's id, let go whatever happens."""

import os
import threading
from pathlib import Path

import pytest

from quant.locks import exclusive


def test_a_taken_lock_is_refused_with_the_holders_process_id(tmp_path: Path) -> None:
    def refusal(owner: str) -> RuntimeError:
        return RuntimeError(f"held by {owner}")

    lock = tmp_path / "folder" / "a.lock"
    lock.parent.mkdir()
    lock.write_text("99999999 was killed")
    with (
        exclusive(lock, refusal),
        pytest.raises(RuntimeError, match=f"^held by {os.getpid()}$"),
        exclusive(lock, refusal),
    ):
        pass
    with pytest.raises(OSError, match="ours"), exclusive(lock, refusal):
        raise OSError("ours")
    with exclusive(lock, refusal):
        assert lock.read_text() == str(os.getpid())


def test_without_a_refusal_it_is_waited_for(tmp_path: Path) -> None:
    entered = threading.Event()

    def enter() -> None:
        with exclusive(tmp_path / "a.lock"):
            entered.set()

    waiting = threading.Thread(target=enter)
    with exclusive(tmp_path / "a.lock"):
        waiting.start()
        assert not entered.wait(0.1)
    waiting.join(30)
    assert entered.is_set()
