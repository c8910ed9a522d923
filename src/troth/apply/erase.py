"""Carry out an erasure plan: every store in turn, some people at a time, all steps of a store in one transaction.

Intent goes to the journal first; the batch and its mark into one transaction of the store; then the receipt to the
journal. A store that fails does not stop the others: what is done stays, and running again finishes the rest. People
a hold has come to be about meanwhile are left out: a new ground always wins, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from troth.apply.people import Done, PeopleBatch, PeopleStore
from troth.apply.ports import Purged
from troth.errors import Busy, Refused, StoreError
from troth.people.entries import Way
from troth.people.manifest import Manifest
from troth.plan.world import Hold, World
from troth.rights import holds as holding
from troth.rights.model import ErasurePlan, ErasureStep

CHUNK = 10_000
"""People in one batch."""
ROOM = 1_000
"""Rows a step may touch beyond its count: people go on using what they are leaving."""

Progress = Callable[[str, int, int], None]
"""Told after each batch: store, people done, people in all; may raise `Enough`."""


class PeopleJournal(Protocol):
    """What remembers an erasure: intent before, receipts after."""

    def begin(self, store: str) -> Literal["fresh", "resumed", "finished"]:
        """Write down that work on a store begins."""
        ...

    def batch(self, store: str, done: Done) -> None:
        """Keep the receipts of one batch; those that are there already stay as they are."""
        ...

    def ended(self, store: str, result: StoreResult) -> None:
        """Write down what came of a store, with an entry for each step."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreResult:
    """What came of one store."""

    store: str
    state: Literal["done", "already-applied", "failed", "refused"]
    rows: Mapping[int, int] = field(default_factory=dict)
    """Rows touched by each step, by its number."""
    batches: int = 0
    resumed: bool = False
    purged: Purged | None = None
    message: str = ""
    """Why it failed, in words without a value."""
    hint: str = ""
    busy: bool = False
    """It was refused because another apply had the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a run works with."""

    stores: Mapping[str, PeopleStore]
    journal: PeopleJournal
    world: World
    """As it is now; its holds are not used."""
    holds: Callable[[], tuple[Hold, ...]]
    """The holds that stand at this moment."""
    ways: Mapping[str, tuple[Way, ...]]
    held: Callable[[Manifest], frozenset[int]]
    """Which of some people a hold is about."""
    now: Callable[[], datetime]
    progress: Progress = lambda _store, _done, _all: None
    chunk: int = CHUNK


def run(
    plan: ErasurePlan, people: Manifest, tools: Tools, *, only: Sequence[str] = ()
) -> tuple[StoreResult, ...]:
    """Carry a plan out on each of its stores, or some; a store that fails is in the result, and the rest goes on.

    Raises:
        Enough: when whoever is told of progress has it stop; running again goes on.
    """
    names = [name for name in plan.stores if not only or name in only]
    return tuple(_Store(plan, people, tools, name).carry_out() for name in names)


def again(plan: ErasurePlan, tools: Tools, store: str, people: Manifest) -> PeopleBatch:
    """Return all steps on a store for some people as a run would do them now; it is not to be remembered."""
    return _Store(plan, people, tools, store).batch(0, people)


AGAIN = "See what `troth doctor` says of it, mend it, and apply the same plan again: what is done stays done."


