"""The tables behind the web application and its work; part of `models`, apart for their length.

Accounts themselves, their passwords and second factors, are Django's and allauth's tables. Here stand what links an
account to the staff of the ledger, plans that wait or run, what each promise came to over time, links and keys that
open something without an account, and messages that came in and wait for a person.
"""

# mypy: disable-error-code="var-annotated"
# Django's fields get their Python type from a mypy plugin we do not load; no row leaves this package untyped.
# ruff: noqa: D106

from __future__ import annotations

from django.db import models

from troth.ledger.models import Row, Staff


class Account(Row):
    """Who may sign in, as the staff of the ledger, and in which role."""

    user = models.PositiveBigIntegerField(unique=True)
    """The row of Django's user, which the command line does not know."""
    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    """`agent`, `lead`, `engineer` or `auditor`."""
    since = models.DateTimeField()

    class Meta:
        db_table = "troth_account"


class KeptPlan(Row):
    """A plan that was kept to be looked at, approved and carried out by workers."""

    hash = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=20)
    """`retention` or `erasure`."""
    text = models.TextField()
    """The plan itself, as its file would be."""
    case = models.PositiveBigIntegerField(null=True)
    rows = models.PositiveBigIntegerField()
    state = models.CharField(max_length=20)
    """`waiting`, `approved`, `running`, `paused`, `stopped`, `failed`, `done` or `cancelled`."""
    approvals = models.PositiveSmallIntegerField(default=0)
    """How many people besides its maker must agree, as the limits of the policy said when it was made."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    started_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    job = models.CharField(max_length=100, blank=True)
    """The durable job that carries it out."""
    reason = models.CharField(max_length=300, blank=True)
    """Why it stopped or failed, in words without a personal value."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_plan"
        indexes = [models.Index(fields=["state"], name="troth_plan_by_state")]


class PromiseSeen(Row):
    """What a promise came to, from one check to the last that said the same."""

    promise = models.CharField(max_length=300)
    status = models.CharField(max_length=20)
    number = models.BigIntegerField(null=True)
    why = models.CharField(max_length=1000, blank=True)
    since = models.DateTimeField()
    last = models.DateTimeField()
    entry = models.PositiveBigIntegerField(null=True)
    """The evidence entry of the newest check that said so."""

    class Meta:
        db_table = "troth_promise"
        indexes = [models.Index(fields=["promise", "since"], name="troth_promise_by_name")]


class Link(Row):
    """An address that opens one request to whoever holds it: known by the digest of its secret part only."""

    digest = models.CharField(max_length=64, unique=True)
    use = models.CharField(max_length=20)
    """`status` or `download`."""
    case = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it stopped opening anything, by use or by somebody's order."""

    class Meta:
        db_table = "troth_link"
        indexes = [models.Index(fields=["case", "use"], name="troth_link_by_case")]


class ApiKey(Row):
    """A key of another system: the name it signs with is staff, its secret is known by its digest only."""

    name = models.CharField(max_length=100, unique=True)
    prefix = models.CharField(max_length=16, unique=True)
    """The part by which it is found; not secret."""
    digest = models.CharField(max_length=64)
    scopes = models.JSONField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    older_prefix = models.CharField(max_length=16, blank=True)
    """After a rotation: the key before, good until `older_until`."""
    older_digest = models.CharField(max_length=64, blank=True)
    older_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_api_key"


class ApiCall(Row):
    """An answer that was given under an idempotency key, so that the same call gets it again."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    idempotency = models.CharField(max_length=64)
    """SHA-256 of the idempotency key."""
    request = models.CharField(max_length=64)
    """SHA-256 of method, path and body: another call under the same key is refused."""
    status = models.PositiveSmallIntegerField(null=True)
    """NULL while the first call is at work."""
    sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "troth_api_call"
        constraints = [models.UniqueConstraint(fields=["key", "idempotency"], name="troth_api_call_once")]


class Webhook(Row):
    """Another system that is told of events; its secret is sealed."""

    name = models.CharField(max_length=100, unique=True)
    url = models.CharField(max_length=500)
    events = models.JSONField()
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_webhook"


class Delivery(Row):
    """One event on its way to one webhook; its body holds references, never a personal value."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=64, unique=True)
    """The id the receiver knows a repetition by."""
    event = models.CharField(max_length=64)
    body = models.JSONField()
    state = models.CharField(max_length=20)
    """`waiting`, `delivered` or `failed`."""
    attempts = models.PositiveSmallIntegerField(default=0)
    code = models.PositiveSmallIntegerField(null=True)
    """HTTP status of the last answer."""
    next_at = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_delivery"
        indexes = [models.Index(fields=["state", "next_at"], name="troth_delivery_due")]


class InMail(Row):
    """A message from a mailbox, sealed, waiting for a person to say whether it is a request."""

    digest = models.CharField(max_length=64, unique=True)
    """Keyed digest of the message: the same one read twice is one row."""
    mailbox = models.CharField(max_length=100)
    state = models.CharField(max_length=20)
    """`waiting`, `request`, `notice` (of failure, handled), `answer` (to a case) or `dismissed`."""
    why = models.CharField(max_length=40, blank=True, default="")
    """A word from a closed list: what made Troth or a person sort it so."""
    case = models.PositiveBigIntegerField(null=True)
    key = models.BinaryField(null=True)
    """The message's own key, sealed; NULL once destroyed."""
    sealed = models.BinaryField(null=True)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_in_mail"
        indexes = [models.Index(fields=["state", "received_at"], name="troth_in_mail_by_state")]
