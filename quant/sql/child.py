"""The process of `POST /sql`: it stands ready with its libraries read, and forks once per query.

It reads no query itself. A fork lives for one query, behind all walls, and is killed by the kernel at its deadline.
"""

import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

import duckdb

from quant.sql import walls, wire
from quant.sql.answer import send_answer
from quant.sql.formulas import load_called
from quant.sql.guard import guard
from quant.sql.public_names import DATABASE, PublicNames, read_public_names
from quant.sql.refusal import SqlRefusal
from quant.sql.tree import check_tree, shown_reason

RECURSION = 8000  # of Python, whose parser of SQL descends a dozen calls for each bracket
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "max_temp_directory_size": "0GB",
    "temp_directory": "",
    "threads": "1",
    "async_threads": "1",
}
REHEARSAL = "with c as (select a[1:2], map {1: [2]}[1] from serving.x where a ~ '1') pivot c on a using sum(a)"
ENGINE_SHARE = 0.55  # of the memory that a query may have: DuckDB's own limit is not strict


def main(control: socket.socket) -> None:
    """Fork for each socket that comes over `control`, until the parent closes it."""
    _warm_up()
    walls.keep_for_good()
    os.environ.clear()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the forks
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _fall_silent()
            _serve(socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])


def _warm_up() -> None:
    """Load what is otherwise loaded at first use: no file can be opened later."""
    sys.setrecursionlimit(RECURSION)
    names = PublicNames({"serving.x": ["a"]})
    guard(REHEARSAL, names)
    connection = duckdb.connect(":memory:", config={"threads": "1", "async_threads": "1"})
    check_tree(connection, "select 1", names)
    connection.sql("select [1] as a, 'x' as b").to_arrow_reader(10).read_all()
    connection.close()


def _fall_silent() -> None:
    """What C++ says when it is out of memory is no news, and a limit on files would kill who writes it into one."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _serve(connection: socket.socket) -> None:
    try:
        os.setpgid(0, 0)
        wire.send(connection, wire.PID, {"pid": os.getpid()})
        _, payload = wire.receive(connection)
        _answer(connection, json.loads(payload))
    except SqlRefusal as refusal:
        reason = {"kind": refusal.kind, "detail": str(refusal), "known": list(refusal.known)}
        wire.send(connection, wire.REFUSED, reason)
    except (ConnectionError, EOFError):
        os._exit(1)  # nobody waits for the answer any more
    except Exception as fault:  # of ours: the parent logs it, nothing else of this process is heard
        detail = f"the answer cannot be given ({type(fault).__name__}): simplify the query"
        wire.send(
            connection, wire.REFUSED, {"kind": "fault", "detail": detail, "known": [], "log": traceback.format_exc()}
        )


def _answer(connection: socket.socket, query: dict[str, Any]) -> None:
    folder, sql, limits = Path(query["folder"]), query["sql"], query["limits"]
    walls.limit_process(limits["seconds"], limits["memory_mb"])
    try:
        names = read_public_names(folder)
        database = _open(folder / DATABASE, limits["memory_mb"])
    except (OSError, duckdb.Error):
        raise SqlRefusal("this build has no public database: run `quant build`", "missing") from None
    walls.close_files()
    walls.forbid_processes()
    try:
        checked = guard(sql, names)
        check_tree(database, checked.checkable, names)
        if called := checked.calls & {*names.formulas, *names.table_formulas}:
            load_called(database, called)
        send_answer(connection, database, checked, limits)
    except (MemoryError, duckdb.OutOfMemoryException):
        raise SqlRefusal(
            f"the query needs more than {limits['memory_mb']} MB (api.sql.memory_mb): ask for less at once", "memory"
        ) from None
    except duckdb.Error as error:
        raise SqlRefusal(f"DuckDB: {_without_paths(shown_reason(str(error)), folder)}", "engine") from None


def _open(path: Path, memory_mb: int) -> duckdb.DuckDBPyConnection:
    config = {**SETTINGS, "memory_limit": f"{int(memory_mb * ENGINE_SHARE)}MB"}
    connection = duckdb.connect(str(path), read_only=True, config=config)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set lock_configuration = true")
    return connection


def _without_paths(reason: str, folder: Path) -> str:
    return reason.replace(str(folder), "").replace(str(folder.resolve()), "")


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
