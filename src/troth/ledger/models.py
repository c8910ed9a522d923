"""The tables of the ledger, as Django models; no query stands here.

No column holds a personal value in clear: people who work with Troth are rows of `troth_staff` with a sealed
name, scopes of holds are sealed, evidence bodies hold only what `evidence.entry` lets through. Other modules of
this package read and write these tables and hand out plain dataclasses, never rows.
"""

# mypy: disable-error-code="var-annotated"
# Django's fields get their Python type from a mypy plugin we do not load; no row leaves this package untyped.
# ruff: noqa: D106

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Row(models.Model):
    """What every table shares: a manager that type checkers can see."""

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True


class Project(Row):
    """The one project this ledger belongs to; a second one is refused."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    organisation = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "troth_project"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="troth_project_one_row")]


class Setting(Row):
    """A value Troth remembers by name, such as the ledger's own id."""

    key = models.CharField(max_length=100, primary_key=True)
    value = models.JSONField()

    class Meta:
        db_table = "troth_setting"


class Staff(Row):
    """Someone who works with Troth: an id for evidence and tables, the name sealed."""

    name_digest = models.CharField(max_length=64, unique=True)
    """Keyed digest of the normalised name, to find the row again."""
    sealed_name = models.BinaryField()
    since = models.DateTimeField()

    class Meta:
        db_table = "troth_staff"


class EvidenceEntry(Row):
    """One entry of the evidence log, exactly as it was hashed; never changed, never deleted."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    """Its place in the log, from 0, without gaps."""
    leaf = models.BinaryField()
    """RFC 9162 leaf hash of the body."""
    body = models.BinaryField()
    """Canonical JSON."""
    kind = models.CharField(max_length=60, default="")
    """Read from the body, to list by; part of no hash."""
    about = models.CharField(max_length=300, default="")
    """The case, plan, promise, … it is about, read from the body likewise."""

    class Meta:
        db_table = "troth_evidence"
        indexes = [
            models.Index(fields=["kind", "sequence"], name="troth_evidence_by_kind"),
            models.Index(fields=["about", "sequence"], name="troth_evidence_by_about"),
        ]


class EvidenceCheckpoint(Row):
    """A signed statement about the log at one size."""

    size = models.PositiveBigIntegerField()
    note = models.TextField()

    class Meta:
        db_table = "troth_checkpoint"


class TreeState(Row):
    """The Merkle tree in a few hashes (a compact range), so that an append reads no older entry."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    nodes = models.BinaryField(default=b"")
    """The roots of the full subtrees, largest first, 32 bytes each."""

    class Meta:
        db_table = "troth_tree"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="troth_tree_one_row")]


class PlanRun(Row):
    """One application of one plan to one store; a plan goes on in the run it began in."""

    plan = models.CharField(max_length=128)
    """Hash of the plan."""
    kind = models.CharField(max_length=40)
    store = models.CharField(max_length=100)
    state = models.CharField(max_length=20)
    """`started`, `finished` or `stopped`; a stopped run can go on."""
    plan_at = models.DateTimeField()
    """The instant the plan was made for."""
    simulation = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=64, blank=True)
    """Why it stopped, as a word in kebab-case."""

    class Meta:
        db_table = "troth_run"
        constraints = [models.UniqueConstraint(fields=["plan", "store"], name="troth_run_once")]


class RunStep(Row):
    """One step of a run: what was expected, what the recheck found."""

    run = models.ForeignKey(PlanRun, on_delete=models.PROTECT, related_name="steps")
    step = models.PositiveIntegerField()
    dataset = models.CharField(max_length=300)
    action = models.CharField(max_length=40)
    expected = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    recheck = models.CharField(max_length=40, blank=True)
    rows_left = models.BigIntegerField(null=True)

    class Meta:
        db_table = "troth_step"
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="troth_step_once")]


class Receipt(Row):
    """What one batch of a step did."""

    run = models.ForeignKey(PlanRun, on_delete=models.PROTECT, related_name="receipts")
    step = models.PositiveIntegerField()
    batch = models.BigIntegerField()
    """Its number within the step: never a row's key."""
    rows = models.BigIntegerField(null=True)
    """NULL where the batch was recovered and only the bound is known."""
    at_most = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        db_table = "troth_receipt"
        constraints = [models.UniqueConstraint(fields=["run", "step", "batch"], name="troth_receipt_once")]


class Look(Row):
    """The last time a store was looked at."""

    store = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
    fingerprint = models.CharField(max_length=128, blank=True)
    """Structure found then."""

    class Meta:
        db_table = "troth_look"


class Hold(Row):
    """An order not to delete; title and scope are sealed, evidence knows the scope by a salted digest only."""

    ground = models.CharField(max_length=40)
    sealed = models.BinaryField()
    """Title and scope."""
    salt = models.BinaryField()
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    review = models.DateField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "troth_hold"


class BackupAcknowledgement(Row):
    """Someone stated that a backup of a store exists, so that a first run may go ahead."""

    store = models.CharField(max_length=100)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "troth_backup_acknowledgement"


class Manifest(Row):
    """Whom a rights plan is about, encrypted under a key of its own; both are destroyed after a clean recheck."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 over salt and content: what the plan knows."""
    made_for = models.CharField(max_length=40)
    """`erase`, `restrict`, …"""
    plan = models.CharField(max_length=128, blank=True)
    """Hash of the plan, once sealed."""
    people = models.PositiveIntegerField()
    key = models.BinaryField(null=True)
    """The manifest's own key, sealed; NULL once destroyed."""
    sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=40, blank=True)
    """What came of it: `done`, `kept`, `partial`, `still-arriving`, `failed`."""
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_manifest"


