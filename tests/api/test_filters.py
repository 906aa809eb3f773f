"""Any combination of filters is the same filter in SQL; pages hold every row once; all formats hold the same rows.

FUZZ_EXAMPLES, which `make fuzz` sets, says how many combinations; few, and always the same, where it does not.
"""

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quant.settings import Settings
from quant.warehouse import Reading
from tests.api.answers import by_hand, flat, pages, written
from tests.api.conftest import Serve

Parameters = dict[str, Any]
FEW = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "25")),
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SERIES = [("BTCUSDT", "1d"), ("BTCUSDT", "1m"), ("ETHUSDT", "1h"), ("BTCUSDT", "1w"), ("SPY", "1d"), ("NVDA", "1w")]
FIELDS = {
    "/bars/{}": ["ts", "end_ts", "open", "close", "volume", "is_final", "sma", "realized_vol", "session_date"],
    "/metrics/{}/history": ["ts", "end_ts", "rsi", "macd", "log_return", "drawdown", "ingest_run_id"],
}
RELATIONS = {"/bars/{}": ("serving.bars", "bars"), "/metrics/{}/history": ("serving.metrics", "history")}
BEGINNING, END = (each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max))
NEWEST = ("end_ts", "ts", "rule", "source", "symbol", "coalesce(interval, '')", "signal_id")


def instants() -> st.SearchStrategy[datetime]:
    """From before the first bar to after the last, at odd offsets."""
    now = datetime.now(UTC).replace(microsecond=0)
    return st.integers(-450 * 24, 24).map(lambda hours: now + timedelta(hours=hours))


@st.composite
def ranges(draw: st.DrawFn) -> Parameters:
    chosen: Parameters = {"from": draw(st.none() | instants()), "to": draw(st.none() | instants())}
    chosen |= {"order": draw(st.sampled_from([None, "newest", "oldest"])), "limit": draw(st.integers(1, 400))}
    chosen |= {"latest": draw(st.sampled_from([None, None, "true", "false"]))}
    return {name: value for name, value in chosen.items() if value is not None}


@FEW
@given(st.sampled_from(sorted(RELATIONS)), st.sampled_from(SERIES), ranges(), st.data())
def test_bars_and_metrics_of_any_range_are_those_of_sql(
    api: httpx.Client,
    build: duckdb.DuckDBPyConnection,
    path: str,
    series: tuple[str, str],
    asked: Parameters,
    data: st.DataObject,
) -> None:
    relation, noun = RELATIONS[path]
    fields = data.draw(st.lists(st.sampled_from(FIELDS[path]), min_size=1, unique=True))
    is_newest = (
        asked.get("latest") == "true" or asked.get("order", "oldest" if "from" in asked else "newest") == "newest"
    )
    rows = by_hand(
        build,
        f"with page as (select * from {relation} where symbol = $symbol and interval = $interval "
        "and ts >= coalesce($start, '-infinity'::timestamptz) and ts < coalesce($end, 'infinity'::timestamptz) "
        f"order by ts {'desc' if is_newest else 'asc'} limit $limit) select {', '.join(fields)} from page order by ts",
        {
            "symbol": series[0],
            "interval": series[1],
            "start": asked.get("from"),
            "end": asked.get("to"),
            "limit": 1 if asked.get("latest") == "true" else asked["limit"],
        },
    )
    answer = api.get(path.format(series[0]), params=sent(asked | {"interval": series[1], "fields": ",".join(fields)}))
    if asked.get("from", BEGINNING) >= asked.get("to", END):
        assert answer.status_code == 404 and not rows
        return
    assert answer.status_code == 200, answer.text
    assert answer.json()[noun] == rows


@FEW
@given(
    st.fixed_dictionaries(
        {"limit": st.integers(1, 300), "order": st.sampled_from(["newest", "oldest"])},
        optional={
            "symbol": st.sampled_from(["SPY", "btcusdt", "NVDA", "ETHUSDT"]),
            "rule": st.sampled_from(["rsi_level", "stale_source", "macd_cross", "drawdown_limit"]),
            "kind": st.sampled_from(["market", "option", "data"]),
            "interval": st.sampled_from(["1h", "1d", "1w"]),
            "direction": st.sampled_from(["up", "down"]),
            "since": instants(),
            "to": instants(),
            "source": st.sampled_from(["demo-yahoo", "demo-binance"]),
        },
    )
)
def test_signals_of_any_filters_are_those_of_sql(
    api: httpx.Client, build: duckdb.DuckDBPyConnection, asked: Parameters
) -> None:
    equal = [name for name in ("symbol", "rule", "kind", "interval", "direction", "source") if name in asked]
    where = [f"lower({name}) = lower(${name})" for name in equal]
    where += ["end_ts >= $since"] * ("since" in asked) + ["end_ts < $to"] * ("to" in asked)
    direction = "desc" if asked["order"] == "newest" else "asc"
    rows = by_hand(
        build,
        f"select * from serving.recent_signals where {' and '.join(where) or 'true'} "
        f"order by {', '.join(f'{key} {direction}' for key in NEWEST)} limit $limit",
        {name: value for name, value in asked.items() if name != "order"},
    )
    answer = api.get("/signals", params=sent(asked))
    if answer.status_code == 404:  # a source that does not have the symbol, or nothing can lie between
        is_empty = asked.get("since", BEGINNING) >= asked.get("to", END)
        assert (is_empty or {"symbol", "source"} <= asked.keys()) and not rows
        return
    assert answer.json()["signals"] == rows


