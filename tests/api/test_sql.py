"""POST /sql over HTTP: formats, refusals, limits, who may ask."""

import asyncio
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quant.keys import keys_path, new_key
from quant.settings import Settings, load_settings
from quant.sql.access import is_sql_on
from quant.sql.public_database import write_public_database
from tests.api.conftest import Publish, Serve

BAR = {"source": "lab", "symbol": "SPY", "asset_class": "equity", "interval": "1d", "close": 100.5,
       "ts": datetime(2026, 1, 2, tzinfo=UTC)}  # fmt: skip
JSON = {"content-type": "application/json"}
CLOSES = "select symbol, ts, close from serving.final_bars"


@pytest.fixture(scope="module")
def built(shared_settings: Settings, publish_into: Publish) -> Settings:
    publish_into(shared_settings, {"serving.final_bars": [BAR]})
    write_public_database(shared_settings.market_path.resolve(), 1_000_000)
    return shared_settings


@pytest.fixture(scope="module")
def asked(built: Settings, serve: Serve) -> Iterator[httpx.Client]:
    with serve(built) as client:
        yield client


def test_json_says_what_it_comes_from_what_ran_and_what_the_limits_are(asked: httpx.Client) -> None:
    answer = asked.post("/sql", json={"sql": CLOSES})
    body = answer.json()
    assert answer.status_code == 200
    assert body["rows"] == [{"symbol": "SPY", "ts": "2026-01-02T00:00:00Z", "close": 100.5}]
    assert body["columns"][1] == {"name": "ts", "type": "TIMESTAMP WITH TIME ZONE"}
    assert (body["row_count"], body["truncated"], body["demo"]) == (1, False, False)
    assert body["sql"] == "SELECT symbol, ts, close FROM serving.final_bars"
    assert body["limits"]["rows"] == 10000 and body["seconds"] > 0
    assert (answer.headers["X-Build-Id"], answer.headers["X-As-Of"]) == (body["build_id"], body["as_of"])


def test_the_same_rows_come_in_every_format(asked: httpx.Client) -> None:
    def get(kind: str) -> bytes:
        return asked.post("/sql", json={"sql": CLOSES, "format": kind}).content

    rows = [{"symbol": "SPY", "ts": datetime(2026, 1, 2, tzinfo=UTC), "close": 100.5}]
    assert pa.ipc.open_stream(get("arrow")).read_all().to_pylist() == rows
    parquet = pq.read_table(io.BytesIO(get("parquet")))
    assert parquet.to_pylist() == rows and json.loads(parquet.schema.metadata[b"quant.row_count"]) == 1
    build = asked.post("/sql", json={"sql": CLOSES}).json()
    known = f'"{build["build_id"]}",false,"{build["as_of"]}"'
    head, row = get("csv").decode().splitlines()
    assert (head, row) == (
        '"build_id","demo","as_of","symbol","ts","close"',
        f'{known},"SPY","2026-01-02T00:00:00Z",100.5',
    )
    told = {name: build[name] for name in ("build_id", "demo", "as_of")}
    assert json.loads(get("ndjson")) == {**told, **build["rows"][0]}
    accepted = asked.post("/sql", json={"sql": CLOSES}, headers={"Accept": "text/html;q=0.9, text/csv"})
    assert accepted.headers["content-type"] == "text/csv; charset=utf-8"


def test_what_json_cannot_say_is_null_or_text(asked: httpx.Client) -> None:
    sql = "select 'nan'::double as a, ['inf'::double, 1] as b, interval 1 day as c, 1.50::decimal(9, 2) as d, null as e"
    row = asked.post("/sql", json={"sql": sql}).json()["rows"][0]
    assert row == {"a": None, "b": [None, 1.0], "c": "1 day", "d": 1.5, "e": None}


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"json": {"sql": "from sqlite_master"}}, 422, "line 1, column 6: sqlite_master is no public relation"),
        ({"json": {"sql": "select * from read_text('/etc/passwd')"}}, 422, "table function read_text is not allowed"),
        ({"json": {"sql": "select x" * 10000}}, 413, "20000 are allowed (api.sql.characters)"),
        ({"json": {"sql": ""}}, 422, "at least 1 character"),
        ({"json": {"sql": "select 1", "limit": 3}}, 422, "parameter limit is unknown"),
        ({"content": b'{"sql": "select \\ud83d"}', "headers": JSON}, 422, "valid string"),
        ({"json": ["select 1"]}, 422, "valid dictionary"),
        ({"content": b"{", "headers": JSON}, 422, "the body is no JSON"),
        ({"content": b"[" * 100_000, "headers": JSON}, 422, "the body is no JSON"),
        ({"content": b"select 1", "headers": {"content-type": "text/plain"}}, 415, "Content-Type: application/json"),
        ({"data": {"sql": "select 1"}}, 415, "Content-Type: application/json"),
        ({"json": {"sql": "select 1"}, "headers": {"Accept": "image/png"}}, 406, "takes none of application/json"),
        ({"json": {"sql": "select repeat('x', 2000000000)"}}, 422, "needs more than 600 MB (api.sql.memory_mb)"),
        ({"json": {"sql": "select 1 as a, 'x'::int as b"}}, 422, "DuckDB: Conversion Error"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_problem_with_its_remedy(
    sent: dict[str, object], status: int, said: str, asked: httpx.Client
) -> None:
    answer = asked.post("/sql", **sent)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_others_are_answered_while_a_query_uses_up_its_time(asked: httpx.Client) -> None:
    """The query takes 2.5 s and then is refused with 408; each of the others is answered in a tenth of that."""

    async def together() -> tuple[httpx.Response, list[float]]:
        async with httpx.AsyncClient(base_url=asked.base_url, timeout=10) as client:
            sql = "select count(*) from range(1000000) a, range(1000000) b"
            slow = asyncio.create_task(client.post("/sql", json={"sql": sql}))
            seconds = []
            while not slow.done():
                seconds.append((await client.get("/symbols")).elapsed.total_seconds())
                await asyncio.sleep(0.05)
            return await slow, seconds

    slow, seconds = asyncio.run(together())
    assert slow.status_code == 408 and "stopped after 2.5 s" in slow.json()["detail"]
    assert slow.elapsed.total_seconds() < 3
    assert len(seconds) > 10 and sorted(seconds)[len(seconds) // 2] < 0.25


def test_it_is_on_for_this_machine_and_for_who_shows_a_key(tmp_path: Path) -> None:
    def settings(host: str, **sql: object) -> Settings:
        known = load_settings(data_path=tmp_path)
        api = known.api.model_copy(update={"sql": known.api.sql.model_copy(update=sql)})
        return known.model_copy(update={"host": host, "api": api})

    assert is_sql_on(settings("127.0.0.1")) and not is_sql_on(settings("0.0.0.0"))
    assert is_sql_on(settings("0.0.0.0", is_on=True)) and not is_sql_on(settings("127.0.0.1", is_on=False))
    new_key(keys_path(settings("0.0.0.0")), "desk")
    assert is_sql_on(settings("0.0.0.0"))


def test_where_it_is_off_the_answer_says_how_it_is_turned_on(built: Settings, serve: Serve) -> None:
    api = built.api.model_copy(update={"sql": built.api.sql.model_copy(update={"is_on": False})})
    with serve(built.model_copy(update={"api": api})) as client:
        answer = client.post("/sql", json={"sql": "select 1"})
    assert answer.status_code == 403 and "set api.sql.is_on: true" in answer.json()["detail"]
