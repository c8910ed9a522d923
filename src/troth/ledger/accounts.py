"""Who may sign in to the web application: each account is one member of staff, in one role.

Accounts themselves, with passwords and second factors, are tables of others; here stands only the number of theirs.
What a role may do is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from troth.errors import Refused
from troth.ledger.models import Staff
from troth.ledger.models_desk import Account as Row
from troth.ledger.session import Session

COLUMNS = ("user", "staff", "role", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account."""

    user: int
    """The number under which the web application knows it."""
    staff: int
    role: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Keep accounts, and find them."""

    session: Session

    def add(self, account: Account) -> None:
        """Keep an account.

        Raises:
            Refused: when the same person has one already.
        """
        with self.session.writing() as alias:
            if Row.objects.using(alias).filter(staff_id=account.staff).exists():
                raise Refused(
                    f"staff:{account.staff} has an account already.",
                    hint="Two people of one name need full names that differ; change a role with `troth staff role`.",
                )
            # Rows of staff are made by their register; the key is asked for, so that a wrong number is an error here.
            member = Staff.objects.using(alias).get(pk=account.staff)
            Row.objects.using(alias).create(
                user=account.user, staff=member, role=account.role, since=account.since
            )

    def of_user(self, user: int) -> Account | None:
        """Return the account behind a sign-in."""
        with self.session.reading() as alias:
            return _one(Row.objects.using(alias).filter(user=user))

    def of_staff(self, staff: int) -> Account | None:
        """Return the account of a member of staff."""
        with self.session.reading() as alias:
            return _one(Row.objects.using(alias).filter(staff_id=staff))

    def all(self) -> tuple[Account, ...]:
        """Return every account, the oldest first."""
        with self.session.reading() as alias:
            return tuple(Account(**row) for row in Row.objects.using(alias).order_by("pk").values(*COLUMNS))

    def give(self, staff: int, role: str) -> bool:
        """Give an account another role; return whether there is one."""
        with self.session.writing() as alias:
            return bool(Row.objects.using(alias).filter(staff_id=staff).update(role=role))

    def remove(self, staff: int) -> bool:
        """Remove an account; return whether there was one. The member of staff stays known by name."""
        with self.session.writing() as alias:
            gone, _ = Row.objects.using(alias).filter(staff_id=staff).delete()
            return bool(gone)


def _one(rows: QuerySet[Row, Row]) -> Account | None:
    found = rows.values(*COLUMNS).first()
    return Account(**found) if found else None
