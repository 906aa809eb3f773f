"""Portfolios and pairs beside queries by hand on the same build."""

import duckdb
import httpx
import pytest

from tests.api.answers import answered, by_hand, flat, pages

PARTS = {
    "history": ("history", "portfolios", "session_date"),
    "weights": ("weights", "portfolio_weights", "session_date, source, symbol"),
    "members": ("members", "portfolio_members", "source, symbol"),
    "attribution": ("segments", "portfolio_attribution", "grouping, segment"),
    "kelly": ("stakes", "portfolio_stakes", "source nulls first, symbol nulls first, fraction"),
    "components": ("components", "portfolio_components", "component, source, symbol"),
    "correlation": ("pairs", "portfolio_correlations", "source_a, a, source_b, b"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_its_rows(api: httpx.Client, build: duckdb.DuckDBPyConnection, part: str) -> None:
    noun, relation, order = PARTS[part]
    hand = by_hand(
        build, f"select * exclude (portfolio) from serving.{relation} where portfolio = 'equities' order by {order}"
    )
    assert hand
    assert answered(api, f"/portfolio/EQUITIES/{part}?limit=100000")[noun] == hand


def test_a_portfolio_is_its_figures_with_their_units(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    body = answered(api, "/portfolio/equities")
    [row] = by_hand(build, "from serving.portfolio_summary where portfolio = 'equities'")
    figures = body["metrics"]
    assert {name: row[name] for name in figures} == {name: figure["value"] for name, figure in figures.items()}
    assert {*row} == {*figures, *(name for name in row if name in body)}
    assert figures["sharpe"]["unit"] == "ratio"
    assert (figures["n_common"]["unit"], figures["benchmark_return"]["unit"]) == ("count", "1")
    assert [name for name, figure in figures.items() if not figure["unit"]] == []
    assert body["as_of"].startswith(row["session_date"])  # New York's close of that session
    assert [each["portfolio"] for each in answered(api, "/portfolio")["portfolios"]] == [
        each["portfolio"] for each in by_hand(build, "from serving.portfolio_summary order by portfolio")
    ]


def test_factors_and_a_range_of_sessions(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    factors = answered(api, "/portfolio/equities/factors")["factors"]
    of_portfolio = "from serving.factor_exposures where source = 'portfolio' and symbol = 'equities'"
    hand = by_hand(build, f"select * exclude (source, symbol) {of_portfolio} order by factor_set, frequency, factor")
    assert (factors, len(factors) > 2) == (hand, True)
    days = [row["session_date"] for row in answered(api, "/portfolio/equities/history")["history"]]
    some = answered(api, f"/portfolio/equities/history?from={days[5]}&to={days[8]}&fields=session_date")["history"]
    assert [row["session_date"] for row in some] == days[5:9]
    newest = answered(api, "/portfolio/equities/weights?latest=true")["weights"]
    assert {row["session_date"] for row in newest} == {days[-1]}


def test_a_portfolio_that_is_none_names_those_that_are(api: httpx.Client) -> None:
    answer = api.get("/portfolio/equites")
    assert answer.status_code == 404
    assert answer.json()["known"][0] == "equities"


def test_correlations_of_chosen_symbols_are_a_matrix(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    hand = by_hand(
        build,
        "from serving.correlations where a in ('AAPL', 'BTCUSDT') and b in ('AAPL', 'BTCUSDT') order by a, b",
    )
    assert answered(api, "/correlation?symbols=aapl,BTCUSDT")["pairs"] == hand
    assert len(hand) == 4
    whole = by_hand(build, "from serving.correlations order by a, b, source_a, source_b")
    assert flat(pages(api, "/correlation", "pairs", limit=11)) == whole
    assert api.get("/correlation?symbols=aapl,nope").status_code == 404


def test_a_pair_through_time(api: httpx.Client, build: duckdb.DuckDBPyConnection) -> None:
    hand = by_hand(
        build,
        "select session_date, rolling_correlation_pair from serving.rolling_correlations "
        "where a = 'AAPL' and b = 'MSFT' order by session_date",
    )
    body = answered(api, "/correlation/aapl/MSFT?limit=100000")
    assert (body["history"], body["newest"]) == (hand, hand[-1]["rolling_correlation_pair"])
    page = answered(api, "/correlation/aapl/MSFT?limit=1&fields=session_date")
    assert (len(page["history"]), page["newest"]) == (1, body["newest"])  # of the pair, not of the page
