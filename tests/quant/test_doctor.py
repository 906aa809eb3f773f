"""The doctor: each finding with its remedy, from a real server, a real disk and a real build."""

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quant.doctor import (
    check_disk,
    check_exchange_clock,
    check_folder,
    check_reachable,
    check_storage,
    check_writable,
    examine,
)
from quant.settings import Settings, load_settings


class Exchange(http.server.BaseHTTPRequestHandler):
    """Tells the time as Binance does, `ahead` seconds wrong."""

    ahead = 0.0

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v3/time" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"serverTime": int((time.time() + self.ahead) * 1000)}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def exchange() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exchange) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("ahead", "verdict"), [(0.0, "ok"), (2.5, "warn"), (-30.0, "fail")])
def test_the_clock_is_compared_with_the_exchanges(
    exchange: str, monkeypatch: pytest.MonkeyPatch, ahead: float, verdict: str
) -> None:
    monkeypatch.setattr(Exchange, "ahead", ahead)
    check = check_exchange_clock([exchange], demo=False)
    assert check.verdict == verdict, check
    told = re.search(r"its clock is ([-+]\d+\.\d+) s off ours", check.finding)
    assert told and abs(float(told[1]) - ahead) < 0.5, check.finding  # half a round trip on a busy machine
    assert ("NTP" in check.remedy) == (verdict != "ok")


def test_the_next_address_is_asked_when_the_first_does_not_answer(exchange: str) -> None:
    assert check_exchange_clock(["http://127.0.0.1:1", exchange], demo=False).verdict == "ok"
    assert check_reachable("Binance stream", ["http://127.0.0.1:1", exchange], demo=False).verdict == "ok"


def test_an_unreachable_source_fails_live_and_warns_in_the_demo() -> None:
    live = check_reachable("Yahoo", ["http://127.0.0.1:1"], demo=False)
    demo = check_reachable("Yahoo", ["http://127.0.0.1:1"], demo=True)
    assert (live.verdict, demo.verdict) == ("fail", "warn")
    assert "http://127.0.0.1:1 does not answer (Connection refused)" in live.finding
    assert "quant up --demo" in live.remedy


def test_a_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    assert check_writable(tmp_path / "not" / "yet" / "there").verdict == "ok"
    assert check_disk(tmp_path).verdict in {"ok", "warn"}
    (tmp_path / "file").write_text("")
    blocked = check_writable(Path("/proc/self") / "data")  # not even root can write there
    assert blocked.verdict == "fail"
    assert "data_path in config.yaml" in blocked.remedy


def test_a_data_folder_that_is_gone_fails_and_one_that_is_new_does_not(tiny: Any, settings: Settings) -> None:
    assert check_folder(settings).verdict == "ok"
    tiny.publish(1)
    gone = check_folder(settings)
    assert (gone.verdict, gone.finding) == ("fail", f"the data folder is gone, {settings.parquet_path} is not there")
    assert gone.remedy == "mount it or put it back, and all goes on"
    settings.parquet_path.mkdir()
    assert check_folder(settings).verdict == "ok"


def test_the_older_cli_reads_a_build_of_the_right_storage_version_only(tiny: Any, settings: Settings) -> None:
    assert check_storage(settings.market_path).verdict == "warn"
    record = tiny.publish(1)
    assert check_storage(settings.market_path).verdict == "ok"
    database = settings.duckdb_path / "builds" / record.build_id / "market.duckdb"
    tiny.replace_by_newest_storage(database)
    check = check_storage(settings.market_path)
    assert check.verdict == "fail"
    assert "quant build --full-refresh" in check.remedy


def test_every_subject_is_examined_within_seconds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANT_DEMO", "true")
    monkeypatch.setenv("QUANT_PORTS__STANDIN", "1")
    started = time.monotonic()
    subjects = [check.subject for check in examine(load_settings())]
    assert time.monotonic() - started < 15
    assert subjects[:3] == ["Python", "disk", "data folder"]
    assert subjects[-6:] == ["storage version", "Binance REST", "Binance stream", "Yahoo", "alerts", "API keys"]
