"""Requests of people, opened and led: every step is an event of a case, with evidence, by somebody's name.

What happened may be written down later than it happened: its instant is given apart from the clock. Deciding,
doing and answering stand in `deciding` and `answering`, proof of identity in `proving`; nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from troth.app import ledgers
from troth.app import project as projects
from troth.app.clock import Clock
from troth.app.project import Project
from troth.app.requests import intake
from troth.app.requests import letters as request_letters
from troth.cases import clocks, kinds, register, repeats, which
from troth.cases.case import CHANNELS, UNKNOWN, Case, Contents
from troth.cases.clocks import Dates
from troth.cases.register import Happened, Opening
from troth.cases.repeats import Earlier
from troth.cases.which import Chosen
from troth.errors import Refused
from troth.ledger.ledger import Ledger
from troth.people import places, typed
from troth.people.typed import Identity, Known, Line
from troth.problems import BadInput, Problem, nearest

WHOM = ("self", "agent", "parent")
ROLES = ("controller", "processor", UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody asks for, as a person read it; one message may ask for several rights."""

    kinds: tuple[str, ...]
    received: datetime
    """When it reached us, with its zone."""
    channel: str
    lines: Sequence[Line]
    """Identities of the person it is about."""
    name: str = ""
    reply_to: str = ""
    """An e-mail address, or a postal address on several lines."""
    text: str = ""
    language: str = "en"
    residence: str = UNKNOWN
    place: str = ""
    """Where we act; by default where the person lives."""
    role: str = ""
    """Ours; by default as the policy says."""
    whom: str = "self"
    agent: str = ""
    """Who asks for the person, with their address."""
    child: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Requests that were opened, one for each right."""

    cases: tuple[Case, ...]
    dates: tuple[Dates, ...]
    """One for each case."""
    chosen: tuple[Chosen, ...]
    """The laws of the cases, and why they count; each case has those of them that give its right."""
    notes: tuple[str, ...]
    """What somebody should know."""
    others: tuple[int, ...]
    """Other requests of the same person."""
    letter: str
    """The acknowledgement in the outbox; empty where there is no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Who does something to a request, and when it happened."""

    by: str
    happened: datetime | None = None
    """With its zone; now where nothing is said."""
    seen: int | None = None
    """How many events whoever decides on it saw; another number is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A request after something happened to it."""

    case: Case
    before: Dates
    dates: Dates
    letter: str = ""
    """Of the outbox, where one was written."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An open project and ledger, inside one transaction, and who is at work."""

    project: Project
    ledger: Ledger
    now: datetime
    staff: int

    def read(self, id: int, doing: Doing | None = None) -> Case:
        """Return a request.

        Raises:
            BadInput: when there is none of that number.
            Refused: when more happened to it than somebody saw.
        """
        case = register.read(self.ledger, id)
        if doing is not None and doing.seen is not None and doing.seen != len(case.events):
            raise Refused(
                f"{case.reference} has {len(case.events)} events; {doing.seen} were seen.",
                hint=f"Look at it again with `troth request show {id}`, then repeat what is still right.",
            )
        return case

    def add(self, case: Case, happened: Happened) -> Case:
        """Add an event."""
        return register.add(self.ledger, case, happened, by=self.staff, now=self.now)

    def when(self, doing: Doing) -> datetime:
        """Return when something happened."""
        return doing.happened or self.now

    def dates(self, case: Case) -> Dates:
        """Compute the dates of a request."""
        return clocks.dates(case, max(self.now, *(event.at for event in case.events)))


