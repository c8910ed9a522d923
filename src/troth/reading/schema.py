"""The JSON Schema of a project file, from the same declaration that reads it.

Editors complete and check with it (`troth schema`). It says what a single file can hold; what only the whole
project can say, such as whether a name is declared, is for `troth lint`.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from troth.catalog.datamap import DataMap
from troth.grammar.project import VERSION
from troth.policy.model import Policy

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema of `troth.yaml` and of every file it includes (draft 2020-12)."""
    made, shared = models_json_schema([(Policy, "validation"), (DataMap, "validation")], by_alias=True)
    blocks = {name: _tidy(block) for name, block in shared["$defs"].items()}
    policy, datamap = (blocks.pop(reference["$ref"].rsplit("/", 1)[1]) for reference in made.values())
    used = json.dumps([policy, datamap, blocks])
    blocks = {name: block for name, block in sorted(blocks.items()) if f'/{name}"' in used}
    return {
        "$schema": DIALECT,
        "title": "Troth project file",
        "description": "What an organisation promises about personal data, and where that data lives.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "troth": {
                "const": VERSION,
                "description": "Version of the language; first line of the main file.",
            },
            "include": {
                "description": "Files that belong to the project, by path from this file.",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            },
            **policy["properties"],
            **datamap["properties"],
        },
        "$defs": blocks,
    }


_EMPTY: tuple[object, ...] = (None, "", [], {})


def _tidy(node: Any) -> Any:
    """Bring what pydantic makes to what editors need: no titles, no empty defaults, forms that may overlap."""
    if isinstance(node, list):
        return [_tidy(part) for part in node]
    if not isinstance(node, dict):
        return node
    tidy: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            tidy[key] = {name: _tidy(part) for name, part in value.items()}
        elif key == "oneOf":
            tidy["anyOf"] = _tidy(value)
        elif not (key == "title" or (key == "default" and value in _EMPTY)):
            tidy[key] = _tidy(value)
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy
