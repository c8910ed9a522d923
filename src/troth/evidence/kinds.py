"""The closed list of what an evidence entry can be about, and which fields each kind takes.

A field that is not listed here is refused by `entry`, so that a personal value cannot slip in. To add a kind,
add it here and run the tests: they compare this list with docs/reference/evidence.md. Kinds are never removed
and their fields never change their type; a new field is optional.
"""

from __future__ import annotations

from troth.evidence.fields import (
    CODE,
    COUNT,
    DATASET,
    DAY,
    DIGEST,
    FIELD,
    FINGERPRINT,
    FLAG,
    HASH,
    INSTANT,
    KEY_ID,
    PROMISE,
    REFERENCE,
    STAFF,
    STORE,
    VERSION,
    list_of,
    one_of,
)
from troth.evidence.kind import Kind
from troth.evidence.kind import kind as _kind
from troth.evidence.kinds_plans import KEPT_PLANS
from troth.evidence.kinds_requests import CASES, LETTERS, MAILS, SHARING
from troth.evidence.kinds_staff import ACCOUNTS
from troth.evidence.kinds_systems import SYSTEMS

ACTION = one_of(
    "delete", "blank", "replace", "generalise", "change", "unlink", "restrict", "rectify", "export", "purge"
)
"""`change` is several of the others on fields of rows that stay."""
RECHECK = one_of("clean", "found", "still-arriving", "incomplete", "not-run")
GROUND = one_of(
    "court-order",
    "authority-order",
    "legal-hold",
    "statutory-duty",
    "restriction",
    "objection",
    "open-case",
    "dispute",
    "fraud",
)
STATUS = one_of("kept", "broken", "not-triggered", "unproven", "attested")


_RUN = {"plan": HASH, "run": REFERENCE}
_STEP = {**_RUN, "step": COUNT, "dataset": DATASET, "action": ACTION}

_LOG = (
    _kind(
        "ledger.created",
        "A ledger and its evidence log begin.",
        {"ledger": REFERENCE, "troth": VERSION},
    ),
    _kind(
        "ledger.restored",
        "The ledger was put back from an older copy; what came after that copy is in no entry here.",
        {"ledger": REFERENCE, "size": COUNT, "root": HASH, "by": STAFF},
        {"copy_made": INSTANT},
    ),
    _kind(
        "key.created",
        "A key came into being; only its id and its public half are shown.",
        {"use": one_of("signing", "tombstones", "commitments")},
        {"key_id": KEY_ID, "public": HASH},
    ),
    _kind(
        "clock.went-back",
        "The clock stood before the last entry when the next ones were written; their instants are not in order.",
        {"previous": INSTANT},
    ),
    _kind(
        "checkpoint.exported",
        "A signed checkpoint left this machine.",
        {"size": COUNT, "root": HASH, "to": one_of("file", "mail", "timestamp-authority")},
        {"by": STAFF},
    ),
)

_PROJECT = (
    _kind(
        "text.locked",
        "The published text was pinned.",
        {"text": HASH, "lock": HASH, "sentences": COUNT},
        {"headings": COUNT, "published": DAY, "by": STAFF},
    ),
    _kind(
        "finding.accepted",
        "Someone answers for a finding until a day.",
        {"code": CODE, "owner": STAFF, "until": DAY},
        {"dataset": DATASET, "field": FIELD, "promise": PROMISE},
    ),
    _kind(
        "promise.attested",
        "Someone stated that a promise is kept which no query can show.",
        {"promise": PROMISE, "by": STAFF, "until": DAY},
        {"statement": HASH},
    ),
    _kind(
        "check.result",
        "One promise was checked.",
        {"promise": PROMISE, "status": STATUS, "policy": HASH, "checked": INSTANT},
        {
            "run": REFERENCE,
            "rows": COUNT,
            "kept_rows": COUNT,
            "not_started": COUNT,
            "oldest": INSTANT,
            "reasons": list_of(CODE),
            "datasets": list_of(DATASET),
            "says": list_of(FINGERPRINT),
            "catalog": HASH,
        },
    ),
    _kind(
        "check.finished",
        "All promises were checked; how many have which status.",
        {
            "policy": HASH,
            "checked": INSTANT,
            "kept": COUNT,
            "broken": COUNT,
            "not_triggered": COUNT,
            "unproven": COUNT,
        },
        {"run": REFERENCE, "attested": COUNT, "catalog": HASH, "exit_code": COUNT, "by": STAFF},
    ),
)

