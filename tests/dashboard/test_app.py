"""The server: /health beside Streamlit's own, and a quiet end."""

import asyncio
import gc
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from streamlit import config

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


def test_every_setting_of_the_server_is_one_that_streamlit_knows() -> None:
    """A name that it does not know is passed over, and a refresh would wait for a collection of garbage again."""
    written = tomllib.loads((Path(app.__file__).parent / ".streamlit" / "config.toml").read_text())
    names = [f"{section}.{name}" for section in written for name in written[section] if section != "theme"]
    assert "runner.postScriptGC" in names
    for name in names:
        config.get_option(name)  # raises where there is none


def test_what_is_imported_is_not_looked_through_again() -> None:
    ready = asyncio.Event()
    try:
        asyncio.run(app.warm_up(ready))
        assert ready.is_set()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
