"""Alerts in the timetable: by the clock and after each build, and only where someone is told."""

import threading

import pytest

from quant.destinations import read_delivery_states
from quant.settings import Settings, load_settings
from scheduler.children import Children
from scheduler.jobs import timetable
from scheduler.loop import Loop
from scheduler.steps import Steps


def test_alerts_are_sent_every_minute_and_after_each_build(settings: Settings) -> None:
    steps = Steps(settings, Children(), threading.Event())
    table = timetable(steps, settings.refresh_seconds, notifies=True)
    (job,) = [job for job in table.regular if job.name == "notify"]
    assert (job.run, job.every_seconds) == (steps.notify, 60)  # config.yaml
    assert table.build.then == table.close.then == job


def test_where_nobody_is_told_there_is_no_such_job(settings: Settings) -> None:
    table = Loop(settings)._jobs
    assert "notify" not in [job.name for job in table.regular]
    assert table.build.then is None


def test_who_is_no_longer_configured_is_no_longer_shown(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_NOTIFICATIONS__URLS", '["json://localhost/a"]')
    table = Loop(load_settings())._jobs
    assert "notify" in [job.name for job in table.regular]
    assert len(read_delivery_states(settings.state_path)) == 1
    Loop(settings)
    assert read_delivery_states(settings.state_path) == []
