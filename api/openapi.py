"""What the whole description says beside its paths: how a key is sent, and headers that every answer has."""

from typing import Any

from fastapi import FastAPI

from api.examples import illustrate
from api.parameters import describe_parameters
from api.problems import documented

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "a key of `quant key new NAME`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "the same key"},
}
# {}: without any, which is enough where the server listens on loopback and api.keys.required is auto.
SECURITY: list[dict[str, list[str]]] = [{}, {"bearer": []}, {"header": []}]
OF_BODIES = (403, 408)  # what may happen to a question that has one, beside what may happen to any
REQUEST_ID = {"description": "the caller's own X-Request-ID, or a new one", "schema": {"type": "string"}}


def describe(app: FastAPI) -> None:
    """Add to the description that FastAPI makes of the routes; made once, when first asked for."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = made()
            schema.setdefault("components", {})["securitySchemes"] = SCHEMES
            schema["security"] = SECURITY
            describe_parameters(schema)
            illustrate(schema)
            for operation in _posts(schema):
                extra = {str(status): answer for status, answer in documented(*OF_BODIES).items()}
                operation["responses"] = extra | operation["responses"]
            for answer in _answers(schema):
                answer.setdefault("headers", {})["X-Request-ID"] = REQUEST_ID
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def _posts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for method, operation in path.items() if method == "post"]


def _answers(schema: dict[str, Any]) -> list[dict[str, Any]]:
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    return [answer for operation in operations for answer in operation["responses"].values()]
