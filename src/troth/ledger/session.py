"""The one way to the database: every read and write of the ledger goes through `reading` or `writing`.

Both turn database errors into Troth's own. `writing` is one transaction: what is written inside it, the evidence
entry included, is there together or not at all; inside another `writing` it joins that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

from troth.ledger import faults
from troth.ledger.place import Place, SQLitePlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A ledger's place and the alias Django knows it by."""

    place: Place
    alias: str

    @contextmanager
    def reading(self) -> Iterator[str]:
        """Yield the alias to read with."""
        with faults.translated(self.place, self.alias):
            yield self.alias

    @contextmanager
    def writing(self) -> Iterator[str]:
        """Yield the alias to write with, inside one transaction.

        A block inside another one joins it without a savepoint: what fails in it undoes the whole.
        """
        with (
            faults.translated(self.place, self.alias),
            transaction.atomic(using=self.alias, savepoint=False),
        ):
            yield self.alias

    def ask(self, statement: str, *given: str | int | bytes) -> list[tuple[Any, ...]]:
        """Run a statement of one's own, for what every command asks.

        Django's makes and compiles its statements anew each time, which takes longer than SQLite needs to answer.
        """
        with faults.translated(self.place, self.alias), connections[self.alias].cursor() as cursor:
            cursor.execute(statement, given)
            return list(cursor.fetchall()) if cursor.description else []

    @property
    def is_sqlite(self) -> bool:
        """Tell whether a writer has the whole ledger to itself."""
        return isinstance(self.place, SQLitePlace)

    @property
    def inside_transaction(self) -> bool:
        """Tell whether this thread is inside `writing`."""
        return bool(connections[self.alias].in_atomic_block)
