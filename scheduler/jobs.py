"""The timetable: what runs, how often, and in which order at start."""

from collections.abc import Callable
from dataclasses import dataclass

from quant.settings import RefreshSeconds
from scheduler.steps import Steps


@dataclass(frozen=True)
class Job:
    """A step with a name; it runs in a thread of its own, never twice at once, and `then` starts when it ended well."""

    name: str
    run: Callable[[], None]
    every_seconds: float | None = None  # None: not by the clock
    then: "Job | None" = None


@dataclass(frozen=True)
class Timetable:
    """`opening` in parallel at start, then a build; `regular` by the clock; `close` once after each session."""

    opening: tuple[Job, ...]
    build: Job
    regular: tuple[Job, ...]
    close: Job


def timetable(steps: Steps, every: RefreshSeconds, *, notifies: bool = False) -> Timetable:
    """The jobs of the product at the intervals of config.yaml (`refresh_seconds`).

    The exchange's bars are no job: the recorder of the trades fetches them beside the stream. Alerts are sent by the
    clock, for those about the data do not wait for a build, and after each build; not at all where nobody is told.
    """
    bars = Job("first bars", steps.await_bars)
    equities = Job("equities", steps.pull_equities, every.equities)
    options = Job("options", steps.pull_options, every.options)
    compact = Job("compact", steps.compact, every.compact)
    gaps = Job("gaps", steps.fill_gaps, every.gaps)
    notify = Job("notify", steps.notify, every.notify)
    build = Job("build", steps.build, every.build, then=notify if notifies else None)
    check = Job("check", steps.check, every.check)
    return Timetable(
        opening=(bars, equities, options),
        build=build,
        regular=(equities, options, compact, gaps, build, check, *((notify,) if notifies else ())),
        close=Job("close", steps.refresh_after_close, then=build.then),
    )
