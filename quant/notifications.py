"""One round of alerts: look what is new, note it, and take it to each destination, all of them side by side."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from quant.courier import carry
from quant.deliveries import Deliveries
from quant.destinations import Destination
from quant.errors import NoBuildError
from quant.messages import Alert, Message, compose, count_of
from quant.news import Horizon, Look
from quant.settings import Settings
from quant.warehouse import Warehouse

log = logging.getLogger(__name__)

COLUMNS = "select * from serving.recent_signals limit 0"
NEWS = "from serving.recent_signals where coalesce(end_ts, ts) >= $since"
LASTING = " or kind = 'data'"

Carrier = Callable[[SecretStr, Message, float, threading.Event], str | None]
Source = Callable[[datetime], Look]


class Notifier:
    """The rounds on one data folder. A round takes as long as the slowest destination may take to answer."""

    def __init__(
        self,
        settings: Settings,
        stopping: threading.Event,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        carrier: Carrier = carry,
        source: Source | None = None,
    ) -> None:
        """Remembers in state.sqlite who is configured now."""
        self._settings, self._wanted = settings, settings.notifications
        self._stopping, self._clock, self._carry = stopping, clock, carrier
        self._source = source or (lambda since: recent_alerts(settings, since))
        self._max_age = timedelta(hours=self._wanted.max_age_hours)
        self._deliveries = Deliveries(settings.state_path)
        self._taken: dict[str, list[Alert]] = {}  # by a destination, and not yet marked
        self._marking = threading.Lock()
        self.destinations = self._deliveries.configure(self._wanted.addresses, self._wanted.quiet_hours)

    def run(self) -> None:
        """One round; a destination that fails is told and tried again later, and is no error of ours."""
        if not self.destinations or not self._look():
            return
        with ThreadPoolExecutor(len(self.destinations), "destination") as pool:
            list(pool.map(self._serve, self.destinations))

    def _look(self) -> bool:
        """Note what is new; False before the first build."""
        now = self._clock()
        self._mark_what_was_taken(now)
        self._deliveries.heed_clock(now, self._max_age, timedelta(seconds=self._wanted.longest_wait_seconds))
        try:
            look = self._source(self._deliveries.since() or now - self._max_age)
        except NoBuildError:
            return False
        self._deliveries.note(look, self._wanted.send, now, self._max_age)
        if expired := self._deliveries.expire(now, self._max_age):
            log.warning("%s older than %g h: not sent any more", count_of(expired), self._wanted.max_age_hours)
        self._deliveries.trim(now, self._max_age, [alert for alert in look.alerts if alert.kind == "data"])
        return True

    def _serve(self, destination: Destination) -> None:
        now = self._clock()
        alerts = [alert for alert in self._deliveries.pending(destination.destination, now) if self._may_go(alert, now)]
        if not alerts or self._stopping.is_set():
            return
        message = compose(alerts, self._wanted.most_per_message, self._zones(), demo=self._settings.demo)
        reason = self._carry(destination.address, message, self._wanted.timeout_seconds, self._stopping)
        if reason is None:
            self._taken[destination.destination] = alerts
            self._mark_what_was_taken(self._clock())
            log.info("%s sent to %s", count_of(alerts), destination.name)
        elif not self._stopping.is_set():
            self._fail(destination, alerts, reason)

    def _mark_what_was_taken(self, now: datetime) -> None:
        """At once; or, if the disk was full or the file locked then, in a later round and before anything is sent."""
        with self._marking:
            for destination, alerts in list(self._taken.items()):
                self._deliveries.mark_delivered(destination, alerts, now)
                del self._taken[destination]

    def _fail(self, destination: Destination, alerts: Sequence[Alert], reason: str) -> None:
        wanted = self._wanted
        waits = (wanted.first_wait_seconds, wanted.longest_wait_seconds)
        wait = self._deliveries.mark_failed(
            destination.destination, alerts, reason, self._clock(), waits, wanted.attempts
        )
        log.warning("%s did not take %s, again in %.0f s: %s", destination.name, count_of(alerts), wait, reason)

    def _may_go(self, alert: Alert, now: datetime) -> bool:
        quiet = self._wanted.quiet_hours
        return quiet is None or (quiet.let_data_through and alert.kind == "data") or not quiet.are_on(now)

    def _zones(self) -> dict[str, str]:
        classes = self._settings.asset_classes
        return {name: getattr(classes, name).timezone for name in type(classes).model_fields}


def recent_alerts(settings: Settings, since: datetime) -> Look:
    """Events of the newest build that ended after `since`, and what is wrong with the data now.

    Raises NoBuildError before the first build.
    """
    warehouse = Warehouse(settings)
    try:
        with warehouse.reading() as reading:
            lasting = LASTING if "kind" in reading.query(COLUMNS).column_names else ""
            alerts = [Alert.of(row) for row in reading.rows(NEWS + lasting, {"since": since})]
            return Look(alerts, Horizon.of(reading))
    finally:
        warehouse.close()
