"""To whom alerts go, without the address: a name to show, and how deliveries are doing."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from quant.addresses import schema_of
from quant.messages import count_of
from quant.settings.notifications import QuietHours

STATES = """
select
    service, place, destination, failures, next_attempt_at, last_delivered_at, destinations.last_error, last_error_at,
    count(*) filter (where status = 'pending'),
    min(deliveries.first_seen_at) filter (where status = 'pending'),
    count(*) filter (where status = 'delivered' and finished_at >= :day),
    count(*) filter (where (status = 'failed' or status = 'expired' and attempts > 0) and finished_at >= :day)
from destinations left join deliveries using (destination)
where is_configured
group by destination
order by place
"""


@dataclass(frozen=True)
class Destination:
    """One configured address; `name` is what may be shown of it."""

    destination: str
    service: str
    place: int
    address: SecretStr

    @property
    def name(self) -> str:
        return name_of(self.service, self.place, self.destination)


@dataclass(frozen=True)
class DeliveryState:
    """How deliveries to one destination are doing; `destination` may be shown, errors hold no secret."""

    destination: str
    is_failing: bool
    failures: int
    next_attempt_at: datetime | None
    last_delivered_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    count_pending: int
    oldest_pending_at: datetime | None
    count_delivered: int
    count_failed: int
    held_until: str | None = None  # the end of the quiet hours that are on, 07:00 Europe/Zurich, if alerts wait

    @property
    def condition(self) -> str:
        """In a word or two, what a person wants to know first."""
        if self.is_failing:
            return "failing"
        if self.held_until:
            return f"held until {self.held_until}"
        return "ok" if self.last_delivered_at or self.last_error_at else "not tried yet"

    @property
    def problem(self) -> str | None:
        """One sentence, if alerts do not arrive."""
        if self.failures:
            return f"{self.destination} takes no alerts ({self.last_error}), {self.count_pending} wait"
        if self.count_failed:
            return f"{count_of(self.count_failed)} of the last day never reached {self.destination} ({self.last_error})"
        return None


def read_delivery_states(path: Path, now: datetime | None = None) -> list[DeliveryState]:
    """Of every destination that the scheduler was last configured with; counts of what ended are of the last day.

    Raises sqlite3.Error if the file cannot be read.
    """
    if not path.is_file():
        return []
    now = now or datetime.now(UTC)
    day = now - timedelta(days=1)
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'deliveries'").fetchone():
            return []  # the first scheduler is about to lay the file out
        rows = connection.execute(STATES, {"day": as_text(day)}).fetchall()
        noted = connection.execute("select fact from notification_facts where name = 'quiet_hours'").fetchone()
    quiet = QuietHours.model_validate(json.loads(noted[0])) if noted and noted[0] else None
    until = f"{quiet.ends:%H:%M} {quiet.timezone}" if quiet and quiet.are_on(now) else None
    return [_state(row, until) for row in rows]


def known_destinations(addresses: Sequence[SecretStr], salt: str) -> list[Destination]:
    return [
        Destination(destination_id(address, salt), schema_of(address), place, address)
        for place, address in enumerate(addresses, start=1)
    ]


def destination_id(address: SecretStr, salt: str) -> str:
    """Slow on purpose: an address is short, and whoever reads the file must not find it by trying."""
    digest = hashlib.scrypt(address.get_secret_value().strip().encode(), salt=salt.encode(), n=2**14, r=8, p=1)
    return digest.hex()[:16]


def name_of(service: str, place: int, destination: str) -> str:
    return f"{service} {place} ({destination[:6]})"


def as_text(instant: datetime) -> str:
    """Sorts as instants do."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _state(row: Sequence[object], until: str | None) -> DeliveryState:
    service, place, destination, failures, again, delivered, error, error_at, pending, oldest, taken, failed = row
    return DeliveryState(
        destination=name_of(str(service), int(str(place)), str(destination)),
        is_failing=bool(failures),
        failures=int(str(failures)),
        next_attempt_at=_instant(again),
        last_delivered_at=_instant(delivered),
        last_error=str(error) if error else None,
        last_error_at=_instant(error_at),
        count_pending=int(str(pending)),
        oldest_pending_at=_instant(oldest),
        count_delivered=int(str(taken)),
        count_failed=int(str(failed)),
        held_until=until if pending else None,
    )


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
