"""`quant notify`: whether alerts arrive, and how deliveries are doing."""

import threading
from concurrent.futures import ThreadPoolExecutor

from quant.addresses import schema_of
from quant.cli.tables import new_console, print_deliveries
from quant.courier import carry
from quant.destinations import read_delivery_states
from quant.errors import ConfigError
from quant.messages import DEMO, Message
from quant.settings import Settings
from quant.settings.notifications import REMEDY

BODY = "If you read this, alerts reach you here. Nothing happened on any market."


def send_tests(settings: Settings) -> int:
    """One message to each destination, and a line for each whether it was taken; returns the exit code."""
    wanted = settings.notifications
    if not wanted.addresses:
        raise ConfigError(f"no destination is configured, so alerts reach nobody: {REMEDY}")
    message = Message(f"{DEMO if settings.demo else ''}A test of quant-dashboard", BODY)
    with ThreadPoolExecutor(len(wanted.addresses)) as pool:
        sent = pool.map(
            lambda address: carry(address, message, wanted.timeout_seconds, threading.Event()), wanted.addresses
        )
        reasons = list(sent)
    console = new_console()
    for place, (address, reason) in enumerate(zip(wanted.addresses, reasons, strict=True), start=1):
        mark = "fail" if reason else "ok"
        console.print(f"{mark:<5} {schema_of(address)} {place}: {reason or 'taken'}", highlight=False, markup=False)
    return int(any(reasons))


def print_notifications(settings: Settings) -> None:
    """What the scheduler's outbox says; who is configured but was never met by a scheduler is counted."""
    console, states = new_console(), read_delivery_states(settings.state_path)
    configured = len(settings.notifications.addresses)
    if not configured and not states:
        console.print(f"no destination is configured, so alerts reach nobody: {REMEDY}", soft_wrap=True, markup=False)
    elif configured and not states:
        console.print(f"{configured} configured, but no scheduler ran with them yet: run `quant up`", soft_wrap=True)
    print_deliveries(console, states)
