"""`quant key`: who may ask the API."""

import sys

from quant.cli.tables import new_console, print_table
from quant.errors import ConfigError
from quant.keys import keys_path, new_key, read_keys, revoke_key
from quant.settings import Settings


def run_key(settings: Settings, verb: str, name: str | None) -> None:
    """A new key is the only thing on stdout, so that it can be taken from there; it is never shown again."""
    path = keys_path(settings)
    if verb == "list":
        return print_keys(settings)
    if name is None:
        raise ConfigError(f"which key? Say its name, as in `quant key {verb} laptop`")
    if verb == "revoke":
        revoke_key(path, name)
        return new_console().print(f"{name} is revoked: its key is refused from now on", highlight=False)
    print(new_key(path, name))
    print(
        f"This is the key {name}; it is shown only now. Send it as `Authorization: Bearer KEY`. "
        f"{path} holds its hash; `quant key revoke {name}` ends it.",
        file=sys.stderr,
    )


def print_keys(settings: Settings) -> None:
    console, path = new_console(), keys_path(settings)
    keys = read_keys(path)
    print_table(console, "API keys", ("name", "created (UTC)"), ((key.name, key.created[:19]) for key in keys))
    if not keys:
        console.print(f"no key is in {path}: `quant key new NAME` makes one", soft_wrap=True, highlight=False)
