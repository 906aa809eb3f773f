"""How often one client may ask."""

import math
import re
import time

import pytest

from api.middleware.rate import RateLimiter, client_of
from quant.keys import keys_path, new_key
from quant.settings import Settings, load_settings
from tests.api.conftest import Serve


def test_a_burst_passes_and_then_the_steady_rate() -> None:
    limiter = RateLimiter(per_second=10, burst=3)
    verdicts = [limiter.ask("a", now=100.0) for _ in range(4)]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]
    assert [verdict.wait for verdict in verdicts] == pytest.approx([0, 0, 0, 0.1])
    assert limiter.ask("a", now=100.05).wait == pytest.approx(0.05)
    assert [limiter.ask("a", now=100.1 + step / 10).wait for step in range(50)] == [0.0] * 50  # a request each 0.1 s
    assert limiter.ask("a", now=105.0).wait > 0
    assert limiter.ask("a", now=200.0).remaining == 2  # a bucket holds no more than its burst


def test_clients_have_a_bucket_each_and_no_more_of_them_than_fit() -> None:
    limiter = RateLimiter(per_second=1, burst=1, most_clients=100)
    assert not limiter.ask("first", now=0.0).wait
    assert all(not limiter.ask(f"client {number}", now=0.0).wait for number in range(99))
    assert limiter.ask("first", now=0.0).wait
    for number in range(1000):
        limiter.ask(f"flood {number}", now=0.0)
    assert limiter.count_clients == 100


@pytest.mark.parametrize(("address", "client"), [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("-", "-"), ("fe80::1%eth0", "fe80::/64"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
])  # fmt: skip
def test_a_customer_is_a_network_of_ipv6_and_an_address_of_ipv4(address: str, client: str) -> None:
    assert client_of(address) == client


def test_who_asks_too_often_is_told_when_to_come_again(settings: Settings, serve: Serve) -> None:
    secret = new_key(keys_path(settings), "laptop")
    api = settings.api.model_dump() | {"rate_limit": {"requests_per_second": 0.1, "burst": 2}}
    with serve(load_settings(api=api)) as client:
        began = time.monotonic()
        answers = [client.get("/") for _ in range(3)]
        passed = math.ceil(time.monotonic() - began)
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        said = [re.fullmatch(r'"default";r=(\d);t=(\d+)', answer.headers["ratelimit"]) for answer in answers]
        assert [int(each[1]) for each in said if each] == [1, 0, 0]
        full = [int(each[2]) for each in said if each]
        assert all(most - passed <= seconds <= most for seconds, most in zip(full, [10, 20, 20], strict=True))
        assert answers[0].headers["ratelimit-policy"] == '"default";q=2;w=20'
        assert 10 - passed <= int(answers[2].headers["retry-after"]) <= 10
        assert "api.rate_limit" in answers[2].json()["detail"]
        assert answers[2].headers["content-type"] == "application/problem+json"
        assert client.get("/", headers={"X-API-Key": "qk_guess"}).status_code == 429  # guesses are counted too
        assert client.get("/", headers={"X-API-Key": secret}).status_code == 200  # a key has a bucket of its own
        assert {client.get("/health").status_code for _ in range(5)} == {503}  # nothing is built; never 429
