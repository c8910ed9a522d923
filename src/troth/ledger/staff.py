"""People who work with Troth: evidence and tables know them as `staff:7`, their names are sealed.

The same name, in whatever case and spacing, is the same person. Nothing here decides who may do what.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from troth.errors import Damaged
from troth.ledger.models import Staff
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

_KNOWN = "SELECT id FROM troth_staff WHERE name_digest = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRegister:
    """Turn names into ids and ids into names."""

    session: Session
    sealing: Sealing

    def identify(self, name: str, *, at: datetime) -> int:
        """Return the id of a name, adding it on first sight."""
        digest, *older = self.sealing.digests(normalised(name), use="staff")
        with self.session.writing() as alias:
            if found := self.session.ask(_KNOWN, digest):
                return int(found[0][0])
            if older and (known := Staff.objects.using(alias).filter(name_digest__in=older).first()):
                return int(known.pk)
            sealed = self.sealing.seal(name.strip().encode(), place=f"staff/{digest}")
            defaults = {"sealed_name": sealed, "since": at}
            row, _ = Staff.objects.using(alias).get_or_create(name_digest=digest, defaults=defaults)
            return int(row.pk)

    def count(self) -> int:
        """Return how many names are kept."""
        with self.session.reading() as alias:
            return int(Staff.objects.using(alias).count())

    def names(self, *ids: int) -> dict[int, str]:
        """Return the names behind some ids.

        Raises:
            Damaged: when an id is unknown, or a name cannot be opened.
        """
        with self.session.reading() as alias:
            rows = Staff.objects.using(alias).filter(pk__in=set(ids))
            found = list(rows.values_list("pk", "name_digest", "sealed_name"))
        names = {
            id: self.sealing.open(bytes(sealed), place=f"staff/{digest}").decode()
            for id, digest, sealed in found
        }
        if missing := set(ids) - set(names):
            raise Damaged(f"The ledger knows no staff:{min(missing)}.")
        return names


def normalised(name: str) -> str:
    """Return the spelling under which a name is looked up."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def reference(id: int) -> str:
    """Write an id as evidence holds it."""
    return f"staff:{id}"