_PLANS = (
    _kind(
        "plan.sealed",
        "A plan was frozen; its hash covers steps, counts, policy, structure and facts.",
        {
            "plan": HASH,
            "made_for": one_of("retention", "rights"),
            "planned": INSTANT,
            "policy": HASH,
        },
        {
            "catalog": HASH,
            "facts": HASH,
            "steps": COUNT,
            "rows": COUNT,
            "kept_rows": COUNT,
            "promises": list_of(PROMISE),
            "stores": list_of(STORE),
            "by": STAFF,
            "troth": VERSION,
            "manifest": HASH,
            "people": COUNT,
            "instruction": CODE,
        },
    ),
    _kind(
        "apply.started",
        "Carrying out a plan began, or went on after a stop.",
        _RUN,
        {
            "by": STAFF,
            "stores": list_of(STORE),
            "dataset": DATASET,
            "limit": COUNT,
            "resumed": FLAG,
            "test_clock": FLAG,
            "troth": VERSION,
        },
    ),
    _kind(
        "batch.receipt",
        "Some batches of a step were done; where the count is not known, `rows_at_most` stands for it.",
        {**_STEP, "batches": COUNT},
        {
            "first_batch": COUNT,
            "rows": COUNT,
            "rows_at_most": COUNT,
            "recovered": FLAG,
            "receipts": HASH,
            "started": INSTANT,
            "finished": INSTANT,
        },
    ),
    _kind(
        "step.receipt",
        "A step of a plan was done.",
        {**_STEP, "batches": COUNT},
        {
            "fields": list_of(FIELD),
            "promises": list_of(PROMISE),
            "rows": COUNT,
            "rows_at_most": COUNT,
            "kept_rows": COUNT,
            "planned_rows": COUNT,
            "recheck": RECHECK,
            "rows_left": COUNT,
            "receipts": HASH,
            "started": INSTANT,
            "finished": INSTANT,
        },
    ),
    _kind(
        "apply.finished",
        "Carrying out a plan ended.",
        {**_RUN, "outcome": one_of("done", "limited", "stopped", "failed")},
        {
            "steps": COUNT,
            "batches": COUNT,
            "rows": COUNT,
            "rows_at_most": COUNT,
            "kept_rows": COUNT,
            "reason": CODE,
            "started": INSTANT,
            "receipts": HASH,
        },
    ),
    _kind(
        "recheck",
        "The stores were asked again whether it is really gone.",
        {**_RUN, "outcome": RECHECK, "checked": INSTANT},
        {
            "dataset": DATASET,
            "step": COUNT,
            "passes": COUNT,
            "rows_left": COUNT,
            "datasets": list_of(DATASET),
            "sources": list_of(DATASET),
        },
    ),
    _kind(
        "purge",
        "What an engine keeps of deleted rows was dealt with; `readable` lists what stays.",
        {"store": STORE, "engine": CODE, "outcome": one_of("done", "partly", "failed")},
        {"plan": HASH, "run": REFERENCE, "datasets": list_of(DATASET), "readable": list_of(CODE)},
    ),
)

