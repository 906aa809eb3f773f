"""Client libraries that thousands use against the real exchange, against ours."""

from collections.abc import Iterator

import pytest

from bench.clients import CLIENTS, missing, run_client
from ingest.standin.child import Market, running_market

LEAST_CHECKS = 15


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    if (problem := missing()) is not None:
        pytest.skip(problem)
    with running_market() as market:
        yield market


@pytest.mark.parametrize("name", CLIENTS)
def test_a_real_client_notices_no_difference(market: Market, name: str) -> None:
    done = run_client(name, market.url)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert done.stdout.count("ok: ") >= LEAST_CHECKS
