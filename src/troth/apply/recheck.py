"""Look again: is what the plan says really gone, and is anything of the people left anywhere?

The plan's predicates are counted again, and what still satisfies one (rows that came meanwhile, or that a step
missed) is erased; then every store is scanned. That repeats until a pass ends with nothing left, or it is said where
rows go on arriving. Stores are asked through `PeopleStore`; what comes of it all stands in the certificate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from troth.apply.people import Kept, PeopleBatch, PeopleStore, Question, Residue, Scanned
from troth.catalog.datamap import DataMap
from troth.errors import Refused, StoreError
from troth.people import kinds
from troth.people.entries import Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.people.tokens import Tokens, tokens
from troth.rights import keeping
from troth.rights.keeping import Keeping
from troth.rights.model import EraseFields, Scrub

PASSES = 3
"""How often a store is looked at while rows go on arriving."""
ROOM = 1_000
"""Rows the recheck may erase of one step beyond those it counted."""
CHUNK = 10_000
_SHARED = frozenset({Family.IP, Family.PHONE})
"""What people of one household or office have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a recheck works with."""

    stores: Mapping[str, PeopleStore]
    """Every store that is open, with steps or without."""
    ways: Mapping[str, tuple[Way, ...]]
    batch: Callable[[str, Manifest], PeopleBatch]
    """All steps on a store for some people as a run would do them now, holds filled in; not to be remembered."""
    declared: Mapping[str, frozenset[str]]
    """Columns the data map names as personal (`declared`)."""
    finished: frozenset[str]
    """Stores on which the plan was carried out: only there the recheck erases what is left."""
    now: Callable[[], datetime]
    tick: Callable[[str], None] = lambda _: None
    """Told each dataset before it is scanned."""
    passes: int = PASSES
    keeping: tuple[Keeping, ...] = ()
    """What stays by the plan, with the holds that stand now."""
    held: frozenset[int] = frozenset()
    """Whom a hold is about, where it keeps rows of stores that cannot be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What came of looking at one store."""

    store: str
    at: datetime | None
    """When its last pass began; None where it did not answer."""
    left: Mapping[int, int]
    """Rows that still satisfy a step's predicate, by its number."""
    arriving: frozenset[int]
    """Steps to which rows went on arriving."""
    mended: Mapping[int, int]
    """Rows the recheck itself erased."""
    scanned: Scanned | None
    passes: int
    message: str = ""
    """Why it could not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What came of looking at every store."""

    looks: tuple[Look, ...]
    keeping: tuple[Keeping, ...] = ()
    """What `Stayed` names by its number."""

    @property
    def residues(self) -> tuple[Residue, ...]:
        """List what the scans found."""
        return tuple(one for look in self.looks if look.scanned for one in look.scanned.residues)


def recheck(people: Manifest, tools: Tools) -> Rechecked:
    """Look at every store again; a store that does not answer is named in the result."""
    wanted = tokens(people)
    stays = kept(people, tools)
    return Rechecked(
        looks=tuple(_Store(people, tools, name, wanted, stays).look() for name in tools.stores),
        keeping=tools.keeping,
    )


def kept(people: Manifest, tools: Tools) -> Mapping[str, tuple[Kept, ...]]:
    """Say what stays by the plan, by dataset, as stores are asked it; each rule by its number in `tools.keeping`."""
    found: dict[str, tuple[Kept, ...]] = {}
    for number, one in enumerate(tools.keeping):
        name = one.spared.dataset
        store = tools.stores.get(name.partition(".")[0])
        table = store.catalog.dataset(name) if store else None
        if table is None:
            continue
        rule = Kept(
            rule=number,
            columns=keeping.columns(one.spared, table, tools.ways.get(name, ()), people.entries),
            where=one.where,
            people=tools.held if one.away else None,
        )
        found[name] = (*found.get(name, ()), rule)
    return found


def declared(datamap: DataMap) -> Mapping[str, frozenset[str]]:
    """Name the columns a data map knows as personal, by dataset."""
    found = {
        name: frozenset(f.name for fields in one.fields.values() for f in fields) | set(one.free_text)
        for name, one in datamap.datasets.items()
    }
    for subject in datamap.subjects.values():
        own = {identity.field for identity in subject.identities.values()} | set(subject.key)
        found[subject.dataset] = found.get(subject.dataset, frozenset()) | own
    return found


