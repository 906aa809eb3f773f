"""After a 429 Yahoo is left alone: not one request more, whoever asks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.yahoo_rest import Rest
from quant.errors import COME_BACK_LATER
from tests.ingest.test_yahoo_chains import chain_body
from tests.ingest.test_yahoo_pull import THANKSGIVING
from tests.ingest.yahoo_pulls import Pulls
from tests.ingest.yahoo_server import YahooServer

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("refused", ["getcrumb", "NVDA"])
@pytest.mark.parametrize("dataset", ["equities", "options"])
def test_nothing_is_asked_after_a_429(pulls: Pulls, yahoo: YahooServer, dataset: str, refused: str) -> None:
    yahoo.refuse[refused] = 429
    assert pulls.pull(dataset, "NVDA", "AAPL") == COME_BACK_LATER
    asked = [path for path, _ in yahoo.requests]
    assert asked[-1].endswith(refused) and sum(path.endswith(refused) for path in asked) == 1
    assert pulls.last_run["status"] == "rate_limited"
    assert pulls.outcomes == {"NVDA": "not_fetched", "AAPL": "not_fetched"}


def test_a_429_of_one_dataset_keeps_the_other_from_asking_until_the_rest_is_over(
    pulls: Pulls, yahoo: YahooServer
) -> None:
    yahoo.charts["NVDA"], yahoo.chains["SPY"] = THANKSGIVING, chain_body
    yahoo.refuse_next["NVDA"], yahoo.retry_after = [429], "600"
    assert pulls.pull("equities", "NVDA") == COME_BACK_LATER
    count = len(yahoo.requests)
    for dataset, symbol in (("options", "SPY"), ("equities", "NVDA")):
        assert pulls.pull(dataset, symbol) == COME_BACK_LATER
        assert (pulls.last_run["status"], pulls.last_run["dataset"]) == ("rate_limited", dataset)
        assert "no request before" in pulls.last_run["message"]
    assert len(yahoo.requests) == count
    _end_rest(pulls.settings.root / "cache" / "yahoo.rest")
    assert pulls.pull("options", "SPY") == pulls.pull("equities", "NVDA") == 0


def _end_rest(path: Path) -> None:
    until = datetime.fromisoformat(path.read_text().strip())
    assert timedelta(seconds=590) < until - datetime.now(UTC) <= timedelta(seconds=600)  # what Retry-After asked for
    path.write_text(datetime.now(UTC).isoformat())


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [(None, 120), ("5", 120), ("600", 600), ("999999", 3600), ("soon", 120), ("Fri, 20 Nov 2026 12:10:00 GMT", 600)],
)
def test_the_rest_is_what_was_asked_for_between_two_minutes_and_an_hour(
    tmp_path: Path, retry_after: str | None, seconds: int
) -> None:
    now = [NOON]
    rest = Rest(tmp_path / "a" / "yahoo.rest", lambda: now[0])
    assert rest.until() is None
    assert rest.begin(retry_after) == NOON + timedelta(seconds=seconds)
    now[0] = NOON + timedelta(seconds=seconds - 1)
    assert rest.until() == NOON + timedelta(seconds=seconds)
    now[0] += timedelta(seconds=1)
    assert rest.until() is None


def test_a_clock_that_is_set_back_prolongs_no_rest(tmp_path: Path) -> None:
    now = [NOON]
    rest = Rest(tmp_path / "yahoo.rest", lambda: now[0])
    rest.begin(None)
    now[0] = NOON - timedelta(days=1)
    assert rest.until() is None
