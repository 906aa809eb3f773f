"""Keys of the API: shown once, stored as hashes, gone when revoked."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from quant.doctor import check_keys
from quant.errors import ConfigError
from quant.keys import (
    KeyFileError,
    KeyRing,
    digest_of,
    find_key,
    keys_path,
    new_key,
    read_keys,
    refuse_keyless,
    revoke_key,
)
from quant.settings import Settings, load_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "api.keys"


def test_a_digest_is_sha256_as_the_standard_has_it() -> None:
    """FIPS 180-2, appendix B.1: the digest of "abc"."""
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_key_is_nowhere_in_the_file_which_only_its_owner_reads(path: Path) -> None:
    secret = new_key(path, "laptop")
    assert re.fullmatch(r"qk_[A-Za-z0-9_-]{43}", secret)  # 43 letters of 6 bits hold 256 bits
    assert secret not in path.read_text() and secret[3:] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (key,) = read_keys(path)
    assert (key.name, key.digest) == ("laptop", digest_of(secret))


def test_the_right_key_is_found_among_others_and_a_near_one_is_not(path: Path) -> None:
    secrets = {name: new_key(path, name) for name in ("one", "two", "three")}
    keys = read_keys(path)
    found = {name: find_key(keys, secret) for name, secret in secrets.items()}
    assert {name: key.name for name, key in found.items() if key} == {name: name for name in secrets}
    wrong = [secrets["one"][:-1], secrets["one"] + "x", "", keys[0].digest, "\udcff", "ключ"]
    assert [find_key(keys, secret) for secret in wrong] == [None] * len(wrong)


def test_every_key_is_compared_whichever_is_the_right_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [new_key(path, name) for name in ("one", "two", "three")]
    keys, compared = read_keys(path), []

    def compare(a: str, b: str) -> bool:
        compared.append(a)
        return a == b

    monkeypatch.setattr("quant.keys.hmac.compare_digest", compare)
    for secret in secrets:
        find_key(keys, secret)
    assert compared == [key.digest for key in keys] * 3


def test_a_change_of_the_file_is_seen_at_the_next_look(path: Path) -> None:
    ring = KeyRing(path)
    assert ring.keys() == ()
    new_key(path, "one")
    new_key(path, "two")
    assert [key.name for key in ring.keys()] == ["one", "two"]
    revoke_key(path, "one")
    assert [key.name for key in ring.keys()] == ["two"]
    path.unlink()
    assert ring.keys() == ()


def test_a_file_that_cannot_be_read_lets_nobody_in_and_is_named(path: Path) -> None:
    ring = KeyRing(path)
    new_key(path, "one")
    assert ring.keys()
    path.write_text("let me in\n")
    assert ring.keys() == ()
    assert ring.problem == f"line 1 of the API keys {path} is not `sha256 name created`: remove it"


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 65, "a\nb", "клавиша"])
def test_a_name_is_letters_and_digits(path: Path, name: str) -> None:
    with pytest.raises(KeyFileError, match="is no name of a key"):
        new_key(path, name)


def test_a_name_is_given_once_and_an_unknown_one_is_not_revoked(path: Path) -> None:
    new_key(path, "laptop")
    with pytest.raises(KeyFileError, match="there is a key laptop already"):
        new_key(path, "laptop")
    with pytest.raises(KeyFileError, match="no key desk; known are: laptop"):
        revoke_key(path, "desk")


@pytest.mark.parametrize(("host", "required", "is_refused"), [
    ("127.0.0.1", "auto", False), ("localhost", "auto", False), ("::1", "auto", False),
    ("0.0.0.0", "auto", True), ("192.168.1.5", "auto", True), ("::", "auto", True), ("desk.example.org", "auto", True),
    ("0.0.0.0", "never", False), ("127.0.0.1", "always", True),
])  # fmt: skip
def test_nothing_starts_where_a_key_is_needed_and_none_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, required: str, is_refused: bool
) -> None:
    monkeypatch.setenv("QUANT_API__KEYS__REQUIRED", required)
    settings = load_settings(data_path=tmp_path, host=host)
    if is_refused:
        with pytest.raises(ConfigError, match="run `quant key new laptop` first"):
            refuse_keyless(settings)
    new_key(keys_path(settings), "laptop")
    refuse_keyless(settings)


def test_the_doctor_says_how_many_and_who_needs_one(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = check_keys(settings)
    assert (here.verdict, here.finding.split(" (")[0]) == ("ok", "no keys; nobody but this machine can ask")
    beyond = load_settings(data_path=tmp_path, host="0.0.0.0")
    assert (check_keys(beyond).verdict, "quant key new" in check_keys(beyond).finding) == ("fail", True)
    new_key(keys_path(beyond), "laptop")
    assert check_keys(beyond).finding.startswith("1 key; whoever asks needs one (host 0.0.0.0")
    keys_path(beyond).chmod(0o666)
    assert (check_keys(beyond).verdict, check_keys(beyond).remedy) == ("warn", f"run `chmod 600 {keys_path(beyond)}`")
    keys_path(beyond).write_text("no key\n")
    assert check_keys(beyond).verdict == "fail"


def test_the_command_prints_a_key_once_and_never_again(settings: Settings) -> None:
    def quant(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "quant.cli", "key", *arguments], capture_output=True, text=True)

    made = quant("new", "laptop")
    assert [key.name for key in read_keys(keys_path(settings))] == ["laptop"]
    secret = made.stdout.strip()
    assert find_key(read_keys(keys_path(settings)), secret)
    assert secret not in made.stderr
    listed = quant("list")
    assert "laptop" in listed.stdout and secret not in listed.stdout + listed.stderr
    assert "laptop is revoked" in quant("revoke", "laptop").stdout
    assert "no key is in" in quant("list").stdout
