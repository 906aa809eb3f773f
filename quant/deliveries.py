"""Which alert went to whom, in state.sqlite: an outbox that outlives builds, restarts and kill -9.

New alerts are noted first, for each destination, and durable before anything is sent; what was taken is marked at
once. A kill between the service's answer and the mark repeats that one message; nothing else repeats, nothing is
lost. A destination is known by a slow salted hash of its address, never by the address.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr, ValidationError

from quant.destinations import Destination, as_text, known_destinations
from quant.messages import Alert
from quant.news import Horizon, Judge, Look, wants
from quant.settings.notifications import QuietHours, Selection

KEPT = timedelta(days=30)

SCHEMA = """
create table if not exists notification_facts (name text primary key, fact text not null);
create table if not exists destinations (
    destination text primary key,
    service text not null,            -- the schema of its address
    place integer not null,           -- its place among the addresses
    is_configured integer not null,
    since text,                       -- events that ended before are no news; null before the first look
    failures integer not null default 0,  -- in a row
    next_attempt_at text,
    last_delivered_at text,
    last_error text,
    last_error_at text
);
create table if not exists alerts (signal_id text primary key, record text not null, first_seen_at text not null);
create table if not exists deliveries (
    signal_id text not null,
    destination text not null,
    status text not null,             -- pending | delivered | failed | expired | known (before the first look)
    attempts integer not null default 0,
    first_seen_at text not null,
    finished_at text,
    last_error text,
    primary key (destination, signal_id)
) without rowid;
create index if not exists deliveries_by_status on deliveries (destination, status);
"""


class Deliveries:
    """The scheduler's outbox; each call opens the file anew, so that any thread may call. Instants are UTC."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)

    def configure(self, addresses: Sequence[SecretStr], quiet: QuietHours | None = None) -> list[Destination]:
        """Remember who there is now; what waits for others stays, and goes on if they come back in time."""
        with self._connect() as connection:
            salt = _salt(connection)
            found = known_destinations(addresses, salt)
            connection.execute("update destinations set is_configured = 0")
            connection.executemany(
                "insert into destinations (destination, service, place, is_configured) values (?, ?, ?, 1) "
                "on conflict do update set place = excluded.place, is_configured = 1",
                [(each.destination, each.service, each.place) for each in found],
            )
            _set_fact(connection, "quiet_hours", quiet.as_json() if quiet else "")
        return found

    def heed_clock(self, now: datetime, max_age: timedelta, longest_wait: timedelta) -> None:
        """Undo what a clock that ran ahead has left: no news and no attempt before an instant far away."""
        with self._connect() as connection:
            late = as_text(now + longest_wait)
            connection.execute("update destinations set next_attempt_at = null where next_attempt_at > ?", (late,))
            connection.execute(
                "update destinations set since = ? where since > ?", (as_text(now - max_age), as_text(now))
            )

    def since(self) -> datetime | None:
        """The end of the oldest event that may be news to someone; None while nobody has looked yet."""
        with self._connect() as connection:
            (since,) = connection.execute("select min(since) from destinations where is_configured").fetchone()
        return datetime.fromisoformat(since) if since else None

    def note(self, look: Look, selection: Selection, now: datetime, max_age: timedelta) -> None:
        """Put into the outbox what is new and `selection` wants; durable on return.

        What a new destination finds, a wider selection, or another rule on bars that were seen, is known already.
        """
        with self._connect() as connection:
            earlier = Horizon.from_json(_fact(connection, "horizon"))
            judge = Judge(_earlier(connection, selection), earlier, look.horizon)
            places = connection.execute("select destination, since from destinations where is_configured").fetchall()
            wanted = [alert for alert in look.alerts if wants(selection, alert)]
            rows = [
                (alert.signal_id, place, status, as_text(now), None if status == "pending" else as_text(now))
                for place, since in places
                for alert, status in judge.news(_unknown(connection, place, wanted), since, now - max_age)
            ]
            pending = {signal_id for signal_id, _, status, _, _ in rows if status == "pending"}
            _keep(connection, [alert for alert in wanted if alert.signal_id in pending], now)
            connection.executemany(
                "insert into deliveries (signal_id, destination, status, first_seen_at, finished_at) "
                "values (?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute(
                "update destinations set since = max(coalesce(since, ''), ?) where is_configured",
                (as_text(now - max_age),),
            )
            _set_fact(connection, "selection", selection.model_dump_json())
            if look.horizon:
                _set_fact(connection, "horizon", look.horizon.as_json(earlier))

    def expire(self, now: datetime, max_age: timedelta) -> int:
        """Give up what is no news any more. Alerts about data last, and age from when they were first seen."""
        with self._connect() as connection:
            waiting = connection.execute(
                "select distinct signal_id, record, alerts.first_seen_at from deliveries "
                "join alerts using (signal_id) where status = 'pending'"
            ).fetchall()
            old = [(as_text(now), signal_id) for signal_id, record, seen in waiting
                   if _born(Alert.from_record(json.loads(record)), seen) < now - max_age]  # fmt: skip
            connection.executemany(
                "update deliveries set status = 'expired', finished_at = ? where signal_id = ? and status = 'pending'",
                old,
            )
        return len(old)

    def pending(self, destination: str, now: datetime) -> list[Alert]:
        """What waits for this destination; nothing while it is given time to recover."""
        query = (
            "select record from deliveries join alerts using (signal_id) join destinations using (destination) "
            "where destination = ? and status = 'pending' and coalesce(next_attempt_at, '') <= ?"
        )
        with self._connect() as connection:
            rows = connection.execute(query, (destination, as_text(now))).fetchall()
        return [Alert.from_record(json.loads(record)) for (record,) in rows]

    def mark_delivered(self, destination: str, alerts: Sequence[Alert], now: datetime) -> None:
        """The service has taken them; durable on return."""
        with self._connect() as connection:
            connection.executemany(
                "update deliveries set status = 'delivered', attempts = attempts + 1, finished_at = ? "
                "where destination = ? and signal_id = ?",
                [(as_text(now), destination, alert.signal_id) for alert in alerts],
            )
            connection.execute(
                "update destinations set failures = 0, next_attempt_at = null, last_delivered_at = ? "
                "where destination = ?",
                (as_text(now), destination),
            )

    def mark_failed(
        self, destination: str, alerts: Sequence[Alert], reason: str, now: datetime, waits: Sequence[float], most: int
    ) -> float:
        """One attempt more; those with `most` are given up. Returns the seconds until the next one."""
        with self._connect() as connection:
            connection.executemany(
                "update deliveries set attempts = attempts + 1, last_error = ?, "
                "status = case when attempts + 1 >= ? then 'failed' else status end, "
                "finished_at = case when attempts + 1 >= ? then ? end where destination = ? and signal_id = ?",
                [(reason, most, most, as_text(now), destination, alert.signal_id) for alert in alerts],
            )
            (failures,) = connection.execute(
                "update destinations set failures = failures + 1, last_error = ?, last_error_at = ? "
                "where destination = ? returning failures",
                (reason, as_text(now), destination),
            ).fetchone()
            wait = float(min(waits[0] * 2.0 ** min(failures - 1, 30), waits[1]))
            connection.execute(
                "update destinations set next_attempt_at = ? where destination = ?",
                (as_text(now + timedelta(seconds=wait)), destination),
            )
        return wait

    def trim(self, now: datetime, max_age: timedelta, still_there: Sequence[Alert]) -> None:
        """Forget what is long over; an alert that still stands is kept, for forgotten it would be news again."""
        keep = json.dumps([alert.signal_id for alert in still_there])
        with self._connect() as connection:
            connection.execute(
                "delete from deliveries where finished_at < ? and signal_id not in (select value from json_each(?))",
                (as_text(now - KEPT - max_age), keep),
            )
            connection.execute("delete from alerts where signal_id not in (select signal_id from deliveries)")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level="IMMEDIATE")) as connection, connection:
            yield connection


