"""What Delta tables keep besides their rows, and what becomes of it: old versions, statistics, predicates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import deltalake
import duckdb
import pytest

from db.contract import ADA, BEN, EMAIL, KEY, assert_silent, manifest
from troth.apply.people import Done, PeopleBatch
from troth.catalog.datamap import Dataset, Store
from troth.errors import StoreError
from troth.people.entries import Way
from troth.people.tokens import tokens
from troth.plan import predicates as p
from troth.plan.model import Blank
from troth.rights.model import EraseFields, EraseRows, ErasureStep
from troth.stores import delta
from troth.stores.delta import log
from troth.stores.delta.store import DeltaPeople

MINE = p.Staged(entry=KEY, columns=("customer",))
WAY = Way(role="customer", subject="customer", path=(), end=MINE)
ROWS = (1, EraseRows(id="1", dataset="lake.events", where=MINE, promises=()))


def put(
    folder: Path, query: str, *, partition: Sequence[str] = (), settings: Mapping[str, str] | None = None
) -> None:
    """Append rows to a table."""
    with duckdb.connect() as db:
        deltalake.write_deltalake(
            str(folder / "events"),
            db.sql(query),
            mode="append",
            partition_by=list(partition) or None,
            configuration=settings,
        )


def people(folder: Path, **more: object) -> None:
    """Write rows of Ada and Ben."""
    values = f"VALUES (1, '{ADA.key}', '{ADA.email}'), (2, '{BEN.key}', '{BEN.email}'), (3, 'x', 'zed@example.org')"
    put(folder, f"SELECT col0 AS id, col1 AS customer, col2 AS mail FROM ({values})", **more)  # type: ignore[arg-type]


def opened(folder: Path) -> DeltaPeople:
    """Open the table."""
    declared = Store(files="events", kind="delta")
    datasets = {"lake.events": Dataset.model_validate({"fields": {"contact": ["mail"]}})}
    return delta.opened("lake", declared, datasets, folder, lambda: datetime.now(UTC)).__enter__()


def erase(store: DeltaPeople, *steps: tuple[int, ErasureStep], plan: str = "plan") -> Done:
    """Erase Ada."""
    batch = PeopleBatch(
        plan=plan, number=1, people=manifest(ADA), steps=steps, ways={"lake.events": (WAY,)}, at_most={}
    )
    with store.exclusive():
        return store.erase(batch)


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Read the newest version, as another engine does."""
    table = deltalake.DeltaTable(str(folder / "events"))
    with duckdb.connect() as db:
        found = db.from_arrow(
            deltalake.QueryBuilder().register("t", table).execute("SELECT * FROM t").read_all()
        )
        return sorted(found.fetchall(), key=str)


def everything(folder: Path) -> bytes:
    """Join every byte below the table's folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_of_the_person_stays_in_any_file(tmp_path: Path) -> None:
    """After erasure and purge no file of the table holds the address: rows, old versions, statistics, checkpoints."""
    people(tmp_path)
    deltalake.DeltaTable(str(tmp_path / "events")).create_checkpoint()
    people(tmp_path)
    assert ADA.email.encode() in everything(tmp_path)
    store = opened(tmp_path)
    assert erase(store, ROWS).rows == {1: 2}
    purged = store.purge_people(["lake.events"])
    assert purged.outcome == "done"
    assert ADA.email.encode() not in everything(tmp_path)
    assert store.scan(tokens(manifest(ADA)), {}, {}, print).residues == ()
    assert [row[0] for row in rows(tmp_path)] == [2, 2, 3, 3]


def test_a_predicate_of_somebody_else_is_taken_out(tmp_path: Path) -> None:
    """A delete by a literal address leaves it in the log; the purge replaces it and the scan had named it."""
    people(tmp_path)
    people(tmp_path)
    deltalake.DeltaTable(str(tmp_path / "events")).delete(f"mail = '{ADA.email}' AND id = 1")
    put(tmp_path, f"SELECT 9 AS id, '{ADA.key}' AS customer, NULL::VARCHAR AS mail")
    store = opened(tmp_path)
    found = store.scan(tokens(manifest(ADA)), {}, {}, print)
    assert {r.column for r in found.residues} >= {"(operations)", "(statistics)", "(old files)"}
    assert_silent(repr(found))
    erase(store, ROWS)
    assert ADA.email.encode() not in everything(tmp_path)
    assert "DELETE" in [
        entry["operation"] for entry in deltalake.DeltaTable(str(tmp_path / "events")).history()
    ]


def test_an_owner_may_keep_old_versions(tmp_path: Path) -> None:
    """With the table property old files stay; the purge is partial and the scan names what is readable."""
    people(tmp_path)
    path = next((tmp_path / "events/_delta_log").glob("*.json"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"] = {"troth.history": "keep"}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    store = opened(tmp_path)
    erase(store, ROWS)
    purged = store.purge_people(["lake.events"])
    assert (purged.outcome, purged.readable[:2]) == ("partly", ("old-files", "statistics"))
    assert {r.column for r in store.scan(tokens(manifest(ADA)), {}, {}, print).residues} == {
        "(old files)",
        "(statistics)",
    }
    assert_silent(repr(purged))


def test_our_commit_names_no_value(tmp_path: Path) -> None:
    """The commit has files that go and come, no predicate, and statistics of nobody's columns only."""
    people(tmp_path)
    store = opened(tmp_path)
    erase(store, ROWS)
    table = deltalake.DeltaTable(str(tmp_path / "events"))
    _, path = log.commits(tmp_path / "events")[1]
    actions = list(log.actions(path))
    assert_silent(path.read_text())
    assert [next(iter(one)) for one in actions] == ["commitInfo", "remove", "add"]
    statistics = json.loads(actions[2]["add"]["stats"])
    assert statistics == {
        "numRecords": 2,
        "minValues": {"id": 2},
        "maxValues": {"id": 3},
        "nullCount": {"id": 0},
    }
    assert table.version() >= 1


