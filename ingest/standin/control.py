"""Binance's control frames: what a client may send on a stream socket, and the exact answers."""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
MOST_STREAMS = 1024


@dataclass
class Subscriptions:
    """What one connection listens to, in the order of asking, and whether payloads come in an envelope."""

    combined: bool
    micro: bool = False
    streams: dict[str, None] = field(default_factory=dict)


class Complaint(Exception):
    def __init__(self, code: int, message: str, request_id: Any = None) -> None:
        super().__init__(message)
        self.body = {"code": code, "msg": message} | ({} if request_id is None else {"id": request_id})


def control(subscriptions: Subscriptions, frame: str) -> dict[str, Any]:
    """Apply the frame to the subscriptions and give the answer; an error leaves them as they were."""
    try:
        request = _request(frame)
        return {"result": _apply(subscriptions, request), "id": request["id"]}
    except Complaint as complaint:
        return complaint.body


def _request(frame: str) -> dict[str, Any]:
    try:
        request = msgspec.json.decode(frame)
    except msgspec.DecodeError as error:
        place = re.search(r"byte (\d+)", str(error))
        column = int(place[1]) + 1 if place else len(frame)
        raise Complaint(3, f"Invalid JSON: expected value at line 1 column {column}") from error
    end = f"at line 1 column {len(frame)}"
    if not isinstance(request, dict) or "method" not in request:
        raise Complaint(2, f"Invalid request: missing field `method` {end}")
    if request["method"] not in METHODS:
        known = ", ".join(f"`{method}`" for method in METHODS)
        raise Complaint(2, f"Invalid request: unknown variant `{request['method']}`, expected one of {known} {end}")
    if "id" not in request or not _is_id(request["id"]):
        raise Complaint(2, "Invalid request: request ID must be an unsigned integer")
    return request


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[A-Za-z0-9_-]{1,36}", value) is not None
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63)


def _apply(subscriptions: Subscriptions, request: dict[str, Any]) -> Any:
    method, params = request["method"], request.get("params", [])
    if method == "LIST_SUBSCRIPTIONS":
        return list(subscriptions.streams)
    if not isinstance(params, list):
        raise Complaint(2, "Invalid request: invalid type: expected a sequence")
    if method in ("SET_PROPERTY", "GET_PROPERTY"):
        return _property(subscriptions, method, params, request["id"])
    if not params or not all(isinstance(stream, str) for stream in params):
        raise Complaint(2, "Invalid request: invalid type: expected a string")
    if method == "UNSUBSCRIBE":
        for stream in params:
            subscriptions.streams.pop(stream, None)
        return None
    if len({*subscriptions.streams, *params}) > MOST_STREAMS:
        raise Complaint(2, f"Invalid request: a connection listens to at most {MOST_STREAMS} streams")
    subscriptions.streams.update(dict.fromkeys(params))
    return None


def _property(subscriptions: Subscriptions, method: str, params: list[Any], request_id: Any) -> bool | None:
    wanted = 2 if method == "SET_PROPERTY" else 1
    if len(params) > wanted:
        raise Complaint(2, "Invalid request: too many parameters")
    if not params or not isinstance(params[0], str):
        raise Complaint(2, "Invalid request: property name must be a string")
    if params[0] != "combined":
        raise Complaint(0, "Unknown property", request_id)
    if method == "GET_PROPERTY":
        return subscriptions.combined
    if len(params) < 2 or not isinstance(params[1], bool):
        raise Complaint(1, "Invalid value type: expected Boolean")
    subscriptions.combined = params[1]
    return None