class Erasure(Row):
    """One erasure that is done: what its people have in common. Who they are stands nowhere."""

    plan = models.CharField(max_length=128, unique=True)
    """Hash of the plan."""
    erased_at = models.DateTimeField()
    people = models.PositiveIntegerField()
    kept = models.JSONField()
    """What stayed, as [dataset, [field, …], reason, end]."""
    gone = models.JSONField()
    """Datasets whose rows went whole, and columns that were emptied, as `app.orders:email`."""

    class Meta:
        db_table = "troth_erasure"


class ErasedPerson(Row):
    """One person of an erasure, by number; closed when they lawfully came back."""

    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="members")
    number = models.PositiveIntegerField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    closed_reason = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "troth_erased"
        constraints = [models.UniqueConstraint(fields=["erasure", "number"], name="troth_erased_once")]


class Tombstone(Row):
    """A keyed digest by which something of an erased person is known again in one store."""

    person = models.ForeignKey(ErasedPerson, on_delete=models.PROTECT, related_name="tombstones")
    store = models.CharField(max_length=100)
    place = models.CharField(max_length=400)
    """What was digested: `email`, or `app.customers:id` for a key."""
    digest = models.BinaryField()
    key = models.CharField(max_length=8)
    """Id of the key it was made with."""

    class Meta:
        db_table = "troth_tombstone"
        indexes = [models.Index(fields=["store", "key"], name="troth_tombstone_by_store")]


class BackupSet(Row):
    """One copy of a store, as somebody or a listing named it; gone ones stay listed."""

    store = models.CharField(max_length=100)
    source = models.CharField(max_length=20)
    """`command`, `folder`, `pgbackrest` or `restic`."""
    name = models.CharField(max_length=300)
    place = models.CharField(max_length=500, blank=True)
    made = models.DateTimeField()
    """From when on what is erased may still be in it."""
    ends = models.DateField(null=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    gone_at = models.DateTimeField(null=True)
    gone_how = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "troth_backup_set"
        constraints = [models.UniqueConstraint(fields=["store", "source", "name"], name="troth_backup_once")]


class BackupListing(Row):
    """The last time the register heard from a source which copies of a store there are."""

    store = models.CharField(max_length=100)
    source = models.CharField(max_length=20)
    place = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    sets = models.PositiveIntegerField()

    class Meta:
        db_table = "troth_backup_listing"
        constraints = [
            models.UniqueConstraint(fields=["store", "source", "place"], name="troth_backup_heard_once")
        ]


class KeyWrap(Row):
    """The key of one person's part of an encrypted archive, wrapped; without it that part cannot be read."""

    archive = models.CharField(max_length=32)
    member = models.PositiveIntegerField()
    subject = models.CharField(max_length=64)
    """Keyed digest by which the person's parts are found again."""
    wrapped = models.BinaryField(null=True)
    """NULL once destroyed."""
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "troth_key_wrap"
        constraints = [models.UniqueConstraint(fields=["archive", "member"], name="troth_key_wrap_once")]
        indexes = [models.Index(fields=["subject"], name="troth_key_wrap_by_subject")]


class Task(Row):
    """Something of a rights plan that only a person can do; its words name datasets, never a person."""

    plan = models.CharField(max_length=128)
    """Hash of the plan."""
    number = models.PositiveIntegerField()
    """Its place in the plan."""
    store = models.CharField(max_length=100)
    what = models.TextField()
    due = models.DateField()
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "troth_task"
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="troth_task_once")]


class Restriction(Row):
    """Processing of some people's data restricted (GDPR Art. 18), from its beginning to its lifting."""

    reason = models.CharField(max_length=40)
    allowed = models.JSONField()
    """Purposes that go on."""
    who = models.JSONField()
    """Keyed digests of the people's keys and of the identities they were named by."""
    manifest = models.CharField(max_length=64)
    """Digest of the sealed manifest."""
    people = models.PositiveIntegerField()
    holds = models.JSONField()
    """The holds that keep the data meanwhile."""
    review = models.DateField()
    state = models.CharField(max_length=20)
    """`begun` until every store is done, then `stands`, then `lifted`."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    proof = models.CharField(max_length=20, blank=True)
    """What the last look found: `proven`, `unproven` or `readable`; empty before any."""
    readable = models.PositiveBigIntegerField(default=0)
    proven_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "troth_restriction"


class Objection(Row):
    """An objection to one purpose (GDPR Art. 21); whose it is stands in keyed digests only."""

    purpose = models.CharField(max_length=100)
    decision = models.CharField(max_length=20)
    """`pending`, `granted` or `refused`."""
    because = models.BinaryField(null=True)
    """The reason of the decision, sealed."""
    salt = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "troth_objection"


class ObjectingIdentity(Row):
    """A keyed digest of one identity of somebody who objected, bound to the purpose."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="identities")
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "troth_objecting"
        constraints = [models.UniqueConstraint(fields=["objection", "digest"], name="troth_objecting_once")]
        indexes = [models.Index(fields=["digest"], name="troth_objecting_by_digest")]


class Rectification(Row):
    """A wrong value corrected in every copy (GDPR Art. 16); old and new stand in evidence as digests only."""

    salt = models.BinaryField(null=True)
    """What the digests are salted with; NULL once destroyed."""
    place = models.CharField(max_length=600)
    """The field it started from, as `store.table.column`."""
    rows = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "troth_rectification"


from troth.ledger import models_cases, models_desk, models_outbox, models_sharing  # noqa: E402, F401 Django looks for models here
