"""The stand-in's control frames, in the wording of the exchange's documentation (web-socket-streams.md)."""

from typing import Any

import pytest

from ingest.standin.control import MOST_STREAMS, Subscriptions, control


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ('{"method":"LIST_SUBSCRIPTIONS","id":3}', {"result": ["a@trade"], "id": 3}),
        ('{"method":"SUBSCRIBE","params":["b@trade"],"id":"a1"}', {"result": None, "id": "a1"}),
        ('{"method":"UNSUBSCRIBE","params":["never@trade"],"id":null}', {"result": None, "id": None}),
        ('{"method":"GET_PROPERTY","params":["combined"],"id":2}', {"result": False, "id": 2}),
        ('{"method":"SET_PROPERTY","params":["combined",true],"id":5}', {"result": None, "id": 5}),
    ],
)
def test_a_right_frame_is_answered(frame: str, answer: dict[str, Any]) -> None:
    assert control(Subscriptions(False, streams={"a@trade": None}), frame) == answer


@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        ('{"method":"SET_PROPERTY","params":["combined",1],"id":5}', 1, "Invalid value type: expected Boolean"),
        ('{"method":"SET_PROPERTY","params":["other",true],"id":5}', 0, "Unknown property"),
        ('{"method":"SET_PROPERTY","params":[7],"id":5}', 2, "Invalid request: property name must be a string"),
        ('{"method":"GET_PROPERTY","params":["combined",1],"id":5}', 2, "Invalid request: too many parameters"),
        ('{"params":["a@trade"],"id":1}', 2, "Invalid request: missing field `method` at line 1 column 29"),
        ('{"method":"SUBSCRIBE","params":["a@trade"]}', 2, "Invalid request: request ID must be an unsigned integer"),
        (
            '{"method":"SUBSCRIBE","params":["a"],"id":1.5}',
            2,
            "Invalid request: request ID must be an unsigned integer",
        ),
        ('{"method":"SUBSCRIB","params":["a@trade"],"id":1}', 2, "Invalid request: unknown variant `SUBSCRIB`"),
        ("[", 3, "Invalid JSON: expected value at line 1 column"),
        ("hello", 3, "Invalid JSON: expected value at line 1 column 1"),
    ],
)
def test_a_wrong_frame_is_refused_and_changes_nothing(frame: str, code: int, message: str) -> None:
    subscriptions = Subscriptions(False, streams={"a@trade": None})
    answer = control(subscriptions, frame)
    assert answer["code"] == code
    assert answer["msg"].startswith(message)
    assert subscriptions == Subscriptions(False, streams={"a@trade": None})


def test_a_connection_listens_to_at_most_1024_streams() -> None:
    subscriptions = Subscriptions(True, streams={f"{number}@trade": None for number in range(MOST_STREAMS)})
    assert control(subscriptions, '{"method":"SUBSCRIBE","params":["0@trade"],"id":1}')["result"] is None
    assert control(subscriptions, '{"method":"SUBSCRIBE","params":["one more"],"id":1}')["code"] == 2
