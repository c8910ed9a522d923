"""Plan an erasure: find who is meant, decide what goes and stays, count it, seal it.

What is decided stands in `rights`, the stores count. Who a plan is about stands in a sealed manifest of the ledger
only. A simulation keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from troth import __version__
from troth.app import ledgers, people
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.people import Everywhere
from troth.app.wishes import Wish
from troth.apply.people import Question
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.holds import facts, register
from troth.ledger.ledger import Ledger
from troth.ledger.manifests import NewManifest, prepared
from troth.people import manifest as manifests
from troth.people.manifest import Manifest
from troth.people.typed import Typed
from troth.plan.frozen import digest
from troth.plan.world import World
from troth.problems import Problem
from troth.rights import draft as drafting
from troth.rights import holds, seal, tasks
from troth.rights.drafted import Draft
from troth.rights.holds import Asked
from troth.rights.model import ErasurePlan, Unlooked, sealed
from troth.stores.sql import people_who
from troth.stores.sql.people import SqlPeople

SIMULATED = "0" * 64
"""In place of the manifest's digest in a plan for looking at only."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An erasure plan, and who was not found."""

    plan: ErasurePlan | None
    """None where nothing of anybody was found: an answer of its own, never *done*."""
    unmatched: tuple[Typed, ...]
    """Identities of which no store has a row of a person."""
    unlooked: tuple[Unlooked, ...]
    unreachable: bool
    problems: tuple[Problem, ...] = ()
    keys: tuple[str, ...] = ()
    """The people's own rows, as `customer/12`: by these they are found again once no identity is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What a controller told us to do with the rows we hold for them."""

    code: str
    """Their own name for it."""
    controller: str
    """Who they are, as the data map names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for a plan, and how it is to be read."""

    by: str
    joined: bool = False
    """Several rows of one kind of subject are taken for one person."""
    keep: bool = True
    """The plan is to be applied: its manifest is kept."""
    instruction: Instruction | None = None
    """The plan is about rows held for somebody else, who wants it so."""


def plan(
    wish: Wish, folder: Path, environment: Mapping[str, str], clock: Clock, moment: Moment, asker: Asker
) -> Planned:
    """Make an erasure plan for the people some identities name.

    Raises:
        BadInput: the project has faults, or what was typed cannot be read.
        Refused: it is not clear who is meant.
        StoreError: a store stops answering.
    """
    project = projects.load(folder, moment.at.date())
    if asker.instruction is not None:
        project = projects.held_for(project, asker.instruction.controller)
    with (
        people.everywhere(project, environment, moment, readonly=True) as where,
        ledgers.opened(folder, environment, clock) as ledger,
    ):
        selected = people.select(where, wish, joined=asker.joined)
        looking = not asker.keep or (moment.simulation and not clock.test)
        made, problems = make(
            selected.everywhere,
            ledger,
            selected.manifest,
            moment,
            by=None if looking else asker.by,
            common=selected.common,
            instruction=asker.instruction,
        )
    return Planned(
        plan=made,
        unmatched=selected.closure.unmatched,
        unlooked=selected.everywhere.unlooked,
        unreachable=where.unreachable,
        problems=problems,
        keys=tuple(f"{row.subject}/{row.key[0]}" for row in selected.closure.found if len(row.key) == 1),
    )


def make(
    where: Everywhere,
    ledger: Ledger,
    whom: Manifest,
    moment: Moment,
    *,
    by: str | None,
    common: tuple[Unlooked, ...] = (),
    instruction: Instruction | None = None,
) -> tuple[ErasurePlan | None, tuple[Problem, ...]]:
    """Make an erasure plan for a manifest; None where no store has a row about anybody in it.

    Args:
        where: Every store, open.
        ledger: Where the manifest is kept.
        whom: Who it is about.
        moment: The instant of the plan.
        by: Who asks; nothing is kept where nobody does.
        common: Datasets in which a person must look for rows that a value leads to which others have too.
        instruction: Of the controller for whom the rows are held, where it is not ourselves.
    """
    world, problems = seen(where, ledger)
    abilities = {name: store.describe() for name, store in where.stores.items()}
    draft = drafting.draft(world, where.known, where.ways, abilities, moment.at)
    by_hand = (task for task in draft.tasks if task.store in where.stores)
    draft = replace(draft, tasks=(*by_hand, *tasks.doubtful(common, world, moment.at)))
    under = held(where, world, whom)
    counts = _counts(where, draft, whom, under)
    if not whom.people or not any(counts[asked] for asked in draft.datasets):
        return None, problems
    new = prepared("erase", manifests.dump(whom), len(whom.people))
    made = seal.seal(
        world,
        replace(draft, unlooked=_unlooked(draft, where)),
        counts,
        away=_counted(where, [one.asked for one in draft.away], _only(whom, under)) if under else {},
        manifest_digest=new.digest if by is not None else SIMULATED,
        people=len(whom.people),
        simulation=moment.simulation,
    )
    if instruction is not None:
        made = sealed(replace(made, instruction=instruction.code, controller=instruction.controller))
    if by is not None:
        _keep(ledger, made, new, by, moment.at)
    return made, problems


