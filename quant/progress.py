"""A progress line for whatever takes longer than a second: a spinner on a terminal, else a line now and then."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Spinner
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

FIRST_SECONDS = 1.0
REPEAT_SECONDS = 10.0


class Progress:
    """`with Progress(console, "building") as line: ... line.say("testing")`; gone when done on a terminal."""

    def __init__(self, console: Console, text: str) -> None:
        self._console, self._text = console, text
        self._done = threading.Event()
        self._started = time.monotonic()
        self._spinner = Spinner(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._task = self._spinner.add_task(self._text)
            self._spinner.start()
            return self
        threading.Thread(target=self._repeat, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        if self._console.is_terminal:
            self._spinner.stop()

    def say(self, text: str) -> None:
        """Change what is being waited for."""
        self._text = text
        if self._console.is_terminal:
            self._spinner.update(self._task, description=text)

    def _repeat(self) -> None:
        wait = FIRST_SECONDS
        while not self._done.wait(wait):
            elapsed = time.monotonic() - self._started
            self._console.print(f"{self._text} ... {elapsed:.0f} s", markup=False, highlight=False, soft_wrap=True)
            wait = REPEAT_SECONDS