def _earlier(connection: sqlite3.Connection, selection: Selection) -> Selection:
    """What was selected when last noted; `selection` itself if nothing was, or not in a way that we know."""
    try:
        return Selection.model_validate_json(_fact(connection, "selection"))
    except ValidationError:
        return selection


def _keep(connection: sqlite3.Connection, alerts: Sequence[Alert], now: datetime) -> None:
    """Whole, because a later build may not have them any more: an alert about data is over when they are well."""
    connection.executemany(
        "insert or ignore into alerts values (?, ?, ?)",
        [(alert.signal_id, json.dumps(alert.as_record(), default=float), as_text(now)) for alert in alerts],
    )


def _unknown(connection: sqlite3.Connection, destination: str, alerts: Sequence[Alert]) -> list[Alert]:
    query = "select signal_id from deliveries where destination = ?"
    known = {signal_id for (signal_id,) in connection.execute(query, (destination,))}
    return [alert for alert in alerts if alert.signal_id not in known]


def _born(alert: Alert, first_seen_at: str) -> datetime:
    return datetime.fromisoformat(first_seen_at) if alert.kind == "data" else alert.end_ts


def _salt(connection: sqlite3.Connection) -> str:
    return _fact(connection, "salt") or _set_fact(connection, "salt", secrets.token_hex(16))


def _fact(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("select fact from notification_facts where name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _set_fact(connection: sqlite3.Connection, name: str, fact: str) -> str:
    connection.execute("insert or replace into notification_facts values (?, ?)", (name, fact))
    return fact
