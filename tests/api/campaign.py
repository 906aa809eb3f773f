"""schemathesis over the whole description of a running API: which questions are asked, and what is found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from api.parameters import EXAMPLES, OF_PATHS

# Its 200 never ends: tests/api/test_stream.py reads it, and tests/api/test_fuzz.py asks it what it refuses.
STREAM = "/stream/{symbol}"
REAL = 0.8  # of the questions are about symbols, portfolios and metrics that there are
# What is too long is refused before anybody reads what it says.
TOO_LONG = ["413", "414", "431"]
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "5xx", *TOO_LONG]
# Metrics and expiries that a symbol does not have are data that are not there (404).
ACCEPTED = ["2xx", "3xx", "404"]
CONFIG: dict[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    "request-timeout": 20,
    "checks": {
        "negative_data_rejection": {"expected-statuses": REJECTED},
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
    },
    "generation": {"deterministic": True, "database": "none", "no-shrink": True},
    "dictionaries": {name: {"values": EXAMPLES[name]} for name in OF_PATHS},
    "parameters": {f"path.{name}": {"dictionary": name, "probability": REAL} for name in OF_PATHS},
    # A text is valid JSON and no query: no schema tells which texts are queries that may be asked.
    "operations": [
        {"include-path": "/sql", "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "422"]}}}
    ],
}


@dataclass
class Findings:
    """What a campaign saw: answers by operation and status, and every distinct failure with how to ask again."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def share(self, status: int, operation: str | None = None) -> float:
        asked = [n for (name, _), n in self.statuses.items() if operation in (None, name)]
        given = [n for (name, code), n in self.statuses.items() if operation in (None, name) and code == status]
        return sum(given) / max(1, sum(asked))


def campaign(base_url: str, examples: int, phases: tuple[str, ...]) -> Findings:
    """Ask `examples` made-up questions of each operation, and whatever else the phases do."""
    names = ("examples", "coverage", "fuzzing", "stateful")
    chosen = {name: {"enabled": name in phases} for name in names}
    generation = {**CONFIG["generation"], "max-examples": examples}
    config = SchemathesisConfig.from_dict({**CONFIG, "generation": generation, "phases": chosen})
    schema = schemathesis.openapi.from_url(f"{base_url}/openapi.json", config=config).exclude(path=STREAM)
    return gathered(from_schema(schema).execute())


def gathered(told: Iterator[events.EngineEvent]) -> Findings:
    found = Findings()
    for event in told:
        if isinstance(event, events.ScenarioFinished):
            _add(found, event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.failures["", type(event).__name__, str(event)[:200]] = repr(event)
    return found


def _add(found: Findings, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        label = recorder.cases[case_id].value.operation.label
        found.statuses[label, interaction.response.status_code if interaction.response else 0] += 1
    for case_id, checks in recorder.checks.items():
        label = recorder.cases[case_id].value.operation.label
        for check in checks:
            if check.status is Status.FAILURE and (info := check.failure_info):
                found.failures.setdefault(
                    (label, check.name, info.failure.title), f"{info.failure.message}\n{info.code_sample}"
                )
