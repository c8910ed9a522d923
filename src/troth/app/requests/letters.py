"""Letters that belong to steps of a request, put into the outbox within the step's own transaction.

Without an address, or without a contact of ours to answer to, there is no letter; whoever does the step is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from troth.cases.case import Case, Contents
from troth.cases.clocks import Dates
from troth.laws import calendars
from troth.letters import kinds
from troth.letters.compose import FOLDER, compose
from troth.letters.model import Letter

if TYPE_CHECKING:
    from troth.app.project import Project
    from troth.app.requests.opening import Work

PATIENCE = timedelta(days=14)
"""Of our own: by when we ask people to answer."""


def put(
    work: Work, case: Case, contents: Contents, kind: str, data: Mapping[str, object], *, to: str = ""
) -> str:
    """Write a letter about a request and queue it; return its reference, or nothing where it cannot be.

    Args:
        work: Project, ledger and clock.
        case: What it is about.
        contents: Whom it is about; their address is used.
        kind: A kind of letter.
        data: What it says, besides what every letter of a request says.
        to: Another address than that of whoever asked.

    Raises:
        BadInput: when something the letter must say is missing, or the address is none.
    """
    address = to or contents.reply_to
    if not address or not our_contact(work.project):
        return ""
    from troth.ledger.outbox import NewLetter  # its models load only once the ledger is open

    letter = written(work, case, contents, kind, data, greeted=not to)
    by_mail = "@" in address and "\n" not in address.strip()
    new = NewLetter(kind=kind, channel="mail" if by_mail else "post", to=address, letter=letter, case=case.id)
    return f"letter:{work.ledger.outbox.put(new, at=work.now, by=work.staff)}"


def written(
    work: Work,
    case: Case,
    contents: Contents,
    kind: str,
    data: Mapping[str, object],
    *,
    greeted: bool = True,
) -> Letter:
    """Write a letter about a request, without sending it.

    Raises:
        BadInput: when something the letter must say is missing.
    """
    common: dict[str, object] = {
        "organisation": _ours(work.project, our_contact(work.project)),
        "date": work.now.date(),
        "reference": case.reference,
        "request": case.kind.request,
        "received": _local(case),
    }
    name = contents.agent.partition("\n")[0] if case.whom != "self" else contents.name
    if greeted and name:
        common["person"] = name
    taken = kinds.of(kind).known
    own = {name: value for name, value in common.items() if name in taken}
    return compose(kind, own | dict(data), work.project.folder / FOLDER)


def acknowledge(work: Work, cases: Sequence[Case], dates: Sequence[Dates], contents: Contents) -> str:
    """Queue the acknowledgement of a message: what was asked for, and by when each is answered.

    What we hold for somebody else is not acknowledged with a day: the controller answers.
    """
    if cases[0].role == "processor":
        return ""
    days = [by(one) for one in dates]
    data: dict[str, object] = {"request": _together(cases), "by": max(days)}
    if len(cases) > 1:
        data["steps"] = [f"{case.kind.says}: by {_said(day)}." for case, day in zip(cases, days, strict=True)]
    elif cases[0].kind.stops:
        data["steps"] = ["You need not prove who you are for this. We stop as soon as we can."]
    else:
        data["steps"] = [
            "We look for your data in all our systems.",
            "If we must make sure who you are, we ask you for what that takes and for no more.",
            "You then have our answer, with reasons for anything we do not do.",
        ]
    return put(work, cases[0], contents, "acknowledgement", data)


def by(dates: Dates) -> date:
    """Return the last day to tell a person: the legal one where there is one."""
    zone = dates.first.zone if dates.first else None
    return (dates.legal or dates.safe).astimezone(zone).date() if zone else (dates.legal or dates.safe).date()


def our_contact(project: Project) -> str:
    """Return where answers reach us: the first route for rights, else the contact for privacy, else the first."""
    contacts = project.policy.organisation.contacts
    routes = project.policy.rights.routes if project.policy.rights else ()
    for name in (*routes, "privacy"):
        if name in contacts:
            return contacts[name]
    return next(iter(contacts.values()), "")


def _ours(project: Project, contact: str) -> dict[str, object]:
    named = project.policy.organisation
    return {"name": named.name, "contact": contact, **({"address": named.address} if named.address else {})}


def _local(case: Case) -> date:
    zone = calendars.place(case.here).zone if case.here else None
    return case.received.astimezone(zone).date() if zone else case.received.date()


def _together(cases: Sequence[Case]) -> str:
    names = [case.kind.request for case in cases]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
