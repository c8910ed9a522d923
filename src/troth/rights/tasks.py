"""What only a person can do: shelves and devices, steps a store cannot do, rows nobody knows the owner of.

Pure. Nothing a store cannot do is passed over: it becomes a task with a due date, and stands among what stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from troth import periods
from troth.catalog.datamap import Store
from troth.people.entries import Way
from troth.periods import Period
from troth.plan.model import Blank, Coarsen, Prune, Replace
from troth.plan.predicates import datasets
from troth.plan.world import World
from troth.rights.abilities import Ability, Described
from troth.rights.drafted import DraftedSpared, DraftedStep
from troth.rights.holds import Asked
from troth.rights.model import (
    EraseFields,
    EraseRows,
    ErasureChange,
    ErasureStep,
    Scrub,
    Spared,
    Task,
    Unlooked,
)
from troth.rights.rows import Work, known_ways

TERM = Period(days=30)
"""One month to answer (GDPR Art. 12(3)), in its shortest form."""
CLOSED = "the store is not open"
MISSING = "the store has no such table"
BY_HAND = frozenset({"physical", "device", "service"})
_ABILITY: Mapping[type, Ability] = {
    Blank: "blank",
    Replace: "replace",
    Coarsen: "generalise",
    Prune: "prune",
    Scrub: "scrub",
}
_WORDS: Mapping[Ability, str] = {
    "delete": "Delete rows of {0}",
    "blank": "Empty {1} in {0}",
    "replace": "Replace {1} in {0}",
    "generalise": "Make {1} less exact in {0}",
    "prune": "Take values out of {1} in {0}",
    "scrub": "Take names and identities out of {1} in {0}",
    "detach": "Cut the link {1} in {0}",
}


def due(world: World, at: datetime) -> str:
    """Return the date tasks are due: the shortest answer term that was promised, or 30 days."""
    rights = world.policy.rights
    found = list(rights.answer_within.values()) if rights else []
    term = min(found, key=lambda p: p.months * 30 + p.days + p.seconds / 86_400, default=TERM)
    day = at.astimezone(ZoneInfo(world.policy.organisation.timezone)).date()
    return periods.end(day, replace(term, seconds=0)).isoformat()


def able(work: Work, described: Described) -> Work:
    """Let no row go in a store that deletes none."""
    can = "delete" in described.can
    return work if can or not work.goes else replace(work, unable=f"{described.engine} cannot delete")


def sorted_out(
    steps: Iterable[DraftedStep], abilities: Mapping[str, Described], due_on: str
) -> tuple[tuple[DraftedStep, ...], tuple[DraftedSpared, ...]]:
    """Part what the stores can do from what a person must; a step may be parted by its changes."""
    done: list[DraftedStep] = []
    undone: list[DraftedSpared] = []
    for each in steps:
        described = abilities[each.step.dataset.partition(".")[0]]
        blind = not described.joins and bool(datasets(each.step.where) | datasets(each.asked.where))
        changes = each.step.changes if isinstance(each.step, EraseFields) else ()
        cannot = [c for c in changes if blind or _needed(each.step, c) not in described.can]
        if not changes and blind:
            undone.append(_left(each, "delete", (), due_on, described))
        can = tuple(c for c in changes if c not in cannot)
        if isinstance(each.step, EraseFields) and can:
            done.append(replace(each, step=replace(each.step, changes=can)))
        elif isinstance(each.step, EraseRows) and not blind:
            done.append(each)
        for ability in dict.fromkeys(_needed(each.step, c) for c in cannot):
            columns = tuple(c.column for c in cannot if _needed(each.step, c) == ability)
            undone.append(_left(each, ability, columns, due_on, described))
    return tuple(done), tuple(undone)


def answerable(
    spared: Iterable[DraftedSpared], abilities: Mapping[str, Described]
) -> tuple[tuple[DraftedSpared, ...], tuple[Unlooked, ...], tuple[Task, ...]]:
    """Part what a store can count from what it cannot, because it asks no dataset about another.

    Returns:
        What can be counted; what is not looked at; and the tasks of that, which nobody can say are needless.
    """
    fine: list[DraftedSpared] = []
    blind: dict[Unlooked, None] = {}
    left: dict[Task, None] = {}
    for each in spared:
        if answers(each.asked, abilities):
            fine.append(each)
            continue
        why = f"the store cannot tell which of its rows stay ({each.spared.reason})"
        blind[Unlooked(what=each.asked.dataset, why=why)] = None
        left |= {each.task: None} if each.task else {}
    return tuple(fine), tuple(blind), tuple(left)


def answers(asked: Asked, abilities: Mapping[str, Described]) -> bool:
    """Tell whether a store can answer a question."""
    return abilities[asked.dataset.partition(".")[0]].joins or not datasets(asked.where)


def remove(work: Work, due_on: str) -> Task:
    """Ask a person to remove rows that the store does not."""
    what = f"Delete rows of {work.dataset} that are about the people of this plan alone: {work.unable}."
    return Task(store=work.dataset.partition(".")[0], what=what, due=due_on)


def _needed(step: ErasureStep, change: ErasureChange) -> Ability:
    if isinstance(step, EraseFields) and step.why == "detach":
        return "detach"
    return _ABILITY[type(change)]


def _left(
    each: DraftedStep, ability: Ability, columns: tuple[str, ...], due_on: str, described: Described
) -> DraftedSpared:
    dataset = each.step.dataset
    what = _WORDS[ability].format(dataset, ", ".join(columns))
    spared = Spared(
        dataset=dataset,
        fields=columns,
        reason="store-cannot",
        detail=f"{described.engine} cannot {ability}",
        promises=each.step.promises,
        rows=0,
    )
    said = f"{what}, where the rows are about the people of this plan: {described.engine} cannot."
    task = Task(store=dataset.partition(".")[0], what=said, due=due_on)
    return DraftedSpared(spared=spared, asked=each.asked, task=task)


def whose(work: Work, due_on: str) -> Task:
    """Ask a person for whom rows are held."""
    what = f"Decide for whom the rows of {work.dataset} are held that name no controller, and erase ours."
    return Task(store=work.dataset.partition(".")[0], what=what, due=due_on)


def fix(work: Work, what: str, hint: str, due_on: str) -> Task:
    """Ask a person to see to a field that the schema does not let go."""
    return Task(store=work.dataset.partition(".")[0], what=f"{what}. {hint}", due=due_on)


def by_a_person(store: Store | None) -> bool:
    """Tell whether a store is one that only people can look into."""
    return store is not None and store.kind in BY_HAND


def by_hand(world: World, due_on: str) -> tuple[Task, ...]:
    """List a task for every dataset of a shelf, a device, or a service that is not open to us."""
    made: list[Task] = []
    for name, store in world.datamap.stores.items():
        if store.kind not in BY_HAND:
            continue
        own = [d for d in world.datamap.datasets if d.startswith(f"{name}.")] or [name]
        made += [
            Task(
                store=name,
                what=f"Look through {dataset} by hand and remove what is about the people of this plan.",
                due=due_on,
            )
            for dataset in own
        ]
    return tuple(made)


def unreached(
    world: World, ways: Mapping[str, tuple[Way, ...]], abilities: Mapping[str, Described], due_on: str
) -> tuple[Task, ...]:
    """List a task for every dataset with personal data of which nobody knows whose its rows are."""
    made: list[Task] = []
    for name, dataset in world.datamap.datasets.items():
        store, table = name.partition(".")[0], world.table(name)
        personal = bool(dataset.fields or dataset.free_text)
        if store not in abilities or by_a_person(world.datamap.stores.get(store)) or not personal:
            continue
        if table is not None and table.writable and not known_ways(world, ways, name):
            what = (
                f"Look through {name} and remove what is about the people of this plan: {_lost(world, name)}."
            )
            made.append(Task(store=store, what=what, due=due_on))
    return tuple(made)


def missing(world: World, abilities: Mapping[str, Described], due_on: str) -> tuple[Task, ...]:
    """List a task for every dataset with personal data that its store does not have: it may have another name now."""
    made: list[Task] = []
    for name, dataset in world.datamap.datasets.items():
        store = name.partition(".")[0]
        open_ = store in abilities and store in world.catalogs
        if open_ and (dataset.fields or dataset.free_text) and world.table(name) is None:
            what = f"Find out what became of {name}: {MISSING}. Correct the data map, then erase again."
            made.append(Task(store=store, what=what, due=due_on))
    return tuple(made)


def doubtful(common: Iterable[Unlooked], world: World, at: datetime) -> tuple[Task, ...]:
    """Ask a person to tell apart rows that lead to several people."""
    return tuple(
        Task(
            store=one.what.partition(".")[0],
            what=f"Look through {one.what} and remove what is about the people of this plan: {one.why}.",
            due=due(world, at),
        )
        for one in common
    )


def unlooked(
    world: World, ways: Mapping[str, tuple[Way, ...]], abilities: Mapping[str, Described]
) -> tuple[Unlooked, ...]:
    """List stores that are not open, and datasets whose way to people is unknown, with the reason."""
    made: list[Unlooked] = []
    for name, store in world.datamap.stores.items():
        if name not in abilities and store.kind not in BY_HAND:
            made.append(Unlooked(what=name, why=CLOSED))
    for dataset in world.datamap.datasets:
        store_name = dataset.partition(".")[0]
        table = world.table(dataset)
        declared = world.datamap.stores.get(store_name)
        if store_name not in world.catalogs or store_name not in abilities or by_a_person(declared):
            continue
        if table is None:
            made.append(Unlooked(what=dataset, why=MISSING))
        elif not table.writable:
            made.append(Unlooked(what=dataset, why=f"it is a {table.kind.value}: its rows rest elsewhere"))
        elif not known_ways(world, ways, dataset):
            made.append(Unlooked(what=dataset, why=_lost(world, dataset)))
    return tuple(made)


def _lost(world: World, dataset: str) -> str:
    said: Sequence[str] = [
        p.message for p in world.reaches.problems if p.about in (dataset, *_columns(world, dataset))
    ]
    return said[0] if said else "no way from its rows to people is known"


def _columns(world: World, dataset: str) -> tuple[str, ...]:
    table = world.table(dataset)
    return tuple(f"{dataset}.{name}" for name in table.column_names) if table else ()
