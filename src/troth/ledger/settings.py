"""What the ledger remembers by name, and which project it belongs to. One ledger serves one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from troth.errors import Refused
from troth.ledger.models import Project, Setting
from troth.ledger.session import Session

Json: TypeAlias = str | int | bool | list["Json"] | dict[str, "Json"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read and write values by name."""

    session: Session

    def get(self, key: str) -> Json:
        """Return the value, or None."""
        with self.session.reading() as alias:
            found = Setting.objects.using(alias).filter(pk=key).values_list("value").first()
        value: Json = found[0] if found else None
        return value

    def set(self, key: str, value: Json) -> None:
        """Keep a value in place of the one before."""
        with self.session.writing() as alias:
            Setting.objects.using(alias).update_or_create(pk=key, defaults={"value": value})

    def claim(self, organisation: str, *, fingerprint: str = "", at: datetime) -> None:
        """Tie the ledger to its project on first use; afterwards see that it is the same.

        Raises:
            Refused: when it belongs to another organisation.
        """
        with self.session.writing() as alias:
            values = {"organisation": organisation, "fingerprint": fingerprint, "created_at": at}
            row, _ = Project.objects.using(alias).get_or_create(pk=1, defaults=values)
        if row.organisation != organisation:
            raise Refused(
                f"This ledger belongs to '{row.organisation}', the project is '{organisation}'.",
                hint="Give each organisation a ledger of its own (TROTH_LEDGER), or put the name back.",
            )
