"""What may be wrong with this machine or the sources, and the remedy."""

import http.client
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from quant.destinations import read_delivery_states
from quant.errors import QuantError, StorageError
from quant.keys import keys_path, read_keys, refuse_keyless, state_of_keys
from quant.services import Listener, listeners
from quant.settings import Settings
from quant.storage import refuse_absence

MINIMUM_PYTHON = (3, 11)
TIMEOUT_SECONDS = 4.0
FREE_BYTES_LOW, FREE_BYTES_MINIMUM = 10e9, 1e9
CLOCK_SECONDS_WARN, CLOCK_SECONDS_FAIL = 1.0, 5.0  # a Binance request is refused when 5 s off (its default recvWindow)
YAHOO_URL = "https://query1.finance.yahoo.com"
NETWORK_REMEDY = "check the network or a firewall; `quant up --demo` needs neither"


@dataclass(frozen=True)
class Check:
    """One finding; `remedy` is empty when there is nothing to do."""

    verdict: Literal["ok", "warn", "fail"]
    subject: str
    finding: str
    remedy: str = ""


def examine(settings: Settings) -> list[Check]:
    """Every check, in a fixed order; those that ask the network run at once and give up after a few seconds."""
    checks: list[Callable[[], Check]] = [
        check_python,
        lambda: check_disk(settings.root),
        lambda: check_folder(settings),
        *(lambda port=port: check_port(port) for port in listeners(settings)),
        lambda: check_storage(settings.market_path),
        lambda: check_exchange_clock(settings.rest_urls, settings.demo),
        lambda: check_reachable("Binance stream", settings.stream_urls, settings.demo),
        lambda: check_reachable("Yahoo", (settings.yahoo_endpoint or YAHOO_URL,), settings.demo),
        lambda: check_alerts(settings),
        lambda: check_keys(settings),
    ]
    with ThreadPoolExecutor(len(checks)) as pool:
        return list(pool.map(lambda check: check(), checks))


def check_python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= MINIMUM_PYTHON:
        return Check("ok", "Python", found)
    return Check(
        "fail", "Python", f"{found} is too old", "install 3.11 or newer and run `make setup PYTHON=python3.12`"
    )


def check_disk(folder: Path) -> Check:
    """Free space where data lie; a day of BTCUSDT ticks takes some 50 MB."""
    free = shutil.disk_usage(_existing(folder)).free
    finding = f"{free / 1e9:.1f} GB free at {folder}"
    if free >= FREE_BYTES_LOW:
        return Check("ok", "disk", finding)
    verdict: Literal["warn", "fail"] = "warn" if free >= FREE_BYTES_MINIMUM else "fail"
    return Check(verdict, "disk", finding, "free some space, or move data_path in config.yaml to a larger disk")


def check_folder(settings: Settings) -> Check:
    """Whether what was stored is there, and more can be."""
    try:
        refuse_absence(settings)
    except StorageError as error:
        finding, remedy = str(error).rsplit(": ", 1)
        return Check("fail", "data folder", finding, remedy)
    return check_writable(settings.root)


def check_writable(folder: Path) -> Check:
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check("ok", "data folder", f"{folder} can be written")
    except OSError as error:
        remedy = f"make {place} writable for this user, or change data_path in config.yaml"
        return Check("fail", "data folder", f"{folder} cannot be written ({error.strerror})", remedy)


def check_port(listener: Listener) -> Check:
    subject = f"port {listener.port}"
    if listener.is_free():
        return Check("ok", subject, f"free for ports.{listener.key}")
    if listener.is_ours():
        return Check("ok", subject, f"ports.{listener.key} is running and healthy")
    return Check("fail", subject, f"ports.{listener.key} is taken by something else", listener.remedy)


