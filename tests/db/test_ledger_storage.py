"""The ledger keeps the evidence log as every storage must: the shared contract, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from troth import ledger
from troth.evidence.log import Storage
from unit.evidence.storage_contract import StorageContract


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Return the storage of a ledger from which the first entries were taken."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/ledger.sqlite"
    else:
        url = request.getfixturevalue("pg_url")
    book = ledger.open(url, keys_dir=tmp_path / "keys")
    from troth.ledger.models import EvidenceEntry, TreeState

    with book.writing() as alias:
        EvidenceEntry.objects.using(alias).all().delete()
        TreeState.objects.using(alias).update(size=0, nodes=b"")
    yield book.evidence
    book.close()


class TestLedgerStorage(StorageContract):
    """Run the contract."""
