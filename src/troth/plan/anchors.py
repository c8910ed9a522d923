"""From a rule's event to the rows whose period has passed.

An event is dated by a column of the dataset itself, by a column of a dataset its rows reach by key, or by
the latest of several columns per subject. Rows with several subjects (a message has a sender and a recipient)
have expired only when they have for each of them. A NULL date means *not started*: never expired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from troth.catalog.reach import Hop, Reach
from troth.periods import Cutoff
from troth.plan import dates
from troth.plan.predicates import (
    ALWAYS,
    NEVER,
    Exists,
    Filled,
    Null,
    OneOf,
    Path,
    Predicate,
    Step,
    both,
    either,
    negate,
    through,
)
from troth.plan.world import World
from troth.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """An event as predicates over the rows of one dataset."""

    expired: Predicate = NEVER
    not_started: Predicate = NEVER
    unreadable: Predicate = NEVER
    column: str = ""
    """The column that dates the event, where it stands in the dataset itself."""
    read: frozenset[str] = frozenset()
    """Every `dataset.column` the event is read from."""
    through: frozenset[Hop] = frozenset()
    """Every hop it is reached by."""
    owners: tuple[tuple[Hop, Predicate], ...] = ()
    """For rows owned by what points at them: the hop, and which owners have outlived the rule."""
    problems: tuple[Problem, ...] = field(default=())


def resolve(world: World, dataset: str, event: str, cutoff: Cutoff) -> Anchored:
    """Find what dates an event for a dataset's rows: itself, an event of its subjects, or its path."""
    if event in world.dataset(dataset).anchors:
        return _own_event(world, dataset, event, cutoff)
    if event in world.datamap.events:
        return _latest(world, dataset, event, cutoff)
    return _along_the_way(world, dataset, event, cutoff)


def _own_event(world: World, dataset: str, event: str, cutoff: Cutoff) -> Anchored:
    """Read the dataset's own column; where the map says what runs on, an empty date is no gap there."""
    anchored = _own(world, dataset, world.dataset(dataset).anchors[event], cutoff)
    running = world.dataset(dataset).open_while.get(event)
    if running is None or anchored.problems:
        return anchored
    still = OneOf(column=running.column, values=running.is_)
    return replace(anchored, not_started=both(anchored.not_started, negate(still)))


def _own(world: World, dataset: str, name: str, cutoff: Cutoff) -> Anchored:
    table = world.table(dataset)
    column = table.column(name) if table else None
    if column is None:
        message = f"{dataset} has no column '{name}'"
        hint = "Name a column of the live schema under anchors."
        return Anchored(
            problems=(Problem(code="unknown-column", message=message, hint=hint, about=f"{dataset}.{name}"),)
        )
    dated = dates.dated(world, dataset, column, cutoff)
    return Anchored(
        expired=dated.expired,
        not_started=either(Null(column=name), dated.missing),
        unreadable=dated.unreadable,
        column=name,
        read=frozenset({f"{dataset}.{name}"}),
        problems=(dated.problem,) if dated.problem else (),
    )


def _along_the_way(world: World, dataset: str, event: str, cutoff: Cutoff) -> Anchored:
    """Look at each dataset on each path to a subject for a column that dates the event."""
    ways = world.ways(dataset)
    found = [(reach, anchored) for reach in ways if (anchored := _on(world, reach, event, cutoff))]
    if not ways or len(found) < len(ways):
        blind = [reach for reach in ways if reach not in [r for r, _ in found]]
        return Anchored(problems=(_no_anchor(dataset, event, blind),))
    return _all_subjects(found)


def _on(world: World, reach: Reach, event: str, cutoff: Cutoff) -> Anchored | None:
    """Take the first dataset on a path that dates the event."""
    for length, hop in enumerate(reach.hops, start=1):
        there = world.datamap.datasets.get(hop.target)
        if there is not None and event in there.anchors:
            return _carried(_own_event(world, hop.target, event, cutoff), reach.hops[:length])
    return None


def _no_anchor(dataset: str, event: str, blind: Sequence[Reach]) -> Problem:
    roles = ", ".join(reach.role for reach in blind)
    via = f" on its way to {roles}" if roles else ""
    message = f"No column that {dataset} can reach{via} dates '{event}'"
    hint = (
        f"Add anchors: {{{event}: some_column}} to {dataset} or to a dataset on its way to the subject; where rows "
        "that point here date it, name them under `events`: {latest-of: store.table.column}."
    )
    return Problem(code="no-anchor", message=message, hint=hint, about=dataset)


def _carried(anchored: Anchored, hops: Sequence[Hop]) -> Anchored:
    """Say of the row at hand what holds of the row its path leads to."""
    expired, unreadable = anchored.expired, anchored.unreadable
    started = negate(anchored.not_started)
    owners: list[tuple[Hop, Predicate]] = []
    for hop in reversed(hops):
        owners += [(hop, expired)] if hop.many else []
        still = Exists(dataset=hop.target, match=hop.match, where=negate(expired))
        expired = Exists(dataset=hop.target, match=hop.match, where=expired)
        if hop.many:
            expired = both(expired, negate(still))
        started = Exists(dataset=hop.target, match=hop.match, where=started)
        if unreadable != NEVER:
            unreadable = Exists(dataset=hop.target, match=hop.match, where=unreadable)
    return Anchored(
        expired=expired,
        not_started=negate(started),
        unreadable=unreadable,
        read=anchored.read,
        through=frozenset(hops),
        owners=tuple(owners),
        problems=anchored.problems,
    )


