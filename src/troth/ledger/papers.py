"""Keys of papers given as proof of identity; the encrypted files lie in the project's folder.

Destroying a key makes every copy of its file useless at once, in backups too. `removed` says later that the file is
gone as well, so that a run that was killed in between can be finished.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from troth.errors import Refused
from troth.ledger.models_sharing import Paper
from troth.ledger.sealing import Sealing
from troth.ledger.session import Session

COLUMNS = ("id", "case", "name", "size", "kept_at", "due", "gone_at", "gone_why", "removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPaper:
    """A paper before it has an id."""

    case: int
    name: str
    """Of its file: hexadecimal digits that say nothing."""
    key: bytes
    size: int
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRecord:
    """What may be known of a paper without opening it."""

    id: int
    case: int
    name: str
    size: int
    kept_at: datetime
    due: date
    gone_at: datetime | None
    gone_why: str
    removed: bool

    @property
    def reference(self) -> str:
        """Write the id as evidence and screens have it."""
        return f"paper:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Keep, open and destroy keys of papers."""

    session: Session
    sealing: Sealing

    def keep(self, new: NewPaper, *, at: datetime, by: int) -> int:
        """Keep the key of a paper, sealed; return the paper's id."""
        with self.session.writing() as alias:
            row = Paper.objects.using(alias).create(
                case=new.case,
                name=new.name,
                key=self.sealing.seal(new.key, place=_place(new.name)),
                size=new.size,
                kept_at=at,
                kept_by_id=by,
                due=new.due,
            )
            return int(row.pk)

    def key(self, id: int) -> bytes:
        """Return the key of a paper.

        Raises:
            Refused: there is none of that number, or its key was destroyed.
        """
        with self.session.reading() as alias:
            row = Paper.objects.using(alias).filter(pk=id).values("name", "key").first()
        if row is None:
            raise Refused(f"There is no paper:{id} in this ledger.")
        if row["key"] is None:
            raise Refused(f"paper:{id} was destroyed.", hint="Papers go in the step that proves identity.")
        return self.sealing.open(bytes(row["key"]), place=_place(row["name"]))

    def destroy(self, ids: Collection[int], *, at: datetime, why: str) -> None:
        """Destroy the keys of papers."""
        with self.session.writing() as alias:
            rows = Paper.objects.using(alias).filter(pk__in=list(ids), key__isnull=False)
            rows.update(key=None, gone_at=at, gone_why=why)

    def due_by(self, case: int, day: date) -> None:
        """Let the papers of a case go by a day, where they would stay longer."""
        with self.session.writing() as alias:
            Paper.objects.using(alias).filter(case=case, key__isnull=False, due__gt=day).update(due=day)

    def removed(self, ids: Collection[int]) -> None:
        """Write down that files are gone."""
        with self.session.writing() as alias:
            Paper.objects.using(alias).filter(pk__in=list(ids)).update(removed=True)

    def of(self, case: int, *, standing: bool = False) -> tuple[PaperRecord, ...]:
        """Return the papers of a case, oldest first: every one, or those that can be opened."""
        return self._read(case=case, key__isnull=False) if standing else self._read(case=case)

    def one(self, id: int) -> PaperRecord | None:
        """Return one paper."""
        return next(iter(self._read(pk=id)), None)

    def names(self) -> frozenset[str]:
        """Return the names of every file that may be there."""
        with self.session.reading() as alias:
            rows = Paper.objects.using(alias).filter(removed=False)
            return frozenset(rows.values_list("name", flat=True))

    def overdue(self, on: date) -> tuple[PaperRecord, ...]:
        """Return the papers that should have gone by a day and did not."""
        return self._read(key__isnull=False, due__lt=on)

    def left(self) -> tuple[PaperRecord, ...]:
        """Return the papers whose key is destroyed and whose file may still be there."""
        return self._read(key__isnull=True, removed=False)

    def _read(self, **which: object) -> tuple[PaperRecord, ...]:
        with self.session.reading() as alias:
            rows = Paper.objects.using(alias).filter(**which).order_by("pk").values(*COLUMNS)
            return tuple(PaperRecord(**row) for row in rows)


def _place(name: str) -> str:
    return f"paper/{name}"
