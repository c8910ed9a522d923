"""What a declaration of the language is made of: blocks of described keys, and the kinds of value.

The same declaration reads the files, makes the JSON Schema and the reference page. Keys are written with
hyphens in YAML and with underscores in Python. Nothing here knows any particular block.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, ClassVar

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

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_LETTERS = 80
"""Letters of a line that stands as a heading."""
_FLAGS: dict[object, bool] = {"yes": True, "no": False, True: True, False: False}


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

    renamed: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Keys of other days or habits: key as found → (key now, how to move)."""


def _period(value: object) -> periods.Period:
    if isinstance(value, periods.Period):
        return value
    try:
        return periods.parse(value)  # type: ignore[arg-type]  # parse refuses what is not text
    except periods.BadPeriod as bad:
        raise PydanticCustomError("bad_period", "{reason}", {"reason": str(bad)}) from bad


def listed(value: object) -> object:
    """Let one text stand for a list of one."""
    return [value] if isinstance(value, str) else value


def _day(value: object) -> object:
    """Read a date as ISO 8601 writes it; a bare number is no date, though it could be taken for seconds."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise PydanticCustomError("bad_day", "a date is written YYYY-MM-DD")


def _colour(value: object) -> str:
    """Take a colour that can be read on white (WCAG 2.2 SC 1.4.3: contrast 4.5 to 1)."""
    if isinstance(value, str) and _COLOUR.fullmatch(value):
        parts = [int(value[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        if 1.05 / (light + 0.05) >= 4.5:
            return value.lower()
    raise PydanticCustomError(
        "bad_colour", "a colour is written as '#1f5c4d', and is dark enough to be read on white"
    )


def _line(value: object) -> str:
    """Take one short line that can stand as a heading: something to read, and no control character."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "a text")
    line = " ".join(value.split())
    plain = all(unicodedata.category(letter) != "Cc" for letter in line)
    if plain and len(line) <= MOST_LETTERS and any(letter.isalnum() for letter in line):
        return line
    raise PydanticCustomError("bad_line", LINE)


def _flag(value: object) -> bool:
    if isinstance(value, bool | str) and value in _FLAGS:
        return _FLAGS[value]
    raise PydanticCustomError("bad_flag", "this is answered yes or no")


def _number(value: object) -> object:
    """Refuse `yes` and `no`, which pydantic would count as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "a whole number")
    return value


Number = Annotated[int, BeforeValidator(_number, json_schema_input_type=int)]
"""A whole number."""

Period = Annotated[
    periods.Period,
    BeforeValidator(_period),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": list(periods.VALID)}),
]
"""A length of time: `2 years`, `26 months`, `72 hours`, `P2Y6M`."""

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A date: `2025-05-23`."""

Colour = Annotated[
    str, BeforeValidator(_colour), WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})
]
"""A colour for text: `"#1f5c4d"`."""

LINE = f"a line to read, of at most {MOST_LETTERS} letters"
"""What a line asks for, in words."""

Line = Annotated[
    str,
    BeforeValidator(_line),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MOST_LETTERS}),
]
"""A short line that people read as a heading: `Letters you wrote us`."""

Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"enum": [True, False, "yes", "no"]})]
"""`yes` or `no`; `true` and `false` mean the same."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=100)]
"""A name that rules refer to."""

Event = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$", max_length=100)]
"""A dated event a period runs from: `account.closed`."""

Fingerprint = Annotated[
    str, StringConstraints(pattern=r"^fp1:[0-9a-f]{8}(@(-|/?[0-9a-f]{8}(/[0-9a-f]{8})*))?$")
]
"""A sentence of the published text, as `troth read` prints it."""

PATTERNS: Mapping[str, str] = {
    r"^[A-Za-z][A-Za-z0-9_-]*$": "a name: a letter, then letters, digits, `-` and `_`",
    r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$": "an event: small words joined by dots, as `account.closed`",
    r"^fp1:[0-9a-f]{8}(@(-|/?[0-9a-f]{8}(/[0-9a-f]{8})*))?$": "a fingerprint of `troth read`: `fp1:7f3a91c2`",
}
"""What each pattern of the language asks for, in words."""

Words = Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])]
"""A list of texts; one text alone stands for a list of one."""

Fingerprints = Annotated[
    tuple[Fingerprint, ...],
    BeforeValidator(listed, json_schema_input_type=Fingerprint | tuple[Fingerprint, ...]),
]

Settings = dict[str, Any]
