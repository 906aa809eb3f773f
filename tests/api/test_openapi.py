"""The description of the API against what it does."""

import ast
import importlib
import pkgutil
import re
from typing import Any

import httpx
import jsonschema_rs

from api import queries
from api.app import create_app
from api.routes import portfolio
from api.routes.chain_parts import PARTS
from quant.settings import PROJECT_PATH

DOCUMENT: dict[str, Any] = create_app().openapi()
MEDIA_TYPES = {"/-/metrics": "text/plain", "/stream/{symbol}": "text/event-stream"}
OPERATIONS = {path: next(iter(methods.values())) for path, methods in DOCUMENT["paths"].items()}  # one each


def test_every_path_of_the_product_is_described() -> None:
    paths = {
        "/",
        "/health",
        "/symbols",
        "/catalog",
        "/metrics/{symbol}",
        "/metrics/{symbol}/history",
        "/bars/{symbol}",
        "/risk/{symbol}",
        "/drawdowns/{symbol}",
        "/explain/{symbol}/{metric}",
        "/options/{underlying}",
        *(f"/options/{{underlying}}/{part}" for part in PARTS),
        "/options/{underlying}/history",
        "/options/{underlying}/snapshots",
        "/portfolio",
        "/portfolio/{name}",
        *(f"/portfolio/{{name}}/{part}" for part in portfolio.PARTS),
        "/correlation",
        "/correlation/{a}/{b}",
        "/signals",
        "/sql",
        "/stream/{symbol}",
        "/-/metrics",
    }
    assert OPERATIONS.keys() == paths
    assert all(operation["description"] for operation in OPERATIONS.values())


def test_refusals_are_documented_as_problem_documents() -> None:
    for path, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            if status == "200" or (path, status) == ("/health", "503"):
                assert MEDIA_TYPES.get(path, "application/json") in response["content"]
            elif status != "304":
                assert list(response["content"]) == ["application/problem+json"], (path, status)


def test_every_answer_of_a_symbol_documents_404_422_and_503() -> None:
    for path in ("/metrics/{symbol}", "/bars/{symbol}", "/risk/{symbol}", "/options/{underlying}", "/signals"):
        assert {"200", "404", "422", "503"} <= OPERATIONS[path]["responses"].keys()


def test_what_may_happen_to_any_question_is_documented_for_all_of_them() -> None:
    for operation in OPERATIONS.values():
        assert {"401", "413", "414", "421", "422", "429", "431", "500", "503"} <= operation["responses"].keys()
        assert all("X-Request-ID" in response["headers"] for response in operation["responses"].values())
    assert DOCUMENT["security"] == [{}, {"bearer": []}, {"header": []}]
    assert DOCUMENT["components"]["securitySchemes"].keys() == {"bearer", "header"}


def test_every_number_says_its_unit_or_meaning() -> None:
    """Instants, names and strikes explain themselves; a number that is a result does not."""
    plain = {"strike", "count_quotes", "attempt", "status", "promised_seconds"}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, properties in schema.get("properties", {}).items():
            if "number" in str(properties) and field not in plain:
                assert properties.get("description"), f"{name}.{field} has no unit"


def test_every_answer_has_an_example_that_fits_its_schema() -> None:
    described = {"/", "/sql", "/explain/{symbol}/{metric}"}  # in words; by the question; in its schema
    for path, operation in OPERATIONS.items():
        content = operation["responses"]["200"]["content"].get("application/json")
        if path not in described and content:
            schema = {**content["schema"], "components": DOCUMENT["components"]}
            jsonschema_rs.validator_for(schema).validate(content["example"])


def test_every_parameter_is_described() -> None:
    for path, operation in OPERATIONS.items():
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            assert "null" not in str(parameter["schema"].get("anyOf")), "no query string can say null"


def test_no_page_of_the_api_needs_the_internet(shared_client: httpx.Client) -> None:
    """FastAPI's own documentation pages load scripts from elsewhere."""
    assert {shared_client.get(path).status_code for path in ("/docs", "/redoc")} == {404}
    assert shared_client.get("/openapi.json").json() == DOCUMENT


def test_queries_read_serving_and_meta_alone() -> None:
    modules = [importlib.import_module(f"api.queries.{each.name}") for each in pkgutil.iter_modules(queries.__path__)]
    texts = {name: text for module in modules for name, text in vars(module).items() if isinstance(text, str)}
    for name, sql in texts.items():
        if not name.isupper():
            continue
        selected = set(re.findall(r"^\s*(?:from|left join)\s+([a-z_.]+)", sql, re.MULTILINE))
        own = set(re.findall(r"^([a-z_]+) as \($", sql, re.MULTILINE))
        assert all(relation.startswith(("serving.", "meta.")) for relation in selected - own), (name, selected)


def test_queries_hold_the_only_sql_of_the_package() -> None:
    for file in (PROJECT_PATH / "api").rglob("*.py"):
        texts = [node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)]
        found = [text for text in texts if isinstance(text, str) and re.search(r"\bselect\b[^.]*\bfrom\b", text, re.I)]
        assert file.parent.name == "queries" or not found, (file, found)
