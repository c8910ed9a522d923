"""Staff of the desk: invited, listed, given another role, removed.

An account is a user of Django (e-mail address, password, second factors) and a row of the ledger that says which
member of staff it is and in which role. Evidence names staff by number alone. Full names tell people apart: two of
one name are one member of staff.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from troth.desk import here, roles
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.ledger import faults
from troth.ledger.accounts import Account
from troth.ledger.staff import reference
from troth.problems import BadInput, Problem, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account, as lists show it."""

    staff: int
    name: str
    role: str
    email: str
    since: datetime
    joined: bool
    """They have chosen a password or a passkey."""
    factor: bool
    """They have a second factor: without one the console stays shut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody who may now choose a password."""

    staff: int
    path: str
    """Of the page where they do; good once, for three days."""


def add(name: str, email: str, role: str, *, by: str) -> Invited:
    """Invite somebody.

    Raises:
        BadInput: when name, address or role cannot be used.
        Refused: when the name or the address has an account already.
    """
    name, email = " ".join(name.split()), email.strip().lower()
    if problems := [*_name(name), *_email(email), *_role(role)]:
        raise BadInput(problems)
    ledger, now = here.ledger(), here.place().clock.now()
    with faults.translated(ledger.session.place, ledger.session.alias):
        if User.objects.filter(email__iexact=email).exists():
            raise Refused("This e-mail address has an account already.", hint="See `troth staff list`.")
    with ledger.writing():
        staff, author = ledger.staff.identify(name, at=now), ledger.staff.identify(by, at=now)
        if ledger.accounts.of_staff(staff) is not None:
            raise Refused(
                "Somebody of this name has an account already.",
                hint="Full names must differ: add a second name. Or give another role: `troth staff role`.",
            )
    user = _user(staff, email)
    # Apart from the user, whose table another connection writes: a user without a row here may do nothing.
    with ledger.writing():
        ledger.accounts.add(Account(user=int(user.pk), staff=staff, role=role, since=now))
        said = {"staff": reference(staff), "role": role, "by": reference(author)}
        ledger.append(Entry(kind="staff.joined", at=now, body=said))
        ledger.checkpoint(at=now)
    return Invited(staff=staff, path=_path(user))


def invite(who: str, *, by: str) -> Invited:
    """Make a fresh link for somebody who has an account: password and company are gone, factors stay.

    Evidence comes first: whoever holds the link can sign in as somebody else.

    Raises:
        BadInput: when nobody of that name or address has an account.
    """
    account = _find(who)
    _changed(account, by, "staff.password", lambda: True)
    user = User.objects.get(pk=account.user)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    SocialAccount.objects.filter(user=user).delete()
    _end_sessions(user)
    return Invited(staff=account.staff, path=_path(user))


def forget_factors(who: str, *, by: str) -> int:
    """Remove the second factors of somebody who lost theirs; return how many there were.

    Raises:
        BadInput: when nobody of that name or address has an account.
    """
    account = _find(who)
    _changed(account, by, "staff.factors", lambda: True)
    user = User.objects.get(pk=account.user)
    count, _ = Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)
    return int(count)


def listed() -> tuple[Member, ...]:
    """Return every account, by name."""
    ledger = here.ledger()
    accounts = ledger.accounts.all()
    names = ledger.staff.names(*(one.staff for one in accounts))
    users = {user.pk: user for user in User.objects.filter(pk__in=[one.user for one in accounts])}
    factors = set(Authenticator.objects.values_list("user_id", flat=True))
    members = [
        Member(
            staff=one.staff,
            name=names[one.staff],
            role=one.role,
            email=users[one.user].email if one.user in users else "",
            since=one.since,
            joined=one.user in users and (users[one.user].has_usable_password() or one.user in factors),
            factor=one.user in factors,
        )
        for one in accounts
    ]
    return tuple(sorted(members, key=lambda member: member.name.casefold()))


