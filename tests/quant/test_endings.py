"""A process that is asked to end does so at once, cleanly, and says nothing of it, however far gone it is."""

import signal
import subprocess
import sys
import textwrap

import pytest

from quant.settings import PROJECT_PATH

PROGRAM = """
    import threading, time
    from quant.endings import run_process

    def main() -> int:
        {body}
        return {code}

    run_process(main)
"""
LINGERS = (
    "threading.Thread(target=lambda: "
    "(threading.main_thread().join(), print('over', flush=True), time.sleep(60))).start()"
)
WORKS = "print('at it', flush=True); time.sleep(60)"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("body", "code", "ends_with"), [(WORKS, 3, 0), (LINGERS, 0, 0), (LINGERS, 75, 75)])
def test_a_signal_ends_it_at_once_and_silently(body: str, code: int, ends_with: int, number: int) -> None:
    program = textwrap.dedent(PROGRAM).format(body=body, code=code)
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, cwd=PROJECT_PATH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            for _ in range(2):  # a supervisor may ask twice
                process.send_signal(number)
            _, complaints = process.communicate(timeout=20)
        finally:
            process.kill()  # a failure must not leave it to the tests that follow
    assert (process.returncode, complaints) == (ends_with, "")


def test_work_that_nobody_waits_for_is_left_with_the_code_and_the_last_words() -> None:
    body = "threading.Thread(target=lambda: time.sleep(60), daemon=True).start(); print('last words')"
    program = textwrap.dedent(PROGRAM).format(body=body, code=3)
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT_PATH, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (3, "last words\n", "")