class _Store:
    """One store on its way through the plan."""

    def __init__(self, plan: ErasurePlan, people: Manifest, tools: Tools, name: str) -> None:
        self.plan, self.people, self.tools, self.name = plan, people, tools, name
        self.rows: dict[int, int] = {number: 0 for number, _ in plan.of_store(name)}
        self.batches = 0

    def carry_out(self) -> StoreResult:
        """Do what is left on this store."""
        store = self.tools.stores.get(self.name)
        if store is None:
            said = f"Store `{self.name}` was expected to be open; it is not, so nothing was done in it."
            return self._result("failed", message=said, hint=AGAIN)
        try:
            with store.exclusive():
                state = self.tools.journal.begin(self.name)
                if state == "finished":
                    return self._remembered(store)
                return self._ended(store, resumed=state == "resumed")
        except (Refused, StoreError) as stop:
            how: Literal["refused", "failed"] = "refused" if isinstance(stop, Refused) else "failed"
            result = self._result(how, message=stop.message, hint=stop.hint)
            result = replace(result, busy=isinstance(stop, Busy))
            self.tools.journal.ended(self.name, result)
            return result

    def _remembered(self, store: PeopleStore) -> StoreResult:
        """Return what an earlier run did here, as the store's marks have it."""
        for done in store.batches(self.plan.hash) if store.prepare() else ():
            self.batches += 1
            for number, rows in done.rows.items():
                self.rows[number] = self.rows.get(number, 0) + rows
        return self._result("already-applied")

    def _ended(self, store: PeopleStore, *, resumed: bool) -> StoreResult:
        self._work(store)
        touched = tuple(dict.fromkeys(s.dataset for n, s in self.plan.of_store(self.name) if self.rows[n]))
        described = store.describe()
        asked = touched or described.unread or not described.atomic  # a store of files says then what it met
        purged = store.purge_people(touched) if asked else None
        result = replace(self._result("done"), resumed=resumed, purged=purged)
        self.tools.journal.ended(self.name, result)
        return result

    def _work(self, store: PeopleStore) -> None:
        marked = store.prepare()
        before = {done.number: done for done in store.batches(self.plan.hash)} if marked else {}
        for number, chunk in enumerate(self.people.chunks(self.tools.chunk), 1):
            done = before.get(number)
            if done is None:
                done = store.erase(self.batch(number if marked else 0, chunk))
                done = replace(done, number=number)
            self._count(done)
            self.tools.progress(
                self.name, min(number * self.tools.chunk, len(self.people.people)), len(self.people.people)
            )

    def batch(self, number: int, chunk: Manifest) -> PeopleBatch:
        """Put together what is done for some people; a batch without a number is not remembered."""
        steps = tuple(self._steps())
        return PeopleBatch(
            plan=self.plan.hash if number else "",
            number=number,
            people=self._free(chunk),
            steps=steps,
            ways={step.dataset: self.tools.ways.get(step.dataset, ()) for _, step in steps},
            at_most={n: max(0, self._most(step) - self.rows[n]) for n, step in steps},
        )

    def _steps(self) -> Iterator[tuple[int, ErasureStep]]:
        """Fill in the holds that stand now."""
        world = self.tools.world
        world = replace(world, facts=replace(world.facts, holds=self.tools.holds()))
        for number, step in self.plan.of_store(self.name):
            yield number, replace(step, where=holding.filled(world, step.dataset, step.where))

    def _free(self, chunk: Manifest) -> Manifest:
        """Leave out people whom a hold is about, where the store itself could not ask."""
        if self._home():
            return chunk
        held = self.tools.held(chunk)
        return replace(chunk, people=tuple(p for p in chunk.people if p.number not in held))

    def _home(self) -> bool:
        """Tell whether every way of the steps stays within the store, so that holds are asked row by row."""
        world = self.tools.world
        homes = {
            world.datamap.subjects[way.subject].dataset.partition(".")[0]
            for _, step in self.plan.of_store(self.name)
            for way in self.tools.ways.get(step.dataset, ())
        }
        return homes <= {self.name}

    def _most(self, step: ErasureStep) -> int:
        limits = self.tools.world.policy.limits
        return step.rows + int(step.rows * limits.drift / 100) + ROOM

    def _count(self, done: Done) -> None:
        self.batches += 1
        for number, rows in done.rows.items():
            self.rows[number] = self.rows.get(number, 0) + rows
        self.tools.journal.batch(self.name, done)

    def _result(
        self,
        state: Literal["done", "already-applied", "failed", "refused"],
        message: str = "",
        hint: str = "",
    ) -> StoreResult:
        return StoreResult(
            store=self.name,
            state=state,
            rows=dict(self.rows),
            batches=self.batches,
            message=message,
            hint=hint,
        )


def steps_of(plan: ErasurePlan, results: Sequence[StoreResult]) -> Iterator[tuple[ErasureStep, int]]:
    """Pair each step with the rows it touched."""
    rows = {number: count for result in results for number, count in result.rows.items()}
    for number, step in enumerate(plan.steps, 1):
        yield step, rows.get(number, 0)
