"""The tables of requests and what happened to them; part of `models`, apart for its length.

A request's row repeats what its events add up to, for lists; the events alone count.
"""

# mypy: disable-error-code="var-annotated"
# Django's fields get their Python type from a mypy plugin we do not load; no row leaves this package untyped.
# ruff: noqa: D106

from __future__ import annotations

from django.db import models

from troth.ledger.models import Row, Staff


class Case(Row):
    """One request for one right; what it says of a person is sealed under a key of its own."""

    kind = models.CharField(max_length=40)
    """`access`, `erase`, … as `cases.kinds` has them."""
    whom = models.CharField(max_length=20)
    """`self`, `agent` or `parent`."""
    role = models.CharField(max_length=20)
    """Ours: `controller`, `processor` or `unknown`."""
    residence = models.CharField(max_length=20)
    place = models.CharField(max_length=20)
    child = models.BooleanField(default=False)
    together_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    """The first case of the same message."""
    laws = models.JSONField()
    state = models.CharField(max_length=20)
    """What its events add up to, for lists."""
    outcome = models.CharField(max_length=20, blank=True)
    events_kept = models.PositiveIntegerField()
    """How many events it has: whoever adds one says how many were seen."""
    received_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    legal_due = models.DateTimeField(null=True)
    safe_due = models.DateTimeField()
    due_law = models.CharField(max_length=40, blank=True)
    own_target = models.BooleanField(default=False)
    """No law gives the day."""
    closed_at = models.DateTimeField(null=True)
    key = models.BinaryField(null=True)
    """The case's own key, sealed; NULL once destroyed."""
    salt = models.BinaryField()
    sealed = models.BinaryField(null=True)
    """Who asks, how they are reached, what they wrote."""
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_case"
        indexes = [
            models.Index(fields=["state", "safe_due"], name="troth_case_by_due"),
            models.Index(fields=["kind", "state"], name="troth_case_by_kind"),
        ]


class CaseEvent(Row):
    """One thing that happened to a case; never changed, never removed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    """When it happened."""
    offset = models.SmallIntegerField()
    """Minutes from UTC of the clock it was read on."""
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    """NULL for the system."""
    body = models.JSONField()
    sealed = models.BinaryField(null=True)
    """What was written, under the key of the case."""

    class Meta:
        db_table = "troth_case_event"
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="troth_case_event_once")]


class CaseIdentity(Row):
    """A keyed digest of one identity of whoever asks: finds other requests of the same person."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="identities")
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "troth_case_identity"
        constraints = [models.UniqueConstraint(fields=["case", "digest"], name="troth_case_identity_once")]
        indexes = [models.Index(fields=["digest"], name="troth_case_by_identity")]
