"""Questions that nobody thought of, made up by schemathesis from the API's own description, on the demo build.

FUZZ_EXAMPLES, which `make fuzz` sets, says how many of each operation; few, and always the same, where it does not.
"""

import os
import socket

import httpx
import pytest

from tests.api.campaign import Findings, campaign

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
FEW = ("examples", "fuzzing")
ALL = (*FEW, "coverage", "stateful")
NEVER = {405}  # asked on purpose of each path, with methods that it does not have
QUOTED = "%F0%9F%92%A9", "%00", "..%2F..%2Fetc%2Fpasswd", "A" * 4000, "%22%27%3B--", "a%0d%0aSet-Cookie:x", "%C3%28"


@pytest.fixture(scope="module")
def found(api: httpx.Client) -> Findings:
    return campaign(str(api.base_url), EXAMPLES, ALL if EXAMPLES > 10 else FEW)


def test_what_is_answered_is_what_the_description_says(found: Findings) -> None:
    """No 5xx, no status, header or media type that is not described; bodies fit their schemas; all checks."""
    told = "\n\n".join(f"{' '.join(key)}\n{how[:600]}" for key, how in found.failures.items())
    assert not found.failures, told
    assert not [key for key in found.statuses if key[1] >= 500 or key[1] == 0]
    assert found.cases >= 34 * EXAMPLES  # operations that are described


def test_the_questions_are_not_all_refused(found: Findings) -> None:
    """Each operation gave answers too: names that there are come from the examples of the description."""
    operations = {name for name, _ in found.statuses}
    assert {name for name in operations if found.share(200, name) == 0} == set()
    print(f"\n{found.cases} cases, of which {found.share(200):.0%} were answered")


@pytest.mark.parametrize("symbol", QUOTED)
@pytest.mark.parametrize(
    "path", ["/bars/", "/metrics/", "/risk/", "/drawdowns/", "/options/", "/stream/", "/portfolio/"]
)
def test_a_symbol_of_strange_characters_is_refused(api: httpx.Client, path: str, symbol: str) -> None:
    answer = api.get(path + symbol)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=100001", "limit=1e3", "limit=9223372036854775808", "limit=", "limit=5&fields=",
        "from=x", "from=1", "from=1764000000", "from=2026-13-01", "from=2026-11-20T00:00", "from=10000-01-01",
        "from=-0001-01-01T00:00Z",
        "fields=" + "close," * 600, "fields=close%00", "fields=*", "fields=close;drop", "interval=2d", "order=up",
        "latest=perhaps", "cursor=x", "cursor=%F0%9F%92%A9", "cursor=W10", "format=xml", "format=json&format=xml",
        "x=1", "source=%00", "cursor=" + "A" * 2000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/bars/SPY", "/metrics/SPY/history"])
def test_an_extreme_question_is_refused_with_a_problem(api: httpx.Client, path: str, query: str) -> None:
    answer = api.get(f"{path}?{query}")
    assert answer.status_code in (404, 422), (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("instant", ["0001-01-01", "9999-12-31", "0001-01-01T00:00+23:59", "9999-12-31T23:59:59-23:59"])
@pytest.mark.parametrize("bound", ["from", "to", "since"])
def test_an_instant_beyond_all_data_is_an_instant(api: httpx.Client, bound: str, instant: str) -> None:
    path = "/signals" if bound == "since" else "/bars/BTCUSDT"
    assert api.get(path, params={bound: instant}).status_code == 200
    assert api.get("/options/SPY/snapshots", params={bound.replace("since", "from"): instant}).status_code == 200


@pytest.mark.parametrize("size", [60_000, 100_000, 1_000_000])
def test_a_long_address_is_refused(api: httpx.Client, size: int) -> None:
    """414 where it can be read as a request; the server refuses to parse (400), or closes on, a longer one."""
    with socket.create_connection((api.base_url.host, api.base_url.port or 80), timeout=10) as line:
        line.sendall(f"GET /bars/SPY?fields={'a' * size} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status = line.makefile("rb").readline().split()[1:2]
    assert status in ([b"414"], [b"400"], [b"431"], []), status
    assert api.get("/bars/SPY").status_code == 200
