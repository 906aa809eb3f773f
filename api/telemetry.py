"""What the server counts about itself, for Prometheus at /-/metrics (`/metrics` is the market's).

Whoever has something to count calls one of the verbs below; they cost about a microsecond, from any thread:

    count_rows(route, rows)              rows of an answer, by the template of its route ("/bars/{symbol}")
    count_sql(outcome, seconds)          one POST /sql; outcome is one of SQL_OUTCOMES
    sql_child_running()                  `with` it while a child process works on a query
    stream_client()                      `with` it while a client listens to a stream
    count_event(kind)                    an event sent to a stream client; kind is one of EVENT_KINDS
    count_dropped_client()               a stream client that was too slow, and was let go

No label takes a value from a request: what is not known beforehand is counted as "other" or "unmatched".
"""

from contextlib import AbstractContextManager
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from api.exchange import Exchange

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
SQL_OUTCOMES = ("answered", "truncated", "refused", "timeout", "memory", "busy", "gone", "failed")
EVENT_KINDS = ("hello", "bar", "price", "metrics", "alert", "build", "gap", "error", "bye", "heartbeat")
OTHER = "other"
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # of each counter, when it was born: lines nobody reads
# A registry of our own: the library's global one holds whatever any imported package has put there.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

REQUESTS = Counter("quant_api_requests", "Requests answered", ("method", "route", "status"), registry=REGISTRY)
SECONDS_TO_ANSWER = Histogram(
    "quant_api_request_seconds",
    "Seconds from the request's head to the last byte of its answer; of a stream, to the first",
    ("route",),
    buckets=SECONDS,
    registry=REGISTRY,
)
IN_FLIGHT = Gauge("quant_api_requests_in_flight", "Requests that are being answered", registry=REGISTRY)
BYTES = Counter("quant_api_response_bytes", "Bytes of answers, without headers", ("route",), registry=REGISTRY)
ROWS = Counter("quant_api_response_rows", "Rows of answers", ("route",), registry=REGISTRY)
SQL = Counter("quant_api_sql_queries", "POST /sql by outcome", ("outcome",), registry=REGISTRY)
SQL_SECONDS = Histogram(
    "quant_api_sql_seconds", "Seconds that a query of POST /sql took", buckets=SECONDS, registry=REGISTRY
)
SQL_CHILDREN = Gauge("quant_api_sql_children", "Child processes at work on POST /sql", registry=REGISTRY)
STREAM_CLIENTS = Gauge("quant_api_stream_clients", "Clients that listen to a stream", registry=REGISTRY)
STREAM_EVENTS = Counter("quant_api_stream_events", "Events sent to stream clients", ("kind",), registry=REGISTRY)
STREAM_DROPPED = Counter("quant_api_stream_dropped_clients", "Stream clients let go for being slow", registry=REGISTRY)
BUILD_INFO = Gauge(
    "quant_api_build_info", "1, of the build that answers", ("build_id", "version", "demo"), registry=REGISTRY
)
BUILD_AGE = Gauge("quant_api_build_age_seconds", "Seconds since the build that answers was begun", registry=REGISTRY)


def count_exchange(exchange: Exchange) -> None:
    method = exchange.method if exchange.method in METHODS else OTHER
    REQUESTS.labels(method, exchange.route, str(exchange.status)).inc()
    SECONDS_TO_ANSWER.labels(exchange.route).observe(exchange.seconds)
    BYTES.labels(exchange.route).inc(exchange.count_bytes)


def count_rows(route: str, rows: int) -> None:
    ROWS.labels(route).inc(rows)


def count_sql(outcome: str, seconds: float) -> None:
    SQL.labels(outcome if outcome in SQL_OUTCOMES else OTHER).inc()
    SQL_SECONDS.observe(seconds)


def sql_child_running() -> AbstractContextManager[object]:
    return SQL_CHILDREN.track_inprogress()


def stream_client() -> AbstractContextManager[object]:
    return STREAM_CLIENTS.track_inprogress()


def count_event(kind: str) -> None:
    STREAM_EVENTS.labels(kind if kind in EVENT_KINDS else OTHER).inc()


def count_dropped_client() -> None:
    STREAM_DROPPED.inc()


def exposition(build_id: str | None, started_at: datetime | None, now: datetime, version: str, demo: bool) -> bytes:
    """Everything, in Prometheus' text format; of one build only, so that old ones do not pile up as labels."""
    BUILD_INFO.clear()
    if build_id:
        BUILD_INFO.labels(build_id, version, str(demo).lower()).set(1)
    BUILD_AGE.set((now - started_at).total_seconds() if started_at else float("nan"))
    return generate_latest(REGISTRY)


def start_at_zero() -> None:
    """Outcomes that never happened stand there as 0, so that the first one is seen as a change."""
    for outcome in (*SQL_OUTCOMES, OTHER):
        SQL.labels(outcome)
    for kind in (*EVENT_KINDS, OTHER):
        STREAM_EVENTS.labels(kind)


start_at_zero()
