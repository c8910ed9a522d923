"""A row that comes as JSON text: what nobody has to look into is never taken apart. Pure.

Databases that write JSON themselves hand rows over so; most go into a file as they are. Asked for a value, the row
reads itself, once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any


class AsText(Mapping[str, Any]):
    """The columns of a row, with its JSON text: one object, without white space around it."""

    __slots__ = ("_values", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._values: dict[str, Any] | None = None

    @property
    def values_read(self) -> dict[str, Any]:
        """Return the columns, read from the text."""
        if self._values is None:
            self._values = _DECODER.decode(self.text)
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self.values_read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_read)

    def __len__(self) -> int:
        return len(self.values_read)


def exact(text: str) -> float | str:
    """Read a number; as text where a float would change it."""
    value = float(text)
    return value if Decimal(text) == Decimal(repr(value)) else text


_DECODER = json.JSONDecoder(parse_float=exact)
