"""Keys of other systems: given, rotated, ended, each with its evidence; and who calls with a token.

A key acts under its own name, as staff `NAME (key)`, so that events and evidence say which system did it. What it may
do is a closed list of scopes. One key may not both make and approve plans: a second pair of eyes is no second key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth.app import ledgers
from troth.app.requests.steps import Place
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.evidence.instants import instant
from troth.ledger.api_keys import KeyRecord, NewKey
from troth.problems import BadInput, Problem, nearest

SCOPES: Mapping[str, str] = {
    "requests:open": "open requests of people",
    "requests:read": "follow requests: states, days, laws; nothing of the person",
    "requests:people": "read what a request says of a person, with a reason",
    "requests:write": "add notes and what became known, withdraw",
    "requests:instruct": "give the instructions of a controller",
    "promises:read": "see what became of each promise",
    "checks:run": "have all promises checked",
    "plans:read": "see plans and how far they are",
    "plans:make": "make plans, start, pause and cancel them",
    "plans:approve": "approve plans that a second person must look at",
    "evidence:read": "read and prove the evidence",
}
"""Every scope, and what it lets a key do."""
APART = ("plans:make", "plans:approve")
"""Scopes that no key may have together."""
OVERLAP = timedelta(hours=24)
"""How long the token before stays good after a rotation."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,58}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A key and its token, which is shown this once."""

    key: KeyRecord
    token: str


def add(name: str, scopes: Sequence[str], at: Place, *, by: str, expires: datetime | None = None) -> Given:
    """Give another system a key.

    Args:
        name: Of the system; no two keys ever have the same.
        scopes: What it may do.
        at: Project, environment and clock.
        by: Who gives it.
        expires: When it ends by itself.

    Raises:
        BadInput: when name, scopes or end cannot be used.
        Refused: when there was a key of this name.
    """
    now = at.clock.now()
    wanted = tuple(dict.fromkeys(scopes))
    if problems := [*_name(name), *_scopes(wanted), *_end(expires, now)]:
        raise BadInput(problems)
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        staff = ledger.staff.identify(f"{name} (key)", at=now)
        who = ledger.staff.identify(by, at=now)
        new = NewKey(name=name, scopes=wanted, staff=staff, by=who, expires_at=expires)
        found = ledger.api_keys.add(new, at=now)
        if found is None:
            raise Refused(
                f"There is or was a key `{name}`.",
                hint="Take another name, or `troth apikey rotate` for a new secret of the same key.",
            )
        key, token = found
        body: dict[str, object] = {
            "key": key.reference,
            "by": f"staff:{who}",
            "acts_as": f"staff:{staff}",
            "scopes": [one.replace(":", "-") for one in wanted],
        }
        body |= {"expires": instant(expires)} if expires else {}
        ledger.append(Entry(kind="api-key.created", at=now, body=body))
        ledger.checkpoint(at=now)
    return Given(key=key, token=token)


def listed(at: Place) -> tuple[KeyRecord, ...]:
    """List every key there was."""
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return ledger.api_keys.listed()


def rotate(name: str, at: Place, *, by: str, at_once: bool = False) -> Given:
    """Give a key a new token; the one before stays good for a day, or ends at once.

    Raises:
        BadInput: when there is no such key.
        Refused: when it has ended.
    """
    now = at.clock.now()
    until = now if at_once else now + OVERLAP
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        who = ledger.staff.identify(by, at=now)
        found = ledger.api_keys.rotate(name, older_until=until)
        if found is None:
            raise _not_there(name, ledger.api_keys.listed())
        key, token = found
        body = {"key": key.reference, "by": f"staff:{who}", "older_until": instant(until)}
        ledger.append(Entry(kind="api-key.rotated", at=now, body=body))
        ledger.checkpoint(at=now)
    return Given(key=key, token=token)


def revoke(name: str, at: Place, *, by: str) -> KeyRecord:
    """Let a key open nothing any more, from now on.

    Raises:
        BadInput: when there is no such key.
        Refused: when it has ended before.
    """
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger, ledger.writing():
        who = ledger.staff.identify(by, at=now)
        key = ledger.api_keys.end(name, at=now)
        if key is None:
            raise _not_there(name, ledger.api_keys.listed())
        body = {"key": key.reference, "by": f"staff:{who}"}
        ledger.append(Entry(kind="api-key.ended", at=now, body=body))
        ledger.checkpoint(at=now)
    return key


def caller(token: str, at: Place) -> KeyRecord | None:
    """Return the key a token belongs to, and note that it was used; nothing for any token that opens nothing."""
    now = at.clock.now()
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        key = ledger.api_keys.of(token, at=now)
        if key is not None:
            ledger.api_keys.used(key.id, at=now)
    return key


def acts_as(key: KeyRecord) -> str:
    """Return the name under which a key does something."""
    return f"{key.name} (key)"


def _name(name: str) -> list[Problem]:
    if _NAME.fullmatch(name):
        return []
    return [
        Problem(
            code="bad-value",
            message="The name of a key is letters, digits, blanks, dots, dashes and underscores; 60 at most.",
            valid=("shop", "crm-2"),
            hint="Name the system, not a person.",
        )
    ]


def _scopes(wanted: Sequence[str]) -> list[Problem]:
    found = [
        Problem(
            code="unknown-name",
            message="There is no such scope.",
            found=one,
            valid=tuple(SCOPES),
            nearest=nearest(one, SCOPES),
            hint="Take as few scopes as the system needs.",
        )
        for one in wanted
        if one not in SCOPES
    ]
    if not wanted:
        hint = "Take as few scopes as the system needs."
        problem = Problem(
            code="missing-key", message="A key without a scope does nothing.", valid=tuple(SCOPES), hint=hint
        )
        found.append(problem)
    if set(APART) <= set(wanted):
        found.append(
            Problem(
                code="conflicting-keys",
                message="One key may not both make and approve plans.",
                hint="Give two systems a key each; a plan is looked at by somebody else than its maker.",
            )
        )
    return found


def _end(expires: datetime | None, now: datetime) -> list[Problem]:
    if expires is None or expires > now:
        return []
    hint = "Name a later instant, or leave it out for a key without an end."
    return [Problem(code="bad-value", message="The key would end before it begins.", hint=hint)]


def _not_there(name: str, every: Sequence[KeyRecord]) -> BadInput | Refused:
    """Say why nothing could be done to a key: it has ended, or there is none."""
    names = [one.name for one in every]
    if name in names:
        return Refused(f"The key `{name}` has ended.", hint="Add a key under another name.")
    problem = Problem(
        code="unknown-name",
        message="There is no such key.",
        found=name,
        valid=tuple(one.name for one in every if one.ended_at is None),
        nearest=nearest(name, names),
        hint="`troth apikey list` shows them.",
    )
    return BadInput([problem])
