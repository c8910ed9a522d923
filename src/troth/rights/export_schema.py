"""The JSON Schema (draft 2020-12) of `troth.export/1`, as it lies in every folder. Pure."""

from __future__ import annotations

import functools
import json
from typing import Any, get_args

from troth.rights.export import REASONS, Variant
from troth.rights.export_json import FORMAT

TEXT = {"type": "string"}
_REASON = {"enum": list(REASONS)}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an object that takes these keys and no other."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _map(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


def _list(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": value}


_ABOUT = _object(
    {},
    {
        "as": _list(TEXT),
        "kept-until": _map({"type": "string", "format": "date"}),
        "redacted": _list(TEXT),
    },
)
_FIELD = _object(
    {},
    {
        "category": TEXT,
        "kept-as": TEXT,
        "of": TEXT,
        "parts": _list(_object({"path": _list(TEXT), "category": TEXT}, {"of": TEXT})),
        "declared": {"const": False},
        "withheld": _REASON,
    },
)
_DATASET = _object(
    {
        "source": {"type": ["string", "null"]},
        "fields": _map(_FIELD),
        "rows": _list({"type": "object", "properties": {"@": _ABOUT}}),
    },
    {"label": TEXT, "derived-from": _list(TEXT)},
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "One person's data, as Troth exports it",
    **_object(
        {
            "format": {"const": FORMAT},
            "variant": {"enum": list(get_args(Variant))},
            "organisation": TEXT,
            "made": {"type": "string", "format": "date-time"},
            "simulation": {"type": "boolean"},
            "policy": {"type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$"},
            "categories": _map(_object({"label": TEXT, "purposes": _list(TEXT)})),
            "purposes": _map(_object({"label": TEXT, "basis": {"type": ["string", "null"]}})),
            "retention": _map(_object({"promise": TEXT, "kept": TEXT})),
            "left-out": _list(_object({"dataset": TEXT, "reason": _REASON, "why": TEXT})),
            "not-looked-at": _list(_object({"what": TEXT, "why": TEXT})),
            "notes": _list(TEXT),
            "person": {"type": "integer", "minimum": 1},
            "datasets": _map(_DATASET),
            "nothing-in": _list(TEXT),
            "withheld": _list(
                _object({"dataset": TEXT, "rows": {"type": "integer"}, "reason": _REASON, "why": TEXT})
            ),
        }
    ),
}


@functools.cache
def text() -> str:
    """Write the schema."""
    return json.dumps(SCHEMA, indent=1) + "\n"
