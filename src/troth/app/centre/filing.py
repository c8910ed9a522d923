"""A person's own way to a request: filed by a form, followed by a private link, given up.

Nothing tells whether anybody is known: filing asks no store, and whoever asks for a new link gets it at the address
the request itself was made with, or gets nothing; the page says the same. The ledger must be kept open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth.app import ledgers
from troth.app import project as projects
from troth.app.casework import withdrawing
from troth.app.project import Project
from troth.app.requests import letters as request_letters
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing, Message, Work
from troth.app.requests.steps import Place
from troth.cases import register
from troth.cases.case import Case, Contents
from troth.ledger.ledger import Ledger
from troth.people import typed
from troth.people.typed import Line

BY = "privacy centre"
"""The name by which the log knows what people do here themselves."""
GOOD = timedelta(days=180)
"""How long a private link opens its request."""
TICKET = timedelta(days=1)
"""How long a form that was sent is known again."""
FORM = "<form>"
MOST_A_DAY = 3
"""Links mailed for one request within a day."""
NEWEST = 10
"""Requests of one person for which links are mailed at once."""
ROUTE = "Your request"
Address = Callable[[str], str]
"""Makes the address of a request's page of the secret part of its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What somebody filled in."""

    kind: str
    residence: str
    email: str
    """Of the person it is about."""
    ticket: str
    """The mark of the form: sent twice, it opens one request."""
    name: str = ""
    phone: str = ""
    number: str = ""
    """A customer number, as `customer/12`."""
    text: str = ""
    language: str = "en"
    whom: str = "self"
    agent: str = ""
    """Name of whoever asks for the person."""
    reply_to: str = ""
    """Where answers go, where that is another address than the person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What came of it."""

    case: int
    secret: str
    """The secret part of the private link; empty where the same form was sent before."""
    mailed: bool
    """The link went out by mail too."""


def file(filing: Filing, address: Address, at: Place) -> Filed:
    """Open the request of a form, with its private link.

    Raises:
        BadInput: when something of it cannot be used; a problem is about the field of its name.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        before = ledger.links.find("ticket", filing.ticket)
        if before is not None:
            return Filed(case=before.case, secret="", mailed=True)
        opened = requests.open_(_message(filing, now), at.folder, at.environment, at.clock, by=BY)
        case = opened.cases[0]
        ledger.links.make("ticket", case.id, at=now, until=now + TICKET, secret=filing.ticket)
        secret = ledger.links.make("status", case.id, at=now, until=now + GOOD)
        letter = _mail(_work(at, ledger, now), case, address(secret))
        ledger.links.forget(now - GOOD)
        ledger.checkpoint(at=now)
        return Filed(case=case.id, secret=secret, mailed=bool(letter))


def renew(email: str, address: Address, at: Place) -> int:
    """Mail a new link for each request of whoever has this address, to where its answers go; return how many.

    Meant to run after the page was answered: how long it takes tells whether somebody is known.
    """
    now = at.clock.now()
    known = requests.known(projects.load(at.folder, now.date()))
    found, _ = typed.read([Line(source=FORM, line=1, text=f"email:{email.strip()}")], known)
    written = [requests.written_as(one.identity) for one in found]
    mailed = 0
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        for id in ledger.cases.of(written)[-NEWEST:] if written else ():
            with ledger.writing():
                mailed += _renewed(ledger, id, address, at, now)
    return mailed


def _renewed(ledger: Ledger, id: int, address: Address, at: Place, now: datetime) -> bool:
    case = register.read(ledger, id)
    since = now - timedelta(days=1)
    over = case.closed_at is not None and case.closed_at < now - GOOD
    if over or ledger.cases.contents(id) is None or ledger.links.made(id, "status", since=since) > MOST_A_DAY:
        return False
    secret = ledger.links.make("status", id, at=now, until=now + GOOD)
    letter = _mail(_work(at, ledger, now), case, address(secret))
    ledger.checkpoint(at=now)
    return bool(letter)


def case_of(secret: str, at: Place) -> int | None:
    """Return the request a private link opens now; None where it opens none."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        link = ledger.links.find("status", secret)
    return link.case if link is not None and link.opens(at.clock.now()) else None


def withdraw(id: int, at: Place) -> None:
    """Give a request up, as the person says.

    Raises:
        Refused: when it is being answered already, or is over.
    """
    withdrawing.withdraw(id, Doing(by=BY), at)


def _message(filing: Filing, now: datetime) -> Message:
    reply_to = filing.reply_to.strip() or filing.email.strip()
    return Message(
        kinds=(filing.kind,),
        received=now,
        channel="form",
        lines=[
            Line(source=FORM, line=n, text=text) for n, text in enumerate(_identities(filing).values(), 1)
        ],
        name=filing.name,
        reply_to=reply_to,
        text=filing.text,
        language=filing.language,
        residence=filing.residence,
        whom=filing.whom,
        agent=f"{filing.agent.strip()}\n{reply_to}" if filing.whom != "self" else "",
    )


def _work(at: Place, ledger: Ledger, now: datetime) -> Work:
    project = projects.load(at.folder, now.date())
    return Work(project=project, ledger=ledger, now=now, staff=ledger.staff.identify(BY, at=now))


def _mail(work: Work, case: Case, link: str) -> str:
    """Queue the letter with the link, where there is a mail address and a contact of ours."""
    contents = register.contents(work.ledger, case)
    if not _by_mail(contents):
        return ""
    until = work.now + GOOD
    data: dict[str, object] = {
        "until": f"{until.day} {until:%B %Y}",
        "routes": [
            {"part": "status", "name": ROUTE, "how": "Open this page in your browser:", "contact": link}
        ],
    }
    return request_letters.put(work, case, contents, "link", data)


def _by_mail(contents: Contents) -> bool:
    return "@" in contents.reply_to and "\n" not in contents.reply_to


def unusable(filing: Filing, project: Project) -> tuple[str, ...]:
    """Name the fields with an identity nobody could be looked for by."""
    known = requests.known(project)
    found = []
    for field, text in _identities(filing).items():
        _, problems = typed.read([Line(source=FORM, line=1, text=text)], known)
        found += [field] if problems else []
    return tuple(found)


def _identities(filing: Filing) -> dict[str, str]:
    """Return what the person is looked for by, by field."""
    given = {"email": f"email:{filing.email.strip()}"}
    given |= {"phone": f"phone:{filing.phone.strip()}"} if filing.phone.strip() else {}
    return given | ({"number": filing.number.strip()} if filing.number.strip() else {})