def _unlooked(draft: Draft, where: Everywhere) -> tuple[Unlooked, ...]:
    """Say what is not looked at; of a store that is not open by what it said, not by the bare fact.

    What could not be read to its end is known once rows were counted.
    """
    told = {one.what.removeprefix("store ") for one in where.unlooked}
    bare = (one for one in draft.unlooked if one.why != tasks.CLOSED or one.what not in told)
    unread = (Unlooked(what=one.what, why=one.why) for one in people.unread(where.stores))
    return tuple(dict.fromkeys((*bare, *where.unlooked, *unread)))


def seen(where: Everywhere, ledger: Ledger) -> tuple[World, tuple[Problem, ...]]:
    """Return the world with the holds in force."""
    standing, problems = facts.of(register.standing(ledger), where.world)
    return replace(where.world, facts=replace(where.world.facts, holds=standing)), problems


def held(where: Everywhere, world: World, whom: Manifest) -> frozenset[int]:
    """Say whom holds are about whose rows lie in other stores too, where no hold can be asked row by row."""
    if holds.blind(world, where.ways):
        return frozenset(person.number for person in whom.people)
    found: set[int] = set()
    for probe in holds.probes(world, where.ways):
        dataset = probe.asked.dataset
        store = where.stores.get(dataset.partition(".")[0])
        if isinstance(store, SqlPeople):
            found |= people_who.who(
                store.engine, store.catalog, whom, dataset, where.ways[dataset], probe.asked.where
            )
    return frozenset(found)


def _counts(where: Everywhere, draft: Draft, whom: Manifest, under: frozenset[int]) -> dict[Asked, int]:
    """Count every question; where holds lie in other stores, of the people they are not about."""
    away = {one.asked.dataset for one in draft.away} if under else set()
    near = [asked for asked in draft.asked if asked.dataset not in away]
    far = [asked for asked in draft.asked if asked.dataset in away]
    found = _counted(where, near, whom)
    return found | _counted(where, far, _without(whom, under))


def _counted(where: Everywhere, asked: Sequence[Asked], whom: Manifest) -> dict[Asked, int]:
    found: dict[Asked, int] = {}
    for name, store in where.stores.items():
        own = [one for one in dict.fromkeys(asked) if one.dataset.startswith(f"{name}.")]
        if own:
            questions = [Question(dataset=one.dataset, where=one.where) for one in own]
            found |= dict(zip(own, store.count(whom, questions), strict=True))
    return found


def _without(whom: Manifest, held: frozenset[int]) -> Manifest:
    return replace(whom, people=tuple(p for p in whom.people if p.number not in held))


def _only(whom: Manifest, held: frozenset[int]) -> Manifest:
    return replace(whom, people=tuple(p for p in whom.people if p.number in held))


def _keep(ledger: Ledger, made: ErasurePlan, new: NewManifest, by: str, at: datetime) -> None:
    """Keep the manifest, and write down that the plan exists and whose manifest it has."""
    body = {
        "plan": made.hash,
        "made_for": "rights",
        "planned": instant(datetime.fromisoformat(made.at)),
        "policy": made.basis.rules,
        "catalog": digest([list(pair) for pair in made.basis.structure]),
        "facts": made.basis.facts,
        "steps": len(made.steps),
        "rows": made.rows,
        "kept_rows": sum(one.rows for one in made.spared),
        "promises": list(dict.fromkeys(p for step in made.steps for p in step.promises)),
        "stores": list(made.stores),
        "troth": __version__,
        "manifest": made.manifest,
        "people": made.people,
    }
    if made.instruction:
        body["instruction"] = made.instruction
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        ledger.manifests.keep(new, plan=made.hash, by=staff, at=at)
        ledger.append(Entry(kind="plan.sealed", at=at, body=body))
