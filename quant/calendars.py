"""The exchange calendars that may be named in config.yaml."""

import warnings
from difflib import get_close_matches

from quant.errors import ConfigError


def refuse_unknown_calendar(name: str) -> None:
    """Raise ConfigError for an `equities.calendar` that does not exist. Takes a second, so only who needs it asks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # how the library uses pandas is not our affair
        from exchange_calendars import get_calendar_names

    known = get_calendar_names(include_aliases=True)
    if name not in known:
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.5) or ["XNYS"]
        raise ConfigError(f"equities.calendar = {name!r} is no exchange calendar: use an ISO 10383 code, {near[0]} say")
