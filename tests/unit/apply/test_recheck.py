"""Looking again: rows that come meanwhile, steps that missed some, what scans find, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from troth.apply import certify, recheck
from troth.apply.erase import StoreResult
from troth.apply.people import Coverage, Done, Kept, PeopleBatch, Question, Residue, Scanned, Stayed
from troth.apply.recheck import Tools
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.errors import StoreError
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest, Person
from troth.plan.model import Basis, Blank
from troth.plan.predicates import Staged
from troth.rights import certificate as certificates
from troth.rights.certificate import Certificate, Stays
from troth.rights.keeping import Keeping
from troth.rights.model import EraseFields, EraseRows, ErasurePlan, Scrub, Spared, Task, Unlooked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = Entry(number=0, subject="customer", dataset="app.customers", columns=("id",))
WHOM = Manifest(entries=(KEY,), people=(Person(number=1, values={0: ((70123,),)}),))
MINE = Staged(entry=0, columns=("id",))
WAYS: Mapping[str, tuple[Way, ...]] = {
    "app.customers": (Way(role="customer", subject="customer", path=(), end=MINE),)
}
ROWS = EraseRows(id="a", dataset="app.orders", where=MINE, promises=(), rows=2)
FIELDS = EraseFields(
    id="b",
    dataset="app.customers",
    why="erased",
    changes=(Blank(column="email"),),
    where=MINE,
    promises=(),
    rows=1,
)
SCRUB = EraseFields(
    id="c", dataset="app.notes", why="scrub", changes=(Scrub(column="body"),), where=MINE, promises=(), rows=1
)
CLEAN = Coverage(dataset="app.customers", rows=5, bytes=50, columns=2)
TABLE = Table(
    name="customers",
    table="customers",
    columns=tuple(Column(name=name, kind=ColumnKind.TEXT) for name in ("id", "email")),
)


@dataclass
class Shop:
    """A store in memory: rows left of each dataset, and what comes or stays when it is scanned."""

    name: str = "app"
    left: dict[str, int] = field(default_factory=dict)
    arrive: list[dict[str, int]] = field(default_factory=list)
    """What comes during each scan."""
    broken: frozenset[str] = frozenset()
    """Datasets of which erasing does nothing."""
    residues: tuple[Residue, ...] = ()
    gone: bool = False
    scans: int = 0
    erased: list[PeopleBatch] = field(default_factory=list)
    stayed: tuple[Stayed, ...] = ()
    unlooked: tuple[tuple[str, str], ...] = (("app.v", "a view"),)
    kept: Mapping[str, Sequence[Kept]] = field(default_factory=dict)
    catalog: Catalog = field(
        default_factory=lambda: Catalog(store="app", dialect="sqlite", tables={"customers": TABLE})
    )

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let everybody in."""
        yield

    def count(self, people: Manifest, questions: Sequence[Question]) -> tuple[int, ...]:
        """Count what is left."""
        assert people.people
        if self.gone:
            raise StoreError("Store `app`: it went away.")
        return tuple(self.left.get(one.dataset, 0) for one in questions)

    def erase(self, batch: PeopleBatch) -> Done:
        """Erase what is left, but for what is broken."""
        self.erased.append(batch)
        rows = {}
        for number, step in batch.steps:
            rows[number] = 0 if step.dataset in self.broken else self.left.pop(step.dataset, 0)
        return Done(number=batch.number, rows=rows, at=NOW)

    def scan(self, tokens: Any, ways: Any, kept: Mapping[str, Sequence[Kept]], tick: Any) -> Scanned:
        """Find what was planted; meanwhile rows come."""
        self.scans += 1
        self.kept = kept
        if self.arrive:
            self.left |= self.arrive.pop(0)
        return Scanned(
            store=self.name,
            residues=self.residues,
            coverage=(CLEAN,),
            unlooked=self.unlooked,
            stayed=self.stayed,
        )


def plan(*steps: EraseRows | EraseFields, **changes: Any) -> ErasurePlan:
    """Make a plan."""
    made = ErasurePlan(
        organisation="Shop",
        at=NOW.isoformat(),
        simulation=False,
        basis=Basis(rules="r", structure=(), facts="f", holds=()),
        manifest="m",
        people=1,
        steps=steps or (ROWS, FIELDS),
        spared=(),
        tasks=(),
        unlooked=(),
        counted=(("app.orders", 2), ("app.customers", 1)),
        hash="h",
    )
    return replace(made, **changes)


def looked(
    shop: Shop,
    made: ErasurePlan | None = None,
    *,
    finished: bool = True,
    keeping: tuple[Keeping, ...] = (),
    held: frozenset[int] = frozenset(),
) -> recheck.Rechecked:
    """Recheck a store."""
    made = made or plan()

    def batch(store: str, people: Manifest) -> PeopleBatch:
        steps = made.of_store(store)
        return PeopleBatch(plan="", number=0, people=people, steps=steps, ways=WAYS, at_most={})

    declared = {"app.customers": frozenset({"email", "ip"})}
    stores: Any = {"app": shop}
    return recheck.recheck(
        WHOM,
        Tools(
            stores=stores,
            ways=WAYS,
            batch=batch,
            declared=declared,
            finished=frozenset({"app"} if finished else ()),
            now=lambda: NOW,
            keeping=keeping,
            held=held,
        ),
    )


