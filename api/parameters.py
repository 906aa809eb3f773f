"""Parameters: each is said once; how the description shows them, which fields there are, what to try."""

from collections import Counter
from http import HTTPStatus
from typing import Any

from fastapi import Request

from api.problems import Refusal

Schema = dict[str, Any]
SYMBOL = "of /symbols; upper and lower case are the same"
OF_PATHS = {
    "symbol": SYMBOL,
    "underlying": "one that has options; upper and lower case are the same",
    "metric": "id of /catalog",
    "name": "of a portfolio of config.yaml; upper and lower case are the same",
    "a": SYMBOL,
    "b": SYMBOL,
}
# What every market of ours has, the demo's too. Sources, snapshots, expiries and cursors are as answers name them.
EXAMPLES: dict[str, list[Any]] = {
    "symbol": ["AAPL", "BTCUSDT"],
    "underlying": ["SPY", "AAPL"],
    "metric": ["sharpe", "rsi"],
    "name": ["equities", "mixed"],
    "a": ["AAPL"],
    "b": ["SPY"],
    "symbols": ["AAPL,MSFT"],
    "interval": ["1d"],
    "limit": [5],
    "from": ["2026-11-02"],
    "to": ["2100-01-01"],
    "since": ["2026-11-02"],
    "as_of": ["2100-01-01T00:00:00Z"],
    "order": ["oldest"],
    "format": ["json", "csv"],
    "kind": ["market"],
    "direction": ["up"],
    "rule": ["rsi_level"],
    "latest": [True],
    "episodes": [3],
    "events": ["bar,price"],
}


LISTS = {"where"}  # may be said several times; every other one would be answered as the last says, silently


def refuse_repeated(request: Request) -> None:
    """Raises Refusal (422) where a parameter is said twice."""
    said = request.query_params.multi_items()
    if len(said) == len(request.query_params):
        return
    counted = Counter(name for name, _ in said if name not in LISTS)
    for name, times in counted.items():
        if times > 1:
            listed = ", separate its values by commas" if name == "fields" else ""
            detail = f"parameter {name} is given {times} times: give it once{listed}"
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def describe_parameters(schema: Schema) -> None:
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        columns = columns_of_answer(schema, operation)
        for parameter in operation.get("parameters", []):
            parameter["schema"] = _said(parameter["schema"])
            if parameter["name"] == "fields":
                parameter |= {"style": "form", "explode": False, "schema": _listed(columns)}
            _illustrate(parameter, columns)


def columns_of_answer(schema: Schema, operation: Schema) -> list[str]:
    """The columns of the rows that the answer consists of: of its last list of objects."""
    content = operation["responses"]["200"].get("content", {}).get("application/json", {})
    properties = _referred(schema, content.get("schema", {})).get("properties", {})
    rows = [each["items"] for each in properties.values() if "$ref" in each.get("items", {})]
    return list(_referred(schema, rows[-1])["properties"]) if rows else []


def _referred(schema: Schema, part: Schema) -> Schema:
    found: Schema = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    return found


def _said(part: Schema) -> Schema:
    """Without null, which a query string cannot say: who means none leaves the parameter out."""
    kinds = [kind for kind in part.get("anyOf", []) if kind != {"type": "null"}]
    others = {name: value for name, value in part.items() if name != "anyOf"}
    return {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}), **others} if kinds else part


def _listed(columns: list[str]) -> Schema:
    """Names, comma-separated; which metrics there are of a symbol is in its answer."""
    return {"type": "array", "minItems": 1, "items": {"type": "string"} | ({"enum": columns} if columns else {})}


def _illustrate(parameter: Schema, columns: list[str]) -> None:
    name = parameter["name"]
    if parameter["in"] == "path":
        parameter.setdefault("description", OF_PATHS[name])
    values = [columns[:2]] if name == "fields" and columns else EXAMPLES.get(name, [])
    if values:
        parameter["examples"] = {str(value): {"value": value} for value in values}
