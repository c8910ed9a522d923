"""What every storage of the evidence log must do; the ledger's and the one in memory pass the same tests."""

from __future__ import annotations

import pytest

from troth.evidence import log
from troth.evidence.log import Conflict, Storage
from troth.evidence.verify import Tree, leaf_hash
from unit.evidence.makers import AT, KEYS, entry


class StorageContract:
    """Inherit, and give a fixture `storage` that is empty."""

    def test_an_empty_storage(self, storage: Storage) -> None:
        """Nothing is in it, and its tree is the empty one."""
        assert storage.tree() == Tree()
        assert list(storage.entries()) == []
        assert list(storage.checkpoints()) == []
        assert storage.last_checkpoint() is None

    def test_entries_come_back_in_order(self, storage: Storage) -> None:
        """What was appended is read byte for byte, whole or by range."""
        data = [entry(number).encode() for number in range(5)]
        assert log.append(storage, *(entry(number) for number in range(3))) == 0
        assert log.append(storage, entry(3), entry(4)) == 3
        assert list(storage.entries()) == data
        assert list(storage.entries(1, 3)) == data[1:3]
        assert list(storage.entries(4)) == data[4:]
        assert list(storage.entries(2, 2)) == []

    def test_the_tree_is_kept(self, storage: Storage) -> None:
        """The tree kept is that of the entries."""
        log.append(storage, *(entry(number) for number in range(5)))
        tree = Tree()
        for data in storage.entries():
            tree = tree.append(leaf_hash(data))
        assert storage.tree() == tree

    def test_an_append_on_an_old_tree_is_refused(self, storage: Storage) -> None:
        """Whoever has not seen the last entry gets a conflict, and nothing is written."""
        stale = storage.tree()
        log.append(storage, entry(0))
        data = entry(1).encode()
        with pytest.raises(Conflict):
            storage.append([data], before=stale, after=stale.append(leaf_hash(data)))
        assert storage.tree().size == 1
        assert len(list(storage.entries())) == 1

    def test_checkpoints_come_back_in_order(self, storage: Storage) -> None:
        """Checkpoints are kept as they were signed, the newest last."""
        notes = []
        for number in range(3):
            log.append(storage, entry(number))
            notes.append(log.checkpoint(storage, KEYS.signing, AT))
        assert list(storage.checkpoints()) == notes
        assert storage.last_checkpoint() == notes[-1]
