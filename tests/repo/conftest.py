"""The lab market built three times: after the first visit, incrementally after the second, whole after compaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.compaction import compact
from quant.build import Builder
from quant.settings import load_settings
from quant.warehouse import open_build
from tests.repo.lab import Lab

# Windows short enough for thirty bars.
ENVIRONMENT = {
    "QUANT_CRYPTO__SYMBOLS": '["BTCUSDT", "ETHUSDT"]',
    "QUANT_EQUITIES__SYMBOLS": '["SPY", "AAPL"]',
    "QUANT_PORTFOLIOS": '{"equities": ["SPY", "AAPL"], "crypto": ["BTCUSDT", "ETHUSDT"]}',
    "QUANT_METRICS__WINDOW_SHORT": "3",
    "QUANT_METRICS__WINDOW_MEDIUM": "5",
    "QUANT_METRICS__WINDOW_LONG": "8",
    "QUANT_METRICS__WINDOW_VOLATILITY": "4",
    "QUANT_METRICS__RISK_FREE_RATE": "0.03",
}


@dataclass(frozen=True)
class Visits:
    """Three published builds of one record; `whole` reads the ticks of `incremental` from closed files."""

    lab: Lab
    first: duckdb.DuckDBPyConnection
    incremental: duckdb.DuckDBPyConnection
    whole: duckdb.DuckDBPyConnection


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    data = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "QUANT_DATA_PATH": str(data)}.items():
            patch.setenv(name, value)
        patch.setattr("quant.configuration.LIVE_HOURS", 48)  # the lab's minutes are of yesterday
        settings = load_settings()
        lab = Lab(settings.parquet_path, datetime.now(UTC))
        builder = Builder(settings)
        lab.first_visit()
        with pytest.MonkeyPatch.context() as hurried:  # what dbt's tests find, they find in the last build
            hurried.setattr("quant.build._commands", lambda kind, tested: ["run", "--full-refresh"])
            first = built(builder, "full")
        lab.second_visit()
        incremental = built(builder, "incremental")
        compact(settings)
        whole = built(builder, "full", full=True)
    yield Visits(lab, first, incremental, whole)
    for connection in (first, incremental, whole):
        connection.close()


def built(builder: Builder, kind: str, full: bool = False) -> duckdb.DuckDBPyConnection:
    record = builder.build(full=full)
    assert record.kind == kind
    return open_build(Path(builder.settings.market_path).resolve())
