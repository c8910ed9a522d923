"""Files of a lake fulfil the contract of stores that can erase people, in each format."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from db.contract import Contract, Harness
from db.contract_lake import LakeHarness


class TestParquet(Contract):
    kill_points = 8

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of Parquet files."""
        return LakeHarness(tmp_path, "parquet")


class TestCsv(Contract):
    kill_points = 4

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of CSV files."""
        return LakeHarness(tmp_path, "csv")


class TestJsonLines(Contract):
    kill_points = 4

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of JSON-lines files."""
        return LakeHarness(tmp_path, "jsonl")
