"""Parts of chains and drawdowns beside queries by hand on the same build, whole and page by page."""

import duckdb
import httpx
import pytest

from tests.api.answers import answered, by_hand, flat, pages

PARTS = {
    "chain": ("quotes", "option_snapshot_quotes", "expires_at, strike, is_call desc"),
    "surface": ("points", "option_snapshot_surface", "expires_at, strike"),
    "term-structure": ("expiries", "option_snapshot_expiries", "expires_at"),
    "parity": ("strikes", "option_snapshot_parity", "expires_at, strike"),
    "exposure": ("strikes", "option_snapshot_exposure", "expires_at, strike"),
    "checks": ("violations", "option_snapshot_checks", "expires_at, rule, strike"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_its_rows_of_the_chain(api: httpx.Client, build: duckdb.DuckDBPyConnection, part: str) -> None:
    noun, relation, order = PARTS[part]
    body = answered(api, f"/options/spy/{part}")
    [chain] = by_hand(build, "select * from serving.option_chains where underlying = 'SPY'")
    assert [body[name] for name in ("snapshot", "source", "as_of", "fetched_at")] == [
        chain[name] for name in ("ingest_run_id", "source", "quoted_at", "fetched_at")
    ]
    columns = "* exclude (source, underlying, ingest_run_id)"
    hand = by_hand(build, f"select {columns} from serving.{relation} where underlying = 'SPY' order by {order}")
    assert (body[noun], body["next_cursor"]) == (hand, None)
    assert len(hand) > 5 or part == "checks"


@pytest.mark.parametrize(("part", "limit"), [("chain", 150), ("surface", 60), ("term-structure", 5)])
def test_pages_are_the_whole_without_a_gap_or_a_repetition(api: httpx.Client, part: str, limit: int) -> None:
    noun = PARTS[part][0]
    whole = answered(api, f"/options/SPY/{part}?limit=20000")[noun]
    assert flat(pages(api, f"/options/SPY/{part}", noun, limit=limit)) == whole and len(whole) > limit


def test_one_expiry_is_a_smile(api: httpx.Client) -> None:
    surface = answered(api, "/options/SPY/surface")["points"]
    expiries = sorted({point["expiry_on"] for point in surface})
    for asked, expiry in (("", expiries[0]), (f"?expiry={expiries[-1]}", expiries[-1])):
        points = answered(api, f"/options/SPY/smile{asked}")["points"]
        assert points == [point for point in surface if point["expiry_on"] == expiry] != []
    some = answered(api, f"/options/SPY/exposure?expiry={expiries[0]}")["strikes"]
    assert len({strike["expires_at"] for strike in some}) == 1
    assert "2001-01-01 is not available" in api.get("/options/SPY/smile?expiry=2001-01-01").json()["detail"]


def test_history_and_snapshots_are_their_rows(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    history = by_hand(
        build,
        "select * exclude (source, underlying) from serving.option_history where underlying = 'SPY' "
        "order by session_on",
    )
    assert answered(api, "/options/SPY/history")["history"] == history != []
    day = history[-1]["session_on"]
    assert answered(api, f"/options/SPY/history?from={day}&to={day}")["history"] == history[-1:]
    snapshots = by_hand(
        build,
        "select * exclude (source, underlying, count_by_quality, count_by_status) from serving.option_snapshots "
        "where underlying = 'SPY' order by fetched_at",
    )
    body = answered(api, "/options/SPY/snapshots")
    assert body["snapshots"] == snapshots != []
    assert answered(api, "/options/SPY/snapshots?to=2001-01-01")["snapshots"] == []


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "W3t9LFsiYSJdXQ", "%00", "4pyT" * 40])
@pytest.mark.parametrize("path", ["/options/SPY/chain", "/options/SPY/history", "/drawdowns/SPY"])
def test_a_cursor_that_is_none_is_refused(api: httpx.Client, path: str, cursor: str) -> None:
    answer = api.get(f"{path}?cursor={cursor}")
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_of_another_question_is_refused(api: httpx.Client) -> None:
    cursor = answered(api, "/options/SPY/surface?limit=1")["next_cursor"]
    for path in ("/options/AAPL/surface", "/options/SPY/chain", "/options/SPY/snapshots", "/drawdowns/SPY"):
        answer = api.get(f"{path}?cursor={cursor}")
        assert answer.status_code in (404, 422), path


@pytest.mark.parametrize("symbol", ["NVDA", "BTCUSDT"])
def test_drawdowns_are_the_rows_of_a_symbol(api: httpx.Client, build: duckdb.DuckDBPyConnection, symbol: str) -> None:
    body = answered(api, f"/drawdowns/{symbol.lower()}?limit=20000&episodes=1000")
    series = (
        f"select session_date, cumulative_return, drawdown from serving.drawdown where symbol = '{symbol}' order by ts"
    )
    assert body["series"] == by_hand(build, series) != []
    falls = (
        "select * exclude (source, symbol, interval) from serving.drawdown_episodes "
        f"where symbol = '{symbol}' and interval = '1d' order by rank"
    )
    assert body["episodes"] == by_hand(build, falls) != []
    [risk] = by_hand(build, f"select * from serving.latest_risk where symbol = '{symbol}'")
    assert body["summary"] == {name: risk[name] for name in body["summary"]}
    assert flat(pages(api, f"/drawdowns/{symbol}", "series", episodes=0, limit=150)) == body["series"]
    part = answered(api, f"/drawdowns/{symbol}?from={body['series'][3]['session_date']}&limit=2&episodes=1")
    assert (part["series"], part["episodes"]) == (body["series"][3:5], body["episodes"][:1])


def test_drawdowns_are_those_of_a_portfolio_by_its_name(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    [summary, *_] = by_hand(build, "select * from serving.portfolio_summary where max_drawdown < 0 order by portfolio")
    name = summary["portfolio"]
    body = answered(api, f"/drawdowns/{name}?limit=20000")
    assert (body["source"], body["symbol"], body["summary"]["max_drawdown"]) == (
        "portfolio",
        name,
        summary["max_drawdown"],
    )
    days = (
        "select session_date, cumulative_return, drawdown from serving.portfolios "
        f"where portfolio = '{name}' order by session_date"
    )
    assert body["series"] == by_hand(build, days) != []
    assert body["episodes"][0]["depth"] == pytest.approx(summary["max_drawdown"], rel=1e-12)
    assert answered(api, f"/drawdowns/{name}?source=portfolio&limit=1")["symbol"] == name
    assert api.get("/drawdowns/nope").status_code == 404
