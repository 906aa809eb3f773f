"""Reading: always the newest build that can be opened, one build per answer, nothing torn away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from quant import connect
from quant.errors import NoBuildError
from quant.settings import Settings
from quant.warehouse import Warehouse, open_build

VALUE = "select max(value) as value from serving.answer"


def test_before_the_first_build_the_remedy_is_told(settings: Settings) -> None:
    with pytest.raises(NoBuildError, match="run `quant up`"):
        Warehouse(settings).query(VALUE)
    with pytest.raises(NoBuildError, match="run `quant up`"):
        connect()
    with pytest.raises(NoBuildError, match="there is no build at"):
        connect(settings.market_path)


def test_each_query_moves_on_to_the_newest_build(tiny: Any, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    for value in (1, 2, 3):
        record = tiny.publish(value)
        assert warehouse.query(VALUE).to_pylist() == [{"value": value}]
        assert warehouse.build_id == record.build_id


def test_one_reading_sees_one_build(tiny: Any, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    first = tiny.publish(1)
    with warehouse.reading() as reading:
        tiny.publish(2)
        assert warehouse.query(VALUE).to_pylist() == [{"value": 2}]
        assert reading.rows(VALUE) == [{"value": 1}]
        assert reading.build_id == first.build_id


def test_what_is_recalled_is_asked_once_per_build_and_cannot_be_changed_by_who_gets_it(
    tiny: Any, settings: Settings
) -> None:
    warehouse = Warehouse(settings)
    for value in (1, 2):
        tiny.publish(value)
        with warehouse.reading() as reading:
            reading.recall(VALUE)[0]["value"] = -1
        with warehouse.reading() as later:
            later.cursor.close()  # it could not ask
            assert later.recall(VALUE) == [{"value": value}]


def test_a_recalled_answer_is_that_of_its_parameters_and_none_is_asked_again(tiny: Any, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    tiny.publish(7)
    sql = "select distinct value from serving.answer where value = $value"
    with warehouse.reading() as reading:
        assert [reading.recall(sql, {"value": value}) for value in (7, 8, 7)] == [[{"value": 7}], [], [{"value": 7}]]
        assert list(reading.memory) == [(sql, (("value", 7),))]


def test_a_half_read_answer_survives_a_publish_and_prune(tiny: Any, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    tiny.publish(1)
    cursor = warehouse.cursor()
    cursor.execute("select a.value from serving.answer a, serving.answer b limit 500000")
    first = cursor.fetchmany(10)
    tiny.publish(2)
    warehouse.query(VALUE)
    tiny.builds.prune(grace_seconds=0)
    assert first == [(1,)] * 10
    assert sum(value for (value,) in cursor.fetchall()) == 500_000 - 10


def test_a_build_that_cannot_be_opened_leaves_the_old_answers_and_is_told(tiny: Any, settings: Settings) -> None:
    warehouse = Warehouse(settings)
    tiny.publish(1)
    warehouse.query(VALUE)
    broken = tiny.publish(2)
    _database(settings, broken.build_id).write_bytes(b"this is no database" * 1000)

    assert warehouse.query(VALUE).to_pylist() == [{"value": 1}]
    assert warehouse.problem is not None
    assert broken.build_id in warehouse.problem

    tiny.publish(3)
    assert warehouse.query(VALUE).to_pylist() == [{"value": 3}]
    assert warehouse.problem is None


def test_nobody_waits_while_another_opens_the_newer_build(
    tiny: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse, is_opening, may_open = Warehouse(settings), threading.Event(), threading.Event()
    tiny.publish(1)
    assert warehouse.query(VALUE).to_pylist() == [{"value": 1}]

    def slowly(path: Path) -> Any:
        is_opening.set()
        assert may_open.wait(30)
        return open_build(path)

    monkeypatch.setattr("quant.warehouse.open_build", slowly)
    tiny.publish(2)
    with ThreadPoolExecutor(1) as pool:
        opener = pool.submit(warehouse.query, VALUE)
        assert is_opening.wait(30)
        assert warehouse.query(VALUE).to_pylist() == [{"value": 1}]
        may_open.set()
        assert opener.result(30).to_pylist() == [{"value": 2}]
    assert warehouse.query(VALUE).to_pylist() == [{"value": 2}]


def test_readers_cannot_write(tiny: Any, settings: Settings) -> None:
    tiny.publish(1)
    with connect(settings.market_path) as connection, pytest.raises(Exception, match="read-only"):
        connection.execute("create table serving.mine as select 1")


def test_instants_are_utc_whatever_the_machine_thinks(
    tiny: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    tiny.publish(1)
    with connect(settings.market_path) as connection:
        assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
        shown = connection.execute("select timestamptz '2026-11-22 13:00:00+00'::varchar").fetchall()
    assert shown == [("2026-11-22 13:00:00+00",)]


def test_two_doors_of_one_process_open_the_same_build(tiny: Any, settings: Settings) -> None:
    tiny.publish(1)
    warehouse = Warehouse(settings)
    assert warehouse.query(VALUE).to_pylist() == [{"value": 1}]
    with connect(settings.market_path) as connection:
        assert connection.execute(VALUE).fetchall() == [(1,)]
    assert warehouse.query(VALUE).to_pylist() == [{"value": 1}]


def test_threads_of_one_process_open_the_same_build_at_once(tiny: Any, settings: Settings) -> None:
    """They share one database, so the functions of ours are to be made once, whoever comes first."""
    threads = 8
    priced = "select greeks(true, 100, 100, 1, 0.05, 0.2, 0).price > 0 as priced"

    def answer(ready: threading.Barrier) -> list[dict[str, Any]]:
        warehouse = Warehouse(settings)
        ready.wait(30)
        rows: list[dict[str, Any]] = warehouse.query(priced).to_pylist()
        return rows

    with ThreadPoolExecutor(threads) as pool:
        for value in range(10):
            tiny.publish(value)
            ready = threading.Barrier(threads)
            answers = [pool.submit(answer, ready) for _ in range(threads)]
            assert [each.result(60) for each in answers] == [[{"priced": True}]] * threads


def _database(settings: Settings, build_id: str) -> Path:
    return settings.duckdb_path / "builds" / build_id / "market.duckdb"
