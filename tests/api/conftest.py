"""A running API, and warehouses made straight from the contract: empty ones, and ones with a few chosen rows."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import httpx
import pytest
import uvicorn
import yaml

from api.__main__ import server_config
from quant.publish import BuildRecord, Builds, new_build_id
from quant.settings import PROJECT_PATH, Settings, load_settings
from quant.warehouse import open_build

Rows = Mapping[str, list[dict[str, object]]]
Publish = Callable[..., str]
Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]

CONTRACT: dict[str, dict[str, str]] = yaml.safe_load((PROJECT_PATH / "tests/repo/contract.yml").read_text())


def publish_contract(settings: Settings, rows: Rows | None = None, started_at: datetime | None = None) -> str:
    """Publish a build whose relations are those of the contract, empty but for `rows`. Returns its id."""
    builds = Builds(settings.duckdb_path)
    settings.parquet_path.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    record = BuildRecord(new_build_id(now), "full", "by hand", now.isoformat(), now.isoformat(), None)
    own_row = {"build_id": record.build_id, "kind": "full", "started_at": started_at or now, "seconds": 0.0}
    with builds.exclusive():
        database = builds.prepare(record)
        database.write_bytes(_empty_contract())
        with duckdb.connect(str(database)) as connection:
            for relation, records in {"meta.builds": [own_row], **(rows or {})}.items():
                insert(connection, relation, records)
                insert_parts(connection, relation, records)
        builds.publish(record)
    return record.build_id


@cache
def _empty_contract() -> bytes:
    """A database of the contract's relations without a row, made once: dozens of tables take a while."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "contract.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute("create schema serving; create schema meta")
            for relation, columns in CONTRACT.items():
                typed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                connection.execute(f"create table {relation} ({typed})")
        return database.read_bytes()


def insert(connection: duckdb.DuckDBPyConnection, relation: str, records: list[dict[str, object]]) -> None:
    for record in records:
        columns = ", ".join(f'"{column}"' for column in record)
        values = ", ".join(f"${column}" for column in record)
        connection.execute(f"insert into {relation} ({columns}) values ({values})", record)


def insert_parts(connection: duckdb.DuckDBPyConnection, relation: str, records: list[dict[str, object]]) -> None:
    """The same rows where those of their kind are: serving.bars and others are unions."""
    for record in records:
        if part := part_of(relation, record):
            insert(connection, part, [record])


def part_of(relation: str, record: dict[str, object]) -> str | None:
    asset_class = str(record.get("asset_class"))
    if relation == "serving.latest_prices":
        return {name: f"serving.{name}_prices" for name in ("crypto", "equity")}.get(asset_class)
    if relation == "serving.recent_signals" and record.get("kind") != "data":
        return "serving.final_signals"
    if relation != "serving.bars":
        return None
    crypto = {"1m": "serving.crypto_minutes", "1d": "serving.crypto_days"}
    of_crypto = crypto.get(str(record["interval"]), "serving.coarse_crypto_bars")
    return {"crypto": of_crypto, "equity": "serving.equity_bars"}.get(asset_class)


@contextmanager
def serve_settings(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a real server on a free port, which is told to stop and awaited at the end."""
    config = server_config(settings, port=0)
    config.host = "127.0.0.1"  # whatever the settings say: tests may claim to listen elsewhere
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{_port(server, thread)}", timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(15)
    assert not thread.is_alive(), "the server did not stop within 15 s"


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = time.monotonic() + 15
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start within 15 s"
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])


@pytest.fixture
def publish(settings: Settings) -> Publish:
    """publish(rows, started_at) -> build id, into this test's own data folder."""
    return partial(publish_contract, settings)


@pytest.fixture(scope="session")
def publish_into() -> Publish:
    """publish_into(settings, rows, started_at) -> build id."""
    return publish_contract


@pytest.fixture(scope="module")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One data folder for all tests of a module that only read."""
    return load_settings(data_path=tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def shared_client(shared_settings: Settings) -> Iterator[httpx.Client]:
    with serve_settings(shared_settings) as running:
        yield running


@pytest.fixture(scope="session")
def serve() -> Serve:
    return serve_settings


@pytest.fixture(scope="session")
def api(demo_warehouse: Settings) -> Iterator[httpx.Client]:
    """A client of an API on the demo build, for all that only read, without a limit of requests: they are thousands.

    A query of POST /sql has time enough on a machine that does ten other things, behind all of which it runs.
    """
    known = demo_warehouse.api
    patient = known.sql.model_copy(update={"seconds": 60.0})
    limits = known.model_copy(update={"rate_limit": None, "sql": patient})
    unlimited = demo_warehouse.model_copy(update={"api": limits})
    with serve_settings(unlimited) as running:
        yield running


@pytest.fixture(scope="session")
def build(demo_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demo build, for queries by hand."""
    with open_build(demo_warehouse.market_path.resolve()) as connection:
        yield connection


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of an API on this test's own data folder, where nothing is built yet."""
    with serve_settings(settings) as running:
        yield running
