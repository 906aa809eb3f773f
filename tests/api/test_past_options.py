"""Chains of the past: which one is meant, and that what is answered are its rows and no other's."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from quant.settings import Settings
from tests.api.answers import answered

FIRST, SECOND = datetime(2026, 11, 19, 20, tzinfo=UTC), datetime(2026, 11, 20, 20, tzinfo=UTC)
EXPIRY = date(2026, 12, 18)
LISTLESS = "the vendor lists no contract"
Row = dict[str, object]


def snapshot(run: str, quoted_at: datetime, spot: float, is_newest: bool) -> Row:
    counted = {"count_expiries": 1, "count_quotes": 2, "count_two_sided": 2, "count_priced": 1}
    known = {"quoted_at": quoted_at, "fetched_at": quoted_at + timedelta(minutes=1), "is_newest": is_newest}
    return {"source": "yahoo", "underlying": "SPY", "ingest_run_id": run, "spot": spot, **counted, **known}


def quotes(run: str, quoted_at: datetime, spot: float) -> list[Row]:
    chain = {"source": "yahoo", "underlying": "SPY", "ingest_run_id": run, "expiry_on": EXPIRY, "expires_at": SECOND}
    known = {"quoted_at": quoted_at, "fetched_at": quoted_at, "spot": spot, "strike": 600.0, "is_american": True}
    said = {"rate_source": "curve", "forward_method": "regression"}
    return [{**chain, **known, **said, "contract_symbol": side, "is_call": side == "C"} for side in ("P", "C")]


def points(run: str, quoted_at: datetime, vol: float) -> list[Row]:
    chain = {"source": "yahoo", "underlying": "SPY", "ingest_run_id": run, "expiry_on": EXPIRY, "expires_at": SECOND}
    return [{**chain, "quoted_at": quoted_at, "strike": 600.0, "is_call": True, "implied_vol": vol}]


@pytest.fixture(scope="module")
def api(shared_client: httpx.Client, shared_settings: Settings, publish_into: Callable[..., str]) -> httpx.Client:
    """SPY was pulled on two days; of ^VXAPL the vendor lists no contract."""
    pulls = [("first", FIRST, 600.5, False), ("second", SECOND, 610.5, True)]
    snapshots = [snapshot(*pull) for pull in pulls]
    listless = {"source": "yahoo", "underlying": "^VXAPL", "count_quotes": 0, "reason": LISTLESS, "fetched_at": SECOND}
    newest = {key: value for key, value in snapshots[1].items() if key != "is_newest"}
    publish_into(
        shared_settings,
        {
            "serving.option_snapshots": snapshots,
            "serving.option_chains": [newest, listless],
            "serving.option_snapshot_quotes": [row for pull in pulls for row in quotes(*pull[:3])],
            "serving.option_snapshot_surface": [row for pull in pulls for row in points(pull[0], pull[1], pull[2] / 4)],
        },
    )
    return shared_client


def held(body: dict[str, object]) -> tuple[object, ...]:
    """Run, instant, spots of the quotes, volatilities: of one chain throughout."""
    chain, points = body["quotes"], body["surface"]
    assert isinstance(chain, list) and isinstance(points, list)
    assert {row["ingest_run_id"] for row in [*chain, *points]} == {body["snapshot"]}
    spots, vols = {row["spot"] for row in chain}, [row["implied_vol"] for row in points]
    return body["snapshot"], body["as_of"], body["is_newest"], spots, vols


OLD = ("first", "2026-11-19T20:00:00Z", False, {600.5}, [600.5 / 4])
NEW = ("second", "2026-11-20T20:00:00Z", True, {610.5}, [610.5 / 4])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", NEW),
        ("?snapshot=second", NEW),
        ("?snapshot=first", OLD),
        ("?as_of=2026-11-19T20:01:00Z", OLD),  # the instant at which it reached us
        ("?as_of=2026-11-20T20:00:59Z", OLD),
        ("?as_of=2026-11-20T21:01:00%2B01:00", NEW),
        ("?as_of=2026-11-20", OLD),  # midnight, UTC
    ],
)
def test_a_chain_is_that_which_was_known_then(api: httpx.Client, asked: str, expected: tuple[object, ...]) -> None:
    body = answered(api, f"/options/spy{asked}")
    assert held(body) == expected
    summary = body["summary"]
    assert isinstance(summary, dict) and {summary["spot"]} == expected[3]
    assert body["expiries"] == [{"expiry_on": "2026-12-18", "count_quotes": 2, "count_implied_vols": 0}]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("as_of=2026-11-19T20:00:59Z", 404, "the oldest that is kept came at 2026-11-19T20:01:00Z"),
        ("snapshot=third", 404, "snapshot third of SPY is not kept; /options/SPY/snapshots lists those that are"),
        ("snapshot=first&as_of=2026-11-18", 404, "no chain first of SPY was known at 2026-11-18"),
        ("snapshot=first&source=other", 404, "not known from source other, but from yahoo"),
        ("as_of=2026-11-20T20:00", 422, "give an instant like 2026-11-20T00:00Z"),
        ("snapshot=first&expiry=2026-12-19", 404, "choose one of 2026-12-18"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(api: httpx.Client, asked: str, status: int, said: str) -> None:
    answer = api.get(f"/options/SPY?{asked}")
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_an_underlying_without_contracts_says_so(api: httpx.Client) -> None:
    body = answered(api, "/options/^vxapl")
    assert (body["underlying"], body["reason"], body["snapshot"]) == ("^VXAPL", LISTLESS, None)
    assert (body["quotes"], body["surface"], body["expiries"], body["summary"]) == ([], [], [], None)
    assert api.get("/options/QQQ").json()["known"] == ["SPY", "^VXAPL"]