@contextmanager
def at_work(folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> Iterator[Work]:
    """Open project and ledger for one step: all of it is kept, with its evidence, or nothing.

    Raises:
        BadInput: when the project cannot be used.
    """
    now = clock.now()
    project = projects.load(folder, now.date())
    with ledgers.opened(folder, environment, clock) as ledger, ledger.writing():
        yield Work(project=project, ledger=ledger, now=now, staff=ledger.staff.identify(by, at=now))
        ledger.checkpoint(at=now)


def open_(message: Message, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str) -> Opened:
    """Open a case for each right a message asks for; the later ones are linked to the first.

    Raises:
        BadInput: when a part of the message cannot be used, or it cannot have come in at that instant.
    """
    with at_work(folder, environment, clock, by=by) as work:
        return opened(message, work)


def opened(message: Message, work: Work) -> Opened:
    """Do what `open_` does, within a step that is at work.

    Raises:
        BadInput: when a part of the message cannot be used, or it cannot have come in at that instant.
    """
    wished = _checked(message, work.project)
    identities = _identities(message, work.project)
    written = [written_as(one) for one in identities]
    others = work.ledger.cases.of(written)
    chosen = which.choose(
        wished.residence,
        work.project.policy.organisation.laws,
        located(work.project),
        child=wished.child,
    )
    cases: list[Case] = []
    notes: list[str] = []
    for name in dict.fromkeys(wished.kinds):
        given, says = which.giving(chosen, kinds.kind(name), wished.received.date())
        notes += [f"{name}: {says}"] if says else []
        opening = Opening(
            kind=name,
            channel=wished.channel,
            received=wished.received,
            whom=wished.whom,
            role=wished.role,
            residence=wished.residence,
            place=wished.place,
            child=wished.child,
            laws=tuple(one.law for one in given),
            together_with=cases[0].id if cases else None,
        )
        cases.append(
            register.open_case(
                work.ledger,
                opening,
                _contents(wished),
                identities=written,
                by=work.staff,
                now=work.now,
            )
        )
    dates = tuple(work.dates(case) for case in cases)
    letter = request_letters.acknowledge(work, cases, dates, _contents(wished))
    if letter:
        told = Happened(kind="acknowledged", at=work.now, body={"letter": letter})
        cases = [work.add(case, told) for case in cases]
    return Opened(
        cases=tuple(cases),
        dates=dates,
        chosen=tuple(one for one in chosen if any(one.law in case.laws for case in cases)),
        notes=(*notes, *_notes(wished, dates, letter), *_repeated(work, cases)),
        others=others,
        letter=letter,
    )


def known(project: Project) -> Known:
    """Say how people may be named in a request: also by mail and telephone that no store has."""
    declared = (*places.declared_kinds(project.datamap), "email", "phone")
    return Known(
        kinds=tuple(dict.fromkeys(declared)),
        subjects=tuple(project.datamap.subjects),
        region=places.region(project.datamap),
    )


def written_as(identity: Identity) -> str:
    """Write an identity in the one form by which other requests of a person are found."""
    return f"{identity.match}\0{identity.value}"


def _identities(message: Message, project: Project) -> tuple[Identity, ...]:
    found, problems = typed.read(list(message.lines), known(project))
    if problems:
        raise BadInput(problems)
    return tuple(one.identity for one in found)


def _contents(message: Message) -> Contents:
    return Contents(
        identities=tuple(intake.plain(line.text).strip() for line in message.lines),
        name=intake.plain(message.name).strip(),
        reply_to=intake.plain(message.reply_to).strip(),
        text=intake.plain(message.text),
        language=message.language,
        agent=intake.plain(message.agent).strip(),
    )


def _checked(message: Message, project: Project) -> Message:
    """Return the message with what is left out filled in.

    Raises:
        BadInput: with everything that cannot be used.
    """
    problems = [
        *(_unknown("channel", message.channel, CHANNELS) if message.channel not in CHANNELS else ()),
        *(_unknown("whom", message.whom, WHOM) if message.whom not in WHOM else ()),
        *(_unknown("role", message.role, ROLES) if message.role and message.role not in ROLES else ()),
    ]
    if not message.kinds:
        problems.append(
            Problem(
                code="bad-value",
                message="A request names no right.",
                valid=tuple(kinds.ALL),
                hint="Read what was written, and name each right it asks for.",
            )
        )
    for name in message.kinds:
        if name not in kinds.ALL:
            problems += _unknown("right", name, tuple(kinds.ALL))
    if message.whom != "self" and not message.agent.strip():
        hint = "Say who asks: name and address of the agent or the parent."
        problems.append(
            Problem(code="bad-value", message="A request for somebody else does not say who asks.", hint=hint)
        )
    if message.received.tzinfo is None:
        problems.append(_zoneless(message.received))
    if problems:
        raise BadInput(problems)
    return replace(
        message,
        residence=which.place(message.residence),
        place=which.place(message.place) if message.place.strip() else "",
        role=message.role or role_of(project),
        child=message.child or message.whom == "parent",
    )


def role_of(project: Project) -> str:
    """Say what we are to whoever asks, as far as the policy says."""
    roles = {role.strip().casefold() for role in project.policy.organisation.roles}
    both = {"controller", "processor"} <= roles
    return UNKNOWN if both else "processor" if "processor" in roles else "controller"


def located(project: Project) -> tuple[str, ...]:
    """List the countries in which data rests."""
    found = [store.located for store in project.datamap.stores.values()]
    found += [dataset.located for dataset in project.datamap.datasets.values()]
    return tuple(dict.fromkeys(one.strip().upper()[:2] for one in found if one.strip()))


def _notes(message: Message, dates: Sequence[Dates], letter: str) -> Iterator[str]:
    """Say what whoever opened a request should know."""
    if message.residence == UNKNOWN:
        yield "Residence unknown: every law of the policy counts, and the earliest day. Do not ask only for this."
    if message.role == "processor":
        yield "We hold this for a customer: do not answer on the merits; pass it on (`request customer`, `refer`)."
    if message.role == UNKNOWN:
        yield "Whether we answer or a customer does is not known: settle it with `request customer`."
    bare = dict.fromkeys(one.place for each in dates for one in each.clocks if one.zone is None)
    if bare:
        yield f"No calendar for {', '.join(bare)}: no day off moves an end there."
    if message.whom != "self":
        yield f"Asked by {'an agent' if message.whom == 'agent' else 'a parent'}: their authority must be shown."
    if not letter:
        yield "No acknowledgement was written; tell the person, then say so with `request acknowledge`."


def _repeated(work: Work, cases: Sequence[Case]) -> Iterator[str]:
    """Name requests of the same person within the year before; no law refuses one for that alone."""
    own = {case.id for case in cases}
    found = [
        Earlier(
            id=one.id,
            kind=one.kind,
            received=one.received_at.date(),
            outcome=one.outcome,
            laws=one.laws,
        )
        for one in work.ledger.cases.akin(cases[0].id)
        if one.id not in own
    ]
    year = repeats.within_a_year(cases[0], found)
    if year:
        names = ", ".join(f"case:{one.id} ({one.kind}, {one.outcome or 'open'})" for one in year)
        yield f"The same person asked within the twelve months before: {names}."
    for case in cases:
        for one in repeats.counted(case, found):
            if one.above:
                yield (
                    f"{case.kind.name}: number {one.number} within {one.free.within}; {one.law} wants "
                    f"{one.free.times} answered free ({one.free.article}; {one.free.sure})."
                )


def _unknown(what: str, found: str, valid: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(
            code="unknown-name",
            message=f"The {what} of a request is none that is known.",
            found=found,
            valid=valid,
            nearest=nearest(found, valid),
            hint="Take one of the names.",
        )
    ]


def _zoneless(at: datetime) -> Problem:
    return Problem(
        code="bad-event",
        message="The instant at which the request came in has no zone.",
        found=at.isoformat(),
        hint="Write the offset of the place: 2026-01-31T10:00+01:00, or Z.",
    )
