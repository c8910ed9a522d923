"""What every store that can erase people does alike: one suite, run against each adapter by a harness of its own.

A test module subclasses `Contract` and gives a fixture `harness` (see test_contract_logs.py for the shortest one).
A harness makes a small store with three people in it, knows what it looks like once Ada is erased, and opens it. The
store is killed by forking: the child erases and dies at a chosen call, then the parent runs the same batch again.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

import pytest

from troth.apply.people import Done, Kept, PeopleBatch, PeopleStore, Question, Scanned
from troth.errors import Refused, StoreError, TrothError
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.tokens import tokens
from troth.people.typed import Identity
from troth.plan.predicates import either
from troth.rights.model import EraseRows, ErasureStep


@dataclass(frozen=True, kw_only=True)
class Human:
    """Somebody in the store."""

    number: int
    key: str
    email: str
    phone: str
    name: str

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that may stand in no message."""
        return (self.key, self.email, self.email.upper(), self.phone, self.name)


ADA = Human(
    number=1, key="cus-48151", email="ada.lovelace@example.org", phone="+14155550123", name="Ada Lovelace"
)
BEN = Human(number=2, key="cus-62342", email="ben@example.net", phone="+14155550188", name="Ben Bitdiddle")
CEM = Human(number=3, key="cus-10808", email="cem@example.com", phone="+14155550199", name="Cem Kaner")
HUMANS = (ADA, BEN, CEM)
KEY, EMAIL, PHONE = 0, 1, 2
"""Numbers of the entries that a manifest of `manifest` has."""
ENTRIES = (
    Entry(number=KEY, subject="customer", dataset="app.customers", columns=("id",)),
    Entry(
        number=EMAIL,
        subject="customer",
        dataset="app.customers",
        columns=("email",),
        family=Family.EMAIL,
        kind="email",
    ),
    Entry(
        number=PHONE,
        subject="customer",
        dataset="app.customers",
        columns=("phone",),
        family=Family.PHONE,
        kind="phone",
    ),
)


def manifest(*people: Human, entries: tuple[Entry, ...] = ENTRIES) -> Manifest:
    """Make the manifest of some people, with their key, e-mail address and phone number as entries 0, 1 and 2."""
    return Manifest(
        entries=entries,
        people=tuple(
            Person(
                number=one.number,
                values={KEY: ((one.key,),), EMAIL: ((one.email,),), PHONE: ((one.phone,),)},
                identities=(
                    Identity(match="email", value=one.email),
                    Identity(match="phone", value=one.phone),
                ),
                names=(one.name,),
            )
            for one in people
        ),
    )


class Harness(Protocol):
    """A small store with Ada, Ben and Cem in it."""

    name: str
    """Name of the store."""
    steps: tuple[tuple[int, ErasureStep], ...]
    """Steps that erase whoever is in the batch, with their numbers in the plan."""
    ways: Mapping[str, tuple[Way, ...]]
    rows: Mapping[int, int]
    """Rows each step touches for Ada."""
    records: int
    """Rows about Ada, shared ones included."""
    nooks: Mapping[str, str]
    """Where `plant` can put a text, and what a scan must make of it: found, or unlooked."""

    def fill(self) -> None:
        """Make the store anew, whatever was there before."""
        ...

    def opened(self) -> AbstractContextManager[PeopleStore]:
        """Open it, as a process would that knows nothing of this one."""
        ...

    def manifest(self, *people: Human) -> Manifest:
        """Return the manifest of some people."""
        ...

    def everything(self) -> object:
        """Return all that is in the store, but for what Troth itself remembers there."""
        ...

    def after(self) -> object:
        """Return what `everything` must be once Ada is erased: all else as it was, to the byte."""
        ...

    def plant(self, text: str, nook: str) -> None:
        """Put a text into a place that no step looks at."""
        ...

    def plant_beside(self, text: str) -> None:
        """Put a text into a row of Ben's, where something else of him stands."""
        ...

    def obstruct(self) -> None:
        """Make the next erase fail half-way through, by what the store itself would do."""
        ...


def batch(
    harness: Harness, *people: Human, plan: str = "plan", number: int = 1, **changes: Any
) -> PeopleBatch:
    """Make a batch with every step."""
    given: dict[str, Any] = {
        "plan": plan,
        "number": number,
        "people": harness.manifest(*people),
        "steps": harness.steps,
        "ways": harness.ways,
        "at_most": {},
    }
    return PeopleBatch(**{**given, **changes})


def counts(store: PeopleStore, harness: Harness, *people: Human) -> dict[int, int]:
    """Count the rows of each step."""
    asked = [Question(dataset=step.dataset, where=step.where) for _, step in harness.steps]
    found = store.count(harness.manifest(*people), asked)
    return {number: rows for (number, _), rows in zip(harness.steps, found, strict=True)}


