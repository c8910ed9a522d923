"""The reference tables of the language, made from its JSON Schema: one row a key.

docs/reference/policy.md and datamap.md hold these tables; a test keeps them equal to the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from troth.grammar.declare import PATTERNS

Schema = Mapping[str, Any]

_SHORT = dict(zip(PATTERNS, ("name", "event", "fingerprint"), strict=True))
_PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}


def table(block: Schema) -> str:
    """Write a block as a table: key, kind of value, meaning; a required key is marked with `*`."""
    required = block.get("required", ())
    rows = ["| key | value | meaning |", "|---|---|---|"]
    for key, value in block["properties"].items():
        mark = "*" if key in required else ""
        meaning = f"{value.get('description', '')}{_default(value)}"
        rows.append(f"| `{key}`{mark} | {kind(value)} | {meaning} |".replace("|  |", "| |"))
    return "\n".join(rows) + "\n"


def kind(value: Schema) -> str:
    """Say in words what a key takes."""
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        kinds = dict.fromkeys(kind(part) for part in value["anyOf"] if part.get("type") != "null")
        first = next(iter(kinds))
        return f"{first}, or list" if set(kinds) == {first, f"list of {first}"} else ", or ".join(kinds)
    if "enum" in value:
        return _choices(value["enum"])
    if value.get("type") == "array":
        return f"list of {kind(value.get('items', {}))}"
    if value.get("type") == "object":
        return f"mapping to {kind(_values(value))}"
    return _text(value)


def _choices(choices: list[object]) -> str:
    if True in choices:
        return "`yes`, `no`"
    return ", ".join(f"`{choice}`" for choice in choices)


def _values(value: Schema) -> Schema:
    found = next(iter(value.get("patternProperties", {}).values()), value.get("additionalProperties"))
    return found if isinstance(found, Mapping) else {}


def _text(value: Schema) -> str:
    if "const" in value:
        return f"`{value['const']}`"
    if "examples" in value:
        return "[period](periods.md)"
    if value.get("format") == "date":
        return "date"
    return _SHORT.get(value.get("pattern", ""), _PLAIN.get(value.get("type", ""), "text"))


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None or isinstance(default, Mapping | list):
        return ""
    shown = {True: "yes", False: "no"}[default] if isinstance(default, bool) else default
    return f" Default: `{shown}`."
