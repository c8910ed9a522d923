"""Open a ledger: make it on first use, bring it up to date, see that what is in it adds up.

Processes that open it for the first time at the same moment end with one ledger and one set of keys.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import troth
from troth.errors import Damaged
from troth.evidence import checkpoint, keyfiles
from troth.evidence.entry import Entry
from troth.evidence.keys import Keys
from troth.evidence.verify import Tree

from troth.ledger.ledger import Ledger  # isort: skip  # configures Django, which the models need
from troth.ledger import faults, files, setup, upgrade
from troth.ledger.models import TreeState
from troth.ledger.place import Place, SQLitePlace, parse
from troth.ledger.session import Session
from troth.ledger.settings import Settings

ID = "ledger"
SIGNED_BY = "signed-by"
PUT_BACK = "Put back the keys folder that belongs to this ledger."

Clock = Callable[[], datetime]


def now() -> datetime:
    """Read the clock of this machine."""
    return datetime.now(UTC)


def open_ledger(url: str, *, keys_dir: Path, clock: Clock = now) -> Ledger:
    """Do what `ledger.open` promises."""
    place = parse(url)
    if isinstance(place, SQLitePlace):
        files.prepare(place.path)
    alias = setup.register(place)
    with contextlib.ExitStack() as undo:
        undo.callback(setup.forget, alias)
        ledger = _opened(place, alias, keys_dir, clock)
        undo.pop_all()
    return ledger


def _opened(place: Place, alias: str, keys_dir: Path, clock: Clock) -> Ledger:
    session = Session(place=place, alias=alias)
    with faults.translated(place, alias):
        upgrade.bring_up_to_date(place, alias)
    begun = Settings(session=session).get(ID) is not None
    if begun and not (keys_dir / keyfiles.PUBLIC).exists():
        raise Damaged(f"The keys of this ledger are gone: {keys_dir} holds none.", hint=PUT_BACK)
    keys = keyfiles.load_or_create(keys_dir, f"troth-{secrets.token_hex(4)}", secrets.token_bytes)
    ledger = Ledger(session=session, keys=keys, keys_dir=keys_dir)
    if not begun:
        _begin(ledger, clock)
    _check(ledger, keys)
    return ledger


def _begin(ledger: Ledger, clock: Clock) -> None:
    """Give a new ledger its id and its first entries, once."""
    with ledger.writing() as alias:
        # On PostgreSQL the row that two first users race for is the tree's: the second one waits here.
        TreeState.objects.using(alias).get_or_create(pk=1)
        tree = ledger.evidence.tree()
        if ledger.settings.get(ID) is not None:
            return
        if tree.size:
            raise Damaged("The ledger has an evidence log but has lost its own id.")
        id = secrets.token_hex(8)
        ledger.settings.set(ID, id)
        ledger.settings.set(SIGNED_BY, str(ledger.keys.signing.verifier))
        at = clock()
        created = {"ledger": f"ledger:{id}", "troth": troth.__version__}
        ledger.append(
            Entry(kind="ledger.created", at=at, body=created),
            *(
                Entry(kind="key.created", at=at, body={"use": use, **_shown(use, ledger.keys)})
                for use in ("signing", "tombstones", "commitments")
            ),
        )


def _shown(use: str, keys: Keys) -> dict[str, str]:
    return {"key_id": keys.signing.verifier.key_id.hex()} if use == "signing" else {}


def _check(ledger: Ledger, keys: Keys) -> None:
    """Compare keys, tree, last entry, number of entries and newest checkpoint: all without reading the log.

    Raises:
        Damaged: when they contradict one another.
    """
    if ledger.settings.get(SIGNED_BY) != str(keys.signing.verifier):
        raise Damaged(
            f"The keys in {ledger.keys_dir} are not those this ledger was made with.",
            hint=PUT_BACK,
        )
    with ledger.writing():
        tree = ledger.evidence.tree()
        ledger.evidence.check_end(tree)
        ledger.evidence.check_count(tree)
        _check_signed(ledger, keys, tree)


def _check_signed(ledger: Ledger, keys: Keys, tree: Tree) -> None:
    last = ledger.evidence.last_checkpoint()
    if last is None:
        return
    signed = checkpoint.read(last, keys.signing.verifier)
    if signed.size > tree.size or (signed.size == tree.size and signed.root != tree.root):
        raise Damaged(
            f"The evidence log holds {tree.size} entries that do not continue the {signed.size} signed before.",
            hint="Entries were removed or changed after they were signed; restore the ledger from a backup.",
        )