@pytest.mark.parametrize("value", ["'a b/c'", "NULL", "DATE '2024-02-29'", "7"])
def test_partitions_stay_what_they_were(tmp_path: Path, value: str) -> None:
    """Rows of a partition stay in it, whatever its value."""
    query = f"SELECT * FROM (VALUES (1, '{ADA.key}'), (2, 'x')) AS t(id, customer), (SELECT {value} AS part)"
    put(tmp_path, query, partition=["part"])
    before = rows(tmp_path)
    store = opened(tmp_path)
    assert erase(store, ROWS).rows == {1: 1}
    assert rows(tmp_path) == [row for row in before if ADA.key not in row]


def test_other_commits_meanwhile_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer who is faster keeps its rows; the batch is done anew on what the table has then."""
    people(tmp_path)
    real, left = log.commit, [1]

    def commit(*given: object) -> bool:
        if left:
            left.pop()
            people(tmp_path)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "commit", commit)
    store = opened(tmp_path)
    assert erase(store, ROWS).rows == {1: 2}
    assert [row[0] for row in rows(tmp_path)] == [2, 2, 3, 3]


def test_a_writer_that_is_always_faster_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries the store gives up with nothing half-done, and no file of ours is left."""
    people(tmp_path)
    monkeypatch.setattr(log, "commit", lambda *given: False)
    before = sorted(tmp_path.rglob("*.parquet"))
    with pytest.raises(StoreError, match="keeps committing"):
        erase(opened(tmp_path), ROWS)
    assert sorted(tmp_path.rglob("*.parquet")) == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"delta.appendOnly": "true"}, "appendOnly"),
        ({"delta.enableChangeDataFeed": "true"}, "enableChangeDataFeed"),
        ({"delta.enableDeletionVectors": "true"}, "eletionVectors"),
    ],
)
def test_what_a_table_forbids_is_said_and_not_done(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    """A table that may not be written this way offers no step: the plan makes a task of it."""
    people(tmp_path, settings=settings)
    store = opened(tmp_path)
    described = store.describe()
    assert described.can == {"recheck"}
    assert said in " ".join(described.notes)
    before = rows(tmp_path)
    assert erase(store, ROWS).rows == {1: 0}
    assert rows(tmp_path) == before
    with pytest.raises(StoreError, match=said):
        store.purge_people(["lake.events"])


def test_a_table_with_constraints_lets_rows_go_only(tmp_path: Path) -> None:
    """Values are not changed where a constraint might be broken."""
    people(tmp_path)
    deltalake.DeltaTable(str(tmp_path / "events")).alter.add_constraint({"positive": "id > 0"})
    store = opened(tmp_path)
    assert store.describe().can == {"delete", "recheck"}
    assert erase(store, ROWS).rows == {1: 1}


def test_fields_are_emptied(tmp_path: Path) -> None:
    """A step that changes fields leaves the row, and other tables' readers see it."""
    people(tmp_path)
    step = EraseFields(
        id="1", dataset="lake.events", why="erased", changes=(Blank(column="mail"),), where=MINE, promises=()
    )
    assert erase(opened(tmp_path), (1, step)).rows == {1: 1}
    assert rows(tmp_path)[0] == (1, ADA.key, None)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    """A table whose file was taken away is read as far as it is there, and not called done."""
    people(tmp_path)
    people(tmp_path)
    files = sorted(tmp_path.rglob("*.parquet"))
    files[0].unlink()
    store = opened(tmp_path)
    assert erase(store, ROWS).rows == {1: 1}
    with pytest.raises(StoreError, match=r"file [12] of 2"):
        store.purge_people(["lake.events"])


def test_a_folder_without_a_table_says_so(tmp_path: Path) -> None:
    """A pattern that names no table is an error with a way out."""
    (tmp_path / "events").mkdir()
    with pytest.raises(StoreError, match="no Delta table"):
        opened(tmp_path)


def test_a_broken_log_is_named_without_a_path(tmp_path: Path) -> None:
    """A log that cannot be read is an error, not a table without rows."""
    people(tmp_path)
    next((tmp_path / "events/_delta_log").glob("*.json")).write_text("{broken")
    with pytest.raises(StoreError, match="log of a Delta table") as failed:
        opened(tmp_path)
    assert str(tmp_path) not in str(failed.value)


def test_an_address_in_the_way_is_compared_by_its_form(tmp_path: Path) -> None:
    """Copies without a key are found in a table as they are in files."""
    people(tmp_path)
    where = p.Staged(entry=EMAIL, columns=("mail",))
    way = Way(role="customer", subject="customer", path=(), end=where)
    step = EraseRows(id="1", dataset="lake.events", where=where, promises=())
    batch = PeopleBatch(
        plan="p", number=1, people=manifest(ADA), steps=((1, step),), ways={"lake.events": (way,)}, at_most={}
    )
    assert opened(tmp_path).erase(batch).rows == {1: 1}
    assert not list((tmp_path / "events").glob("**/*.tmp"))
