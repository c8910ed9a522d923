"""Holds in force, told to the planner: which rows each one covers, at which place in the order of conflicts.

Pure. A hold whose condition no longer fits the live schema covers its whole dataset until somebody mends it: a
finding says so. One whose dataset or kind of subject is gone cannot be placed, and a finding says that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import assert_never
from zoneinfo import ZoneInfo

from troth.catalog.model import Column, ColumnKind, Table
from troth.holds import conditions, meaning
from troth.holds.model import ConditionScope, DatasetScope, Hold, SubjectScope
from troth.periods import Cutoff
from troth.plan import dates, world
from troth.plan.predicates import Compare, Predicate, Value, both
from troth.problems import BadInput, Problem, nearest

Placed = tuple[world.Hold | None, tuple[Problem, ...]]


def of(holds: Iterable[Hold], seen: world.World) -> tuple[tuple[world.Hold, ...], tuple[Problem, ...]]:
    """Turn the holds that have not been lifted into facts, with findings about those that do not fit.

    A hold placed after the instant the plan is for counts as well: a new ground always wins, at once.
    """
    facts: list[world.Hold] = []
    problems: list[Problem] = []
    for hold in holds:
        if hold.lifted_at is None:
            fact, found = place(hold, seen)
            facts.extend([fact] if fact else [])
            problems.extend(found)
    return tuple(sorted(facts, key=lambda fact: (fact.rank, fact.id))), tuple(problems)


def place(hold: Hold, seen: world.World) -> Placed:
    """Say which rows one hold covers, with a finding when that is not what its owner wrote."""
    match hold.scope:
        case DatasetScope():
            if _mapped(hold.scope.dataset, seen) is None:
                return None, (_finding(hold, f"no mapped, live dataset is called '{hold.scope.dataset}'"),)
            return _fact(hold, dataset=hold.scope.dataset), ()
        case ConditionScope():
            return _on_condition(hold, hold.scope, seen)
        case SubjectScope():
            found = person(hold.scope, seen)
            if isinstance(found, Problem):
                return None, (_finding(hold, found.message.rstrip(".")),)
            dataset, where = found
            return _fact(hold, dataset=dataset, where=where, subject=hold.scope.subject), ()
        case _:
            assert_never(hold.scope)


def faults(scope: ConditionScope | DatasetScope | SubjectScope, seen: world.World) -> tuple[Problem, ...]:
    """Return what is wrong with a scope before a hold is made of it."""
    match scope:
        case DatasetScope():
            return () if _mapped(scope.dataset, seen) else (_unknown_dataset(scope.dataset, seen),)
        case ConditionScope():
            table = _mapped(scope.dataset, seen)
            return _compiled(scope, table, seen)[1] if table else (_unknown_dataset(scope.dataset, seen),)
        case SubjectScope():
            found = person(scope, seen)
            return (found,) if isinstance(found, Problem) else ()
        case _:
            assert_never(scope)


def person(scope: SubjectScope, seen: world.World) -> tuple[str, Predicate] | Problem:
    """Return the dataset and the predicate that find a person's own row, or what is wrong with the scope."""
    subject = seen.datamap.subjects.get(scope.subject)
    if subject is None:
        names = tuple(sorted(seen.datamap.subjects))
        return _bad("no such kind of subject is in the data map", names, nearest(scope.subject, names))
    table = seen.table(subject.dataset)
    if table is None:
        return _bad(f"the dataset of '{scope.subject}', {subject.dataset}, is not in the live schema")
    if len(subject.key) != len(scope.key):
        return _bad(f"'{scope.subject}' has a key of {len(subject.key)} column(s), found {len(scope.key)}")
    tests = []
    for name, text in zip(subject.key, scope.key, strict=True):
        column = table.column(name)
        value = _value(column, text) if column else None
        if value is None:
            return _bad(f"the key does not fit '{subject.dataset}.{name}'")
        tests.append(Compare(column=name, operator="=", value=value))
    return subject.dataset, both(*tests)


def _on_condition(hold: Hold, scope: ConditionScope, seen: world.World) -> Placed:
    table = _mapped(scope.dataset, seen)
    if table is None:
        return None, (_finding(hold, f"no mapped, live dataset is called '{scope.dataset}'"),)
    try:
        predicate, problems = _compiled(scope, table, seen)
    except BadInput:
        problems = (_finding(hold, "unreadable"),)
    if problems:
        what = f"its condition does not fit '{scope.dataset}' any more, so every row of it is held"
        return _fact(hold, dataset=scope.dataset), (_finding(hold, what),)
    return _fact(hold, dataset=scope.dataset, where=predicate), ()


def _compiled(
    scope: ConditionScope, table: Table, seen: world.World
) -> tuple[Predicate, tuple[Problem, ...]]:
    condition = conditions.parse(f"{scope.dataset}: {scope.condition}")
    zone = ZoneInfo(seen.zone(scope.dataset) or seen.policy.organisation.timezone or "UTC")

    def dated(column: Column, day: date) -> dates.Dated:
        start = Cutoff(datetime.combine(day, time(), zone).astimezone(UTC), day)
        return dates.dated(seen, scope.dataset, column, start)

    return meaning.compile(condition.tree, table, dated)


def _mapped(dataset: str, seen: world.World) -> Table | None:
    """Return the live table of a dataset of the data map; Troth touches no other."""
    return seen.table(dataset) if dataset in seen.datamap.datasets else None


def _value(column: Column, text: str) -> Value | None:
    """Read a key's text as the column's kind; None where it cannot be one."""
    if column.kind is ColumnKind.INTEGER:
        return int(text) if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() else None
    return text


def _fact(hold: Hold, *, dataset: str, where: Predicate | None = None, subject: str = "") -> world.Hold:
    return world.Hold(
        id=hold.id,
        rank=hold.ground.rank,
        ground=hold.ground.words,
        review=hold.review.isoformat(),
        dataset=dataset,
        where=where,
        subject=subject,
    )


def _bad(what: str, valid: tuple[str, ...] = (), near: str = "") -> Problem:
    return Problem(code="bad-scope", message=f"{what[0].upper()}{what[1:]}.", valid=valid, nearest=near)


def _unknown_dataset(dataset: str, seen: world.World) -> Problem:
    names = tuple(sorted(seen.datamap.datasets))
    return _bad(f"no mapped, live dataset is called '{dataset}'", names, nearest(dataset, names))


def _finding(hold: Hold, what: str) -> Problem:
    return Problem(
        code="hold-unclear",
        message=f"{hold.id} ({hold.ground.words}) cannot be read as it was meant: {what}.",
        about=hold.id,
        hint="Lift it and add it again in terms of the data as it is now.",
    )
