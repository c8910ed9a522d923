"""What a declaration of the language is made of: blocks of described keys, and the kinds of value.

The same declaration reads the files, makes the JSON Schema and the reference page. Keys are written with
hyphens in YAML and with underscores in Python. Nothing here knows any particular block.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from troth import periods


def _yaml_key(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Block(BaseModel):
    """One mapping of the language: known keys only, never changed after it is read."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_yaml_key,
        populate_by_name=True,
        strict=False,
        hide_input_in_errors=True,
    )


def _period(value: object) -> periods.Period:
    if isinstance(value, periods.Period):
        return value
    try:
        return periods.parse(value)  # type: ignore[arg-type]  # parse refuses what is not text
    except periods.BadPeriod as bad:
        raise PydanticCustomError("bad_period", "{reason}", {"reason": str(bad)}) from bad


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Period = Annotated[
    periods.Period,
    BeforeValidator(_period),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": list(periods.VALID)}),
]
"""A length of time: `2 years`, `26 months`, `72 hours`, `P2Y6M`."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=100)]
"""A name that rules refer to."""

Event = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$", max_length=100)]
"""A dated event a period runs from: `account.closed`."""

Fingerprint = Annotated[str, StringConstraints(pattern=r"^fp1:[0-9a-f]{8}(@[0-9a-f]{8})?$")]
"""A sentence of the published text, as `troth read` prints it."""

Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""A list of texts; one text alone stands for a list of one."""

Fingerprints = Annotated[tuple[Fingerprint, ...], BeforeValidator(_listed)]

Settings = dict[str, Any]