def applied(store: PeopleStore, *batches: PeopleBatch) -> list[Done]:
    """Do batches as apply does: alone, and none that is remembered as done."""
    with alone(store):
        store.prepare()
        known = {done.number for done in store.batches(batches[0].plan)}
        return [store.erase(one) for one in batches if one.number not in known]


@contextmanager
def alone(store: PeopleStore) -> Iterator[None]:
    """Hold the store; wait for a server to notice that a process it worked for is dead."""
    with ExitStack() as stack:
        for wait in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 0.0):
            try:
                stack.enter_context(store.exclusive())
                break
            except Refused:
                if not wait:
                    raise
                time.sleep(wait)
        yield


def scanned(store: PeopleStore, harness: Harness, *people: Human, kept: Human | None = BEN) -> Scanned:
    """Look for what is left of some people, or of Ada, while the plan keeps every row of somebody: of Ben."""
    whom = tokens(harness.manifest(*people or (ADA,)))
    return store.scan(whom, harness.ways, keeping(store, harness, kept) if kept else {}, lambda dataset: None)


def keeping(store: PeopleStore, harness: Harness, whom: Human) -> Mapping[str, tuple[Kept, ...]]:
    """Keep every column of every row that leads to somebody."""
    found = {}
    for number, (dataset, ways) in enumerate(harness.ways.items()):
        table = store.catalog.dataset(dataset)
        if table is None:  # a shelf, or a folder that is empty: no row could stay
            continue
        where = either(*(way.where for way in ways))
        one = Kept(
            rule=number,
            columns=frozenset(table.column_names),
            where=where,
            people=frozenset({whom.number}),
        )
        found[dataset] = (one,)
    return found


