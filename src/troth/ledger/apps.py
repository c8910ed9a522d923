"""The Django application that owns the tables of the ledger; nothing but its name."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Register the tables under the label `ledger`, which migrations are recorded by."""

    name = "troth.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