def certified(
    shop: Shop,
    made: ErasurePlan | None = None,
    state: str = "done",
    keeping: tuple[Keeping, ...] = (),
) -> Certificate:
    """Recheck a store on which a run ended in a state, and certify."""
    made = made or plan()
    found = looked(shop, made, finished=state in ("done", "already-applied"), keeping=keeping)
    given: Any = state
    result = StoreResult(
        store="app", state=given, rows={1: 2, 2: 1}, message="it failed" if state == "failed" else ""
    )
    return certify.certificate(made, (result,), found, WAYS)


def residue(**changes: Any) -> Residue:
    """Make a residue."""
    given: dict[str, Any] = {
        "dataset": "app.log",
        "column": "line",
        "how": "exact",
        "kind": "email",
        "rows": 3,
        "declared": False,
    }
    return Residue(**(given | changes))


def test_a_store_without_anything_left_is_scanned_once() -> None:
    """One pass proves it; nothing is erased again."""
    shop = Shop()
    (look,) = looked(shop).looks
    assert (look.passes, shop.scans, shop.erased, look.left) == (1, 1, [], {})


def test_rows_that_came_meanwhile_are_erased() -> None:
    """What satisfies a predicate again is erased, and told apart from what the run did."""
    made = certified(Shop(left={"app.orders": 3}))
    assert made.outcome == "done"
    assert [(one.dataset, one.how, one.rows) for one in made.mended] == [("app.orders", "deleted", 3)]


def test_rows_that_come_during_a_scan_need_another_pass() -> None:
    """A pass at whose end rows are left is followed by another."""
    shop = Shop(arrive=[{"app.orders": 1}])
    made = certified(shop)
    assert (made.passes, shop.scans, made.outcome, made.clean) == (2, 2, "done", True)


def test_rows_that_keep_coming_are_said_to() -> None:
    """After so many passes it is said where rows go on arriving."""
    made = certified(Shop(arrive=[{"app.orders": 1}] * 9))
    assert (made.passes, made.outcome, made.arriving) == (recheck.PASSES, "still-arriving", ("app.orders",))
    assert not made.clean


def test_a_step_that_does_nothing_is_caught() -> None:
    """A broken step leaves its rows, however often it is done: partial, and nothing is said to arrive."""
    shop = Shop(left={"app.orders": 2}, broken=frozenset({"app.orders"}))
    made = certified(shop)
    assert (made.outcome, made.arriving, made.passes) == ("partial", (), 1)
    assert [(one.dataset, one.how, one.rows) for one in made.left] == [("app.orders", "row", 2)]


def test_nothing_is_erased_where_the_plan_was_not_carried_out() -> None:
    """A store that failed or refused keeps its rows: the recheck is no way round a guard."""
    shop = Shop(left={"app.orders": 2})
    assert certified(shop, state="refused").outcome == "failed"
    assert shop.erased == []


def test_texts_that_were_cleared_are_left_to_the_scan() -> None:
    """A text that is still filled is no row left: whether somebody stands in it only the scan can tell."""
    assert looked(Shop(left={"app.notes": 4}), plan(SCRUB)).looks[0].left == {}


@pytest.mark.parametrize(
    ("found", "outcome", "clean"),
    [
        ((), "done", True),
        ((residue(),), "partial", False),
        ((residue(dataset="app.customers", column="ip", kind="ip"),), "done", True),
        ((residue(dataset="app.customers", column="notes", kind="ip"),), "partial", False),
        ((residue(dataset="app.customers", column="email"),), "partial", False),
        ((residue(dataset="app.customers", column="email", kind="phone", how="hashed"),), "partial", False),
    ],
)
def test_residues_make_it_partial_unless_others_share_them(
    found: tuple[Residue, ...], outcome: str, clean: bool
) -> None:
    """An IP address in rows that lead to other people is theirs too; anything else is left of the person."""
    made = certified(Shop(residues=found))
    assert (made.outcome, made.clean) == (outcome, clean)


def kept(reason: Any = "statutory-duty", *names: str, away: bool = False) -> Keeping:
    """Let something of the customer's row stay."""
    spared = Spared(dataset="app.customers", fields=names, reason=reason, detail="d", promises=(), rows=0)
    return Keeping(spared=spared, where=MINE, away=away)


def test_what_stays_is_said_with_its_reason() -> None:
    """What a scan finds where the plan lets it stay is no residue: it stands in the certificate."""
    stayed = Stayed(dataset="app.customers", column="email", how="exact", kind="email", rows=2, rule=1)
    made = certified(Shop(stayed=(stayed,)), keeping=(kept("hold"), kept("statutory-duty", "email")))
    assert (made.outcome, made.clean, made.left) == ("kept", True, ())
    assert made.stays == (
        Stays(
            dataset="app.customers",
            column="email",
            kind="email",
            how="exact",
            rows=2,
            reason="statutory-duty",
            detail="d",
        ),
    )
    assert certificates.load(certificates.dump(made)) == made
    assert (
        "As planned, an e-mail address as written stays in 2 rows of app.customers.email (statutory-duty: d)."
        in certificates.describe_all(made)
    )


