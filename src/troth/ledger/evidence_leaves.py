"""The leaf hashes of the evidence log without their entries: what a proof of inclusion is made from."""

from __future__ import annotations

from dataclasses import dataclass

from troth.ledger.models import EvidenceEntry
from troth.ledger.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLeaves:
    """Read leaf hashes; whoever uses them checks what comes of it against a signed root."""

    session: Session

    def first(self, size: int) -> list[bytes]:
        """Return the leaf hashes of the first entries, in order."""
        with self.session.reading() as alias:
            rows = EvidenceEntry.objects.using(alias).filter(sequence__lt=size).order_by("sequence")
            return [bytes(one) for one in rows.values_list("leaf", flat=True)]
