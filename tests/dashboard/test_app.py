"""The server: /health beside Streamlit's own, and a quiet end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from dashboard import app


def test_health_is_503_before_the_first_build_and_200_after_it(
    unbuilt_server: Any, publish_empty: Callable[..., None]
) -> None:
    before = httpx.get(f"{unbuilt_server.url}/health")
    assert before.status_code == 503
    assert before.json()["status"] == "no_build"
    assert "quant build" in before.json()["problem"]
    publish_empty()
    after = httpx.get(f"{unbuilt_server.url}/health")
    assert after.status_code == 200
    assert after.json() == {"status": "ok", "build_id": "20261122T000000.000000Z", "demo": False, "problem": None}
    assert httpx.get(f"{unbuilt_server.url}/_stcore/health").status_code == 200


def test_status_names_what_keeps_the_dashboard_from_serving() -> None:
    assert app.status(ready=False, build_id="x", problem=None) == "starting"
    assert app.status(ready=True, build_id=None, problem="nothing is built") == "no_build"
    assert app.status(ready=True, build_id="x", problem="a newer one cannot be opened") == "degraded"
    assert app.status(ready=True, build_id="x", problem=None) == "ok"


def test_nothing_is_served_beyond_this_machine_unless_asked(unbuilt_server: Any) -> None:
    """The fixture gives the port only; the address is in dashboard/.streamlit, wherever the server is started."""
    port = httpx.URL(unbuilt_server.url).port
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {line.split()[1].split(":")[0] for line in listening if line.split()[1].endswith(f":{port:04X}")}
    assert addresses <= {"0100007F"}  # 127.0.0.1, as the kernel writes it
