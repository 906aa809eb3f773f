"""What each route answers, by an example: true answers to `QUESTIONS` from a demo build, kept in examples.json.

Make them again with `python -m api.examples http://127.0.0.1:8000` beside a running demo.
"""

import json
import sys
from pathlib import Path
from typing import Any

import httpx

FILE = Path(__file__).with_suffix(".json")
SMILE = "fields=expiry_on,strike,forward,is_call,implied_vol,svi_vol"
QUESTIONS = {
    "/health": "/health",
    "/symbols": "/symbols?limit=1",
    "/catalog": "/catalog?limit=1",
    "/bars/{symbol}": "/bars/AAPL?limit=1&fields=ts,open,high,low,close,volume,is_final",
    "/metrics/{symbol}": "/metrics/AAPL?fields=log_return,realized_vol",
    "/metrics/{symbol}/history": "/metrics/AAPL/history?limit=1&fields=ts,rsi,macd,realized_vol",
    "/risk/{symbol}": "/risk/AAPL?fields=sharpe,max_drawdown",
    "/drawdowns/{symbol}": "/drawdowns/AAPL?limit=1&episodes=1",
    "/options/{underlying}": "/options/SPY?limit=1",
    "/options/{underlying}/chain": "/options/SPY/chain?limit=1&fields=contract_symbol,expiry_on,strike,mid,delta",
    "/options/{underlying}/smile": f"/options/SPY/smile?limit=1&{SMILE}",
    "/options/{underlying}/surface": f"/options/SPY/surface?limit=1&{SMILE}",
    "/options/{underlying}/term-structure": "/options/SPY/term-structure?limit=1",
    "/options/{underlying}/parity": "/options/SPY/parity?limit=1",
    "/options/{underlying}/exposure": "/options/SPY/exposure?limit=1",
    "/options/{underlying}/checks": "/options/SPY/checks?limit=1",
    "/options/{underlying}/history": "/options/SPY/history?limit=1",
    "/options/{underlying}/snapshots": "/options/SPY/snapshots?limit=1",
    "/portfolio": "/portfolio?limit=1&fields=portfolio,sharpe",
    "/portfolio/{name}": "/portfolio/equities?fields=sharpe,max_drawdown",
    **{
        f"/portfolio/{{name}}/{part}": f"/portfolio/equities/{part}?limit=1"
        for part in ("history", "weights", "members", "attribution", "kelly", "components", "correlation", "factors")
    },
    "/correlation": "/correlation?limit=1",
    "/correlation/{a}/{b}": "/correlation/AAPL/SPY?limit=1",
    "/signals": "/signals?limit=1&kind=market",
}


def illustrate(schema: dict[str, Any]) -> None:
    """Add them to the description."""
    for path, body in json.loads(FILE.read_text()).items():
        for operation in schema["paths"][path].values():
            operation["responses"]["200"]["content"]["application/json"]["example"] = body


def make(base_url: str) -> None:
    with httpx.Client(base_url=base_url, timeout=30) as client:
        bodies = {path: _short(client.get(question).raise_for_status().json()) for path, question in QUESTIONS.items()}
    lines = [f"{json.dumps(path)}: {json.dumps(body)}" for path, body in bodies.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _short(value: Any) -> Any:
    """One of each list; folders are of the machine."""
    if isinstance(value, list):
        return [_short(item) for item in value[:1]]
    if isinstance(value, dict):
        return {name: "data" if name == "path" else _short(item) for name, item in value.items()}
    return value


if __name__ == "__main__":
    make(sys.argv[1])
