"""The `api` section of config.yaml: who may ask, how much, and what an answer may cost."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from quant.settings.section import Count, Positive, Section


def _checked_host(host: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", host):
        raise ValueError("a host is a name or an address alone, like quant.example.org: no scheme, port or *")
    return host


def _checked_origin(origin: str) -> str:
    """Browsers compare an origin letter by letter: a slash at its end would never match."""
    parts = urlsplit(origin)
    if origin != "*" and (parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError("an origin is a scheme, a host and maybe a port, like https://desk.example.org, or *")
    return origin


def _checked_file(file: Path) -> Path:
    if not file.is_absolute():
        raise ValueError("name the file by its whole path, like /run/secrets/api_keys")
    return file


class Pages(Section):
    rows: Count
    most_rows: Count


class Keys(Section):
    required: Literal["auto", "always", "never"]
    file: Annotated[Path, AfterValidator(_checked_file)] | None


class RateLimit(Section):
    requests_per_second: Positive
    burst: Count


class Stream(Section):
    """GET /stream: how often it looks, and how much one client may cost."""

    poll_seconds: Positive
    quiet_seconds: Positive
    heartbeat_seconds: Positive
    retry_seconds: Positive
    send_seconds: Positive
    resume_rows: Count
    queue_events: Count
    queue_kilobytes: Count
    buffer_kilobytes: Count
    clients: Count
    clients_per_address: Count


class Sql(Section):
    """POST /sql; `auto` is on where only this machine reaches the API, or where it asks for a key."""

    is_on: Literal["auto"] | bool
    seconds: Positive
    rows: Count
    bytes: Count
    memory_mb: Annotated[int, Field(ge=300)]
    characters: Count
    most_cells: Count
    at_once: Count
    queue: Annotated[int, Field(ge=0)]
    queue_seconds: Positive


class Api(Section):
    keys: Keys
    hosts: tuple[Annotated[str, AfterValidator(_checked_host)], ...]
    cors_origins: tuple[Annotated[str, AfterValidator(_checked_origin)], ...]
    rate_limit: RateLimit | None
    access_log: Literal["DEBUG", "INFO", "OFF"]
    max_body_bytes: Count
    head_seconds: Positive
    body_seconds: Positive
    stall_seconds: Positive
    stop_seconds: Count
    remembered_mb: Annotated[int, Field(ge=0)]
    pages: Pages
    stream: Stream
    sql: Sql
