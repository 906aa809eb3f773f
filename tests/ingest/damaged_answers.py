"""Second answers of a vendor, most of them bad, after a good first one, and what must be known after each."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.sessions import calendar_of
from tests.ingest.yahoo_server import Body, Day, chart

COUNT = 40
DIVIDEND_AT, DIVIDEND = 20, 2.0
Answer = Callable[[], Body | None]  # None: 404


def session_opens() -> list[int]:
    """The opens (seconds since 1970) of the newest sessions whose bars are final."""
    closes = calendar_of("XNYS").closes
    last = closes[closes < datetime.now(UTC) - timedelta(hours=1)].index[-1]
    opens = calendar_of("XNYS").opens.loc[:last].iloc[-COUNT:]
    return [int(stamp.timestamp()) for stamp in opens]


OPENS = session_opens()
CLOSES = [100.0 + i for i in range(COUNT)]


def answer(
    closes: Sequence[float | None] = tuple(CLOSES),
    begin: int = 0,
    split_at: int | None = None,
    dividend: float = DIVIDEND,
) -> Body:
    """A chart of the sessions from place `begin` on; adjusted closes as a vendor computes them."""
    factor = [1 - dividend / closes[DIVIDEND_AT - 1] if i < DIVIDEND_AT else 1.0 for i in range(COUNT)]  # type: ignore[operator]
    days: list[Day] = [
        (opens, [close] * 4 + [None if close is None else close * share], None if close is None else 1000)
        for opens, close, share in zip(OPENS, closes, factor, strict=True)
    ]
    events: Body = {}
    if begin <= DIVIDEND_AT:
        events["dividends"] = {"1": {"amount": dividend, "date": OPENS[DIVIDEND_AT]}}
    if split_at is not None:
        events["splits"] = {"1": {"date": OPENS[split_at], "numerator": 4, "denominator": 1, "splitRatio": "4:1"}}
    return chart("X", days[begin:], events)


def split_closes(at: int) -> list[float]:
    """All closes as they read once a split of four for one at place `at` is known."""
    return [close / 4 for close in CLOSES[:at]] + CLOSES[at:]


def without(body: Body, *path: str) -> Body:
    changed = deepcopy(body)
    place = changed["chart"]["result"][0]
    for step in path[:-1]:
        place = place[step][0] if isinstance(place[step], list) else place[step]
    del place[path[-1]]
    return changed


def in_pence() -> Body:
    body = answer([close * 100 for close in CLOSES], dividend=DIVIDEND * 100)
    body["chart"]["result"][0]["meta"]["currency"] = "GBp"
    return body


def with_text() -> Body:
    body = answer()
    body["chart"]["result"][0]["indicators"]["quote"][0]["close"][3] = "103.0"
    return body


def holes(*places: int) -> list[float | None]:
    return [None if i in places else close for i, close in enumerate(CLOSES)]


@dataclass(frozen=True)
class Case:
    """`second` comes after a good first answer; `status` is its word in the ledger, `closes` what is known then."""

    second: Answer
    status: str | None  # None: nothing to say
    closes: Sequence[float]
    first: Answer = answer


AFTER_SPLIT = split_closes(at=38)  # the first pull of these was before the split, of 38 sessions
UNSPLIT: list[float | None] = [*CLOSES[:38], None, None]


def before_split() -> Body:
    body = answer()
    result = body["chart"]["result"][0]
    result["timestamp"] = result["timestamp"][:38]
    for column in (*result["indicators"]["quote"], *result["indicators"]["adjclose"]):
        for name in column:
            column[name] = column[name][:38]
    return body


CASES = {
    "SPY": Case(answer, None, CLOSES),
    "CORRECTED": Case(lambda: answer([*CLOSES[:39], 139.5]), None, [*CLOSES[:39], 139.5]),
    "EMPTY": Case(lambda: chart("X", []), "empty", CLOSES),
    "GONE": Case(lambda: None, "unknown_symbol", CLOSES),
    "SHORT": Case(lambda: answer(begin=37), "short", CLOSES),
    "HOLES": Case(lambda: answer(holes(*range(5, 15))), "short", CLOSES),
    "HALF": Case(lambda: answer(holes(39)), "half_formed", CLOSES),
    "NOVOLUME": Case(lambda: without(answer(), "indicators", "quote", "volume"), "changed_shape", CLOSES),
    "NOCURRENCY": Case(lambda: without(answer(), "meta", "currency"), "changed_shape", CLOSES),
    "TEXT": Case(with_text, "changed_shape", CLOSES),
    "NOADJUSTED": Case(lambda: without(answer(), "indicators", "adjclose"), "no_adjusted_close", CLOSES),
    "NOEVENTS": Case(lambda: without(answer(), "events"), "changed_shape", CLOSES),
    "PENCE": Case(in_pence, "changed_currency", CLOSES),
    # Splits. The first answer knows 38 sessions before it.
    "SPLIT": Case(lambda: answer(AFTER_SPLIT, split_at=38, dividend=0.5), None, AFTER_SPLIT, before_split),
    "WINDOW": Case(lambda: answer(AFTER_SPLIT, 5, 38, dividend=0.5), "short", AFTER_SPLIT, before_split),
    "TAIL": Case(lambda: answer(AFTER_SPLIT, 36, 38, dividend=0.5), "short", AFTER_SPLIT, before_split),
    "UNNAMED": Case(lambda: answer(AFTER_SPLIT, dividend=0.5), "changed_basis", CLOSES[:38], before_split),
    "EARLY": Case(lambda: answer(split_at=38), "changed_basis", CLOSES[:38], before_split),
    "APART": Case(lambda: answer(AFTER_SPLIT, begin=38), "changed_basis", CLOSES[:38], before_split),
    "MIXED": Case(
        lambda: answer([*CLOSES[:19], *AFTER_SPLIT[19:]], split_at=38), "changed_basis", CLOSES[:38], before_split
    ),
}