_RIGHTS = (
    _kind(
        "erasure.finished",
        "An erasure was carried out and looked at again; the certificate with this hash says what was seen.",
        {
            "plan": HASH,
            "manifest": HASH,
            "people": COUNT,
            "outcome": one_of("done", "kept", "partial", "still-arriving", "failed"),
            "checked": INSTANT,
        },
        {
            "certificate": HASH,
            "residues": COUNT,
            "spared": COUNT,
            "tasks": COUNT,
            "tables": COUNT,
            "rows_scanned": COUNT,
            "bytes_scanned": COUNT,
            "unlooked": COUNT,
            "passes": COUNT,
            "instruction": CODE,
            "by": STAFF,
        },
    ),
    _kind(
        "task.done",
        "Someone stated that a task, which no program can do, is done: of a plan, a restriction or a correction.",
        {"task": REFERENCE, "by": STAFF},
        {"plan": HASH, "restriction": REFERENCE, "rectification": REFERENCE, "store": STORE},
    ),
    _kind(
        "manifest.destroyed",
        "Whom a plan was about was forgotten: the manifest's key and content are gone.",
        {"manifest": HASH},
        {"plan": HASH},
    ),
)

_USE = (
    _kind(
        "restriction.placed",
        "People's data may be kept and not used; `open` counts rows that nothing keeps from being read.",
        {"restriction": REFERENCE, "reason": CODE, "people": COUNT, "review": DAY, "by": STAFF},
        {
            "allowed": COUNT,
            "stores": list_of(STORE),
            "hidden": COUNT,
            "moved": COUNT,
            "marked": COUNT,
            "open": COUNT,
        },
    ),
    _kind(
        "restriction.proven",
        "Somebody tried to read restricted rows as each reader there is; `rows` could be read.",
        {"restriction": REFERENCE, "state": one_of("proven", "unproven", "readable"), "checked": INSTANT},
        {"rows": COUNT, "sights": COUNT, "stores": list_of(STORE), "by": STAFF},
    ),
    _kind(
        "restriction.lifted",
        "A restriction ended; what it hid is as it was.",
        {"restriction": REFERENCE, "by": STAFF},
        {"rows": COUNT},
    ),
    _kind(
        "rectify.done",
        "A wrong value was corrected in every copy; old and new value are salted digests.",
        {"rectification": REFERENCE, "dataset": DATASET, "field": FIELD, "before": DIGEST, "after": DIGEST},
        {
            "rows": COUNT,
            "datasets": list_of(DATASET),
            "left": COUNT,
            "free_text": COUNT,
            "checked": INSTANT,
            "by": STAFF,
        },
    ),
    _kind(
        "objection.made",
        "Somebody objected to a purpose; keyed digests in the ledger know them again.",
        {"objection": REFERENCE, "purpose": PROMISE, "by": STAFF},
        {"identities": COUNT, "marked": COUNT},
    ),
    _kind(
        "objection.decided",
        "A named person decided an objection.",
        {"objection": REFERENCE, "decision": one_of("granted", "refused"), "by": STAFF},
        {"marked": COUNT},
    ),
)

_EXPORTS = (
    _kind(
        "export.made",
        "People's data was put into a package; the digest ties this entry to its manifest, counts say how much.",
        {
            "manifest": DIGEST,
            "variant": one_of("access", "portability"),
            "policy": HASH,
            "people": COUNT,
            "rows": COUNT,
        },
        {
            "withheld_rows": COUNT,
            "files": COUNT,
            "bytes": COUNT,
            "stores": list_of(STORE),
            "datasets": list_of(DATASET),
            "looked_at": COUNT,
            "not_looked_at": COUNT,
            "incomplete": FLAG,
            "troth": VERSION,
            "by": STAFF,
        },
    ),
)

