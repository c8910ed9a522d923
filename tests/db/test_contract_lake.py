"""Files of a lake, in each format, and Delta tables fulfil the contract of stores that can erase people."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.contract import ADA, Contract, Harness, applied, batch, points, scanned
from db.contract_lake import DeltaHarness, LakeHarness

ROOT = Path(__file__).parents[2]


class TestParquet(Contract):
    kill_points = 6
    named_elsewhere = 1

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of Parquet files."""
        return LakeHarness(tmp_path, "parquet")


class TestCsv(Contract):
    kill_points = 2
    named_elsewhere = 1

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of CSV files."""
        return LakeHarness(tmp_path, "csv", nooks={"another column": "found"})


class TestJsonLines(Contract):
    kill_points = 2
    named_elsewhere = 1

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return a lake of JSON-lines files."""
        return LakeHarness(tmp_path, "jsonl", nooks={"another column": "found"})


SCRIPT = """
import pathlib, sys
from db import contract
from db.contract_lake import DeltaHarness
folder, at = pathlib.Path(sys.argv[1]), int(sys.argv[2])
trial, real = DeltaHarness(folder / "trial"), DeltaHarness(folder / "real")
for harness, fuse in ((trial, 0), (real, at)):
    if harness is trial:
        harness.make()
    with harness.opened() as store:
        sys.setprofile(contract._Fuse(fuse))
        contract.applied(store, contract.batch(harness, contract.ADA))
        sys.setprofile(None)
"""


class TestDelta(Contract):
    kill_points = 4
    named_elsewhere = 1

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Harness:
        """Return Delta tables."""
        return DeltaHarness(tmp_path / "real")

    def test_a_kill_anywhere_leaves_what_a_rerun_finishes(self, harness: Harness, tmp_path: Path) -> None:
        """Killed at any call and run again, the tables end as if nothing had happened; delta-rs cannot be forked."""
        mine = batch(harness, ADA)
        deaths = 0
        for at in points(harness, self.kill_points, mine):
            harness.fill()
            where = os.pathsep.join(["src", "tests"])
            command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(at)]
            ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": where}, cwd=ROOT, check=False)
            deaths += ended.returncode == -signal.SIGKILL
            with harness.opened() as store:
                applied(store, mine)
                assert [dict(done.rows) for done in store.batches("plan")] == [dict(harness.rows)], at
                assert scanned(store, harness).residues == (), at
            assert harness.everything() == harness.after(), at
        assert deaths
