"""What will be gone, and what will stay, once the steps before have run.

Surveys are answered before anything is done, steps run after others have: the predicates of a survey say of a
row now what the step will find then. Both must agree, or counts would drift without anybody having written.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.plan.order import Order
from troth.plan.predicates import ALWAYS, NEVER, Exists, Not, Predicate, both, conjuncts, either, negate
from troth.plan.work import Dependent, Part, Reader, Work


def leaving(work: Work) -> Predicate:
    """Rows that are to go as a whole; an owned row that nobody owns any more shows it by being empty."""
    if not work.owned or work.over == NEVER:
        return work.over
    if not work.emptiable:
        return NEVER
    alone = (negate(d.rows()) for d in work.dependents)
    return either(work.over, both(negate(work.dirty()), *alone))


def loose(work: Work) -> tuple[str, ...]:
    """Name the columns that lead to the person and may be empty."""
    names = dict.fromkeys(c for link in work.links for c in link)
    return tuple(
        n
        for n in names
        if (column := work.table.column(n)) is not None and column.nullable and not column.generated
    )


class Ahead:
    """Which rows will be gone once the steps before have run."""

    def __init__(self, works: Mapping[str, Work], order: Order) -> None:
        self.works = works
        self.broken = {(e.child, e.parent, e.dependent.match) for e in order.broken}
        self._deleted: dict[str, Predicate] = {}

    def deleted(self, name: str) -> Predicate:
        """Rows of a dataset that the plan deletes."""
        if name not in self._deleted:
            work = self.works[name]
            goes = work.fate == "delete" and leaving(work) != NEVER
            waits = (negate(rows) for _, rows in self.needed(work)) if goes else ()
            self._deleted[name] = both(work.free, leaving(work), *waits) if goes else NEVER
        return self._deleted[name]

    def needed(self, work: Work) -> tuple[tuple[str, Predicate], ...]:
        """Rows that something still needs afterwards, by the dataset it lies in."""
        found: dict[str, Predicate] = {}
        given = frozenset(conjuncts(both(work.free, work.over)))
        for dependent in work.dependents:
            rows = dependent.rows(self.stays(work, dependent, given))
            found[dependent.dataset] = either(found.get(dependent.dataset, NEVER), rows)
        for reader in work.readers:
            rows = reader.rows(self._counts(reader))
            found[reader.dataset] = either(found.get(reader.dataset, NEVER), rows)
        for wait in work.waits:
            found[wait.dataset] = either(found.get(wait.dataset, NEVER), wait.ahead)
        return tuple((dataset, rows) for dataset, rows in found.items() if rows != NEVER)

    def _counts(self, reader: Reader) -> Predicate:
        """Rows that will still count from a date when their turn is over."""
        work = self.works[reader.dataset]
        if work.fate == "delete":
            return negate(self.deleted(work.dataset))
        done = (
            both(work.free_for(g.rank), g.expired) if g.rule == reader.rule else NEVER for g in work.groups
        )
        return both(work.counting(reader.rule), negate(either(*done)))

    def detached(self, work: Work) -> Predicate:
        """Rows that will stay without their person."""
        if work.fate != "detach" or work.over == NEVER:
            return NEVER
        return both(work.free, work.over, negate(self.followed(work)))

    def followed(self, work: Work) -> Predicate:
        """Rows whose link to the person others still need."""
        return either(*(d.rows(self.stays(work, d)) for d in work.followers))

    def stays(
        self, parent: Work, dependent: Dependent, given: frozenset[Predicate] = frozenset()
    ) -> Predicate:
        """Rows of a dependent that neither go nor let go of their reference before their parent's turn.

        Args:
            given: what is known of the parent's row.
        """
        child = self.works.get(dependent.dataset)
        if child is None:
            return ALWAYS
        if (dependent.dataset, parent.dataset, dependent.match) in self.broken:
            goes = both(child.free, child.over)
        elif child.fate == "detach" and dependent.columns and {*dependent.columns} <= {*loose(child)}:
            goes = self.detached(child)
        else:
            goes = self.deleted(child.dataset)
        return negate(_beyond(given, parent, dependent, goes))

    def guard(self, work: Work, part: Part) -> Predicate:
        """Rows on which a part will be changed, once what needs its fields is gone."""
        return work.guard(part, lambda dependent: self.stays(work, dependent))


def _beyond(given: frozenset[Predicate], parent: Work, dependent: Dependent, goes: Predicate) -> Predicate:
    """Leave out what is true of dependent rows anyway, by what is known of the row they refer to.

    Most children end with their parent and ask after the very row at hand; without this the look ahead would
    nest the same question once per table.
    """
    keys = (parent.table.primary_key, *parent.table.uniques)
    back = frozenset((theirs, own) for own, theirs in dependent.match)
    if not given or frozenset(own for own, _ in dependent.match) not in map(frozenset, filter(None, keys)):
        return goes

    def known(part: Predicate) -> bool:
        """Ask of the parent's row what the part asks of it, by way of the reference."""
        look = part.of if isinstance(part, Not) else part
        if not isinstance(look, Exists) or look.dataset != parent.dataset or frozenset(look.match) != back:
            return False
        wanted = negate(look.where) if isinstance(part, Not) else look.where
        return frozenset(conjuncts(wanted)) <= given

    return both(*(part for part in conjuncts(goes) if not known(part)))