def change_role(who: str, role: str, *, by: str, seated: int | None = None) -> int:
    """Give somebody another role; return their number.

    Args:
        who: Name, e-mail address or number.
        role: The new one.
        by: Who says so.
        seated: Number of whoever sits at the desk and says so: nobody there gives themselves a role. Left out on the
            command line, which belongs to whoever owns the machine.

    Raises:
        BadInput: when nobody of that name or address has an account, or the role is none.
        Refused: when it is their own, or nobody would be left who may manage accounts.
    """
    if problems := _role(role):
        raise BadInput(problems)
    account = _find(who)
    if account.staff == seated:
        able = " or ".join(roles.title(one) for one in roles.who("accounts"))
        raise Refused(
            "Nobody gives themselves another role.",
            hint=f"Another {able} does it here; `troth staff role` does it on the machine.",
        )
    if not roles.may(role, "accounts"):
        _somebody_else(account)
    return _changed(account, by, "staff.role", lambda: here.ledger().accounts.give(account.staff, role), role)


def remove(who: str, *, by: str) -> int:
    """Remove an account and end its sessions; return the number of the member of staff.

    Raises:
        BadInput: when nobody of that name or address has an account.
        Refused: when nobody would be left who may manage accounts.
    """
    account = _find(who)
    _somebody_else(account)
    # First what lets them in: killed in between, they are out, and removing again finishes.
    user = User.objects.filter(pk=account.user).first()
    if user is not None:
        _end_sessions(user)
        user.delete()
    return _changed(account, by, "staff.left", lambda: here.ledger().accounts.remove(account.staff))


def _changed(account: Account, by: str, kind: str, change: Callable[[], bool], role: str = "") -> int:
    ledger, now = here.ledger(), here.place().clock.now()
    with ledger.writing():
        if change():
            author = ledger.staff.identify(by, at=now)
            said = {"staff": reference(account.staff), "by": reference(author)}
            ledger.append(Entry(kind=kind, at=now, body={**said, "role": role} if role else said))
            ledger.checkpoint(at=now)
    return account.staff


def _somebody_else(account: Account) -> None:
    others = [one for one in here.ledger().accounts.all() if one.staff != account.staff]
    if roles.may(account.role, "accounts") and not any(roles.may(one.role, "accounts") for one in others):
        raise Refused(
            "Nobody would be left who may manage accounts.",
            hint="Give a lead or an engineer an account first.",
        )


def _user(staff: int, email: str) -> User:
    with transaction.atomic():
        user = User(username=f"staff-{staff}", email=email)
        user.set_unusable_password()
        # Left over where making an account was cut short: nobody could ever sign in with it.
        User.objects.filter(username=user.username).delete()
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _path(user: User) -> str:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _, token = key.partition("-")
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def _find(who: str) -> Account:
    """Return the account of a name, an e-mail address or a number (`staff:7`)."""
    ledger, wanted = here.ledger(), " ".join(who.split())
    for member, account in _members():
        if wanted.casefold() in (member.name.casefold(), member.email.casefold(), f"staff:{account.staff}"):
            return account
    del ledger
    names = [member.name for member, _ in _members()]
    raise BadInput(
        [
            Problem(
                code="unknown-name",
                message="Nobody of this name or address has an account.",
                nearest=nearest(wanted, names),
                hint="`troth staff list` shows every account.",
            )
        ]
    )


def _members() -> list[tuple[Member, Account]]:
    accounts = {one.staff: one for one in here.ledger().accounts.all()}
    return [(member, accounts[member.staff]) for member in listed() if member.staff in accounts]


def _name(name: str) -> list[Problem]:
    if name and len(name) <= 200 and name.isprintable():
        return []
    return [Problem(code="bad-value", message="A name is one line of up to 200 characters.", about="name")]


def _email(email: str) -> list[Problem]:
    try:
        validate_email(email)
    except ValidationError:
        return [Problem(code="bad-value", message="This is no e-mail address.", about="email")]
    return []


def _role(role: str) -> list[Problem]:
    if role in roles.ROLES:
        return []
    problem = Problem(
        code="unknown-name",
        message="There is no such role.",
        found=role,
        valid=roles.ROLES,
        nearest=nearest(role, roles.ROLES),
        about="role",
    )
    return [problem]
