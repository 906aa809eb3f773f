"""Pages without a browser: one run of the script, what it asked the warehouse, and the caches that all visits share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import data
from quant.settings import PROJECT_PATH, Settings
from tests.dashboard.pages import Look

# AppTest reads the metadata of every installed package before each run, half of what it costs; they stay as they are.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

SCRIPT = PROJECT_PATH / "dashboard" / "navigation.py"
LINES = "lines"  # the name under which data.lines is remembered among the queries
Visit = Callable[..., AppTest]
State = Mapping[str, object]


@dataclass(frozen=True)
class Answer:
    """What one query of a visit brought."""

    query: str
    rows: pa.Table


@dataclass(frozen=True)
class Shown:
    """A look, what it shows, and everything it was told."""

    look: Look
    page: AppTest
    answers: tuple[Answer, ...]

    @property
    def queries(self) -> list[str]:
        return sorted({answer.query for answer in self.answers})


def visited(path: str, state: State | None = None, **query: str) -> AppTest:
    """One run of a page. `state` is what a click has left behind, such as an opened expander."""
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    page._page_hash = calc_hash(path)  # AppTest can only name pages that are files
    page.query_params.update(query)
    for key, value in (state or {}).items():
        page.session_state[key] = value
    return page.run()


class Visitor:
    """Visits to one data folder. The server's caches live as long as the process, and are emptied at its door."""

    inside: "Visitor | None" = None

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self.settings = settings
        self._environment = {name: text for name, text in environment.items() if name.startswith("QUANT_")}
        self._seen: dict[Look, Shown] = {}

    def visit(self, path: str, state: State | None = None, **query: str) -> AppTest:
        if Visitor.inside is not self:
            forget()
            Visitor.inside = self
        with pytest.MonkeyPatch.context() as patch:
            for name, text in self._environment.items():
                patch.setenv(name, text)
            return visited(path, state, **query)

    def look(self, look: Look) -> Shown:
        """The look as a visitor first sees it; looked at once."""
        if look not in self._seen:
            self._seen[look] = self.look_again(look)
        return self._seen[look]

    def look_again(self, look: Look, state: State | None = None, **query: str) -> Shown:
        answers: list[Answer] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(data, "table", _remembering(data.table, answers))
            patch.setattr(data, "lines", _remembering(data.lines, answers, LINES))
            page = self.visit(look.page.path, state, **look.query(**query))
        return Shown(look, page, tuple(answers))


def _remembering(ask: Callable[..., pa.Table], answers: list[Answer], name: str | None = None) -> Any:
    def asked(*arguments: Any, **parameters: Any) -> pa.Table:
        rows = ask(*arguments, **parameters)
        answers.append(Answer(name or arguments[0], rows))
        return rows

    return asked


def forget() -> None:
    """Leave the house: its settings, its warehouse and its answers."""
    Visitor.inside = None
    st.cache_data.clear()
    st.cache_resource.clear()


def texts(page: AppTest) -> str:
    """Everything that is said in words."""
    shown = [*page.markdown, *page.caption, *page.warning, *page.error, *page.info]
    return " ".join(str(element.value) for element in shown)
