"""Recipients and disclosures for people and programs who write them down and ask.

Identities are read page by page and digested at once: a list of any length passes through, from a file or standard
input, and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from troth.app import known, ledgers
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.project import Project
from troth.app.wishes import Wish
from troth.catalog.datamap import DataMap
from troth.ledger.disclosures import DisclosureRecord
from troth.people.typed import Identity, Line
from troth.problems import BadInput, Problem, nearest
from troth.sharing import journal, register
from troth.sharing.journal import Disclosing
from troth.sharing.model import Recipient
from troth.sharing.register import Entered

PAGE = 1_000
MOST_PROBLEMS = 50
"""Lines that cannot be read which are told of at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A disclosure as somebody tells of it; names are not looked up yet."""

    kind: str
    purpose: str
    to: str = ""
    datasets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    at: datetime | None = None
    """When it happened; now where left out."""
    case: int | None = None
    untold: str = ""


def add(
    entered: Entered, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> Recipient:
    """Enter a recipient.

    Raises:
        BadInput: with every fault at once.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    with ledgers.opened(folder, environment, clock) as ledger:
        found = register.add(ledger, project.policy, entered, by=by, at=at)
        ledger.checkpoint(at=at)
    return found


def end(
    name: str, until: date | None, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> Recipient:
    """End a recipient after a day, today where none is given.

    Raises:
        BadInput: nobody is called so.
        Refused: it is declared in the project's files, or was ended before.
    """
    at = clock.now()
    project = projects.load(folder, at.date())
    with ledgers.opened(folder, environment, clock) as ledger:
        found = register.end(ledger, project.policy, name, until=until or at.date(), by=by, at=at)
        ledger.checkpoint(at=at)
    return found


def recipients(
    folder: Path, environment: Mapping[str, str], clock: Clock, *, every: bool
) -> tuple[Recipient, ...]:
    """List those given data today; with `every`, the earlier and the coming ones too."""
    today = clock.now().date()
    project = projects.load(folder, today)
    with ledgers.opened(folder, environment, clock) as ledger:
        return register.read(ledger, project.policy, on=None if every else today)


def disclose(
    told: Disclosed,
    lines: Iterable[Line],
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    *,
    by: str | None,
) -> DisclosureRecord:
    """Write one entry into the journal about everybody named by the lines.

    Args:
        told: What went where.
        lines: One identity each; read once, in pages.
        folder: Of the project.
        environment: Where the ledger and its keys are named.
        clock: The clock.
        by: Who tells; None for a system.

    Raises:
        BadInput: names nobody declared, lines that cannot be read, and everything else at once; nothing was written.
        Refused: it is about nobody.
    """
    now = clock.now()
    project = projects.load(folder, now.date())
    with ledgers.opened(folder, environment, clock) as ledger:
        what = _looked_up(told, project, register.read(ledger, project.policy), now)
        written = journal.add(ledger, what, identities(lines, project.datamap), by=by, now=now)
        ledger.checkpoint(at=now)
    return written


def listed(
    wish: Wish | None,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[DisclosureRecord, ...]:
    """Return entries of the journal, oldest first; with a wish, those about whoever is named."""
    project = projects.load(folder, clock.now().date())
    with ledgers.opened(folder, environment, clock) as ledger:
        if wish is None:
            return ledger.disclosures.read(since=since, until=until)
        asked = known.typed_in(wish.lines, project.datamap, wish.region)
        return journal.of(ledger, asked, since, until)


def identities(lines: Iterable[Line], datamap: DataMap) -> Iterator[Identity]:
    """Read identities page by page.

    Raises:
        BadInput: at the end, with the first lines that could not be read.
    """
    rest, wrong = iter(lines), list[Problem]()
    while page := list(islice(rest, PAGE)):
        try:
            yield from known.typed_in(page, datamap)
        except BadInput as bad:
            wrong += bad.problems
        if len(wrong) >= MOST_PROBLEMS:
            break
    if wrong:
        raise BadInput(wrong[:MOST_PROBLEMS])


def _looked_up(told: Disclosed, project: Project, there: tuple[Recipient, ...], now: datetime) -> Disclosing:
    """Look every name up.

    Raises:
        BadInput: with every name nobody declared.
    """
    at = told.at or now
    policy, datamap = project.policy, project.datamap
    problems = [
        *_unknown("dataset", told.datasets, tuple(datamap.datasets)),
        *_unknown("category", told.categories, tuple(policy.categories)),
        *_unknown("purpose", (told.purpose,) if told.purpose else (), known.purposes(project)),
    ]
    recipient = None
    if told.to:
        try:
            recipient = register.named(there, told.to, at.date())
        except BadInput as bad:
            problems += bad.problems
    held = {c for name in told.datasets if name in datamap.datasets for c in datamap.datasets[name].fields}
    what = Disclosing(
        kind=told.kind,
        at=at,
        purpose=told.purpose,
        recipient=recipient,
        datasets=told.datasets,
        categories=told.categories or tuple(sorted(held)),
        case=told.case,
        untold=told.untold,
    )
    if problems:
        named_wrong = told.to and recipient is None
        more = () if named_wrong else tuple(journal.faults(what, now))
        raise BadInput([*problems, *more])
    return what


def _unknown(what: str, names: tuple[str, ...], valid: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        if name not in valid:
            yield Problem(
                code="unknown-name",
                message=f"No {what} is called so.",
                found=name,
                valid=valid,
                nearest=nearest(name, valid),
                hint="Name one of them.",
            )
