"""API keys: made once, shown once; what is stored is their SHA-256, in a file that only its owner may read."""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from quant.boundness import is_loopback
from quant.errors import ConfigError, QuantError
from quant.locks import exclusive
from quant.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PREFIX = "qk_"  # so that a scanner, or a person, knows what was pasted into a wrong place
SECRET_BYTES = 32
HEAD = "# API keys: sha256 name created. A key itself is nowhere; `quant key new NAME` adds a line.\n"


class KeyFileError(QuantError):
    """The file of keys cannot be used, or not for this."""


@dataclass(frozen=True)
class Key:
    """What is known of a key: not the key. `digest` is the SHA-256 of its text, in hexadecimal."""

    name: str
    digest: str
    created: str

    @property
    def line(self) -> str:
        return f"{self.digest} {self.name} {self.created}\n"


def digest_of(secret: str) -> str:
    """SHA-256, without salt or many rounds: those slow down guessing of passwords that people choose.

    A key of ours is 256 random bits, which nobody guesses from a fast hash either, and each request must be checked.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def find_key(keys: Sequence[Key], secret: str) -> Key | None:
    """The key whose digest that of `secret` is. Every one is compared, each in constant time: how long it takes says
    nothing of how near a guess was, nor which key it was.
    """
    digest, found = digest_of(secret), None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def keys_path(settings: Settings) -> Path:
    return settings.api.keys.file or settings.root / "api.keys"


def read_keys(path: Path) -> tuple[Key, ...]:
    """In the order of the file; none where there is no file. Raises KeyFileError for a line that is none of ours."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise KeyFileError(f"the API keys {path} cannot be read ({reason}): mend the file, or remove it") from None
    numbered = ((place, line.split()) for place, line in enumerate(lines, start=1) if not line.startswith("#"))
    return tuple(_key(path, place, words) for place, words in numbered if words)


def _key(path: Path, place: int, words: Sequence[str]) -> Key:
    if len(words) == 3 and re.fullmatch(r"[0-9a-f]{64}", words[0]) and NAME.fullmatch(words[1]):
        return Key(words[1], words[0], words[2])
    raise KeyFileError(f"line {place} of the API keys {path} is not `sha256 name created`: remove it")


def new_key(path: Path, name: str) -> str:
    """Store a new key's digest under `name` and return the key, which can never be had again."""
    if not NAME.fullmatch(name):
        raise KeyFileError(f"{name!r} is no name of a key: use up to 64 letters, digits, '.', '_', '-', like laptop")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = Key(name, digest_of(secret), datetime.now(UTC).isoformat(timespec="seconds"))

    def added(keys: tuple[Key, ...]) -> tuple[Key, ...]:
        if any(other.name == name for other in keys):
            raise KeyFileError(
                f"there is a key {name} already: choose another name, or `quant key revoke {name}` first"
            )
        return (*keys, key)

    _change(path, added)
    return secret


def revoke_key(path: Path, name: str) -> None:
    """Forget the key of this name; a running API refuses it from its next request on."""

    def lessened(keys: tuple[Key, ...]) -> tuple[Key, ...]:
        left = tuple(key for key in keys if key.name != name)
        if len(left) == len(keys):
            known = ", ".join(key.name for key in keys) or "none"
            raise KeyFileError(f"there is no key {name}; known are: {known}")
        return left

    _change(path, lessened)


def _change(path: Path, change: Callable[[tuple[Key, ...]], tuple[Key, ...]]) -> None:
    """One writer at a time; a reader sees the old file or the new one."""
    try:
        with exclusive(path.with_name(f".{path.name}.lock")):
            _write(path, change(read_keys(path)))
    except OSError as error:
        raise KeyFileError(
            f"the API keys {path} cannot be written ({error.strerror}): make its folder writable"
        ) from None


def _write(path: Path, keys: Sequence[Key]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(HEAD + "".join(key.line for key in keys))  # mode 0600 from its first byte: mkstemp's
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def refuse_keyless(settings: Settings) -> None:
    """Raise ConfigError where a key will be asked for and none is there: nobody could be answered."""
    required = settings.api.keys.required
    if required == "never" or (required == "auto" and is_loopback(settings.host)):
        return
    if not read_keys(path := keys_path(settings)):
        why = (
            f"host = {settings.host} can be reached from other machines" if required == "auto" else "api.keys.required"
        )
        raise ConfigError(f"{why}, so a key is needed and {path} has none: run `quant key new laptop` first")


def state_of_keys(settings: Settings) -> str:
    """How many there are and who needs one, in words; or why that cannot be said."""
    try:
        count = len(read_keys(keys_path(settings)))
    except KeyFileError as error:
        return str(error)
    required = settings.api.keys.required
    outside = "nobody but this machine can ask" if is_loopback(settings.host) else "whoever asks needs one"
    needed = {"auto": outside, "always": "whoever asks needs one", "never": "nobody needs one"}[required]
    return f"{count or 'no'} key{'s' * (count != 1)}; {needed} (host {settings.host}, api.keys.required {required})"


class KeyRing:
    """The keys of a file as it is now: whatever changes it is seen by the next look, without a restart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()
        self.problem: str | None = None

    def keys(self) -> tuple[Key, ...]:
        """None of them while the file cannot be used (`problem` says why): nobody is let in by an old copy."""
        seen = self._look()
        if seen != self._seen:
            try:
                self._keys, self.problem = read_keys(self.path), None
            except KeyFileError as error:
                self._keys, self.problem = (), str(error)
            self._seen = seen
        return self._keys

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