def forked(work: Callable[[], None]) -> int:
    """Do something in a child process; return how it ended, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


class _Fuse:
    """Count the calls a process makes, and kill it at one of them."""

    WRITES = frozenset(
        {"rename", "replace", "unlink", "remove", "rmdir", "fsync", "pwrite", "write", "truncate", "execute"}
        | {"commit", "rollback", "executemany", "cursor", "copy", "flush", "close", "write_deltalake"}
    )

    def __init__(self, at: int = 0) -> None:
        self.at, self.calls = at, 0
        self.marks: list[int] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event not in ("c_call", "c_return", "call"):
            return
        self.calls += 1
        if event != "call" and getattr(arg, "__name__", "") in self.WRITES:
            self.marks.append(self.calls)
        if self.calls == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def killed(harness: Harness, at: int, *batches: PeopleBatch) -> int:
    """Erase in a child that dies at a call; return how it ended."""

    def work() -> None:
        with harness.opened() as store:
            sys.setprofile(_Fuse(at))
            applied(store, *batches)
            sys.setprofile(None)

    return forked(work)


def points(harness: Harness, most: int, *batches: PeopleBatch) -> list[int]:
    """List calls of an undisturbed erase at which dying is worth trying: round everything that writes."""
    fuse = _Fuse()
    harness.fill()
    with harness.opened() as store:
        sys.setprofile(fuse)
        applied(store, *batches)
        sys.setprofile(None)
    step = max(1, len(fuse.marks) // most)
    return sorted({fuse.calls // 2, fuse.calls - 1, *fuse.marks[::step], *fuse.marks[-3:]})


class Contract:
    """The suite; a subclass gives the fixture `harness`."""

    kill_points = 16
    """How many calls to die at; fewer for stores that take long to make."""

    def test_describes_what_its_steps_need(self, harness: Harness) -> None:
        """The store says that it can do what the steps ask of it, and names itself."""
        harness.fill()
        with harness.opened() as store:
            described = store.describe()
        needed = {"delete" for _, step in harness.steps if isinstance(step, EraseRows)}
        needed |= {
            type(change).__name__.lower()
            for _, step in harness.steps
            if not isinstance(step, EraseRows)
            for change in step.changes
        }
        assert described.store == store.name == harness.name
        assert needed | {"recheck"} <= described.can

    def test_has_a_structure(self, harness: Harness) -> None:
        """The catalog has every dataset of the steps, with the columns by which people are found."""
        harness.fill()
        with harness.opened() as store:
            for dataset, ways in harness.ways.items():
                table = store.catalog.dataset(dataset)
                assert table is not None
                assert all(table.column(c) for way in ways if not way.path for c in way.end.columns)

    def test_counts_before_and_after(self, harness: Harness) -> None:
        """Before the erasure a count gives the rows of each step, after it none; counting changes nothing."""
        harness.fill()
        whole = harness.everything()
        with harness.opened() as store:
            assert counts(store, harness, ADA) == dict(harness.rows)
            assert harness.everything() == whole
            applied(store, batch(harness, ADA))
            assert set(counts(store, harness, ADA).values()) <= {0}

    def test_touches_only_the_persons_rows(self, harness: Harness) -> None:
        """What is the person's goes, and all else is what it was, to the byte."""
        harness.fill()
        with harness.opened() as store:
            (done,) = applied(store, batch(harness, ADA))
        assert dict(done.rows) == dict(harness.rows)
        assert done.foreign == 0
        assert harness.everything() == harness.after()

    def test_remembers_batches(self, harness: Harness) -> None:
        """A batch that is done is listed with its counts, for its plan only, in a process of its own too."""
        harness.fill()
        with harness.opened() as store:
            applied(store, batch(harness, ADA, number=7))
        with harness.opened() as store:
            assert [(d.number, dict(d.rows)) for d in store.batches("plan")] == [(7, dict(harness.rows))]
            assert list(store.batches("other")) == []

    def test_twice_touches_nothing_more(self, harness: Harness) -> None:
        """Erasing again, by another plan or the same batch, touches no row."""
        harness.fill()
        with harness.opened() as store:
            applied(store, batch(harness, ADA))
            (again,) = applied(store, batch(harness, ADA, plan="another"))
        assert set(again.rows.values()) <= {0}
        assert harness.everything() == harness.after()

    def test_any_order_of_people_ends_alike(self, harness: Harness) -> None:
        """Two people in one batch, or one after the other in either order, leave the same."""
        ends = []
        for groups in (((ADA, BEN),), ((ADA,), (BEN,)), ((BEN,), (ADA,))):
            harness.fill()
            with harness.opened() as store:
                applied(store, *(batch(harness, *who, number=n) for n, who in enumerate(groups, 1)))
                assert set(counts(store, harness, ADA, BEN).values()) <= {0}
            ends.append(harness.everything())
        assert ends[0] == ends[1] == ends[2]

    def test_a_kill_anywhere_leaves_what_a_rerun_finishes(self, harness: Harness) -> None:
        """Killed at any call and run again, the store ends as if nothing had happened, with honest counts."""
        mine = batch(harness, ADA)
        deaths = 0
        for at in points(harness, self.kill_points, mine):
            harness.fill()
            whole = harness.everything()
            deaths += killed(harness, at, mine) == -signal.SIGKILL
            with harness.opened() as store:
                if store.describe().atomic:
                    assert harness.everything() in (whole, harness.after())
                applied(store, mine)
                assert [dict(done.rows) for done in store.batches("plan")] == [dict(harness.rows)], at
            assert harness.everything() == harness.after(), at
        assert deaths

    def test_lets_one_apply_in(self, harness: Harness) -> None:
        """A second apply is refused while one is at work, and let in after it."""
        harness.fill()
        with harness.opened() as store, harness.opened() as other:
            with store.exclusive(), pytest.raises(Refused), other.exclusive():
                pass
            with other.exclusive():
                pass

    def test_refuses_more_rows_than_it_may_touch(self, harness: Harness) -> None:
        """A step that would touch more rows than its bound is refused, and nothing has happened."""
        harness.fill()
        whole = harness.everything()
        number = max(harness.rows, key=lambda one: harness.rows[one])
        bound = {number: harness.rows[number] - 1}
        with harness.opened() as store, pytest.raises(Refused) as refused:
            applied(store, batch(harness, ADA, at_most=bound))
        assert harness.everything() == whole
        assert_silent(str(refused.value), refused.value.hint)

    def test_reads_exactly_the_persons_records(self, harness: Harness) -> None:
        """Every row about a person is read once, with a role, and none about anybody else."""
        harness.fill()
        with harness.opened() as store:
            mine = list(store.read(harness.manifest(ADA), harness.ways))
            both = list(store.read(harness.manifest(ADA, BEN), harness.ways))
        assert len(mine) == harness.records == len({(r.dataset, r.row) for r in mine})
        assert all(record.person == ADA.number and record.roles for record in mine)
        assert sum(record.person == ADA.number for record in both) == harness.records
        assert [r.person for r in both if r.dataset == both[0].dataset] == sorted(
            r.person for r in both if r.dataset == both[0].dataset
        )
        assert any(record.shared for record in mine) == self.has_shared_rows

    named_elsewhere = 0
    """Places in which Ada or Cem are named in rows that lead to others."""
    has_shared_rows = True
    """Some row of the harness's store is about Ada and somebody else."""

    def test_is_clean_afterwards(self, harness: Harness) -> None:
        """A scan finds the person before the erasure and not after it, and says how much it looked at."""
        harness.fill()
        with harness.opened() as store:
            before = scanned(store, harness)
            applied(store, batch(harness, ADA))
            after = scanned(store, harness)
        assert before.residues
        assert after.residues == ()
        assert sum(part.rows for part in before.coverage) > 0
        assert sum(part.bytes for part in before.coverage) > 0

    def test_finds_canaries_or_names_the_place(self, harness: Harness) -> None:
        """A value planted in any nook, as it is, in another case or hashed, is found or its place is named."""
        digest = hashlib.sha256(ADA.email.encode()).hexdigest()
        forms = (ADA.email, ADA.email.upper(), digest)
        for number, (nook, expected) in enumerate(harness.nooks.items()):
            for text in forms if number == 0 else (forms[number % len(forms)],):
                harness.fill()
                with harness.opened() as store:
                    applied(store, batch(harness, ADA))
                harness.plant(text, nook)
                with harness.opened() as store:
                    found = scanned(store, harness)
                assert found.residues if expected == "found" else found.unlooked, (nook, text)
                assert_silent(repr(found))

    def test_a_skipped_step_is_caught(self, harness: Harness) -> None:
        """Whichever step is left out, the store refuses the rest, or a count of its predicate or the scan says so."""
        for left_out in harness.steps:
            harness.fill()
            rest = tuple(step for step in harness.steps if step != left_out)
            with harness.opened() as store:
                with suppress(StoreError):
                    applied(store, batch(harness, ADA, steps=rest))
                asked = Question(dataset=left_out[1].dataset, where=left_out[1].where)
                left = store.count(harness.manifest(ADA), [asked])
                assert left != (0,) or scanned(store, harness).residues, left_out[0]

    def test_what_stays_by_the_plan_is_no_residue(self, harness: Harness) -> None:
        """Rows that are kept whole are looked at; what is found there of their person is told apart, and counted."""
        harness.fill()
        with harness.opened() as store:
            dirty = scanned(store, harness, kept=None)
            found = scanned(store, harness, kept=ADA)
        assert found.residues == ()
        assert found.coverage == dirty.coverage
        assert {(s.dataset, s.column, s.how, s.kind, s.rows) for s in found.stayed} == {
            (r.dataset, r.column, r.how, r.kind, r.rows) for r in dirty.residues if r.column != "(statistics)"
        }
        assert_silent(repr(found))

    def test_what_is_kept_of_one_hides_nobody_else(self, harness: Harness) -> None:
        """Of three people one is kept: what is left of another in exactly the kept rows and columns is found."""
        harness.fill()
        with harness.opened() as store:
            applied(store, batch(harness, ADA, CEM))
            clean = scanned(store, harness, *HUMANS)
        harness.plant_beside(ADA.email)
        with harness.opened() as store:
            dirty = scanned(store, harness, *HUMANS)
        assert clean.stayed
        assert len(clean.residues) <= self.named_elsewhere
        more = Counter({(r.column, r.kind, r.how): r.rows for r in dirty.residues})
        more -= Counter({(r.column, r.kind, r.how): r.rows for r in clean.residues})
        assert {(kind, how, rows) for (_, kind, how), rows in more.items()} == {("email", "exact", 1)}
        assert {(s.dataset, s.column) for s in clean.stayed} <= {(s.dataset, s.column) for s in dirty.stayed}

    def test_nobody_is_nobody(self, harness: Harness) -> None:
        """An erasure of nobody touches nothing."""
        harness.fill()
        whole = harness.everything()
        with harness.opened() as store:
            (done,) = applied(store, batch(harness))
        assert set(done.rows.values()) <= {0}
        assert harness.everything() == whole

    def test_a_failure_shows_no_value_and_loses_nothing(self, harness: Harness) -> None:
        """When the store refuses half-way the message has no value in it, and nobody else's data has changed."""
        harness.fill()
        harness.obstruct()
        with harness.opened() as store, pytest.raises(TrothError) as failed:
            applied(store, batch(harness, ADA))
        assert isinstance(failed.value, StoreError | Refused)
        assert_silent(str(failed.value), failed.value.hint)

    def test_says_what_stays_readable(self, harness: Harness) -> None:
        """A purge tells what it did, without a value."""
        harness.fill()
        with harness.opened() as store:
            applied(store, batch(harness, ADA))
            purged = store.purge_people(sorted(harness.ways))
        assert purged.store == harness.name
        assert purged.outcome in ("done", "partly")
        assert_silent(repr(purged))


def assert_silent(*texts: str, about: Sequence[Human] = HUMANS) -> None:
    """Assert that no text holds a value of anybody."""
    for text in texts:
        for human in about:
            assert not [value for value in human.values if value in text]
