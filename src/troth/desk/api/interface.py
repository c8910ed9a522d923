"""The interface itself: its rooms, what every error becomes, and the OpenAPI document that describes both."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError, ValidationErrorContext
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from troth import __version__
from troth.desk.api import evidence, jobs, me, plans, problem, promises, reading, requests
from troth.desk.api.once import HEADER

ABOUT = """Follow requests of people, promises, plans and evidence from another system.

Every call carries a key (`Authorization: Bearer troth_…`) with the scope it needs. Every POST carries an
`Idempotency-Key`: the same call again gets the same answer. Errors are problem details (RFC 9457)."""
ALWAYS = (400, 401, 403, 429, 503)
BY_METHOD = {"get": (404, 422), "post": (404, 409, 413, 415, 422)}
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "All faults at once.",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "in": {"type": "string", "enum": ["body", "query", "path", "header"]},
                    "at": {"type": "string", "description": "A JSON pointer in a body, else a name."},
                    "found": {"type": "string", "description": "The shape of what was found."},
                    "valid": {"type": "array", "items": {"type": "string"}},
                    "hint": {"type": "string"},
                },
            },
        },
    },
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {
        "type": "string",
        "pattern": "^[A-Za-z0-9._:+/=@-]{1,255}$",
        "examples": ["5d3a0c5e-1f6e-4c57"],
    },
    "description": "The same call under the same key gets the same answer, for 24 hours.",
}


class Json(BaseRenderer):
    """JSON as pydantic writes it: instants to the microsecond, as in answers that are kept."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Write an answer."""
        del request, response_status
        return to_json(data)


class Interface(NinjaAPI):
    """Ninja's, with faults that do not repeat what was sent and a document that says all there is to say."""

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Return all faults of a call; the value of each is let go of here."""
        found = [
            fault
            for context in error_contexts
            for fault in reading.faults(
                context.model.__ninja_param_source__,
                type(context.model) if not isinstance(context.model, type) else context.model,
                [
                    _placed(context, one)
                    for one in context.pydantic_validation_error.errors(include_url=False)
                ],
            )
        ]
        return ValidationError([{"fault": one} for one in found])

    def get_openapi_schema(self, **named: Any) -> Any:
        """Return the document, with idempotency keys and problems where they belong."""
        made = super().get_openapi_schema(**named)
        made["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        for path in made["paths"].values():
            for method, operation in path.items():
                _complete(operation, method)
                _say_scope(operation, self._scopes()[operation["operationId"]])
        return made

    def _scopes(self) -> dict[str, str]:
        """Return the scope each operation needs."""
        return {
            str(operation.operation_id): str(getattr(auth, "scope", ""))
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
            for auth in operation.auth_callbacks
        }


def make() -> Interface:
    """Return the interface with everything in it."""
    api = Interface(
        title="Troth",
        version=__version__,
        description=ABOUT,
        urls_namespace="api",
        renderer=Json(),
        docs_url=None,
        openapi_url="/openapi.json",
    )
    api.add_router("/me", me.router)
    api.add_router("/requests", requests.router)
    api.add_router("/promises", promises.router)
    api.add_router("/checks", jobs.checks)
    api.add_router("/jobs", jobs.jobs)
    api.add_router("/plans", plans.router)
    api.add_router("/evidence", evidence.router)
    for kind in (Exception, ValidationError, AuthenticationError, HttpError):
        api.add_exception_handler(kind, problem.handle)
    return api


def _placed(context: ValidationErrorContext[Any], error: Any) -> dict[str, Any]:
    """Put an error where the caller sees it: ninja's models stand around what was sent."""
    place = context.model.__ninja_flatten_map_reverse__.get(error["loc"], error["loc"])
    return {**error, "loc": place}


def _complete(operation: dict[str, Any], method: str) -> None:
    operation["summary"] = str(operation["description"]).partition(". ")[0].partition(".\n")[0].rstrip(".")
    if method == "post":
        operation.setdefault("parameters", []).append(_KEY)
    responses = operation["responses"]
    for status in (*ALWAYS, *BY_METHOD.get(method, ())):
        titles = [title for of, title in problem.TYPES.values() if of == status]
        content = {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[status] = {"description": "; ".join(titles), "content": content}


def _say_scope(operation: dict[str, Any], scope: str) -> None:
    """Say which scope a key needs, as OpenAPI 3.1 writes roles and in words."""
    if scope:
        operation["security"] = [{"Bearer": [scope]}]
        operation["description"] += f"\n\nNeeds the scope `{scope}`."