def sent(asked: Parameters) -> Parameters:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asked.items()}


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize(
    ("path", "noun"),
    [("/bars/BTCUSDT", "bars"), ("/metrics/SPY/history", "history"), ("/signals", "signals")],
)
def test_pages_hold_every_row_once(api: httpx.Client, path: str, noun: str, order: str) -> None:
    """Signals have ties in their instants by the dozen; 37 is no divisor of anything."""
    whole = api.get(path, params={"limit": 100_000, "order": order}).json()[noun]
    found = pages(api, path, noun, limit=37 if noun != "signals" else 97, order=order)
    is_upward = noun != "signals" and order == "newest"  # pages go back in time, rows go up
    assert flat(found[::-1] if is_upward else found) == whole
    assert len(found) > 5


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/bars/BTCUSDT?limit=300", "bars"),
        ("/metrics/SPY/history?limit=50", "history"),
        ("/options/SPY/chain", "quotes"),
        ("/signals?limit=500", "signals"),
        ("/symbols", "symbols"),
        ("/portfolio/mixed/history", "history"),
    ],
)
def test_every_format_holds_the_rows_of_json_to_the_last_digit(
    api: httpx.Client, tmp_path: Any, path: str, noun: str
) -> None:
    at = "&" if "?" in path else "?"
    answers = {kind: api.get(f"{path}{at}format={kind}") for kind in ("json", "ndjson", "csv", "parquet", "arrow")}
    body = answers["json"].json()
    rows, names = body[noun], list(body[noun][0])
    parquet = pyarrow.parquet.read_table(io.BytesIO(answers["parquet"].content))
    arrow = pa.ipc.open_stream(answers["arrow"].content).read_all()
    assert parquet.equals(arrow)
    assert [{name: written(value) for name, value in row.items()} for row in arrow.to_pylist()] == rows
    lines = [httpx.Response(200, content=line).json() for line in answers["ndjson"].content.splitlines()]
    assert [{name: line[name] for name in names} for line in lines] == rows
    assert {(line["build_id"], line["demo"]) for line in lines} == {(body["build_id"], True)}
    file = tmp_path / "answer.csv"
    file.write_bytes(answers["csv"].content)
    typed = ", ".join(f"'{name}': '{duck(arrow.schema.field(name).type)}'" for name in names)
    columns = file.read_text().partition("\n")[0].replace('"', "").split(",")
    select = f"select {', '.join(names)} from read_csv('{file}', types = {{{typed}}})"
    read = Reading("by hand", duckdb.connect()).query(select)
    assert columns[:2] == ["build_id", "demo"] and read.num_rows == len(rows)
    for name in names:
        if pa.types.is_floating(arrow.schema.field(name).type) or pa.types.is_integer(arrow.schema.field(name).type):
            assert read[name].to_pylist() == arrow[name].to_pylist(), name
    for kind, answer in answers.items():
        assert answer.headers["X-Build-Id"] == body["build_id"] and answer.headers["X-Demo"] == "true", kind
    assert arrow.schema.metadata[b"quant.build_id"].decode() == f'"{body["build_id"]}"'


def duck(kind: pa.DataType) -> str:
    return "double" if pa.types.is_floating(kind) else "bigint" if pa.types.is_integer(kind) else "varchar"


@pytest.mark.parametrize(
    "path", ["/bars/SPY?interval=1w", "/metrics/SPY/history?limit=9", "/risk/SPY", "/signals?limit=5", "/catalog"]
)
def test_an_answer_that_is_known_is_not_given_again(api: httpx.Client, path: str) -> None:
    first = api.get(path)
    again = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"] == api.get(path).headers["ETag"]
    assert api.get(path, params={"format": "csv"}).headers["ETag"] != first.headers["ETag"]
    head = api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == first.headers["content-type"]


def signal(number: int, at: datetime) -> Parameters:
    """Of one rule; three at each instant."""
    of = {"rule": "rsi_level", "kind": "market", "source": "binance", "symbol": f"S{number % 3}", "interval": "1d"}
    return {**of, "signal_id": f"{number:03}", "ts": at, "end_ts": at, "direction": "up", "is_of_price": True}


def test_pages_go_on_where_they_were_over_a_new_build(
    settings: Settings, publish_into: Callable[..., str], serve: Serve
) -> None:
    """Three signals at each instant, seven a page: going up, those of the next build follow, and none comes twice."""
    start = datetime(2026, 11, 2, tzinfo=UTC)
    known = [signal(number, start + timedelta(days=number // 3)) for number in range(30)]
    later = [signal(number, start + timedelta(days=number // 3)) for number in range(30, 36)]
    first = publish_into(settings, {"serving.recent_signals": known})
    with serve(settings) as api:
        for order, expected in (("oldest", range(36)), ("newest", range(35, -1, -1))):
            tag = api.get("/catalog").headers["ETag"]
            page = api.get("/signals", params={"limit": 7, "order": order}).json()
            rows = page["signals"]
            second = publish_into(settings, {"serving.recent_signals": [*known, *later]})
            while page["next_cursor"]:
                asked = {"limit": 7, "order": order, "cursor": page["next_cursor"]}
                page = api.get("/signals", params=asked).json()
                rows += page["signals"]
            assert page["build_id"] == second != first
            assert api.get("/catalog").headers["ETag"] != tag, "another build, another tag"
            found = [row["signal_id"] for row in rows]
            assert found == [f"{number:03}" for number in expected]
