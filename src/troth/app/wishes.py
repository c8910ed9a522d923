"""What somebody looks for, and every database asked for it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.catalog.datamap import DataMap
from troth.people import places, typed
from troth.people.closure import Answer, Count, Hit
from troth.people.typed import Identity, Known, Line, Typed
from troth.problems import BadInput
from troth.stores.sql.find import Seeker


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for."""

    lines: Sequence[Line]
    limit: int
    region: str = ""
    """Country of phone numbers without one; taken from the data map where empty."""


@dataclass(frozen=True, slots=True)
class Seekers:
    """All open stores, asked together."""

    seekers: Sequence[Seeker]

    def find(self, wanted: Sequence[Identity], *, typed: bool, limit: int) -> Answer:
        """Ask each store, and join what they say."""
        hits: list[Hit] = []
        counts: dict[Identity, Count] = {}
        for seeker in self.seekers:
            answer = seeker.find(wanted, typed=typed, limit=limit)
            hits += answer.hits
            for identity, count in answer.counts.items():
                counts[identity] = count.most(counts.get(identity, Count()))
        return Answer(hits=tuple(hits), counts=counts)


def typed_in(wish: Wish, datamap: DataMap) -> tuple[Typed, ...]:
    """Read what somebody typed.

    Raises:
        BadInput: with everything that cannot be read; no value is repeated.
    """
    known = Known(
        kinds=places.declared_kinds(datamap),
        subjects=tuple(datamap.subjects),
        region=wish.region.upper() or places.region(datamap),
    )
    found, problems = typed.read(wish.lines, known)
    if problems:
        raise BadInput(problems)
    return found
