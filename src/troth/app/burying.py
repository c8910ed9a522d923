"""Make the tombstones of an erasure that is done, with their evidence, and close those of people who came back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from troth.app import shredding
from troth.backups import gone
from troth.backups.gone import LastCopy
from troth.errors import Refused
from troth.evidence import keys
from troth.evidence.entry import Entry
from troth.ledger.ledger import Ledger
from troth.people import tombstones
from troth.people.entries import Entries, Way
from troth.people.manifest import Manifest
from troth.people.tombstones import Erasure, Kept, StoreKey
from troth.periods import Period
from troth.policy.model import Policy
from troth.rights.model import EraseRows, ErasurePlan, Scrub

LONGEST_REASON = 64
MOST_STORES = 500


def bury(
    ledger: Ledger,
    plan: ErasurePlan,
    manifest: Manifest,
    ways: Mapping[str, tuple[Way, ...]],
    *,
    at: datetime,
) -> int:
    """Make the tombstones of everyone in a manifest; return how many, 0 when the plan has its tombstones already.

    Keys of theirs in encrypted archives are destroyed with it. Call it in the transaction that ends the erasure,
    before the manifest is destroyed, with the people that were really erased: whoever a hold kept is left out of the
    manifest by the caller.

    Args:
        ledger: Where they are kept.
        plan: What was carried out: its kept list goes with the tombstones.
        manifest: Who was erased.
        ways: By what the stores know people.
        at: When the erasure was done.
    """
    where = tombstones.used(Entries(of=manifest.entries), ways)
    ids = {store: _key(ledger, store) for store in where}
    erasure = Erasure(plan=plan.hash, erased_at=at, kept=_kept(plan), gone=went(plan))
    people = [person.number for person in manifest.people]
    with ledger.writing():
        made = ledger.tombstones.add(erasure, people, tombstones.made(manifest, ids, where))
        if made:
            body = {
                "plan": plan.hash,
                "people": len(people),
                "tombstones": made,
                "stores": sorted(where)[:MOST_STORES],
                "key_id": keys.key_id(ledger.keys.tombstones),
                "kept": len(erasure.kept),
            }
            ledger.append(Entry(kind="tombstone.made", at=at, body=body))
        shredding.erased(ledger, manifest, at=at)
    return made


def last_copy(
    ledger: Ledger, stores: Sequence[str], erased_at: datetime, policy: Policy, *, today: date | None = None
) -> LastCopy:
    """Say when the last copy of some stores that may hold people erased at an instant is gone."""
    return gone.last(
        ledger.backup_sets.read(standing=True),
        ledger.backup_sets.sources(),
        stores=stores,
        erased_at=erased_at,
        term=promised(policy),
        today=today,
    )


def promised(policy: Policy) -> Period | None:
    """Return how soon erased data is promised to be gone from backups."""
    return policy.erasure.backups if policy.erasure else None


def close(ledger: Ledger, person: str, *, reason: str, by: str, at: datetime) -> None:
    """Say that an erased person lawfully came back: a new sign-up, a new consent.

    Raises:
        Refused: when there is no such person, the reason is no word, or they are closed already.
    """
    found = re.fullmatch(r"(?:erased:)?([1-9][0-9]{0,8})", person.strip(), re.ASCII)
    if found is None:
        raise Refused(
            "An erased person is named by a number, as `erased:12`; found something else.",
            hint="`troth sweep` shows the numbers.",
        )
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", reason) or len(reason) > LONGEST_REASON:
        raise Refused(
            "A reason of lower-case words joined by dashes was expected, found something else.",
            hint="Write --reason new-sign-up, --reason new-consent, or a word of your own; no personal value.",
        )
    number = int(found[1])
    with ledger.writing():
        if not ledger.tombstones.people([number]):
            raise Refused(
                f"There is no erased:{number} in this ledger.", hint="`troth sweep` shows the numbers."
            )
        staff = ledger.staff.identify(by, at=at)
        if not ledger.tombstones.close(number, reason=reason, by=staff, at=at):
            raise Refused(f"erased:{number} has been closed already.", hint="Nothing was changed.")
        body = {"person": f"erased:{number}", "reason": reason, "by": f"staff:{staff}"}
        ledger.append(Entry(kind="tombstone.closed", at=at, body=body))


def _key(ledger: Ledger, store: str) -> StoreKey:
    secret = ledger.keys.tombstones
    return StoreKey(id=keys.key_id(secret), secret=keys.store_key(secret, store))


def _kept(plan: ErasurePlan) -> tuple[Kept, ...]:
    return tuple(Kept(dataset=s.dataset, fields=s.fields, reason=s.reason, ends=s.ends) for s in plan.spared)


def went(plan: ErasurePlan) -> tuple[str, ...]:
    """Name the datasets whose rows about the people went whole, every one, and the columns that were emptied."""
    emptied = {
        f"{step.dataset}:{change.column}"
        for step in plan.steps
        if not isinstance(step, EraseRows)
        for change in step.changes
        if not isinstance(change, Scrub)
    }
    return (*sorted(_rows_gone(plan)), *sorted(emptied))


def _rows_gone(plan: ErasurePlan) -> set[str]:
    whole = {step.dataset for step in plan.steps if isinstance(step, EraseRows)}
    stayed = {step.dataset for step in plan.steps if not isinstance(step, EraseRows) and step.why == "erased"}
    return whole - stayed - {spared.dataset for spared in plan.spared}
