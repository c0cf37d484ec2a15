"""The operations of the API as its own description names them, and a key to call them with: what is new is covered."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from tests.house.url_table import API_LINES, Line


def schema() -> dict[str, Any]:
    """The OpenAPI document."""
    make: Any = SchemaGenerator  # carries no types
    found: dict[str, Any] = make().get_schema(request=None, public=True)
    return found


@dataclass(frozen=True)
class Operation:
    """A method at an address; `path` with its arguments in braces."""

    path: str
    method: str
    said: dict[str, Any]
    components: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def line(self) -> Line:
        """The line of the table of addresses that knows a request which is answered."""
        bare = self.path.replace("{id}", "1").replace("{stage}", "training").replace("{key}", "x")
        name = resolve(bare).url_name
        found = [line for line in API_LINES if (line.name, line.method) == (name, self.method)]
        assert found, f"{self} has no line in url_table"
        return found[0]

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """What may stand in the query, by name."""
        return {one["name"]: one["schema"] for one in self.said.get("parameters", []) if one["in"] == "query"}

    def body(self) -> tuple[bool, dict[str, Any]]:
        """Whether a list is sent, and the description of one row; nothing where no body is sent."""
        content = self.said.get("requestBody", {}).get("content", {}).get("application/json")
        found = self.seen(content["schema"]) if content else {}
        many = found.get("type") == "array"
        return many, self.seen(found["items"]) if many else found

    def seen(self, said: dict[str, Any]) -> dict[str, Any]:
        """The description with what it refers to."""
        for one in (said, *said.get("allOf", ())):
            if "$ref" in one:
                named: dict[str, Any] = self.components[one["$ref"].rpartition("/")[2]]
                return named
        return said


def operations() -> list[Operation]:
    """Every operation."""
    document = schema()
    return [
        Operation(path, method.upper(), said, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if path not in ("/api/v1/schema/",)
    ]


class Caller:
    """Calls with a key; what a call did is undone."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)  # a fault of ours shows as 500
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, url: str, body: Any = None, **more: Any) -> Any:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        more = {"content_type": "application/json", **more}
        with transaction.atomic():
            answer = self.client.generic(method, url, raw, headers={**self.headers, **more.pop("headers", {})}, **more)
            transaction.set_rollback(True)
        return answer


def is_one_shape(answer: Any) -> bool:
    """Whether a refusal has the one shape of an error."""
    if answer["Content-Type"].partition(";")[0] != "application/json":
        return False
    said = answer.json()
    error = said.get("error") if isinstance(said, dict) and set(said) == {"error"} else None
    return (
        isinstance(error, dict)
        and {"code", "message"} <= set(error) <= {"code", "message", "fields"}
        and all(isinstance(error[name], str) and error[name] for name in ("code", "message"))
        and isinstance(error.get("fields", {}), dict)
    )
