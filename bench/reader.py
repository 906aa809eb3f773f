"""One reader of bench.readers, a process of its own: asks again and again, one JSON line per answer.

Modes: `python` (quant's Warehouse), `cli` (the DuckDB CLI, a fresh process per question), `api` (HTTP).
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from quant.settings import PROJECT_PATH, load_settings
from quant.warehouse import Warehouse

# Trade ids are consecutive: rows = distinct ids = span says that nothing is missing and nothing is there twice.
COMPLETENESS = """
    select
        symbol,
        count(*) as count_rows,
        count(distinct trade_id) as count_ids,
        max(trade_id) - min(trade_id) + 1 as span
    from staging.trades
    group by symbol
    order by symbol
"""
BUILD = "select max(build_id) as build_id from meta.builds"

Answer = dict[str, Any]
PAUSE_SECONDS = 0.5  # eight readers, the recorder and the builder share two cores


def python_answers() -> Callable[[], Answer]:
    warehouse = Warehouse(load_settings())

    def ask() -> Answer:
        with warehouse.reading() as reading:
            written = reading.rows(BUILD)[0]["build_id"]
            return {"build_id": reading.build_id, "written": written, "trades": reading.rows(COMPLETENESS)}

    return ask


def cli_answers() -> Callable[[], Answer]:
    market = load_settings().market_path
    duckdb = Path(sys.executable).parent / "duckdb"

    def ask() -> Answer:
        build_file = market.resolve()
        command = [str(duckdb), "-readonly", "-json", str(build_file), "-c", BUILD, "-c", COMPLETENESS]
        done = subprocess.run(command, cwd=PROJECT_PATH, capture_output=True, text=True)
        if done.returncode or done.stderr.strip():
            raise RuntimeError(done.stderr.strip()[:300])
        build, trades = _json_values(done.stdout)
        return {"build_id": build_file.parent.name, "written": build[0]["build_id"], "trades": trades}

    return ask


def api_answers(api: str) -> Callable[[], Answer]:
    client = httpx.Client(base_url=api, timeout=30)

    def ask() -> Answer:
        # Of a final minute every answer must say the same, whatever is built or compacted meanwhile.
        answer = client.get("/bars/BTCUSDT", params={"interval": "1m", "limit": 100}).raise_for_status().json()
        minutes = [
            {"ts": bar["ts"], "volume": bar["volume"], "trade_count": bar["trade_count"]}
            for bar in answer["bars"]
            if bar["is_final"]
        ]
        return {"build_id": answer["build_id"], "minutes": minutes}

    return ask


def _json_values(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        yield value
        at += len(text[at:]) - len(text[at:].lstrip())


def main(mode: str, seconds: float, api: str) -> None:
    modes: dict[str, Callable[[], Callable[[], Answer]]] = {
        "python": python_answers,
        "cli": cli_answers,
        "api": partial(api_answers, api),
    }
    ask = modes[mode]()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except Exception as error:  # every failure is a finding of the bench, so each is reported, none hidden
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"mode": mode, **answer}, default=str), flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
