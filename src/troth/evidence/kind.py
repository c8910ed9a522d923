"""One kind of evidence entry: what it states, and which fields it takes."""

from __future__ import annotations

from dataclasses import dataclass

from troth.evidence.fields import FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of entry."""

    name: str
    says: str
    """What such an entry states, in one sentence."""
    required: dict[str, FieldType]
    optional: dict[str, FieldType]

    @property
    def fields(self) -> dict[str, FieldType]:
        """Every field it takes, required ones first."""
        return {**self.required, **self.optional}


def kind(
    name: str, says: str, required: dict[str, FieldType], optional: dict[str, FieldType] | None = None
) -> Kind:
    """Make a kind."""
    return Kind(name=name, says=says, required=required, optional=optional or {})