def _all_subjects(found: Sequence[tuple[Reach, Anchored]]) -> Anchored:
    """Join the ways to several subjects: a row goes with the last of those it has."""
    if len(found) == 1:
        return found[0][1]
    for_each = [either(_absent(reach), anchored.expired) for reach, anchored in found]
    waiting = [both(negate(_absent(reach)), anchored.not_started) for reach, anchored in found]
    someone = either(*(negate(_absent(reach)) for reach, _ in found))
    return Anchored(
        expired=both(someone, *for_each),
        not_started=either(negate(someone), *waiting),
        unreadable=either(*(a.unreadable for _, a in found)),
        read=frozenset().union(*(a.read for _, a in found)),
        through=frozenset().union(*(a.through for _, a in found)),
        owners=tuple(dict.fromkeys(owner for _, a in found for owner in a.owners)),
        problems=tuple(dict.fromkeys(p for _, a in found for p in a.problems)),
    )


def _absent(reach: Reach) -> Predicate:
    return either(*(Null(column=c) for c in reach.hops[0].columns)) if reach.hops else NEVER


def _latest(world: World, dataset: str, event: str, cutoff: Cutoff) -> Anchored:
    """Take an event as the latest of several dates of the subject: expired when none of them is newer."""
    ways = world.ways(dataset)
    problems: list[Problem] = []
    found: list[tuple[Reach, Anchored]] = []
    for reach in ways:
        sources = [
            s for name in world.datamap.events[event].latest_of for s in _source(world, name, reach, cutoff)
        ]
        problems += [p for s in sources for p in s.problems]
        found += [(reach, _latest_of(sources))] if sources else []
    if not ways or len(found) < len(ways):
        message = f"{dataset} and the sources of '{event}' reach no subject of one kind"
        hint = "Give the dataset and every source of the event a subject."
        return Anchored(problems=(Problem(code="no-anchor", message=message, hint=hint, about=dataset),))
    joined = replace(_all_subjects(found), problems=tuple(dict.fromkeys(problems)))
    own = [name.rpartition(".")[2] for name in sorted(joined.read) if name.rpartition(".")[0] == dataset]
    if own:
        dates = [_own(world, dataset, name, cutoff) for name in own]
        return _dated_itself(dates, joined, [anchored for _, anchored in found])
    return replace(joined, expired=both(negate(joined.not_started), joined.expired))


def _dated_itself(own: Sequence[Anchored], joined: Anchored, each: Sequence[Anchored]) -> Anchored:
    """Ask the row's own dates first: they are among the sources, and cheaper than all the others."""
    started = either(*(negate(a.not_started) for a in own))
    passed = (either(a.not_started, a.expired) for a in own) if len(own) > 1 else [own[0].expired]
    return replace(
        joined,
        expired=both(started if len(own) > 1 else ALWAYS, *passed, *(a.expired for a in each)),
        not_started=negate(started),
        unreadable=either(*(a.unreadable for a in own)),
        column=own[0].column,
    )


def _latest_of(sources: Sequence[Anchored]) -> Anchored:
    some = either(*(negate(s.not_started) for s in sources))
    newer = either(*(s.expired for s in sources))
    return Anchored(
        expired=negate(newer),
        not_started=negate(some),
        unreadable=either(*(s.unreadable for s in sources)),
        read=frozenset().union(*(s.read for s in sources)),
        through=frozenset().union(*(s.through for s in sources)),
    )


def _source(world: World, name: str, reach: Reach, cutoff: Cutoff) -> list[Anchored]:
    """Describe one source per way it reaches the same subject; `expired` here says *newer than the bound*."""
    source, _, column = name.rpartition(".")
    if world.table(source) is None or source not in world.datamap.datasets:
        return []
    anchored = _own(world, source, column, cutoff)
    made = []
    for other in world.ways(source):
        if other.subject != reach.subject:
            continue
        made.append(
            Anchored(
                expired=_meets(reach, other, both(Filled(column=column), negate(anchored.expired))),
                not_started=negate(_meets(reach, other, Filled(column=column))),
                unreadable=NEVER
                if anchored.unreadable == NEVER
                else _meets(reach, other, anchored.unreadable),
                read=anchored.read,
                through=frozenset((*reach.hops, *other.hops)),
                problems=anchored.problems,
            )
        )
    return made


def _meets(reach: Reach, other: Reach, where: Predicate) -> Predicate:
    """Say that some row `other` starts from has the same subject as the row at hand, and satisfies `where`."""
    return through(meeting(reach, other), where)


def meeting(reach: Reach, other: Reach) -> Path:
    """Return the way from rows of one dataset over their subject to rows of another with the same subject."""
    up, down = list(reach.hops), list(other.hops)
    steps: list[Step] = []
    if up and down and _same_end(up[-1], down[-1]):
        last, first = up.pop(), down.pop()
        steps.append((first.source, tuple(zip(last.columns, first.columns, strict=True))))
    steps = [*((hop.target, hop.match) for hop in up), *steps]
    back = ((hop.source, tuple((there, here) for here, there in hop.match)) for hop in reversed(down))
    return (*steps, *back)


def _same_end(one: Hop, other: Hop) -> bool:
    return one.target == other.target and one.target_columns == other.target_columns
