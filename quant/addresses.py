"""Addresses to which alerts go. They hold passwords: only the schema ("tgram") of one is ever shown."""

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from apprise.plugins import NotifyBase


def without_addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that sends no alert: it need not know where they go. Settings read either case."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("QUANT_NOTIFICATIONS")}


def schema_of(address: SecretStr) -> str:
    """What may be shown of an address: "tgram" of tgram://..., or **** where it has none."""
    schema, separator, _ = address.get_secret_value().strip().partition("://")
    return schema.lower() if separator and schema.replace("-", "").isalnum() and len(schema) <= 20 else "****"


def refuse_unknown_address(place: int, address: SecretStr) -> None:
    """ValueError for one that Apprise cannot use; it is named by its place and schema only."""
    if not is_understood(address):
        raise ValueError(
            f"address {place} ({schema_of(address)}) of urls is none that Apprise understands: "
            "compare it with the list at https://appriseit.com/services"
        )


def is_understood(address: SecretStr) -> bool:
    """Whether Apprise knows the schema and finds in the address what it needs; asks no network."""
    return service_of(address) is not None


def service_of(address: SecretStr) -> "NotifyBase | None":
    """Apprise's service of the address; whatever Apprise logs of it is for us alone."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which modules it imports, all when first asked, is not our affair
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(app_id="quant-dashboard", app_desc="quant-dashboard", app_url="", service_timeout=0)
        return Apprise.instantiate(address.get_secret_value().strip(), asset=asset)