def is_shared(residue: Residue, ways: Mapping[str, tuple[Way, ...]]) -> bool:
    """Tell whether a residue may be somebody else's: a number or address in rows that lead to their own people.

    The rows that lead to the people at hand were counted by the plan's predicates.
    """
    alike = kinds.family(residue.kind) in _SHARED and residue.how in ("exact", "normalised")
    return alike and residue.declared and bool(ways.get(residue.dataset))


class _Store:
    """One store on its way through a recheck."""

    def __init__(
        self,
        people: Manifest,
        tools: Tools,
        name: str,
        wanted: Tokens,
        stays: Mapping[str, tuple[Kept, ...]],
    ) -> None:
        self.people, self.tools, self.wanted, self.stays = people, tools, wanted, stays
        self.store = tools.stores[name]
        self.batches = [tools.batch(name, chunk) for chunk in people.chunks(CHUNK)]
        self.mended: Counter[int] = Counter()
        self.stuck: set[int] = set()
        """Steps that have rows left, and erasing touched none of them: none of those has come meanwhile."""
        self.scanned: Scanned | None = None
        self.at: datetime | None = None
        self.passes = 0

    def look(self) -> Look:
        """Look until a pass ends with nothing left, at most so often."""
        try:
            left = self._pass()
            while left.keys() - self.stuck and self.passes < self.tools.passes:
                left = self._pass()
        except (StoreError, Refused) as stop:
            return self._result({}, message=stop.message)
        return self._result(left)

    def _pass(self) -> dict[int, int]:
        """Erase what is left, scan, and count what is left then."""
        self.at = self.tools.now()
        self.passes += 1
        left = self._left()
        if left:
            self._mend(left)
        self.scanned = self._scanned()
        return self._left()

    def _left(self) -> dict[int, int]:
        """Count the rows that still satisfy a predicate; whether a text was scrubbed only the scan can tell."""
        found: Counter[int] = Counter()
        for batch in self.batches:
            asked = [(n, s) for n, s in batch.steps if not _scrubs(s)]
            if asked and batch.people.people:
                questions = [Question(dataset=step.dataset, where=step.where) for _, step in asked]
                counts = self.store.count(batch.people, questions)
                found.update({n: rows for (n, _), rows in zip(asked, counts, strict=True)})
        return {number: rows for number, rows in found.items() if rows}

    def _mend(self, left: Mapping[int, int]) -> None:
        before = Counter(self.mended)
        if self.store.name in self.tools.finished:
            self._erase(left)
        self.stuck |= {number for number in left if self.mended[number] == before[number]}

    def _erase(self, left: Mapping[int, int]) -> None:
        with self.store.exclusive():
            for batch in self.batches:
                bound = {number: left.get(number, 0) + ROOM for number, _ in batch.steps}
                done = self.store.erase(replace(batch, plan="", number=0, at_most=bound))
                self.mended.update({number: rows for number, rows in done.rows.items() if rows})

    def _scanned(self) -> Scanned:
        ways = {n: w for n, w in self.tools.ways.items() if n.partition(".")[0] == self.store.name}
        found = self.store.scan(self.wanted, ways, self.stays, self.tools.tick)
        known = self.tools.declared
        return replace(
            found,
            residues=tuple(
                replace(one, declared=one.column in known.get(one.dataset, ())) for one in found.residues
            ),
        )

    def _result(self, left: Mapping[int, int], message: str = "") -> Look:
        return Look(
            store=self.store.name,
            at=None if message else self.at,
            left=left,
            arriving=frozenset(left.keys() - self.stuck),
            mended=dict(self.mended),
            scanned=self.scanned,
            passes=self.passes,
            message=message,
        )


def _scrubs(step: object) -> bool:
    return isinstance(step, EraseFields) and any(isinstance(change, Scrub) for change in step.changes)


def instant(rechecked: Rechecked) -> datetime | None:
    """Return the earliest instant at which a store was looked at for the last time."""
    return min((look.at for look in rechecked.looks if look.at), default=None)


def passes(looks: Sequence[Look]) -> int:
    """Return how often the most restless store was looked at."""
    return max((look.passes for look in looks), default=0)
