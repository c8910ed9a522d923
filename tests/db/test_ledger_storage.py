"""The ledger keeps the evidence log as every storage must: the shared contract, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.ledgers import KINDS, url_of
from troth import ledger
from troth.evidence.log import Storage
from unit.evidence.storage_contract import StorageContract


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Return the storage of a ledger from which the first entries were taken."""
    book = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    from troth.ledger.models import EvidenceEntry, TreeState

    with book.writing() as alias:
        EvidenceEntry.objects.using(alias).all().delete()
        TreeState.objects.using(alias).update(size=0, nodes=b"")
    yield book.evidence
    book.close()


class TestLedgerStorage(StorageContract):
    """Run the contract."""
