"""Compaction: whatever the instant of a crash, every build shows every trade exactly once."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import ingest.compaction
from ingest.compaction import compact
from ingest.errors import BusyError
from ingest.parquet import lay_down_empty_files
from ingest.tail import Tail, stored_ids
from quant.boundary import EPOCH, read_boundary
from quant.locks import exclusive
from quant.settings import Settings
from tests.ingest.market_time import SOURCE, at, files_below, seen, trade

SYMBOLS = ("BTCUSDT", "ETHUSDT")
CLOSED = "symbol=BTCUSDT/source=binance/date=2026-11-20"


@pytest.fixture
def root(settings: Settings) -> Path:
    lay_down_empty_files(settings.parquet_path)
    return settings.parquet_path


def record(root: Path, *trades: tuple[int, datetime, str]) -> None:
    Tail(root, SOURCE, "a-run", symbols=2).write([trade(*each) for each in trades])


def three_hours(root: Path) -> list[int]:
    """Ids 1 to 12: two symbols, hours 9, 10 and 11, two minutes each."""
    record(
        root,
        *((1 + number, at(9 + number // 4, 10 * (1 + number // 2 % 2)), SYMBOLS[number % 2]) for number in range(12)),
    )
    return list(range(1, 13))


def publish(settings: Settings, build_id: str = "one") -> datetime:
    """What the builder leaves behind: a build with the boundary of this moment."""
    boundary = read_boundary(settings.parquet_path)
    folder = settings.duckdb_path / "builds" / build_id
    folder.mkdir(parents=True)
    (folder / "build.json").write_text(json.dumps({"boundary": boundary.isoformat()}))
    return boundary


def clock(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def test_settled_hours_of_a_day_become_one_file_per_symbol(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(11, 30)))
    assert read_boundary(root) == at(11)
    assert files_below(root / "trades" / "closed") == sorted(
        f"{CLOSED.replace('BTCUSDT', symbol)}/day.parquet" for symbol in SYMBOLS
    )
    assert seen(root, read_boundary(root)) == everything


def test_hour_settles_two_minutes_after_its_end(settings: Settings, root: Path) -> None:
    three_hours(root)
    compact(settings, clock(at(11, 1, 59.999)))
    assert read_boundary(root) == at(10)
    compact(settings, clock(at(11, 2)))
    assert read_boundary(root) == at(11)


def test_builds_of_every_boundary_show_the_same(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    before = publish(settings)
    compact(settings, clock(at(10, 30)))
    between = publish(settings, "two")
    compact(settings, clock(at(13)))
    after = publish(settings, "three")
    assert [before, between, after] == [EPOCH, at(10), at(12)]
    for boundary in (before, between, after):
        assert seen(root, boundary) == everything


def test_nothing_is_deleted_without_a_build(settings: Settings, root: Path) -> None:
    three_hours(root)
    before = files_below(root / "trades" / "tail")
    compact(settings, clock(at(13)))
    assert files_below(root / "trades" / "tail") == before


def test_tail_goes_when_no_build_reads_it(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(10, 30)))
    publish(settings)  # reads the tail from 10:00 on
    compact(settings, clock(at(13)))
    hours = {Path(path).parent.name for path in files_below(root / "trades" / "tail")}
    assert hours == {"hour=10", "hour=11"}
    assert not list((root / "trades" / "tail").rglob("hour=9"))
    assert seen(root, at(10)) == seen(root, at(12)) == everything
    assert stored_ids(root, "BTCUSDT", SOURCE).last == 11


def test_empty_typed_files_stay(settings: Settings, root: Path) -> None:
    publish(settings)
    compact(settings, clock(at(13)))
    publish(settings, "two")
    (settings.duckdb_path / "builds" / "one" / "build.json").unlink()
    compact(settings, clock(at(14)))
    assert len(list((root / "trades").rglob("symbol=0/**/0.parquet"))) == 2


def test_late_trades_get_a_closed_file_of_their_own(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(13)))
    publish(settings)
    compact(settings, clock(at(13)))
    record(root, (21, at(9, 10, 5), "BTCUSDT"), (22, at(9, 40), "BTCUSDT"))
    assert seen(root, at(12)) == everything  # not yet: no build reads this part of the tail
    compact(settings, clock(at(13)))
    assert f"{CLOSED}/09-21-22.parquet" in files_below(root / "trades" / "closed")
    assert seen(root, at(12)) == [*everything, 21, 22]
    assert files_below(root / "trades" / "tail") == []


def test_trades_that_come_again_are_not_closed_twice(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(13)))
    record(root, (1, at(9, 10), "BTCUSDT"), (21, at(9, 10), "BTCUSDT"))
    for _ in range(2):
        compact(settings, clock(at(13)))
    assert seen(root, at(12)) == [*everything, 21]


def test_row_that_comes_between_closing_and_deleting_survives(
    settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(13)))
    publish(settings)
    delete = ingest.compaction.delete_unread

    def late_then_delete(root: Path, boundaries: list[datetime]) -> None:
        record(root, (21, at(9, 10), "BTCUSDT"))
        delete(root, boundaries)

    monkeypatch.setattr(ingest.compaction, "delete_unread", late_then_delete)
    compact(settings, clock(at(13)))
    monkeypatch.undo()
    compact(settings, clock(at(13)))
    assert seen(root, at(12)) == [*everything, 21]


def test_boundary_never_goes_back(settings: Settings, root: Path) -> None:
    everything = three_hours(root)
    compact(settings, clock(at(13)))
    compact(settings, clock(at(10)))  # somebody set the clock back
    assert read_boundary(root) == at(12)
    assert seen(root, at(12)) == everything


class CrashingDisk:
    """Ends the process, so to speak, at the n-th operation that changes the disk: before it, or after it."""

    class Crash(BaseException):
        """Nothing of ours catches it, as nothing catches SIGKILL."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fatal: int, when: str) -> None:
        self.operations = 0
        self._fatal, self._when = fatal, when
        for owner, name in ((Path, "replace"), (Path, "unlink"), (Path, "rmdir"), (os, "fsync")):
            monkeypatch.setattr(owner, name, self._guarded(getattr(owner, name)))

    def _guarded(self, operation: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **options: object) -> object:
            self.operations += 1
            if self.operations == self._fatal and self._when == "before":
                raise self.Crash
            result = operation(*arguments, **options)
            if self.operations == self._fatal:
                raise self.Crash
            return result

        return run


