"""Bring the tables of accounts and sessions up to date, beside those of the ledger, in the same database."""

from __future__ import annotations

from django.core.management import call_command

from troth.desk import here

TABLES_OF_OTHERS = (
    "contenttypes",
    "auth",
    "sessions",
    "admin",
    "account",
    "socialaccount",
    "mfa",
    "usersessions",
)


def bring_up_to_date() -> None:
    """Make or migrate every table; the ledger's own first, under its lock."""
    here.ledger()
    for app in TABLES_OF_OTHERS:
        call_command("migrate", app, verbosity=0, interactive=False)
