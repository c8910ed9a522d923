"""The tables of recipients, disclosures, choices and proof of identity; part of `models`, apart for its length.

Organisations are named in clear; a contact, which may be a person, is sealed. Whose data went where, and who chose
what, stands in keyed digests only. Of a code only a keyed digest is kept, of a paper only the sealed key to it.
"""

# mypy: disable-error-code="var-annotated"
# Django's fields get their Python type from a mypy plugin we do not load; no row leaves this package untyped.
# ruff: noqa: D106

from __future__ import annotations

from django.db import models

from troth.ledger.models import Row, Staff


class Recipient(Row):
    """Someone data goes to, entered by command; the standing ones are declared in the project's files."""

    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    sort = models.CharField(max_length=200, blank=True)
    """Its category, as `payment provider`."""
    categories = models.JSONField()
    purposes = models.JSONField()
    country = models.CharField(max_length=40, blank=True)
    contact = models.BinaryField(null=True)
    """Sealed: it may be a person."""
    salt = models.BinaryField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    """The last day."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "troth_recipient"


class Disclosure(Row):
    """Data of some people went to somebody, or was used; never changed, never deleted."""

    kind = models.CharField(max_length=20)
    """`disclosure`, `sale`, `share` or `use`."""
    recipient = models.CharField(max_length=200, blank=True)
    """Its name then; empty for a use."""
    role = models.CharField(max_length=20, blank=True)
    sort = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=40, blank=True)
    datasets = models.JSONField()
    categories = models.JSONField()
    purpose = models.CharField(max_length=200)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    """NULL where a system wrote it."""
    people = models.PositiveIntegerField()
    case = models.PositiveBigIntegerField(null=True)
    untold = models.CharField(max_length=64, blank=True)
    """Why people must not be told of it, as a word; empty where they may be."""

    class Meta:
        db_table = "troth_disclosure"


class Disclosed(Row):
    """A keyed digest of one identity that a disclosure was about."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="people_digests")
    digest = models.BinaryField()

    class Meta:
        db_table = "troth_disclosed"
        constraints = [models.UniqueConstraint(fields=["disclosure", "digest"], name="troth_disclosed_once")]
        indexes = [models.Index(fields=["digest"], name="troth_disclosed_by_digest")]


class Choice(Row):
    """What somebody decided about one thing at one time; the last one stands."""

    what = models.CharField(max_length=120)
    decision = models.CharField(max_length=20)
    """`out`, `in`, `withdrawn` or `objected`."""
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    how = models.CharField(max_length=40)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "troth_choice"


class ChoosingIdentity(Row):
    """A keyed digest of one identity of somebody who chose, bound to what was chosen."""

    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="identities")
    digest = models.BinaryField()

    class Meta:
        db_table = "troth_choosing"
        constraints = [models.UniqueConstraint(fields=["choice", "digest"], name="troth_choosing_once")]
        indexes = [models.Index(fields=["digest"], name="troth_choosing_by_digest")]


class Code(Row):
    """A one-time code sent to an address on file: its keyed digest, its end, and how often it was guessed."""

    case = models.PositiveBigIntegerField()
    salt = models.BinaryField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    """Wrong guesses."""
    state = models.CharField(max_length=20)
    """`open`, then `used`, `dead`, `expired` or `replaced`."""

    class Meta:
        db_table = "troth_code"
        indexes = [models.Index(fields=["case"], name="troth_code_by_case")]


class Paper(Row):
    """A paper given as proof of identity: its key, sealed; the file with that name lies in the project's folder."""

    case = models.PositiveBigIntegerField()
    name = models.CharField(max_length=32, unique=True)
    key = models.BinaryField(null=True)
    """NULL once destroyed."""
    size = models.PositiveIntegerField()
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    due = models.DateField()
    """The day on which it goes at the latest."""
    gone_at = models.DateTimeField(null=True)
    gone_why = models.CharField(max_length=20, blank=True)
    """`proven`, `failed` or `overdue`."""
    removed = models.BooleanField(default=False)
    """Whether the file, too, is known to be gone."""

    class Meta:
        db_table = "troth_paper"
        indexes = [models.Index(fields=["case"], name="troth_paper_by_case")]
