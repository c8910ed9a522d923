"""The log appends, signs, and finds out what was changed behind its back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from troth.errors import Damaged
from troth.evidence import checkpoint, log, merkle
from troth.evidence.log import Conflict
from troth.evidence.memory import MemoryStorage
from troth.evidence.verify import Tree
from unit.evidence.makers import AT, KEYS, entry, made_keys, made_log
from unit.evidence.storage_contract import StorageContract

KEY = KEYS.signing.verifier


class TestMemoryStorage(StorageContract):
    """The storage in memory keeps the contract."""

    @pytest.fixture
    def storage(self) -> MemoryStorage:
        """Return an empty one."""
        return MemoryStorage()


class Busy(MemoryStorage):
    """A storage into which someone else writes first, some times over."""

    def __init__(self, rivals: int) -> None:
        super().__init__()
        self.rivals = rivals

    def append(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
        """Let the rival go first."""
        if self.rivals:
            self.rivals -= 1
            log.append(self, entry(900 + self.rivals))
        super().append(entries, before=before, after=after)


def test_append_tries_again_after_a_conflict() -> None:
    """When someone else comes first, the entry goes in behind theirs."""
    storage = Busy(rivals=1)
    assert log.append(storage, entry(0)) == 1
    assert storage.tree().size == 2


def test_append_gives_up_in_the_end() -> None:
    """Someone who always comes second is told so."""

    class Closed(MemoryStorage):
        def append(self, entries: Sequence[bytes], *, before: Tree, after: Tree) -> None:
            raise Conflict("Someone else was first.")

    with pytest.raises(Conflict):
        log.append(Closed(), entry(0))


def test_a_checkpoint_is_made_once_per_size() -> None:
    """Signing again without new entries gives back the last checkpoint."""
    storage = made_log(3)
    assert log.checkpoint(storage, KEYS.signing, AT + timedelta(days=9)) == storage.last_checkpoint()
    assert len(list(storage.checkpoints())) == 1


def test_a_shorter_log_is_not_signed() -> None:
    """After a restore from an older copy nothing is signed over the newer checkpoint."""
    storage, newer = made_log(3), made_log(5).last_checkpoint()
    assert newer
    storage._checkpoints.append(newer)
    with pytest.raises(Damaged, match="3 entries"):
        log.checkpoint(storage, KEYS.signing, AT)


def test_another_log_of_the_same_size_is_not_signed() -> None:
    """A log of equal size and another root is not taken for the one that was signed."""
    storage = made_log(3, other_from=1)
    storage._checkpoints[:] = made_log(3).checkpoints()
    with pytest.raises(Damaged):
        log.checkpoint(storage, KEYS.signing, AT)


def test_audit_of_a_whole_log() -> None:
    """A log nobody touched passes, entries after the last checkpoint included."""
    storage = made_log(3, 7)
    log.append(storage, entry(7))
    assert log.audit(storage, KEY) == 8


@pytest.mark.parametrize("place", range(7))
def test_audit_finds_a_changed_entry(place: int) -> None:
    """Changing any entry is found, and the first checkpoint that no longer fits is named."""
    storage = made_log(3, 7)
    storage._entries[place] = entry(99).encode()
    with pytest.raises(Damaged, match=f"checkpoint of {3 if place < 3 else 7} entries"):
        log.audit(storage, KEY)


def test_audit_finds_a_changed_tail() -> None:
    """An entry after the last checkpoint is compared with the tree kept beside it."""
    storage = made_log(3)
    log.append(storage, entry(3))
    storage._entries[3] = entry(99).encode()
    with pytest.raises(Damaged, match="kept beside it"):
        log.audit(storage, KEY)


def test_audit_finds_a_lost_entry() -> None:
    """An entry removed at the end is missed."""
    storage = made_log(3)
    storage._entries.pop()
    with pytest.raises(Damaged, match="checkpoint of 3"):
        log.audit(storage, KEY)


def test_audit_refuses_a_strange_signature() -> None:
    """A checkpoint of another key among ours is damage."""
    with pytest.raises(Damaged, match="not signed by the key"):
        log.audit(made_log(3), made_keys("two").signing.verifier)


@pytest.mark.parametrize("sizes", [(3, 7), (4,)])
def test_audit_names_a_fork(sizes: tuple[int, ...]) -> None:
    """A log that does not continue a checkpoint kept elsewhere is a fork."""
    kept = checkpoint.read(str(made_log(5).last_checkpoint()), KEY)
    with pytest.raises(Damaged, match="a fork"):
        log.audit(made_log(*sizes, other_from=2), KEY, kept)


def test_audit_continues_an_earlier_checkpoint() -> None:
    """A log that grew from the checkpoint kept elsewhere passes."""
    kept = checkpoint.read(str(made_log(5).last_checkpoint()), KEY)
    assert log.audit(made_log(3, 7), KEY, kept) == 7


def test_inclusion_from_storage() -> None:
    """The proof of one entry verifies against the root of the log."""
    storage = made_log(6)
    proof = log.prove_inclusion(storage, 4, 6)
    assert merkle.verify_inclusion(4, 6, entry(4).leaf(), proof, storage.tree().root)
