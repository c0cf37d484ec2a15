"""What the API's description says of every view alike: the parameters a view names, and the one shape of an error."""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

PAGES = (
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows per page, 100 where left out and 1,000 at most."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of an answer."),
)
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {
                    "type": "object",
                    "additionalProperties": True,
                    "description": "Reasons by field, or by the place of a row; `non_field_errors` of the whole.",
                },
            },
        }
    },
}


class BearerKey(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library registers untyped
    """How a key is sent."""

    target_class = "tenants.api_auth.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """`Authorization: Bearer ak_…`."""
        return {"type": "http", "scheme": "bearer", "description": "An API key of the organisation: ak_…"}


class Schema(AutoSchema):
    """Describes the parameters that a view names in `takes`, so that what is described is what is accepted."""

    def get_override_parameters(self) -> list[Any]:
        """The parameters of the method."""
        return list(getattr(self.view, "takes", {}).get(self.method, ()))


def _operations(result: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for path in result.get("paths", {}).values():
        yield from (said for said in path.values() if isinstance(said, dict) and "responses" in said)


def errors_describe(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Every operation may answer with the one shape of an error; run after the description was made."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for operation in _operations(result):
        operation["responses"]["default"] = {"description": "Refused, and nothing was changed.", "content": content}
    return result
