"""Rotate and destroy the secret keys of a ledger, with evidence; old keys stay for what was made with them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.app import ledgers
from troth.app.clock import Clock
from troth.errors import Refused
from troth.evidence import keyfiles, keys
from troth.evidence.entry import Entry
from troth.evidence.keyfiles import Use
from troth.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShown:
    """One key, by its id."""

    use: Use
    id: str
    in_use: bool
    tombstones: int = 0
    standing: int = 0
    """Tombstones of people who have not come back."""
    lost: bool = False
    """Tombstones name it, and it is no longer there."""


def listed(folder: Path, environment: Mapping[str, str], clock: Clock) -> tuple[KeyShown, ...]:
    """List the secret keys: those in use, older ones, and those that are gone."""
    with ledgers.opened(folder, environment, clock) as ledger:
        counted = {use.key: use for use in ledger.tombstones.by_key()}
        return tuple(
            [
                KeyShown(
                    use="tombstones",
                    id=id,
                    in_use=id == keys.key_id(ledger.keys.tombstones),
                    tombstones=counted[id].tombstones if id in counted else 0,
                    standing=counted[id].standing if id in counted else 0,
                )
                for id in ledger.keys.all_tombstones
            ]
            + [
                KeyShown(
                    use="tombstones",
                    id=id,
                    in_use=False,
                    tombstones=use.tombstones,
                    standing=use.standing,
                    lost=True,
                )
                for id, use in counted.items()
                if id not in ledger.keys.all_tombstones
            ]
            + [
                KeyShown(use="commitments", id=id, in_use=id == keys.key_id(ledger.keys.commitments))
                for id in (keys.key_id(ledger.keys.commitments), *ledger.keys.older_commitments)
            ]
        )


def rotate(
    use: Use, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str
) -> tuple[str, str]:
    """Put a fresh key in place of the one in use; return the ids of the old and the new one.

    What was made with the old key is compared with it as before; it is destroyed by a command of its own.
    """
    with ledgers.opened(folder, environment, clock) as ledger:
        at = clock.now()
        staff = ledger.staff.identify(by, at=at)
        previous, fresh = keyfiles.rotate(ledger.keys_dir, use, secrets.token_bytes)
        body = {"use": use, "key_id": fresh, "previous": previous, "by": f"staff:{staff}"}
        with ledger.writing():
            ledger.append(Entry(kind="key.rotated", at=at, body=body))
            ledger.checkpoint(at=at)
    return previous, fresh


def destroy(
    id: str, folder: Path, environment: Mapping[str, str], clock: Clock, *, by: str, lose: bool
) -> int:
    """Destroy a key that was rotated out; return how many standing tombstones can no longer be compared.

    Args:
        id: The key's id.
        folder: The project.
        environment: Where the ledger is.
        clock: For the evidence.
        by: Who does it.
        lose: Do it although something was made with it that still counts.

    Raises:
        Refused: when there is no such older key, or something that still counts was made with it.
    """
    with ledgers.opened(folder, environment, clock) as ledger:
        use = _use(ledger, id)
        standing = next((u.standing for u in ledger.tombstones.by_key() if u.key == id), 0)
        if not lose:
            _refuse(use, id, standing)
        at = clock.now()
        staff = ledger.staff.identify(by, at=at)
        body = {"use": use, "key_id": id, "by": f"staff:{staff}", "tombstones": standing}
        with ledger.writing():
            ledger.append(Entry(kind="key.destroyed", at=at, body=body))
            ledger.checkpoint(at=at)
            keyfiles.destroy(ledger.keys_dir, use, id)
    return standing


def _use(ledger: Ledger, id: str) -> Use:
    if id in (keys.key_id(ledger.keys.tombstones), keys.key_id(ledger.keys.commitments)):
        raise Refused(
            f"Key {id} is in use.", hint="Rotate it first: troth keys rotate; then destroy it by its id."
        )
    if id in ledger.keys.older_tombstones:
        return "tombstones"
    if id in ledger.keys.older_commitments:
        return "commitments"
    raise Refused(f"There is no key {id} in {ledger.keys_dir}.", hint="`troth keys list` shows the keys.")


def _refuse(use: Use, id: str, standing: int) -> None:
    if use == "commitments":
        raise Refused(
            f"Names of staff, titles of holds and manifests may be sealed with key {id}: they would be lost.",
            hint="Say --lose if that is meant.",
        )
    if standing:
        raise Refused(
            f"{standing:,} tombstones were made with key {id}: without it a restored copy of these people is not "
            "noticed.",
            hint="Wait until the last copy with them is gone, or say --lose.",
        )
