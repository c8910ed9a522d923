"""Fill the desk of the example: staff, open requests near and past their day, a hold, plans, a broken promise.

Nothing is written into tables here: requests, holds, checks and plans come from the same functions the commands call,
with a clock that is set back, as if the weeks before had been worked through. Prints the accounts as JSON. Run by
`serve.py`, in a process of its own:

    python examples/janusipm/desk.py FOLDER
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from troth.desk import setup

if TYPE_CHECKING:
    from troth.app.requests.steps import Place

STAFF = {
    "agent": "Agnes Vogel",
    "lead": "Leo Brandt",
    "engineer": "Enid Okafor",
    "auditor": "Aude Martin",
}
NOW = datetime.now(UTC).replace(microsecond=0)


def main(folder: Path) -> None:
    """Fill the desk, the oldest things first: evidence is written in the order of time."""
    setup.configure(folder, os.environ)
    from troth.app import checking
    from troth.app.clock import Moment
    from troth.desk import tables

    first = ago(folder, 60)
    keep_ledger(first)
    hold(first)
    tables.bring_up_to_date()
    requests = Requests(folder)
    for days in range(59, -1, -1):
        at = ago(folder, days)
        requests.day(days)
        if days in {42, 28, 14, 7, 1}:
            checking.check(at.folder, at.environment, at.clock, Moment(at=at.clock.now()), by="nightly check")
        if days == 2:
            paused_plan(folder)
    waiting_plan(folder)
    print(json.dumps(accounts()))


def ago(folder: Path, days: float) -> Place:
    """Return the project as it is worked on some days ago."""
    from troth.app.clock import Clock
    from troth.app.requests.steps import Place

    at = NOW - timedelta(days=days)
    return Place(folder=folder, environment=dict(os.environ), clock=Clock(now=lambda: at))


def keep_ledger(at: Place) -> None:
    """Make the ledger on the first day."""
    from troth.app import ledgers

    ledgers.keep(at.folder, at.environment, at.clock)


def hold(at: Place) -> None:
    """Place a hold whose review has come by now."""
    from troth.app import holding
    from troth.app.holding import Wish

    review = (NOW - timedelta(days=9)).date().isoformat()
    wish = Wish(
        ground="legal-hold",
        scope="customer/17",
        title="Claim 2291",
        owner=STAFF["lead"],
        review=review,
        by=STAFF["lead"],
    )
    holding.add(wish, at.folder, at.environment, at.clock)


class Requests:
    """Requests of people of the store, each on its day."""

    def __init__(self, folder: Path) -> None:
        """Read who there is."""
        self.folder = folder
        self.ids: dict[str, int] = {}
        with sqlite3.connect(folder / "app.sqlite") as store:
            self.people = store.execute(
                "SELECT a.email, p.first_name || ' ' || p.last_name FROM accounts a JOIN profiles p "
                "ON p.account_id = a.id WHERE a.status = 'open' ORDER BY a.id LIMIT 40"
            ).fetchall()
        self.days: dict[int, list[Callable[[Place], None]]] = {
            43: [
                lambda at: self.open(at, "late", 3, "erase", "DE", "Please delete my account and all of it.")
            ],
            41: [lambda at: self.proven(at, "late")],
            40: [lambda at: self.worked_out(at, "late")],
            36: [lambda at: self.open(at, "again", 5, "access", "FR", "What do you know about me?")],
            35: [lambda at: self.ask(at, "again")],
            29: [lambda at: self.open(at, "near", 7, "access", "IE", "I would like a copy of my data.")],
            27: [lambda at: self.proven(at, "near"), lambda at: self.worked_out(at, "near")],
            22: [lambda at: self.open(at, "gone", 8, "access", "NL", "Send me my data."), self.withdraw],
            18: [
                lambda at: self.open(at, "california", 9, "erase", "US-CA", "Delete my personal information.")
            ],
            16: [lambda at: self.proven(at, "california")],
            9: [
                lambda at: self.open(at, "marketing", 11, "object-marketing", "SE", "No more offers, please.")
            ],
            4: [
                lambda at: self.open(
                    at, "wrong", 12, "rectify", "GB", "My name is spelt wrongly on your letters."
                )
            ],
            1: [
                lambda at: self.open(
                    at, "new", 14, "access", "US-CA", "Which information did you collect about me?"
                ),
                lambda at: self.open(at, "two", 15, "erase", "ES", "Borren mi cuenta, por favor."),
            ],
        }

    def day(self, days: int) -> None:
        """Do what was done on a day."""
        for number, step in enumerate(self.days.get(days, ())):
            step(ago(self.folder, days - number / 24))

    def open(self, at: Place, name: str, person: int, kind: str, residence: str, text: str) -> None:
        """Let somebody ask for something."""
        from troth.app.requests import opening as requests
        from troth.people.typed import Line

        email, full = self.people[person]
        message = requests.Message(
            kinds=(kind,),
            received=at.clock.now() - timedelta(hours=2),
            channel="mail",
            lines=[Line(source="<arguments>", line=1, text=f"email:{email}")],
            name=full,
            reply_to=email,
            text=text,
            residence=residence,
        )
        done = requests.open_(message, at.folder, at.environment, at.clock, by=STAFF["agent"])
        self.ids[name] = done.cases[0].id

    def proven(self, at: Place, name: str) -> None:
        """Take it for proven who asks: they signed in again."""
        from troth.app.proving import identity as proving
        from troth.app.requests.opening import Doing

        where = proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)
        proving.accept(self.ids[name], "login", "signed in to the account", Doing(by=STAFF["agent"]), where)

    def ask(self, at: Place, name: str) -> None:
        """Ask for a proof that has not come."""
        from troth.app.proving import identity as proving
        from troth.app.requests.opening import Doing

        where = proving.Place(folder=at.folder, environment=at.environment, clock=at.clock)
        proving.ask(
            self.ids[name], "login", "It was written from another address.", Doing(by=STAFF["agent"]), where
        )

    def worked_out(self, at: Place, name: str) -> None:
        """Work out what a request comes to; a person decides."""
        from troth.app.casework import planning
        from troth.app.casework.desk import Desk

        desk = Desk(folder=at.folder, environment=at.environment, clock=at.clock, by=STAFF["agent"])
        planning.work_out(desk, self.ids[name])

    def withdraw(self, at: Place) -> None:
        """Let somebody change their mind."""
        from troth.app.requests import steps as request_steps
        from troth.app.requests.opening import Doing

        request_steps.withdraw(self.ids["gone"], Doing(by=STAFF["agent"]), at)


def paused_plan(folder: Path) -> None:
    """Have a plan made by one, approved by another, started, and paused."""
    from troth.app import applying, ledgers
    from troth.app.plans import carrying, kept
    from troth.plan.model import Plan

    at = ago(folder, 2)
    made = kept.make(at, by=STAFF["engineer"])
    assert made is not None, "nothing is past its end in the example"
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        later = ago(folder, 1.9)
        kept.approve(ledger, made.hash, by=STAFF["lead"], at=later.clock.now())
        plan = kept.read(ledger, made.hash).plan
    by = STAFF["engineer"]
    assert isinstance(plan, Plan)
    pilot = applying.order(
        by=by, max_lock="200ms", allow=(), only="", limit=plan.rows // 5, backup_taken=True
    )
    soon = ago(folder, 1.85)
    applying.apply(plan, folder, soon.environment, soon.clock, pilot, lambda _number, _step, _rows: None)
    order = carrying.Order(by=by, backup_taken=True)
    carrying.start(made.hash, order, ago(folder, 1.8))
    carrying.pause(made.hash, ago(folder, 1.79), by=by)


def waiting_plan(folder: Path) -> None:
    """Leave a plan that waits for somebody else than its maker."""
    from troth.app.plans import kept

    kept.make(ago(folder, 0), by=STAFF["engineer"])


def accounts() -> dict[str, dict[str, str]]:
    """Give one account to each role, with password and second factor, as somebody has who accepted an invitation."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.models import User

    from troth.desk.accounts import staffing

    made = {}
    for role, name in STAFF.items():
        email, password = f"{role}@janusipm.example", f"{role}-{secrets.token_hex(4)}"
        staffing.add(name, email, role, by="demo")
        user = User.objects.get(email=email)
        user.set_password(password)
        user.save()
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        made[role] = {"name": name, "email": email, "password": password, "secret": secret}
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
