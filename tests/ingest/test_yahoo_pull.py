"""The real yfinance against a local server: from Yahoo's JSON to the row on disk."""

import time
from datetime import UTC, date, datetime

import pytest

from ingest.yahoo import YahooSession
from quant.errors import COME_BACK_LATER
from tests.ingest.yahoo_pulls import Pulls, needs_real, real_body, seconds
from tests.ingest.yahoo_server import Day, YahooServer, chart

# Three sessions around a split (Thursday, the half day after Thanksgiving, Monday), and an unfinished row.
THANKSGIVING = chart(
    "NVDA",
    [
        (seconds(2025, 11, 26, 14, 30), [10.0, 12.0, 9.0, 11.0, 10.5], 1000),
        (seconds(2025, 11, 28, 14, 30), [11.0, 13.0, 10.0, 12.0, 11.5], 500),
        (seconds(2025, 12, 1, 14, 30), [None, None, None, None, None], None),
    ],
    events={
        "dividends": {"1": {"amount": 0.25, "date": seconds(2025, 11, 26, 14, 30)}},
        "splits": {"2": {"date": seconds(2025, 11, 28, 14, 30), "numerator": 4, "denominator": 1, "splitRatio": "4:1"}},
    },
)


def test_bars_carry_sessions_actions_and_origin(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    assert pulls.pull("equities", "NVDA") == 0
    first, second, third = pulls.rows("equities")
    assert (first["session_date"], first["ts"], first["end_ts"]) == (
        date(2025, 11, 26),
        datetime(2025, 11, 26, 14, 30, tzinfo=UTC),
        datetime(2025, 11, 26, 21, tzinfo=UTC),
    )
    assert second["end_ts"] == datetime(2025, 11, 28, 18, tzinfo=UTC)  # NYSE closes at 13:00 that Friday
    assert [first[name] for name in ("open", "high", "low", "close", "vendor_adj_close")] == [10, 12, 9, 11, 10.5]
    assert [(row["dividend"], row["split_ratio"]) for row in (first, second)] == [(0.25, 0.0), (0.0, 4.0)]
    assert (first["volume"], first["currency"], first["interval"]) == (1000, "USD", "1d")
    assert (first["source"], first["ingest_run_id"]) == ("yahoo", pulls.last_run["ingest_run_id"])
    assert [row["is_final"] for row in (first, second, third)] == [True, True, False]
    assert [third[name] for name in ("open", "high", "low", "close", "vendor_adj_close", "volume")] == [None] * 6


def test_each_pull_is_a_file_of_its_own(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    for _ in range(2):
        pulls.pull("equities", "NVDA")
    folder = pulls.settings.parquet_path / "equities/symbol=NVDA/source=yahoo/interval=1d"
    runs = {row["ingest_run_id"] for row in pulls.rows("ledger/runs")}
    assert {path.stem for path in folder.iterdir()} == runs
    assert len(runs) == 2


def test_bar_of_a_day_without_session_lasts_from_midnight_to_midnight(pulls: Pulls, yahoo: YahooServer) -> None:
    saturday: list[Day] = [(seconds(2025, 11, 29, 5), [1.0, 1.0, 1.0, 1.0, 1.0], 1)]
    yahoo.charts["NVDA"] = chart("NVDA", saturday)
    pulls.pull("equities", "NVDA")
    (row,) = pulls.rows("equities")
    assert (row["ts"], row["end_ts"]) == (
        datetime(2025, 11, 29, 5, tzinfo=UTC),
        datetime(2025, 11, 30, 5, tzinfo=UTC),
    )


def test_symbol_that_fails_is_named_and_the_others_are_kept(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    assert pulls.pull("equities", "GONE", "NVDA") == 0
    assert {row["symbol"] for row in pulls.rows("equities")} == {"NVDA"}
    assert (pulls.last_run["status"], pulls.last_run["row_count"]) == ("partial", 3)
    assert "GONE" in pulls.last_run["message"]


def test_symbol_that_failed_gets_a_second_chance_in_the_same_pull(
    pulls: Pulls, yahoo: YahooServer, caplog: pytest.LogCaptureFixture
) -> None:
    yahoo.charts = {symbol: chart(symbol, []) for symbol in ("AAPL", "MSFT")} | {"NVDA": THANKSGIVING}
    yahoo.refuse_next["NVDA"] = [503, 503]  # the library itself asks twice
    assert pulls.pull("equities", "NVDA", "AAPL", "MSFT") == 0
    assert (pulls.last_run["status"], pulls.last_run["row_count"]) == ("ok", 3)
    assert caplog.text.count("NVDA: ") == 1


def test_failure_that_may_pass_asks_to_come_back_and_one_that_lasts_does_not(
    pulls: Pulls, yahoo: YahooServer, caplog: pytest.LogCaptureFixture
) -> None:
    yahoo.charts["NVDA"] = THANKSGIVING
    yahoo.refuse["DOWN"] = 503
    assert pulls.pull("equities", "DOWN", "NVDA") == COME_BACK_LATER
    assert pulls.last_run["status"] == "partial"
    assert pulls.pull("equities", "GONE", "NVDA") == 0  # answered 404: it will not be there in five minutes either
    told = [record.message.split(":")[0] for record in caplog.records]
    assert (told.count("DOWN"), told.count("GONE")) == (2, 1)


def test_pull_of_which_nothing_came_is_failed(pulls: Pulls) -> None:
    assert pulls.pull("equities", "GONE") == 1
    assert pulls.last_run["status"] == "failed"


def test_answer_without_bars_is_empty_and_leaves_no_file(pulls: Pulls, yahoo: YahooServer) -> None:
    yahoo.charts["NVDA"] = chart("NVDA", [])
    assert pulls.pull("equities", "NVDA") == 0
    assert (pulls.last_run["status"], pulls.rows("equities")) == ("empty", [])


@pytest.mark.parametrize(("dataset", "path"), [("equities", "/v8/"), ("options", "/v7/")])
def test_rate_limit_stops_the_pull_at_the_first_request(
    pulls: Pulls, yahoo: YahooServer, dataset: str, path: str
) -> None:
    yahoo.refuse["NVDA"] = 429
    assert pulls.pull(dataset, "NVDA", "AAPL") == COME_BACK_LATER
    assert pulls.last_run["status"] == "rate_limited"
    assert len(yahoo.asked(path)) == 1


def test_requests_keep_their_distance(yahoo: YahooServer) -> None:
    session = YahooSession(yahoo.url, seconds=0.1)
    begin = time.monotonic()
    for _ in range(3):
        session.get("https://query1.finance.yahoo.com/v1/test/getcrumb")
    session.close()
    assert time.monotonic() - begin >= 0.2
    assert len(yahoo.requests) == 3


def test_other_hosts_are_not_redirected(yahoo: YahooServer) -> None:
    session = YahooSession("http://127.0.0.1:9", seconds=0.0)
    assert session.get(f"{yahoo.url}/v1/test/getcrumb?a=b").text == "a-crumb"
    session.close()


@needs_real
def test_real_charts_keep_split_and_dividends(pulls: Pulls, yahoo: YahooServer) -> None:
    for symbol, name in (("NVDA", "split"), ("MSFT", "dividends")):
        yahoo.charts[symbol] = real_body(f"chart-{symbol}-{name}-2021-02-01-to-2022-01-31.json")
    pulls.pull("equities", "NVDA", "MSFT")
    rows = pulls.rows("equities")
    assert len(rows) == 504  # 252 sessions each, counted in the files
    assert {(row["session_date"], row["split_ratio"]) for row in rows if row["split_ratio"]} == {
        (date(2021, 7, 20), 4.0)
    }
    dividends = [(row["session_date"], row["dividend"]) for row in rows if row["symbol"] == "MSFT" and row["dividend"]]
    assert dividends == [
        (date(2021, 2, 17), 0.56),
        (date(2021, 5, 19), 0.56),
        (date(2021, 8, 18), 0.56),
        (date(2021, 11, 17), 0.62),
    ]
    quote = yahoo.charts["NVDA"]["chart"]["result"][0]["indicators"]["quote"][0]
    nvda = [row for row in rows if row["symbol"] == "NVDA"]
    assert [row["volume"] for row in nvda] == quote["volume"]
    # yfinance rounds to float32's digits; Yahoo sends the doubles of float32 numbers.
    assert all(abs(row["close"] / close - 1) < 1e-6 for row, close in zip(nvda, quote["close"], strict=True))
    assert all(row["is_final"] for row in rows)
