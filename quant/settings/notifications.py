"""The `notifications` section of config.yaml: to whom alerts go, which ones, and when not.

An address holds a password, so it never stands in config.yaml, and only its schema ("tgram") is ever shown.
"""

import json
from datetime import datetime, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from quant.addresses import refuse_unknown_address
from quant.refusals import checked_time_zone
from quant.settings.section import Count, Positive, Section, Symbol
from quant.settings.signals import RULES_PATH, Interval

Kind = Literal["market", "option", "data"]
Rule = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

REMEDY = """set QUANT_NOTIFICATIONS__URLS='["tgram://..."]', or QUANT_NOTIFICATIONS__URLS_FILE=FILE with one a line"""
NOT_IN_THE_FILE = f"notifications.urls: addresses hold passwords, so they may not stand in config.yaml; {REMEDY}"


class Secretive(Section):
    model_config = ConfigDict(hide_input_in_errors=True)


def _clock_time(value: object) -> object:
    """YAML reads an unquoted 22:00 as 22 sixties, which is 1320."""
    if isinstance(value, int) and 60 <= value < 24 * 60:
        return time(*divmod(value, 60))
    if isinstance(value, str) and len(value) == len("22:00"):
        return value
    raise ValueError('a time of day is written "22:00"')


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class QuietHours(Secretive):
    """From `from` to before `to` by the clock on the wall there, over midnight if `to` is earlier."""

    begins: ClockTime = Field(alias="from")
    ends: ClockTime = Field(alias="to")
    timezone: Annotated[str, AfterValidator(checked_time_zone)]
    let_data_through: bool  # alerts about the data themselves do not wait

    @model_validator(mode="after")
    def _have_a_length(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("quiet hours from and to the same time are none or all: write null, or another time")
        return self

    def are_on(self, now: datetime) -> bool:
        clock = now.astimezone(ZoneInfo(self.timezone)).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def as_json(self) -> str:
        """As it is written in config.yaml, from which it can be read again."""
        names = {"from": f"{self.begins:%H:%M}", "to": f"{self.ends:%H:%M}", "timezone": self.timezone}
        return json.dumps(names | {"let_data_through": self.let_data_through})

    @property
    def hours(self) -> float:
        """On a day without a change of the clocks."""
        minutes = (self.ends.hour - self.begins.hour) * 60 + self.ends.minute - self.begins.minute
        return minutes % (24 * 60) / 60


class Selection(Secretive):
    """Which alerts are sent; null is all of them. What has no interval or symbol is not asked for it: alerts about
    options and data have no interval, and those of a whole source no symbol.
    """

    rules: Annotated[tuple[Rule, ...], Field(min_length=1)] | None
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] | None
    symbols: Annotated[tuple[Symbol, ...], Field(min_length=1)] | None
    intervals: Annotated[tuple[Interval, ...], Field(min_length=1)] | None

    @model_validator(mode="after")
    def _rules_are_known(self) -> Self:
        known = sorted(file.stem for file in RULES_PATH.glob("*/*.sql"))
        if known and (unknown := [rule for rule in self.rules or () if rule not in known]):
            raise ValueError(f"rules: {', '.join(unknown)} is no rule; known are {', '.join(known)}")
        return self

    def wants(self, kind: str, rule: str, symbol: str | None, interval: str | None) -> bool:
        pairs = (
            (kind, self.kinds),
            (rule, self.rules),
            (symbol, self.symbols if symbol else None),
            (interval, self.intervals if interval else None),
        )
        return all(chosen is None or value in chosen for value, chosen in pairs)


class Notifications(Secretive):
    urls: tuple[SecretStr, ...]
    urls_file: Path | None
    send: Selection
    quiet_hours: QuietHours | None
    max_age_hours: Positive
    most_per_message: Count
    attempts: Count
    first_wait_seconds: Positive
    longest_wait_seconds: Positive
    timeout_seconds: Positive

    @model_validator(mode="after")
    def _nights_are_shorter_than_patience(self) -> Self:
        quiet = self.quiet_hours
        if quiet and quiet.hours >= self.max_age_hours:
            raise ValueError(
                f"max_age_hours = {self.max_age_hours:g} is no longer than the quiet hours ({quiet.hours:g} h), "
                "so that their alerts would never be sent: raise it, or shorten notifications.quiet_hours"
            )
        return self

    @model_validator(mode="after")
    def _addresses_are_understood(self) -> Self:
        for place, address in enumerate(self.addresses, start=1):
            refuse_unknown_address(place, address)
        return self

    @cached_property
    def addresses(self) -> tuple[SecretStr, ...]:
        """Those of the environment, then those of the file; each once. Raises ValueError if there is no such file."""
        given = (*(url.get_secret_value() for url in self.urls), *self._filed)
        return tuple(SecretStr(address) for address in dict.fromkeys(address.strip() for address in given))

    @property
    def _filed(self) -> tuple[str, ...]:
        if self.urls_file is None:
            return ()
        if ":/" in str(self.urls_file):
            raise ValueError("urls_file is an address and no file: give it as one of urls")
        try:
            lines = self.urls_file.read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise ValueError(f"urls_file {self.urls_file} cannot be read ({reason}): name another, or null") from None
        return tuple(line for line in map(str.strip, lines) if line and not line.startswith("#"))
