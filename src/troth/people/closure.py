"""From typed identities to everyone they find, across stores, to a fixpoint; and who of those is one person.

Pure: stores are asked through `Finder`, one question a round, however many people there are. What may lead on, and
what somebody merely claims, is told apart here; `troth find` shows it, export and erasure start from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from troth.people.kinds import NEVER_LINK, family
from troth.people.typed import Identity, Typed

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The row of one person in a subject's dataset."""

    subject: str
    dataset: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A row that has an identity."""

    identity: Identity
    kind: str
    """What the data map calls the identity there."""
    row: Row
    claimed: bool = False
    """The row's own column says that the value is not verified: somebody typed it in."""
    by_key: bool = False
    """Found by a key, which rows of other datasets may share by chance."""
    leads: tuple[tuple[str, Identity], ...] = ()
    """What the row may lead on by, with the kind; only values that are verified or declared to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many rows have an identity."""

    owned: int = 0
    claimed: int = 0

    def most(self, other: Count) -> Count:
        """Return the larger of both numbers."""
        return Count(owned=max(self.owned, other.owned), claimed=max(self.claimed, other.claimed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the stores say to one round of questions."""

    hits: tuple[Hit, ...] = ()
    counts: Mapping[Identity, Count] = field(default_factory=dict)
    """Identities with more rows in one place than the limit. Of their hits some may lack: of those who own it none
    while they are no more than the limit."""


class Finder(Protocol):
    """All stores together."""

    def find(self, wanted: Sequence[Identity], *, typed: bool, limit: int) -> Answer:
        """Look for identities; keys answer only to what was typed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row that was taken in, and how."""

    row: Row
    kind: str
    typed: int = 0
    """Number of the typed identity that found it; 0 where another row led here."""
    source: Row | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """An identity that more than one person has."""

    kind: str
    subjects: int
    typed: int = 0
    source: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A row that shows an identity which nobody verified there: shown, and not taken in."""

    row: Row
    kind: str
    typed: int = 0
    source: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Everyone the typed identities find."""

    found: Mapping[Row, Found]
    people: tuple[tuple[Row, ...], ...]
    """Rows that are one person, in the order in which they were found."""
    several: tuple[Shared, ...] = ()
    """Identities that took in more than one person."""
    unmatched: tuple[Typed, ...] = ()
    stopped: tuple[Shared, ...] = ()
    """Identities of more people than the limit: shown, and nobody taken in by them."""
    claims: tuple[Claim, ...] = ()
    rounds: int = 0

    @property
    def doubtful(self) -> tuple[tuple[int, str], ...]:
        """List people, by number, who have several rows in one dataset: two accounts, or two people joined."""
        seen: list[tuple[int, str]] = []
        for number, rows in enumerate(self.people, 1):
            names = [row.dataset for row in rows]
            seen += [(number, name) for name in dict.fromkeys(names) if names.count(name) > 1]
        return tuple(seen)

    def path(self, row: Row) -> tuple[Found, ...]:
        """Return how a row was reached, from the typed identity on."""
        steps: list[Found] = []
        here: Row | None = row
        while here is not None:
            steps.append(self.found[here])
            here = self.found[here].source
        return tuple(reversed(steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """Where an identity was met first."""

    kind: str
    typed: int = 0
    source: Row | None = None


def close(typed: Sequence[Typed], finder: Finder, *, limit: int) -> Closure:
    """Follow identities until nothing new is found."""
    return _Search(finder, limit).run(typed)


class _Search:
    """The working state of one closure."""

    def __init__(self, finder: Finder, limit: int) -> None:
        self.finder, self.limit = finder, limit
        self.found: dict[Row, Found] = {}
        self.claims: dict[Row, Claim] = {}
        self.stopped: list[Shared] = []
        self.several: list[Shared] = []
        self.groups = _Groups()
        self.asked: dict[Identity, _Origin] = {}
        self.rounds = 0

    def run(self, typed: Sequence[Typed]) -> Closure:
        frontier = {t.identity: _Origin(kind=t.kind, typed=t.number) for t in typed}
        matched: set[Identity] = set()
        while frontier:
            first = self.rounds == 0
            self.asked.update(frontier)
            answer = self.finder.find(tuple(frontier), typed=first, limit=self.limit)
            self.rounds += 1
            hits = _by_identity(answer.hits)
            matched |= hits.keys() | answer.counts.keys()
            leads: dict[Identity, _Origin] = {}
            for identity, origin in frontier.items():
                count = _counted(hits.get(identity, ())).most(answer.counts.get(identity, Count()))
                # Claims count only where they could be taken in: else anybody could hide an owner behind them.
                rows = count.owned or (count.claimed if origin.typed else 0)
                if rows > self.limit:
                    self.stopped.append(_shared(origin, rows))
                else:
                    leads |= {k: v for k, v in self._take(identity, origin, hits) if k not in leads}
            frontier = {identity: origin for identity, origin in leads.items() if identity not in self.asked}
        return Closure(
            found=self.found,
            people=self.groups.listed(self.found),
            several=tuple(self.several),
            unmatched=tuple(t for t in typed if t.identity not in matched),
            stopped=tuple(self.stopped),
            claims=tuple(c for row, c in self.claims.items() if row not in self.found),
            rounds=self.rounds,
        )

    def _take(
        self, identity: Identity, origin: _Origin, hits: Mapping[Identity, Sequence[Hit]]
    ) -> Iterator[tuple[Identity, _Origin]]:
        """Take in the rows of one identity; yield what they lead on by.

        A claim counts only for an identity that somebody proved (typed) and that no row holds as its own.
        """
        of = hits.get(identity, ())
        owned = {hit.row for hit in of if not hit.claimed}
        taken: dict[Row, Hit] = {}
        for hit in of:
            if hit.row not in owned and (owned or not origin.typed):
                claim = Claim(row=hit.row, kind=hit.kind, typed=origin.typed, source=origin.source)
                self.claims.setdefault(hit.row, claim)
            else:
                taken.setdefault(hit.row, hit)
        for row, hit in taken.items():
            made = Found(
                row=row,
                kind=origin.kind if origin.typed else hit.kind,
                typed=origin.typed,
                source=origin.source,
                claimed=row not in owned,
            )
            self.found.setdefault(row, made)
            for kind, lead in hit.leads:
                yield lead, _Origin(kind=kind, source=row)
        self._unite(origin, taken)

    def _unite(self, origin: _Origin, taken: Mapping[Row, Hit]) -> None:
        """Rows of different datasets with one identity are one person; two rows of one dataset are two."""
        by_dataset: dict[str, list[Row]] = {}
        for row in taken:
            by_dataset.setdefault(row.dataset, []).append(row)
        most = max((len(rows) for rows in by_dataset.values()), default=0)
        chance = len(taken) > 1 and any(hit.by_key for hit in taken.values())
        if most > 1 or chance:
            self.several.append(_shared(origin, len(taken)))
            return
        if family(origin.kind) in NEVER_LINK:
            return
        together = [*taken, *([origin.source] if origin.source else [])]
        for row in together[1:]:
            self.groups.join(together[0], row)


def _shared(origin: _Origin, count: int) -> Shared:
    return Shared(kind=origin.kind, subjects=count, typed=origin.typed, source=origin.source)


def _counted(hits: Sequence[Hit]) -> Count:
    owned = {hit.row for hit in hits if not hit.claimed}
    return Count(owned=len(owned), claimed=len({hit.row for hit in hits} - owned))


def _by_identity(hits: Sequence[Hit]) -> dict[Identity, list[Hit]]:
    found: dict[Identity, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.identity, []).append(hit)
    return found


class _Groups:
    """Disjoint sets of rows."""

    def __init__(self) -> None:
        self.parents: dict[Row, Row] = {}

    def root(self, row: Row) -> Row:
        while (parent := self.parents.get(row, row)) != row:
            self.parents[row] = self.parents.get(parent, parent)
            row = parent
        return row

    def join(self, one: Row, other: Row) -> None:
        self.parents[self.root(other)] = self.root(one)

    def listed(self, rows: Mapping[Row, Found]) -> tuple[tuple[Row, ...], ...]:
        together: dict[Row, list[Row]] = {}
        for row in rows:
            together.setdefault(self.root(row), []).append(row)
        return tuple(tuple(group) for group in together.values())
