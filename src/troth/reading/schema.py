"""The JSON Schema of a project file, from the same declaration that reads it.

Editors complete and check with it (`troth schema`). It says what a single file can hold; what only the whole
project can say, such as whether a name is declared, is for `troth lint`.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from troth.catalog.datamap import DataMap
from troth.grammar.project import VERSION
from troth.policy.model import Policy

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema of `troth.yaml` and of every file it includes (draft 2020-12)."""
    made, shared = models_json_schema([(Policy, "validation"), (DataMap, "validation")], by_alias=True)
    blocks = shared["$defs"]
    policy, datamap = (blocks.pop(reference["$ref"].rsplit("/", 1)[1]) for reference in made.values())
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