@pytest.mark.parametrize("when", ["before", "after"])
def test_crash_at_any_step_shows_every_trade_once(
    settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Crash at the first step, start again; crash at the second step, start again; ... until none is left."""
    expected, old = three_hours(root), publish(settings)
    fatal, crashed = 0, True
    while crashed:
        fatal += 1
        place = f"{when} step {fatal}"
        end, fresh, late = _new_round(root, fatal)
        expected = [*expected, *fresh]
        with monkeypatch.context() as patch:
            crashed = _compact_and_crash(settings, end, CrashingDisk(patch, fatal, when))
        assert [each for each in seen(root, read_boundary(root)) if each not in late] == expected, f"crash {place}"
        assert [each for each in seen(root, old) if each not in late] == expected, f"old build, crash {place}"
        compact(settings, clock(end))
        expected = sorted([*expected, *late])
        assert seen(root, read_boundary(root)) == expected, f"restart after a crash {place}"
        old = _only_build(settings, fatal)
    assert fatal > 15  # it did walk through closing, advancing and deleting
    assert not list(root.rglob("trades/closed/**/*.tmp"))


def _new_round(root: Path, number: int) -> tuple[datetime, list[int], list[int]]:
    """New hours, and from round 2 on a late row in an old one. Returns their end, the new ids, the late id."""
    begin = at(9) + timedelta(hours=4 * number)
    first = 100 * number
    record(root, (first, begin, "BTCUSDT"), (first + 1, begin, "ETHUSDT"))
    record(root, (first + 2, begin + timedelta(hours=1), "BTCUSDT"))
    late = [first - 50] if number > 1 else []
    record(root, *((trade_id, begin - timedelta(hours=4), "BTCUSDT") for trade_id in late))
    return begin + timedelta(hours=3), [first, first + 1, first + 2], late


def _compact_and_crash(settings: Settings, end: datetime, disk: CrashingDisk) -> bool:
    """Whether the compaction reached the step at which the disk crashes."""
    try:
        compact(settings, clock(end))
    except CrashingDisk.Crash:
        return True
    return False


def _only_build(settings: Settings, number: int) -> datetime:
    """A new build is published, the older ones are pruned."""
    for record_of_build in (settings.duckdb_path / "builds").glob("*/build.json"):
        record_of_build.unlink()
    return publish(settings, f"build-{number}")


def test_second_compaction_at_the_same_time_is_refused(settings: Settings, root: Path) -> None:
    with exclusive(root / "trades" / "compaction.lock"), pytest.raises(BusyError, match="another compaction"):
        compact(settings, patience=0)
