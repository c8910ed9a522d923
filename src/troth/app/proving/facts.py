"""What stores have on file of the person of a request: facts to compare with, and an address a code can go to.

Reads; nothing it reads is kept, shown or passed on. Who is meant is found as for every right; where that is not
clear, nothing can be proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from troth.app import known, people
from troth.app.clock import Moment
from troth.app.people import Everywhere
from troth.app.project import Project
from troth.app.wishes import Wish
from troth.cases.identity_points import Fact
from troth.errors import Refused
from troth.people.closure import Closure
from troth.people.gathered import Wanted
from troth.people.kinds import Family
from troth.people.typed import Line
from troth.stores.sql import find as seeking
from troth.stores.sql import gather

LIMIT = 20
"""People one identity may have before nobody follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """The rows of one person."""

    rows: tuple[tuple[str, Mapping[str, object]], ...] = field(repr=False)
    """Dataset and values by column."""
    addresses: tuple[str, ...] = field(repr=False)
    """Mail addresses of these rows that nobody says are unverified; verified ones first."""

    @property
    def found(self) -> bool:
        """Tell whether any store has the person."""
        return bool(self.rows)


def on_file(
    project: Project,
    identities: Sequence[str],
    facts: Sequence[Fact],
    environment: Mapping[str, str],
    at: datetime,
) -> OnFile:
    """Read the facts on file of whoever has these identities.

    Args:
        project: Whose stores.
        identities: As the request has them.
        facts: What may be asked about.
        environment: Where stores' addresses are taken from.
        at: The clock.

    Raises:
        Refused: the identities do not say who is meant.
        StoreError: nobody was found, and a store does not answer.
    """
    given = (Line(source="<request>", line=n, text=text) for n, text in enumerate(identities, 1))
    lines = known.findable(given, project.datamap)
    if not lines:
        return OnFile(rows=(), addresses=())
    with people.everywhere(project, environment, Moment(at=at), readonly=True) as where:
        selected = people.select(where, Wish(lines=lines, limit=LIMIT))
        if len(selected.closure.people) > 1:
            raise Refused(
                "The identities of the request lead to several people.",
                hint="Ask which of them is meant before anybody proves who they are.",
            )
        if not selected.closure.people:
            for error in where.sql.unreachable.values():
                raise error
        return _read(where, selected.closure, facts)


def _read(where: Everywhere, found: Closure, facts: Sequence[Fact]) -> OnFile:
    rows: list[tuple[str, Mapping[str, object]]] = []
    sure: dict[str, None] = {}
    filed: dict[str, None] = {}
    subjects = dict.fromkeys((row.subject, row.dataset) for row in found.found)
    with ExitStack() as stack:
        for subject, dataset in subjects:
            own = [fact for fact in facts if (fact.subject, fact.dataset) == (subject, dataset)]
            store = dataset.partition(".")[0]
            if not own or store not in where.sql.catalogs:
                continue
            opener = seeking.opened(where.sql.engines[store], where.sql.catalogs[store], where.places.of)
            seeker = stack.enter_context(opener)
            table = seeker.table(dataset)
            there = [fact for fact in own if table.column(fact.column) is not None]
            seeker.take(found.found, ())
            for read in gather.gather(seeker, _wanted(where, subject, dataset, there)):
                rows.append((dataset, dict(read.values)))
                for fact in there:
                    value = read.values.get(fact.column)
                    if fact.family is Family.EMAIL and value and fact.column not in read.unproven:
                        (sure if fact.verified else filed)[str(value).strip()] = None
    return OnFile(rows=tuple(rows), addresses=tuple({**sure, **filed}))


def _wanted(where: Everywhere, subject: str, dataset: str, facts: Sequence[Fact]) -> Wanted:
    """Ask for columns of a person's rows, and for what the rows say of verification."""
    places = [p for p in where.places.of if p.subject == subject and not p.typed_only]
    columns = {fact.column: None for fact in facts}
    verified = {p.columns[0]: p.verified for p in places if p.verified and p.columns[0] in columns}
    return Wanted(
        subject=subject,
        dataset=dataset,
        columns=tuple(columns),
        verified=verified,
        names={},
        placeholders={},
    )
