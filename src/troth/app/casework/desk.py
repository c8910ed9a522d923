"""What work on a request needs: the ledger for a moment at a time, the request as it stands, who works.

The ledger is open only while something is read or written, so that the rights engine, which opens it too, works in
between; whoever added something meanwhile is noticed when the next event is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from troth.app import ledgers
from troth.app import project as projects
from troth.app.casework import drawers
from troth.app.clock import Clock
from troth.app.project import Project
from troth.app.requests import opening as requests
from troth.app.requests.opening import Work
from troth.app.wishes import Wish
from troth.cases import register
from troth.cases.case import Case, Contents
from troth.cases.register import Happened
from troth.errors import Refused
from troth.ledger.ledger import Ledger
from troth.people.typed import Line

LIMIT = 20
"""People one identity may have before nobody follows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody works on requests."""

    folder: Path
    environment: Mapping[str, str]
    clock: Clock
    by: str

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger."""
        with ledgers.opened(self.folder, self.environment, self.clock) as found:
            yield found

    def now(self) -> datetime:
        """Return the clock's instant."""
        return self.clock.now()

    def project(self) -> Project:
        """Read the project.

        Raises:
            BadInput: when it has faults.
        """
        return projects.load(self.folder, self.now().date())

    def read(self, id: int) -> Case:
        """Read a request.

        Raises:
            BadInput: when there is none of that number.
        """
        with self.ledger() as ledger:
            return register.read(ledger, id)

    def contents(self, case: Case) -> Contents:
        """Read what is sealed of a request, with the controller as it was named last.

        Raises:
            Refused: when it was destroyed.
        """
        with self.ledger() as ledger:
            found = register.contents(ledger, case)
            named = case.last("customer.named")
            text = ledger.cases.text(case.id, named.number) if named and named.has_text else None
        return replace(found, controller=str(text["customer"])) if text and text.get("customer") else found

    def add(self, case: Case, *happened: Happened) -> Case:
        """Add events to a request as it was read, all of them or none.

        Raises:
            Refused: when one of them may not come now, or somebody else added something meanwhile.
        """
        with self.at_work() as work:
            for one in happened:
                case = work.add(case, one)
        return case

    def at_work(self) -> AbstractContextManager[Work]:
        """Open project and ledger for one step: all of it is kept, or nothing."""
        return requests.at_work(self.folder, self.environment, self.clock, by=self.by)

    def drawer(self, case: Case) -> Path:
        """Return the folder with a request's files; nobody else may read it."""
        return drawers.of(self.folder, case.id)


def wish(contents: Contents) -> Wish:
    """Say who is looked for.

    Raises:
        Refused: when the request names nobody.
    """
    if not contents.identities:
        raise Refused(
            "The request has no identity of the person, so nobody can be looked for.",
            hint="Open it again with an identity, as email:…, phone:… or customer/12.",
        )
    lines = [Line(source="<request>", line=n, text=text) for n, text in enumerate(contents.identities, 1)]
    return Wish(lines=tuple(lines), limit=LIMIT)
