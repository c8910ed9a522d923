"""The rows behind holds. What they mean, and the sealing of their scopes, is the business of `troth.holds`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.ledger.models import Hold
from troth.ledger.records import Holding, NewHolding
from troth.ledger.session import Session

COLUMNS = ("id", "ground", "sealed", "salt", "owner_id", "review", "placed_at", "lifted_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Add, read and lift rows of holds; none is ever deleted."""

    session: Session

    def add(self, new: NewHolding) -> int:
        """Keep a hold and return its id."""
        with self.session.writing() as alias:
            row = Hold.objects.using(alias).create(
                ground=new.ground,
                sealed=new.sealed,
                salt=new.salt,
                owner_id=new.owner,
                review=new.review,
                placed_at=new.placed_at,
                placed_by_id=new.placed_by,
            )
            return int(row.pk)

    def read(self, id: int | None = None, *, standing: bool = False) -> tuple[Holding, ...]:
        """Return every hold, oldest first: or the one with that id, or those that have not been lifted."""
        if standing and not self.session.ask("SELECT 1 FROM troth_hold WHERE lifted_at IS NULL LIMIT 1"):
            return ()  # as nearly always, and every command asks
        with self.session.reading() as alias:
            rows = Hold.objects.using(alias).order_by("pk")
            rows = rows if id is None else rows.filter(pk=id)
            rows = rows.filter(lifted_at__isnull=True) if standing else rows
            return tuple(_holding(row) for row in rows.values_list(*COLUMNS))

    def version(self) -> tuple[int, int]:
        """Return what changes whenever a hold is placed or lifted: how many there are, how many are lifted."""
        placed, lifted = self.session.ask("SELECT count(*), count(lifted_at) FROM troth_hold")[0]
        return int(placed), int(lifted)

    def lift(self, id: int, *, at: datetime, by: int) -> bool:
        """Lift a hold that stands; return whether this call did it."""
        with self.session.writing() as alias:
            rows = Hold.objects.using(alias).filter(pk=id, lifted_at__isnull=True)
            return bool(rows.update(lifted_at=at, lifted_by_id=by))


def _holding(row: tuple[object, ...]) -> Holding:
    values = dict(zip(COLUMNS, row, strict=True))
    values["owner"] = values.pop("owner_id")
    values["sealed"], values["salt"] = bytes(values["sealed"]), bytes(values["salt"])  # type: ignore[call-overload]  # rows are untyped
    return Holding(**values)  # type: ignore[arg-type]  # rows are untyped
