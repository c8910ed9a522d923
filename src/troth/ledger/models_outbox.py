"""The table of the outbox; part of `models`, apart for its length.

To whom a letter goes and what it says is sealed under a key of the row; destroying the key destroys the content. What
stays is when what kind of letter went, and what came of it.
"""

# mypy: disable-error-code="var-annotated"
# Django's fields get their Python type from a mypy plugin we do not load; no row leaves this package untyped.
# ruff: noqa: D106

from __future__ import annotations

from django.db import models

from troth.ledger.models import Row, Staff


class OutboxLetter(Row):
    """A letter to somebody: waiting, on its way, or what became of it."""

    case = models.PositiveBigIntegerField(null=True)
    """The case it belongs to, by number."""
    kind = models.CharField(max_length=64)
    """Which letter it is, as `acknowledgement`."""
    channel = models.CharField(max_length=10)
    """`mail` or `post`."""
    state = models.CharField(max_length=20)
    """`waiting`, `sending`, `sent`, `bounced`, `failed`, `cancelled` or `printed`."""
    key = models.BinaryField(null=True)
    """The letter's own key, sealed; NULL once destroyed."""
    sealed = models.BinaryField(null=True)
    """Address, letter and the token of its Message-ID."""
    message = models.CharField(max_length=64, unique=True)
    """SHA-256 of the random token in its Message-ID: how a returned mail is known again."""
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    """Not to be tried before; while `sending`, when somebody else may take it over."""
    until = models.DateTimeField(null=True)
    """From when on it is of no use and not sent, as a code that has run out."""
    code = models.PositiveSmallIntegerField(null=True)
    """The SMTP code of the last answer that was no success (RFC 5321 §4.2)."""
    reason = models.CharField(max_length=64, blank=True)
    """Why it ended as it did, as a word in kebab-case."""
    again = models.BooleanField(default=False)
    """Whether an attempt ended without anybody knowing if it went: it may arrive twice."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    """When it was sent, printed, cancelled or given up."""
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_outbox"
        indexes = [
            models.Index(fields=["state", "next_at"], name="troth_outbox_due"),
            models.Index(fields=["case"], name="troth_outbox_by_case"),
        ]
