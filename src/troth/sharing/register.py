"""Recipients: those the project's files declare, and those entered by command, in one list.

A recipient is ended, never deleted: answers about last year still name it. The same name cannot stand for two
recipients on the same day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.policy.model import Policy
from troth.problems import BadInput, Problem, nearest
from troth.sharing.model import ROLES, Recipient

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A recipient as somebody enters it."""

    name: str
    role: str
    sort: str = ""
    categories: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    country: str = ""
    contact: str = ""
    since: date | None = None
    until: date | None = None


def declared(policy: Policy) -> tuple[Recipient, ...]:
    """Return the recipients the project's files declare."""
    return tuple(
        Recipient(
            name=one.label or key,
            role=one.role,
            key=key,
            promise=one.id or f"recipients.{key}",
            sort=one.sort,
            categories=one.categories,
            purposes=one.purposes,
            country=one.country,
            contact=one.contact,
            since=one.from_,
            until=one.until,
        )
        for key, one in policy.recipients.items()
    )


def read(ledger: Ledger, policy: Policy, *, on: date | None = None) -> tuple[Recipient, ...]:
    """Return every recipient, the declared ones first; with `on`, those given data on that day."""
    kept = (
        Recipient(
            name=row.name,
            role=row.role,
            id=row.id,
            sort=row.sort,
            categories=row.categories,
            purposes=row.purposes,
            country=row.country,
            contact=row.contact,
            since=row.since,
            until=row.until,
        )
        for row in ledger.recipients.read()
    )
    return tuple(one for one in (*declared(policy), *kept) if on is None or one.on(on))


def named(recipients: Iterable[Recipient], text: str, on: date) -> Recipient:
    """Return the recipient somebody means: by name, by its name in the files, or as `recipient:3`.

    Raises:
        BadInput: nobody is called so.
    """
    wanted, found = text.strip(), tuple(recipients)
    matching = [one for one in found if wanted in {one.reference, one.key} or _same(one.name, wanted)]
    if not matching:
        valid = tuple(dict.fromkeys(one.name for one in found))
        problem = Problem(
            code="unknown-name",
            message="No recipient is called so.",
            found=text,
            valid=valid,
            nearest=nearest(text, valid),
            hint="Declare it under `recipients:`, or enter it with `troth recipient add`.",
        )
        raise BadInput([problem])
    return next((one for one in matching if one.on(on)), matching[-1])


def add(ledger: Ledger, policy: Policy, entered: Entered, *, by: str, at: datetime) -> Recipient:
    """Enter a recipient.

    Raises:
        BadInput: with every fault at once.
    """
    if problems := _faults(entered, policy, read(ledger, policy)):
        raise BadInput(problems)
    from troth.ledger.recipients import NewRecipient

    new = NewRecipient(
        name=entered.name.strip(),
        role=entered.role,
        sort=entered.sort.strip(),
        categories=entered.categories,
        purposes=entered.purposes,
        country=entered.country.strip().upper(),
        contact=entered.contact.strip(),
        since=entered.since,
        until=entered.until,
    )
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        id = ledger.recipients.add(new, at=at, by=staff)
        body: dict[str, object] = {
            "recipient": f"recipient:{id}",
            "role": entered.role,
            "by": f"staff:{staff}",
            "categories": len(entered.categories),
            "purposes": len(entered.purposes),
        }
        body |= {k: d.isoformat() for k, d in (("from", entered.since), ("until", entered.until)) if d}
        ledger.append(Entry(kind="recipient.added", at=at, body=body))
    return next(one for one in read(ledger, policy) if one.id == id)


def end(ledger: Ledger, policy: Policy, text: str, *, until: date, by: str, at: datetime) -> Recipient:
    """Say after which day a recipient is given no more data.

    Raises:
        BadInput: nobody is called so, or the day is before it began.
        Refused: it is declared in the project's files, or was ended before.
    """
    one = named(read(ledger, policy), text, at.date())
    if one.id is None:
        raise Refused(
            f"`{one.key}` is declared in the project's files.",
            hint=f"Write there: `recipients: {{{one.key}: {{until: {until}}}}}`.",
        )
    if one.since and until < one.since:
        raise BadInput([_bad(f"It is given data from {one.since} on; it cannot end before.", str(until))])
    with ledger.writing():
        staff = ledger.staff.identify(by, at=at)
        if not ledger.recipients.end(one.id, until=until, at=at, by=staff):
            raise Refused(f"{one.reference} was ended already.", hint="Nothing was changed.")
        body = {"recipient": one.reference, "until": until.isoformat(), "by": f"staff:{staff}"}
        ledger.append(Entry(kind="recipient.ended", at=at, body=body))
    return next(each for each in read(ledger, policy) if each.id == one.id)


def _faults(entered: Entered, policy: Policy, there: Iterable[Recipient]) -> list[Problem]:
    problems = []
    if not entered.name.strip() or len(entered.name) > LONGEST:
        problems.append(_bad(f"A recipient has a name of 1 to {LONGEST} characters.", entered.name[:40]))
    elif not entered.name.isprintable():
        problems.append(_bad("The name of a recipient has signs that cannot be shown.", ""))
    elif re.match(r"recipient:\d", entered.name):
        problems.append(_bad("A recipient is not called as Troth numbers them.", entered.name))
    if entered.role not in ROLES:
        problems.append(_unknown("role", entered.role, ROLES))
    problems += [
        _unknown("category", name, tuple(policy.categories))
        for name in entered.categories
        if name not in policy.categories
    ]
    problems += [
        _unknown("purpose", name, tuple(policy.purposes))
        for name in entered.purposes
        if name not in policy.purposes
    ]
    if entered.country and not re.fullmatch(r"[A-Za-z]{2}", entered.country.strip()):
        problems.append(_bad("A country is written with two letters (ISO 3166).", entered.country))
    if entered.since and entered.until and entered.until < entered.since:
        problems.append(_bad("The last day is before the first.", str(entered.until)))
    named = [one for one in there if _same(one.name, entered.name) or _same(one.key, entered.name)]
    if any(_meet(one, entered) for one in named):
        problems.append(_bad("A recipient of that name is there already.", entered.name))
    return problems


def _meet(one: Recipient, entered: Entered) -> bool:
    """Tell whether two stretches of days have a day in common."""
    first, last = date.min, date.max
    return (one.since or first) <= (entered.until or last) and (entered.since or first) <= (one.until or last)


def _same(left: str, right: str) -> bool:
    return " ".join(left.casefold().split()) == " ".join(right.casefold().split())


def _bad(message: str, found: str) -> Problem:
    return Problem(
        code="bad-recipient", message=message, found=found, hint="Correct it; nothing was written."
    )


def _unknown(what: str, found: str, valid: tuple[str, ...]) -> Problem:
    return Problem(
        code="unknown-name",
        message=f"No {what} is called so.",
        found=found,
        valid=valid,
        nearest=nearest(found, valid),
        hint="Name one of them.",
    )
