"""What an erasure lets stay, as questions about rows: for the recheck, which finds it and must not call it left.

Pure. A plan lists what stays with its reason and count, and not which rows: what a hold is about is a secret of the
ledger. The draft knows, and is made again for looking again, with the holds that stand then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.catalog.model import Table
from troth.people.entries import Entry, Way
from troth.plan.predicates import Predicate
from troth.rights.drafted import Draft
from troth.rights.model import Spared

EMPTIED = frozenset({"needed-by", "key", "shared"})
"""Reasons for which a row as such stays without what it says of the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Something that stays, and in which rows."""

    spared: Spared
    """What and why; its count is not known here."""
    where: Predicate
    """Holds filled in; such rows stay for the people at hand to whom they lead."""
    away: bool = False
    """It stays only for people whom a hold in another store is about."""


def keeping(draft: Draft) -> tuple[Keeping, ...]:
    """List what a draft lets stay, in its order."""
    near = (Keeping(spared=one.spared, where=one.asked.where) for one in draft.spared)
    far = (Keeping(spared=one.spared, where=one.asked.where, away=True) for one in draft.away)
    return (*near, *far)


def columns(one: Spared, table: Table, ways: Sequence[Way], entries: Sequence[Entry]) -> frozenset[str]:
    """Name the columns that stay in such rows: what is named, or all of them; and always what rows are linked by."""
    links = frozenset(_links(table, ways, entries))
    if one.fields:
        return links | {_column(name, table) for name in one.fields}
    return links if one.reason in EMPTIED else frozenset(table.column_names)


def _column(name: str, table: Table) -> str:
    """Name the column of a field, which may be a place in a document."""
    return name if table.column(name) else name.partition(".")[0]


def _links(table: Table, ways: Sequence[Way], entries: Sequence[Entry]) -> Iterator[str]:
    """Name keys of a row: its own, and those that lead on; a copied address or number is none."""
    yield from table.primary_key
    for key in table.foreign_keys:
        yield from key.columns
    copied = {entry.number for entry in entries if entry.family is not None or entry.kind}
    for way in ways:
        if way.path:
            yield from (own for own, _ in way.path[0][1])
        elif way.end.entry not in copied:
            yield from way.end.columns
