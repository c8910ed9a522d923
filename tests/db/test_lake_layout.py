"""Row groups and pages that are too large for the memory: the file is written all the same, its rows in order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from db.contract import ADA, BEN, KEY, manifest
from troth.apply.people import PeopleBatch
from troth.catalog.datamap import Store
from troth.people.entries import Way
from troth.plan.predicates import Staged
from troth.rights.model import EraseFields, Scrub
from troth.stores import lake
from troth.stores.lake import engine, layout
from troth.stores.lake.fragment import Piece
from troth.stores.lake.parts import Part

ROWS = 1_000_000


def made(path: Path, columns: int) -> Part:
    """Write one row group of columns whose pages take nearly 100 MB each."""
    names = [f"c{n}" for n in range(columns)]
    texts = ", ".join(
        f"repeat('x', 80) || (range * {n + 7} % 1000003) AS {name}" for n, name in enumerate(names)
    )
    with duckdb.connect(config={"threads": 2}) as db:
        db.execute(
            f"COPY (SELECT range AS id, {texts} FROM range({ROWS})) TO '{path}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS}, DICTIONARY_SIZE_LIMIT 1)"
        )
    return Part(
        number=1, path=path, relative="a", format="parquet", columns=dict.fromkeys(["id", *names], "")
    )


def written(part: Part, target: Path, where: str) -> None:
    """Write a file anew, in a session like any other."""
    with engine.session("lake") as db:
        rows = Piece(f" FROM read_parquet('{part.path}', file_row_number = true) AS t0 WHERE {where}")
        layout.write(
            db, layout.look(db, part), [Piece(f't0."{name}"') for name in part.columns], rows, target
        )
        assert db.rows(Piece("SELECT current_setting('memory_limit')")) == [("267.0 MiB",)]
        assert not list(db.room.glob("column-*"))


def test_pages_that_cannot_be_open_side_by_side_are_taken_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four columns with pages of 90 MB are written within the memory: same rows, same order, same columns."""
    part = made(tmp_path / "a.parquet", 4)
    monkeypatch.setattr(layout, "MOST_MEMORY", "10MB")  # What is tried last would not do.
    written(part, tmp_path / "b.parquet", "t0.id % 3 <> 0")
    new = f"read_parquet('{tmp_path}/b.parquet', file_row_number = true)"
    with duckdb.connect() as db:
        rest = f"(SELECT * FROM '{part.path}' WHERE id % 3 <> 0)"
        assert (
            db.sql(f"SELECT * FROM {rest} EXCEPT SELECT * EXCLUDE (file_row_number) FROM {new}").fetchall()
            == []
        )
        assert db.sql(f"SELECT count(*) FROM {new}").fetchone() == (ROWS - (ROWS + 2) // 3,)
        # Of three rows the first has gone: row n of the new file is the one with this number.
        wrong = f"SELECT count(*) FROM {new} WHERE id <> file_row_number // 2 * 3 + file_row_number % 2 + 1"
        assert db.sql(wrong).fetchone() == (0,)


def test_groups_too_wide_for_the_memory_become_smaller(tmp_path: Path) -> None:
    """Rows of a group that would take 400 MB go into groups of the usual size."""
    part = made(tmp_path / "a.parquet", 4)
    written(part, tmp_path / "b.parquet", "true")
    with duckdb.connect() as db:
        size = f"SELECT max(row_group_num_rows) FROM parquet_metadata('{tmp_path}/b.parquet')"
        assert db.sql(size).fetchone() == (layout.SMALLER_GROUPS[0],)


def test_scrubbed_texts_come_back_to_their_rows(tmp_path: Path) -> None:
    """Of 300,000 rows in turn about two people, the texts of one are scrubbed, each in its own place."""
    path = tmp_path / "lake/a.parquet"
    path.parent.mkdir()
    with duckdb.connect() as db:
        said = f"'number ' || range || CASE WHEN range % 3 = 0 THEN ' by {ADA.email}' ELSE '' END AS said"
        person = f"CASE WHEN range % 2 = 0 THEN '{ADA.key}' ELSE '{BEN.key}' END AS customer"
        db.execute(
            f"COPY (SELECT range AS id, {person}, {said} FROM range(300_000)) TO '{path}' (FORMAT parquet)"
        )
    mine = Staged(entry=KEY, columns=("customer",))
    step = EraseFields(
        id="1", dataset="lake.a", why="erased", changes=(Scrub(column="said"),), where=mine, promises=()
    )
    batch = PeopleBatch(
        plan="plan",
        number=1,
        people=manifest(ADA),
        steps=((1, step),),
        ways={"lake.a": (Way(role="customer", subject="customer", path=(), end=mine),)},
        at_most={},
    )
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with lake.opened("lake", Store(files="lake/{dataset}.parquet"), {}, tmp_path, lambda: now) as store:
        assert store.erase(batch).rows == {1: 50_000}
    with duckdb.connect() as db:
        rows = f"read_parquet('{path}', file_row_number = true)"
        scrubbed = "CASE WHEN range % 6 = 0 THEN ' by [erased]' WHEN range % 3 = 0 THEN ' by {}' ELSE '' END"
        wanted = f"SELECT range, range AS id, 'number ' || range || {scrubbed.format(ADA.email)} FROM range(300_000)"
        assert db.sql(f"SELECT file_row_number, id, said FROM {rows} EXCEPT {wanted}").fetchall() == []
