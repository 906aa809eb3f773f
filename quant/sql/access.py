"""Whether `POST /sql` is on: by the settings, and by who can reach the server."""

from quant.boundness import is_loopback
from quant.keys import keys_path, read_keys
from quant.settings import Settings

HOW = "set api.sql.is_on: true in config.yaml, or make a key with `quant key new NAME`"


def is_sql_on(settings: Settings) -> bool:
    """`auto` is on where only this machine reaches the server, or where whoever does must show a key."""
    wanted = settings.api.sql.is_on
    if wanted != "auto":
        return wanted
    asks_for_keys = settings.api.keys.required != "never" and bool(read_keys(keys_path(settings)))
    return is_loopback(settings.host) or asks_for_keys