def check_storage(market: Path) -> Check:
    """Whether the DuckDB CLI, older than the engine, can read the newest build."""
    subject = "storage version"
    if not market.exists():
        return Check("warn", subject, f"nothing is built yet at {market}", "run `quant build` or `quant up`")
    beside = Path(sys.executable).with_name("duckdb")
    command = [str(beside) if beside.is_file() else "duckdb", "-readonly", str(market), "-c", "select 1"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("fail", subject, f"the DuckDB CLI does not run ({error})", "run `make setup`")
    if done.returncode == 0:
        return Check("ok", subject, "the DuckDB CLI reads the newest build")
    remedy = "run `quant build --full-refresh`; profiles.yml must keep storage_compatibility_version v1.4.0"
    return Check("fail", subject, f"the DuckDB CLI cannot read the build ({_first_line(done.stderr)})", remedy)


def check_exchange_clock(urls: Sequence[str], demo: bool) -> Check:
    """Our clock against /api/v3/time of the first address that answers, to half a round trip."""
    reasons = []
    for url in urls:
        try:
            started = time.time()
            body = _get(url, "/api/v3/time")
            middle = (started + time.time()) / 2
            return _judge_clock(json.loads(body)["serverTime"] / 1000 - middle, url)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            reasons.append(f"{url} does not answer ({_reason(error)})")
    return _unreachable("Binance REST", ", ".join(reasons), demo)


def check_reachable(subject: str, urls: Sequence[str], demo: bool) -> Check:
    """Whether one of the addresses takes a connection, TLS included."""
    reasons = []
    for url in urls:
        try:
            _connect(url).close()
            return Check("ok", subject, f"{url} answers")
        except (OSError, http.client.HTTPException) as error:
            reasons.append(f"{url} does not answer ({_reason(error)})")
    return _unreachable(subject, ", ".join(reasons), demo)


def check_alerts(settings: Settings) -> Check:
    """Whether alerts have someone to go to, and arrived when last tried; nothing is sent."""
    configured = len(settings.notifications.addresses)
    if not configured:
        return Check("ok", "alerts", "nobody is told, none of notifications.urls is set")
    try:
        problems = [state.problem for state in read_delivery_states(settings.state_path) if state.problem]
    except sqlite3.Error as error:
        problems = [f"{settings.state_path} cannot be read ({error})"]
    if problems:
        return Check("warn", "alerts", "; ".join(problems), "`quant notify test` sends a message to each")
    return Check("ok", "alerts", f"{configured} configured, none failed; `quant notify test` sends a message to each")


def check_keys(settings: Settings) -> Check:
    """Whether who may ask the API is who should; the file of hashes is nobody else's to change."""
    path, subject = keys_path(settings), "API keys"
    try:
        read_keys(path)
        refuse_keyless(settings)
        finding = state_of_keys(settings)
        mode = path.stat().st_mode if path.exists() else 0
    except (QuantError, OSError) as error:
        return Check("fail", subject, str(error))
    if mode & 0o022:
        return Check("warn", subject, f"{finding}; {path} can be changed by other users", f"run `chmod 600 {path}`")
    return Check("ok", subject, finding)


def _judge_clock(offset: float, url: str) -> Check:
    finding = f"{url} answers, its clock is {offset:+.2f} s off ours"
    if abs(offset) < CLOCK_SECONDS_WARN:
        return Check("ok", "Binance REST", finding)
    verdict: Literal["warn", "fail"] = "warn" if abs(offset) < CLOCK_SECONDS_FAIL else "fail"
    return Check(verdict, "Binance REST", finding, "set this machine's clock (NTP)")


def _unreachable(subject: str, reason: str, demo: bool) -> Check:
    if demo:
        return Check("warn", subject, reason, "the stand-in market runs while `quant up --demo` does")
    return Check("fail", subject, reason, NETWORK_REMEDY)


def _get(url: str, path: str) -> bytes:
    connection = _connect(url)
    try:
        connection.request("GET", path, headers={"User-Agent": "quant-doctor"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise http.client.HTTPException(f"status {answer.status}")
        return answer.read()
    finally:
        connection.close()


def _connect(url: str) -> http.client.HTTPConnection:
    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme in {"https", "wss"}:
        context = ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, address.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_SECONDS)
    connection.connect()
    return connection


def _existing(folder: Path) -> Path:
    """The folder, or its nearest ancestor that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error) or type(error).__name__


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), os.strerror(0))
