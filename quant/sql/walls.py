"""Walls that the kernel keeps: no network, no file, no new privilege, little memory, little time.

Resource limits work everywhere; the others on Linux, each as far as the kernel and the container permit, and none is
needed for another to hold.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000  # linux/sched.h
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38  # linux/prctl.h
LANDLOCK_CREATE, LANDLOCK_RESTRICT, LANDLOCK_VERSION = 444, 446, 1  # linux/landlock.h; the same on all machines
FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}  # by the version of Landlock that knows them
MEGABYTE = 1_000_000
FILES = 64
UNREAD_MB = 60  # of libraries: mapped by now, in memory once they are read


def keep_for_good() -> None:
    """Of the process that stands ready: dies with its parent, gains no privilege, has no network."""
    if sys.platform != "linux":
        return
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    kernel.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if kernel.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0:
        kernel.unshare(CLONE_NEWNET)  # without user namespaces, but with the right


def limit_process(seconds: float, memory_mb: int) -> None:
    """Of the process of one query, from now on: killed by the kernel after `seconds`, whatever it does.

    Its memory may grow until `memory_mb` are resident, and a malloc beyond fails.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    stand_back()
    whole_seconds = int(seconds) + 1
    _limit(resource.RLIMIT_CPU, whole_seconds)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, FILES)
    _limit(resource.RLIMIT_AS, _address_space(memory_mb))


def stand_back() -> None:
    """Whatever else the API does comes first. It counts within a session alone, where Linux groups tasks by session: a
    query stays in that of the API.
    """
    os.nice(19)
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):  # a container may forbid it: then niceness must do
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def close_files() -> bool:
    """From now on no file can be opened, made or deleted; False where the kernel has no Landlock."""
    if sys.platform != "linux":
        return False
    kernel = ctypes.CDLL(None, use_errno=True)
    version = kernel.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    if version < 1:
        return False
    rights = max(mask for least, mask in FILE_RIGHTS.items() if version >= least)
    rules = (ctypes.c_uint64 * 3)(rights, 0x3 if version >= 4 else 0, 0x3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    descriptor = kernel.syscall(LANDLOCK_CREATE, rules, ctypes.c_size_t(size), 0)
    if descriptor < 0:
        return False
    closed = kernel.syscall(LANDLOCK_RESTRICT, descriptor, 0) == 0
    os.close(descriptor)
    return bool(closed)


def forbid_processes() -> None:
    """No further process or thread, for users other than root; DuckDB has its threads by now."""
    _limit(resource.RLIMIT_NPROC, 0)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _address_space(memory_mb: int) -> int:
    """Bytes: what is mapped now, and as much more as may become resident."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 4 * memory_mb * MEGABYTE
    mapped, resident = (int(pages) * resource.getpagesize() for pages in statm.read_text().split()[:2])
    return mapped + max((memory_mb - UNREAD_MB) * MEGABYTE - resident, 0)