def test_what_stays_by_the_plan_makes_it_kept() -> None:
    """Rows that stay make it kept whether or not anything in them shows the person."""
    spared = replace(kept("statutory-duty", "email").spared, rows=1)
    assert certified(Shop(), plan(spared=(spared,))).outcome == "kept"


@pytest.mark.parametrize(
    ("reason", "names", "columns"),
    [
        ("hold", (), {"id", "email"}),
        ("needed-by", (), {"id"}),
        ("statutory-duty", ("email",), {"id", "email"}),
        ("statutory-duty", ("email.home",), {"id", "email"}),
    ],
)
def test_stores_are_asked_what_stays(reason: Any, names: tuple[str, ...], columns: set[str]) -> None:
    """Under a hold every column stays, of a row that others need only what it is linked by; else what is named."""
    shop = Shop()
    looked(shop, keeping=(kept(reason, *names),))
    ((one,),) = shop.kept.values()
    assert (one.rule, set(one.columns), one.where, one.people) == (0, columns, MINE, None)


def test_holds_of_other_stores_keep_for_whom_they_are_about() -> None:
    """A store that cannot be asked about a hold is told whom it is about."""
    shop = Shop()
    looked(shop, keeping=(kept("hold", away=True), kept("hold")), held=frozenset({1}))
    assert [one.people for one in shop.kept["app.customers"]] == [frozenset({1}), None]


def test_an_open_task_makes_it_partial_and_settled() -> None:
    """Paper is not erased by a database: the stores did all they can, the task is open."""
    made = certified(Shop(), plan(tasks=(Task(store="binders", what="Shred it.", due="2026-04-01"),)))
    assert (made.outcome, made.settled, made.clean) == ("partial", True, True)


def test_a_store_that_goes_away_is_named() -> None:
    """A store that cannot be looked at proves nothing: partial, with the reason, and not settled."""
    made = certified(Shop(gone=True))
    assert (made.outcome, made.settled, made.clean) == ("partial", False, False)
    assert ("store app", "Store `app`: it went away") in {(one.what, one.why) for one in made.unlooked}


def test_a_store_that_was_closed_when_planning_is_never_done() -> None:
    """Nobody looked there for the people at all."""
    made = certified(Shop(), plan(unlooked=(Unlooked(what="store lake", why="it is not there"),)))
    assert (made.outcome, made.settled) == ("partial", False)


@pytest.mark.parametrize(
    ("dataset", "outcome"), [("app.orders", "partial"), ("app.customers", "done"), ("app.other", "done")]
)
def test_a_dataset_of_theirs_that_was_not_scanned_is_never_done(dataset: str, outcome: str) -> None:
    """Locked or changed meanwhile: nobody looked; other tables, and parts of one that was scanned, are only named."""
    assert certified(Shop(unlooked=((dataset, "somebody has it locked"),))).outcome == outcome


def test_a_plan_without_anybody_finds_nobody() -> None:
    """Nothing counted, nothing to do: not found is an answer of its own."""
    made = replace(plan(), steps=(), counted=(("app.orders", 0),))
    found = looked(Shop(), made)
    assert certify.outcome(made, (), found, ()) == "not-found"


def test_what_the_map_declares() -> None:
    """Fields, free text, identities and keys are known places."""
    datamap = DataMap.model_validate(
        {
            "stores": {"app": {"url": "x"}},
            "subjects": {
                "customer": {"dataset": "app.customers", "key": "id", "identities": {"email": "mail"}}
            },
            "datasets": {"app.customers": {"fields": {"contact": ["phone"]}, "free-text": ["notes"]}},
        }
    )
    assert recheck.declared(datamap) == {"app.customers": frozenset({"id", "mail", "phone", "notes"})}


def test_a_certificate_is_read_back_and_said() -> None:
    """JSON keeps everything; the sentences name places, the verdict and the instant, and end in full stops."""
    spared = Spared(
        dataset="app.customers", fields=("email",), reason="shared", detail="d", promises=(), rows=1
    )
    task = Task(store="binders", what="Shred it.", due="2026-04-01")
    shop = Shop(residues=(residue(), residue(dataset="app.customers", column="ip", kind="ip")))
    made = certified(shop, plan(spared=(spared,), tasks=(task,)))
    note = "Backups keep the old files."
    made = replace(
        made,
        last_copy="last copy gone by 2026-04-01",
        arriving=("app.orders",),
        stores=tuple(replace(made.stores[0], store=name, notes=(note,)) for name in ("app", "lake")),
    )
    assert certificates.load(certificates.dump(made)) == made
    said = list(certificates.describe_all(made))
    assert (
        "Left: an e-mail address as written in 3 rows of app.log.line, which the data map does not know."
        in said
    )
    assert any("is not clean" in one and "2026-03-01 12:00 UTC" in one for one in said)
    assert said.count(note) == 1, "what several stores say is said once"
    assert "Not everything in app was looked at: a view." not in said
    assert all(one.endswith(".") for one in said)
