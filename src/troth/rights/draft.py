"""From promises, holds and ways to what an erasure does in every store, and to the questions that count it.

Pure: `draft` decides everything, the stores count what it asks, `seal.seal` joins both into a plan. The predicates of
steps are those of the run, when what refers to a row is gone; those of questions look ahead. Who it is about stands
in neither: both ask whether a row's columns are staged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from troth.people.entries import Entries, Way
from troth.plan import grounds
from troth.plan.predicates import NEVER, Filled, Predicate, both, conjuncts, either, negate
from troth.plan.world import Rank, World
from troth.rights import fields, holds, indexes, order, rows, tasks
from troth.rights.abilities import Described
from troth.rights.drafted import Draft, DraftedSpared, DraftedStep
from troth.rights.fields import Part
from troth.rights.holds import Asked
from troth.rights.logic import meet
from troth.rights.model import EraseFields, EraseRows, ErasureStep, Scrub, Spared, SpareReason
from troth.rights.order import Order
from troth.rights.rows import Ahead, Work


def draft(
    world: World,
    known: Entries,
    ways: Mapping[str, tuple[Way, ...]],
    abilities: Mapping[str, Described],
    at: datetime,
) -> Draft:
    """Decide what erasing the people of a manifest does, in every store that is open.

    Args:
        world: With reaches resolved across stores, and the holds in force.
        known: Entries of the manifest.
        ways: Every dataset's ways to the people at hand.
        abilities: What each open store can do; what it cannot becomes a task.
        at: The instant of the plan; tasks are due from it.
    """
    due = tasks.due(world, at)
    promises = promised(world)
    stores = {n for n in abilities if not tasks.by_a_person(world.datamap.stores.get(n))}
    looked = {name: found for name, found in ways.items() if name.partition(".")[0] in stores}
    works = rows.assemble(world, known, looked)
    works = {name: tasks.able(work, abilities[name.partition(".")[0]]) for name, work in works.items()}
    arranged = order.arrange(world, works)
    works = {n: replace(w, stuck=w.stuck or n) if n in arranged.stuck else w for n, w in works.items()}
    ahead = Ahead(works, frozenset((e.parent, e.refers) for e in arranged.broken if e.refers))
    done, undone = tasks.sorted_out(_steps(works, arranged, ahead, promises), abilities, due)
    kept = (each for n in arranged.names for each in _spared(works[n], ahead, promises, due))
    spared, blind, left = tasks.answerable((*kept, *undone), abilities)
    counted = (Asked(dataset=n, where=works[n].standing.mine) for n in arranged.names)
    used = {name: looked[name] for name in works}
    missing = tuple(indexes.missing(world, known, looked, works))
    alarms = (w for n in arranged.names for w in works[n].warnings)
    return Draft(
        steps=done,
        spared=spared,
        datasets=tuple(asked for asked in counted if tasks.answers(asked, abilities)),
        probes=holds.probes(world, looked),
        away=tuple(each for n in arranged.names for each in _away(world, works[n], promises)),
        tasks=(
            *tasks.by_hand(world, due),
            *tasks.unreached(world, ways, abilities, due),
            *tasks.missing(world, abilities, due),
            *left,
        ),
        unlooked=(*tasks.unlooked(world, ways, abilities), *blind),
        warnings=tuple(dict.fromkeys((*alarms, *indexes.say(missing), *indexes.spelt(world, known, used)))),
        missing=missing,
    )


def promised(world: World) -> tuple[str, ...]:
    """Name the promises an erasure keeps."""
    found: list[str] = []
    rights = world.policy.rights
    if rights is not None:
        own = rights.id or "rights"
        found += [f"{own}.{right}" for right in ("erase", "delete") if right in rights.offer]
    if world.policy.erasure is not None:
        found.append(world.policy.erasure.id or "erasure")
    return tuple(found)


def _steps(
    works: Mapping[str, Work], arranged: Order, ahead: Ahead, promises: tuple[str, ...]
) -> Iterator[DraftedStep]:
    """Yield the steps: circles are opened, then each dataset after what refers to it."""
    for edge in arranged.broken:
        assert edge.refers is not None
        yield from _opening(works[edge.child], edge.refers.columns, promises)
    for name in arranged.names:
        yield from _of(works[name], ahead, promises)


def _opening(work: Work, columns: tuple[str, ...], promises: tuple[str, ...]) -> Iterator[DraftedStep]:
    changes = fields.loosened(work.table, columns)
    where = meet(work.candidates, either(*(Filled(column=change.column) for change in changes)))
    if where != NEVER and changes:
        step = EraseFields(
            id=f"open-{work.dataset}",
            dataset=work.dataset,
            why="detach",
            changes=changes,
            where=where,
            promises=promises,
        )
        yield DraftedStep(step=step, asked=Asked(dataset=work.dataset, where=work.filled(where)))


def _of(work: Work, ahead: Ahead, promises: tuple[str, ...]) -> Iterator[DraftedStep]:
    """Yield the steps of one dataset: rows go, then texts, fields and links of those that stay.

    What refers to rows of the same dataset lets go before they do: stores set down whose a row is beforehand.
    """
    first = [part for part in work.detaches if part.columns & work.inward]
    later = [part for part in work.detaches if part not in first]
    after = (*_scrubs(work, promises), *_erasing(work, promises), *_detaching(work, later, promises))
    yield from _remaining(work, ahead, tuple(_detaching(work, first, promises)))
    deleted = ahead.deleted(work.dataset)
    if deleted != NEVER:
        where = meet(work.candidates, *(negate(child.rows()) for child in work.children))
        step = EraseRows(id=f"delete-{work.dataset}", dataset=work.dataset, where=where, promises=promises)
        yield DraftedStep(step=step, asked=Asked(dataset=work.dataset, where=deleted))
    yield from _remaining(work, ahead, after)


def _remaining(work: Work, ahead: Ahead, steps: Sequence[ErasureStep]) -> Iterator[DraftedStep]:
    for step in steps:
        left = ahead.remaining(work, step.where)
        if NEVER not in (step.where, left):
            yield DraftedStep(step=step, asked=Asked(dataset=work.dataset, where=left))


def _scrubs(work: Work, promises: tuple[str, ...]) -> Iterator[ErasureStep]:
    """Yield one step for texts on the same rows."""
    found: dict[Predicate, list[str]] = {}
    for column, where in work.fields.scrubs:
        found.setdefault(_without(where, column), []).append(column)
    for rows_, columns in found.items():
        yield EraseFields(
            id=f"scrub-{work.dataset}",
            dataset=work.dataset,
            why="scrub",
            changes=tuple(Scrub(column=column) for column in columns),
            where=meet(work.free, rows_, either(*(Filled(column=column) for column in columns))),
            promises=promises,
        )


def _without(where: Predicate, column: str) -> Predicate:
    """Leave out that a column is filled, so that texts on the same rows are known as such."""
    return both(*(part for part in conjuncts(where) if part != Filled(column=column)))


def _erasing(work: Work, promises: tuple[str, ...]) -> Iterator[ErasureStep]:
    """Yield what empties fields; last whatever a row is recognised by."""
    for part in work.fields.parts:
        yield EraseFields(
            id=f"erase-{work.dataset}",
            dataset=work.dataset,
            why="erased",
            changes=part.changes,
            where=meet(work.free, part.rows, part.pending),
            promises=promises,
        )


def _detaching(work: Work, parts: Sequence[Part], promises: tuple[str, ...]) -> Iterator[ErasureStep]:
    """Yield what cuts links."""
    for part in parts:
        yield EraseFields(
            id=f"detach-{work.dataset}",
            dataset=work.dataset,
            why="detach",
            changes=part.changes,
            where=meet(work.free, part.rows, part.pending),
            promises=promises,
        )


def _spared(work: Work, ahead: Ahead, promises: tuple[str, ...], due: str) -> Iterator[DraftedSpared]:
    """Yield everything that may stay of one dataset, with the question that counts it."""
    for each in (
        *_by_owner(work, promises, due),
        *_by_hold(work, promises),
        *_by_field(work, ahead, promises, due),
        *_by_row(work, ahead, promises, due),
    ):
        if each.asked.where != NEVER:
            yield each


def _one(
    work: Work,
    reason: SpareReason,
    detail: str,
    where: Predicate,
    promises: Sequence[str],
    columns: tuple[str, ...] = (),
) -> DraftedSpared:
    spared = Spared(
        dataset=work.dataset,
        fields=columns,
        reason=reason,
        detail=detail,
        promises=tuple(promises),
        rows=0,
    )
    return DraftedSpared(spared=spared, asked=Asked(dataset=work.dataset, where=where))


def _by_owner(work: Work, promises: tuple[str, ...], due: str) -> Iterator[DraftedSpared]:
    mine = work.standing.mine
    unknown = _one(work, "unknown-controller", work.dataset, both(mine, work.unknown), promises)
    yield replace(unknown, task=tasks.whose(work, due))
    others = both(mine, negate(work.ours), negate(work.unknown))
    yield _one(work, "other-controller", work.dataset, others, promises)


def _by_hold(work: Work, promises: tuple[str, ...]) -> Iterator[DraftedSpared]:
    for hold, kept in work.holds:
        made = _one(work, holds.reason(hold), hold.id, both(work.standing.mine, work.ours, kept), promises)
        yield replace(made, spared=replace(made.spared, review=hold.review))


def _away(world: World, work: Work, promises: tuple[str, ...]) -> Iterator[DraftedSpared]:
    """Yield what holds in other stores keep here, should they reach the people."""
    for hold in world.facts.holds:
        covered = grounds.covered(world, work.dataset, hold)
        if hold.rank < Rank.GRANTED and holds.away(work.dataset, covered):
            mine = both(work.standing.mine, work.ours)
            made = _one(work, holds.reason(hold), hold.id, mine, promises)
            yield replace(made, spared=replace(made.spared, review=hold.review))


def _by_field(work: Work, ahead: Ahead, promises: tuple[str, ...], due: str) -> Iterator[DraftedSpared]:
    for kept in work.fields.stays:
        where = ahead.remaining(work, meet(work.free, kept.rows))
        if kept.duty:
            made = _one(work, "statutory-duty", kept.detail, where, (kept.duty.promise,), kept.columns)
            yield replace(made, spared=replace(made.spared, ends=kept.duty.ends))
        else:
            yield _one(work, "shared", kept.detail, where, promises, kept.columns)
    for fixed in work.fields.fixed:
        where = ahead.remaining(work, meet(work.free, fixed.rows))
        reason: SpareReason = "key" if fixed.key else "cannot-blank"
        made = _one(work, reason, fixed.what, where, promises, (fixed.column,))
        yield replace(made, task=tasks.fix(work, fixed.what, fixed.hint, due))
    for tight in work.tight:
        filled = both(*(Filled(column=column) for column in tight.columns))
        where = ahead.remaining(work, meet(work.free, tight.rows, filled))
        yield _one(work, "key", tight.what, where, promises, tight.columns)


def _by_row(work: Work, ahead: Ahead, promises: tuple[str, ...], due: str) -> Iterator[DraftedSpared]:
    for duty in work.fields.duties if work.fate == "delete" else ():
        if duty not in [kept.duty for kept in work.fields.stays]:
            where = work.filled(meet(work.free, negate(work.standing.others), negate(duty.over)))
            made = _one(work, "statutory-duty", fields.because(duty), where, (duty.promise,))
            yield replace(made, spared=replace(made.spared, ends=duty.ends))
    candidates = work.filled(work.candidates)
    if candidates != NEVER:
        for dataset, needed in ahead.needed(work):
            yield _one(work, "needed-by", dataset, meet(candidates, needed), promises)
    elif work.fate == "delete":
        where = work.filled(meet(work.free, work.whole))
        stuck = _one(work, "needed-by", work.stuck, where, promises)
        unable = replace(
            _one(work, "store-cannot", work.unable, where, promises), task=tasks.remove(work, due)
        )
        yield stuck if work.stuck else unable
