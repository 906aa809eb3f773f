"""What is wrong now: one sentence for each fault, with the command that mends it."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard import faults
from quant.storage import Storage

Visit = Callable[..., AppTest]


def late(dataset: str, symbol: str, age: float | None) -> dict[str, object]:
    named = {"dataset": dataset, "symbol": symbol, "source": "binance"}
    return {**named, "is_stale": True, "age_seconds": age, "promised_seconds": 30.0}


def test_late_series_of_a_dataset_are_one_fault_with_the_worst_age() -> None:
    series = [late("trades", "BTCUSDT", 600.0), late("trades", "ETHUSDT", 1200.0), late("klines", "BTCUSDT", None)]
    fresh = {**late("trades", "SOLUSDT", 1.0), "is_stale": False}
    assert faults.of_freshness([*series, fresh]) == [
        faults.Fault("klines of BTCUSDT never arrived from binance", "quant ingest crypto"),
        faults.Fault(
            "trades of BTCUSDT, ETHUSDT from binance are 20 min old, promised are 30 s", "quant ingest crypto"
        ),
    ]
    assert faults.of_freshness([fresh]) == []


def test_a_build_that_cannot_be_opened_is_said_before_its_age() -> None:
    old = {"age_seconds": 7200.0}
    assert faults.of_build(None, old, 1800.0) == [
        faults.Fault("the newest build is 2.0 h old, promised are 30 min", "quant build")
    ]
    assert faults.of_build("build x cannot be opened", old, 1800.0)[0].command == "quant build --full-refresh"
    assert faults.of_build(None, {"age_seconds": 1800.0}, 1800.0) == faults.of_build(None, None, 1800.0) == []


def test_lost_and_doubled_trades_and_open_gaps_are_three_faults() -> None:
    whose = {"symbol": "BTCUSDT", "source": "binance"}
    totals = [{**whose, "count_unexplained": 4321, "count_duplicates": 2}]
    gaps = [{**whose, "count_gaps": 1, "count_trades": 50}]
    assert [(each.sentence, each.command) for each in faults.of_trades(totals, gaps)] == [
        ("BTCUSDT of binance: 4,321 trade ids are missing for no known reason", "quant ingest fill"),
        ("BTCUSDT of binance: 2 trades are stored twice", "quant ingest compact"),
        ("BTCUSDT of binance: 50 trades in 1 gap are to be fetched", "quant ingest fill"),
    ]


def test_findings_are_summed_and_what_is_live_elsewhere_is_left_out() -> None:
    counts = [
        {"finding": "bar_mismatch", "symbol": "BTCUSDT", "count_rows": 2},
        {"finding": "bar_mismatch", "symbol": "ETHUSDT", "count_rows": 1},
        {"finding": "open_gap", "symbol": "BTCUSDT", "count_rows": 9},
    ]
    (fault,) = faults.of_findings(counts)
    assert fault.sentence == "3 minute bars differ from the exchange's own (BTCUSDT, ETHUSDT)"


def test_runs_and_the_folder_say_why() -> None:
    run = {"dataset": "options", "symbol": None, "source": "yahoo", "status": "rate_limited", "message": "429"}
    died = {**run, "dataset": "trades", "symbol": "BTCUSDT", "status": "died", "message": None}
    assert [each.sentence for each in faults.of_runs([run, died])] == [
        "the newest run of options from yahoo ended as rate limited: 429",
        "the newest run of trades BTCUSDT from yahoo has died",
    ]
    assert faults.of_storage(Storage(Path("/data"), problem="it is full")) == [
        faults.Fault("it is full", "quant doctor")
    ]
    assert faults.of_storage(Storage(Path("/data"))) == []


def test_the_page_says_each_fault_with_its_command(visit: Visit, publish_empty: Callable[..., None]) -> None:
    age = "now() - interval 10 minutes"
    publish_empty(
        insert=f"insert into serving.health values ('binance', 'trades', 'BTCUSDT', {age}, {age}, 600, 30, true)"
    )
    said = [str(element.value) for element in visit("data-health").markdown]
    assert ":orange[:material/warning:] **1 fault now**" in said
    expected = "Trades of BTCUSDT from binance are 10 min old, promised are 30 s. Mends it: `quant ingest crypto`"
    assert f"- {expected}" in said


def test_a_page_without_a_fault_says_that_all_is_well(visit: Visit, publish_empty: Callable[..., None]) -> None:
    publish_empty(
        insert="insert into serving.health values ('binance', 'trades', 'BTCUSDT', now(), now(), 1, 30, false)"
    )
    assert any("**All is well**" in str(element.value) for element in visit("data-health").markdown)
