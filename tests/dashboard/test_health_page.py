"""What the Data health page says of lost, late and absent trades, and of a data folder in trouble."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from quant.deliveries import Deliveries
from quant.messages import Alert
from quant.news import Look
from quant.settings import Settings
from quant.settings.notifications import QuietHours

Visit = Callable[..., AppTest]

# source, symbol, first_date, newest_date, last_trade_id, row_count, of today, missing and unexplained today, then
# missing, absent, open, unexplained, duplicates in all
ROW = "('binance', '{}', date '2026-11-01', date '2026-11-02', 99, 1234, 10, 0, 0, {})"
TOTALS = ", ".join(
    ROW.format(symbol, counts)
    for symbol, counts in [
        ("GOOD", "0, 0, 0, 0, 0"),
        ("ABSENT", "5, 5, 0, 0, 0"),
        ("WAITING", "7, 0, 7, 0, 0"),
        ("WRONG", "4321, 0, 0, 4321, 2"),
    ]
)


def lines(page: AppTest) -> dict[str, str]:
    """The line of each symbol."""
    said = [line.strip() for element in page.markdown for line in str(element.value).splitlines()]
    return {line.split("**")[1]: line for line in said if "trades since" in line}


def test_each_symbol_is_good_waiting_or_wrong_in_words_and_sign(
    visit: Visit, publish_empty: Callable[..., None]
) -> None:
    publish_empty(insert=f"insert into serving.completeness values {TOTALS}")
    said = lines(visit("data-health", view="Trades"))
    assert "check_circle" in said["GOOD"] and said["GOOD"].endswith(
        "binance, 1,234 trades since 2026-11-01: none missing, none twice"
    )
    assert "check_circle" in said["ABSENT"] and "5 ids not at the exchange either" in said["ABSENT"]
    assert "hourglass" in said["WAITING"] and "7 ids still to be fetched" in said["WAITING"]
    assert ":red[" in said["WRONG"] and "4,321 ids unexplained, 2 ids stored twice" in said["WRONG"]


def test_days_and_open_gaps_come_first_that_matter_most(visit: Visit, publish_empty: Callable[..., None]) -> None:
    gap = "('binance', 'BTCUSDT', {}, {}, '{}', 0, 'why', now() - interval {} hour, now(), 'run')"
    gaps = ", ".join([gap.format(1, 9, "filled", 1), gap.format(21, 25, "open", 9), gap.format(31, 31, "filled", 2)])
    day = "('binance', 'BTCUSDT', date '2026-11-0{}', 1, 9, 9, 0, 0, 0, 0, 0)"
    publish_empty(
        insert=f"insert into meta.gaps values {gaps}; insert into serving.completeness values {TOTALS}; "
        f"insert into meta.completeness values {day.format(1)}, {day.format(3)}, {day.format(2)}"
    )
    tables = {tuple(table.value.columns): table.value for table in visit("data-health", view="Trades").dataframe}
    (found,) = [table for columns, table in tables.items() if "checked_at" in columns]
    assert list(found["status"]) == ["open", "filled", "filled"]
    assert list(found["count_trades"]) == [5, 9, 1]
    (by_day,) = [table for columns, table in tables.items() if "count_unexplained" in columns]
    assert [f"{date:%d}" for date in by_day["date"]] == ["03", "02", "01"]


def test_a_data_folder_that_went_away_is_said_with_its_remedy(visit: Visit, empty_relations: Settings) -> None:
    assert not visit("data-health").warning
    empty_relations.parquet_path.rename(empty_relations.root / "elsewhere")
    (warning,) = visit("data-health").warning
    assert "the data folder is gone" in warning.value and "mount it or put it back" in warning.value


def row_of_deliveries(visit: Visit) -> dict[str, Any]:
    tables = [table.value for table in visit("data-health").dataframe]
    (found,) = [table for table in tables if "Last error" in table.columns]
    (row,) = found.to_dict("records")
    return {str(name): cell for name, cell in row.items()}


def test_where_alerts_go_and_whether_they_arrive_is_said(visit: Visit, empty_relations: Settings) -> None:
    assert "Nobody is told" in "".join(str(element.value) for element in visit("data-health").markdown)
    outbox, now = Deliveries(empty_relations.state_path), datetime.now(UTC)
    begins, ends = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 1))
    given = {"from": begins, "to": ends, "timezone": "UTC", "let_data_through": True}
    (destination,) = outbox.configure([SecretStr("json://localhost/hunter2")], QuietHours.model_validate(given))
    selection, day = empty_relations.notifications.send, timedelta(days=1)
    alert = Alert("one", "sma_cross", now, symbol="SPY", interval="1d")
    outbox.note(Look([]), selection, now, day)
    outbox.note(Look([alert]), selection, now, day)
    assert row_of_deliveries(visit)["State"] == f"Held until {ends} UTC"
    outbox.mark_failed(destination.destination, [alert], "the service answered 404 Not Found", now, (30, 1800), 9)
    row = row_of_deliveries(visit)
    assert (row["To"], row["State"], row["Pending"]) == (destination.name, "Failing", 1)
    assert row["Last error"] == "the service answered 404 Not Found"
