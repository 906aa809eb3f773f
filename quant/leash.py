"""Runs a command that the kernel kills when the process that started it dies: `python leash.py PARENT_PID COMMAND ...`.

A script of its own, and not a `preexec_fn`, which is unsafe in a process with threads. It imports nothing of
ours, because it stands before every child.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def leashed(command: Sequence[str]) -> list[str]:
    """`command` such that the kernel (Linux) kills it when the calling thread or process ends, however it ends."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def end_with(parent: int) -> bool:
    """Have the kernel (Linux) kill this process when the thread that started it ends; False if `parent` is gone."""
    if sys.platform != "linux":
        return True
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent  # else it died before the kernel was told


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if not end_with(parent):
        sys.exit("the process that started this one is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