_GUARDS = (
    _kind(
        "backup.acknowledged",
        "Someone stated that a backup exists, as the first run on a store asks.",
        {"store": STORE, "by": STAFF},
        {"plan": HASH, "backup_made": INSTANT, "gone_by": DAY},
    ),
    _kind(
        "guard.overridden",
        "Someone let a guard pass by naming it.",
        {"guard": CODE, "plan": HASH, "by": STAFF},
        {"dataset": DATASET, "rows": COUNT, "limit": COUNT},
    ),
    _kind(
        "hold.added",
        "An order not to delete was recorded; its condition is sealed, its subject a digest.",
        {
            "hold": REFERENCE,
            "ground": GROUND,
            "scope": one_of("subject", "condition", "dataset"),
            "owner": STAFF,
        },
        {"by": STAFF, "review": DAY, "subject": DIGEST, "condition": DIGEST, "datasets": list_of(DATASET)},
    ),
    _kind(
        "hold.lifted",
        "An order not to delete ended.",
        {"hold": REFERENCE, "by": STAFF},
        {"reason": CODE},
    ),
    _kind(
        "hold.read",
        "Somebody read whom or what a hold covers, and said why; the keyed hash is of the reason.",
        {"hold": REFERENCE, "reason": HASH, "by": STAFF},
    ),
)

_KEY_USE = one_of("tombstones", "commitments")
_SOURCE = one_of("command", "folder", "pgbackrest", "restic")

_AFTERWARDS = (
    _kind(
        "tombstone.made",
        "People were erased; keyed digests stand for them, so that a restored copy is erased again.",
        {"plan": HASH, "people": COUNT, "tombstones": COUNT, "stores": list_of(STORE)},
        {"key_id": KEY_ID, "kept": COUNT, "last_copy_gone_by": DAY},
    ),
    _kind(
        "tombstone.closed",
        "Somebody who was erased lawfully came back; their tombstones count no more.",
        {"person": REFERENCE, "reason": CODE, "by": STAFF},
    ),
    _kind(
        "replay.finished",
        "A restored store was searched for people erased after the copy was made.",
        {"store": STORE, "copy_made": INSTANT, "tombstones": COUNT, "found": COUNT, "to_decide": COUNT},
        {"by": STAFF, "backup": REFERENCE, "plan": HASH, "untouched": FLAG, "not_looked_at": COUNT},
    ),
    _kind(
        "sweep.finished",
        "Stores were searched for people who had been erased.",
        {"stores": list_of(STORE), "tombstones": COUNT, "found": COUNT},
        {"by": STAFF, "not_looked_at": COUNT},
    ),
    _kind(
        "key.rotated",
        "A new key took the place of another, which stays for what was made with it.",
        {"use": _KEY_USE, "key_id": KEY_ID, "previous": KEY_ID, "by": STAFF},
    ),
    _kind(
        "key.destroyed",
        "A key was destroyed; what was made with it can no longer be compared or opened.",
        {"use": _KEY_USE, "key_id": KEY_ID, "by": STAFF},
        {"tombstones": COUNT},
    ),
    _kind(
        "backup.registered",
        "A copy of a store became known.",
        {"backup": REFERENCE, "store": STORE, "made": INSTANT, "source": _SOURCE},
        {"ends": DAY, "by": STAFF},
    ),
    _kind(
        "backup.gone",
        "A copy of a store is no longer there.",
        {"backup": REFERENCE, "store": STORE, "how": one_of("vanished", "stated")},
        {"by": STAFF},
    ),
    _kind(
        "backup.listed",
        "A source said which copies of a store there are.",
        {"store": STORE, "source": _SOURCE, "sets": COUNT},
        {"faults": COUNT, "by": STAFF},
    ),
    _kind(
        "archive.made",
        "An encrypted archive was written, with a key for each person in it.",
        {"archive": REFERENCE, "people": COUNT},
        {"by": STAFF},
    ),
    _kind(
        "archive.shredded",
        "Keys of people in encrypted archives were destroyed: what they opened is put beyond use.",
        {"archive": REFERENCE, "people": COUNT, "by": STAFF},
        {"last_copy_gone_by": DAY},
    ),
)

ALL: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *_LOG,
        *_PROJECT,
        *_PLANS,
        *KEPT_PLANS,
        *_RIGHTS,
        *_USE,
        *_EXPORTS,
        *_GUARDS,
        *_AFTERWARDS,
        *CASES,
        *SHARING,
        *LETTERS,
        *MAILS,
        *ACCOUNTS,
        *SYSTEMS,
    )
}
"""Every kind by its name."""
