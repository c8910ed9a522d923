"""What a lake does with files as they come: other formats, odd types, partitions, damage, and others at work."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from db.contract import ADA, BEN, CEM, EMAIL, ENTRIES, KEY, PHONE, assert_silent, manifest
from troth.apply.people import Done, PeopleBatch, Question
from troth.catalog.datamap import Dataset, Store
from troth.catalog.model import ColumnKind
from troth.errors import Refused, StoreError
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest, Person
from troth.people.tokens import tokens
from troth.plan import predicates as p
from troth.plan.model import Blank, Coarsen, Prune, Replace
from troth.rights.model import EraseFields, EraseRows, ErasureStep
from troth.stores import lake
from troth.stores.lake import columnar, swapping
from troth.stores.lake.store import LakePeople

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MINE = p.Staged(entry=KEY, columns=("customer",))
WAY = Way(role="customer", subject="customer", path=(), end=MINE)
ONE = {"lake.events": Dataset()}


def sql(statement: str) -> list[tuple[Any, ...]]:
    """Run a statement of DuckDB's."""
    with duckdb.connect() as db:
        return db.execute(statement).fetchall()


def opened(folder: Path, files: str = "lake/*", datasets: dict[str, Dataset] | None = None) -> LakePeople:
    """Open a lake."""
    store = lake.opened("lake", Store(files=files), datasets or ONE, folder, lambda: NOW)
    return store.__enter__()


def rows(where: p.Predicate = MINE, number: int = 1) -> tuple[int, ErasureStep]:
    """Make a step that removes rows."""
    return number, EraseRows(id=str(number), dataset="lake.events", where=where, promises=())


def fields(*changes: Any, where: p.Predicate = MINE, number: int = 1) -> tuple[int, ErasureStep]:
    """Make a step that changes columns."""
    return number, EraseFields(
        id=str(number), dataset="lake.events", why="erased", changes=changes, where=where, promises=()
    )


def erase(
    store: LakePeople,
    *steps: tuple[int, ErasureStep],
    people: Manifest | None = None,
    ways: Sequence[Way] = (WAY,),
    plan: str = "plan",
) -> Done:
    """Erase Ada."""
    batch = PeopleBatch(
        plan=plan,
        number=1,
        people=people or manifest(ADA),
        steps=steps,
        ways={step.dataset: tuple(ways) for _, step in steps},
        at_most={},
    )
    with store.exclusive():
        return store.erase(batch)


def parquet(path: Path, query: str, options: str = "") -> None:
    """Write a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sql(f"COPY ({query}) TO '{path}' (FORMAT parquet{options})")


def some(path: Path, people: str = f"'{ADA.key}', '{BEN.key}'", count: int = 20_000) -> None:
    """Write rows of some people in turn."""
    query = f"SELECT range AS id, ([{people}])[range % len([{people}]) + 1] AS customer FROM range({count})"
    parquet(path, query, ", COMPRESSION zstd, ROW_GROUP_SIZE 4096, KV_METADATA {owner: 'data team'}")


def test_files_without_the_person_are_not_touched(tmp_path: Path) -> None:
    """A file that is not hit keeps its bytes, its inode and its time."""
    some(tmp_path / "lake/a.parquet")
    some(tmp_path / "lake/b.parquet", f"'{BEN.key}'")
    before = (tmp_path / "lake/b.parquet").stat()
    assert erase(opened(tmp_path), rows()).rows == {1: 10_000}
    assert (tmp_path / "lake/b.parquet").stat() == os.stat_result(before)


def test_a_rewritten_file_keeps_its_ways(tmp_path: Path) -> None:
    """Order, codec, size of row groups, metadata and mode are what they were."""
    path = tmp_path / "lake/a.parquet"
    some(path)
    path.chmod(0o640)
    erase(opened(tmp_path), rows())
    ids = [one for (one,) in sql(f"SELECT id FROM '{path}'")]
    assert ids == list(range(1, 20_000, 2))
    meta = sql(
        f"SELECT DISTINCT compression, max(row_group_num_rows) FROM parquet_metadata('{path}') GROUP BY 1"
    )
    assert meta == [("ZSTD", 4096)]
    assert sql(f"SELECT key, value FROM parquet_kv_metadata('{path}')") == [(b"owner", b"data team")]
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("BIGINT", "48151"),
        ("DOUBLE", "48151"),
        ("DECIMAL(12,2)", "48151"),
        ("VARCHAR", "'48151'"),
        ("UINTEGER", "48151"),
    ],
)
def test_keys_of_every_type_are_compared_as_what_they_mean(tmp_path: Path, kind: str, written: str) -> None:
    """A key of the database finds its rows whatever type a file gives it."""
    parquet(
        tmp_path / "lake/a.parquet", f"SELECT {written}::{kind} AS customer UNION ALL SELECT 62342::{kind}"
    )
    person = Person(number=1, values={KEY: ((48151,),)})
    people = Manifest(entries=ENTRIES, people=(person,))
    assert erase(opened(tmp_path), rows(), people=people).rows == {1: 1}


def test_two_columns_make_one_key(tmp_path: Path) -> None:
    """A key of two columns is compared as a pair, never column by column."""
    values = "VALUES ('a', 1), ('a', 2), ('b', 1)"
    parquet(tmp_path / "lake/a.parquet", f"SELECT col0 AS tenant, col1 AS nr FROM ({values})")
    entry = Entry(number=7, subject="customer", dataset="app.customers", columns=("tenant", "nr"))
    people = Manifest(entries=(entry,), people=(Person(number=1, values={7: (("a", 1),)}),))
    where = p.Staged(entry=7, columns=("tenant", "nr"))
    way = Way(role="customer", subject="customer", path=(), end=where)
    assert erase(opened(tmp_path), rows(where), people=people, ways=[way]).rows == {1: 1}
    assert sql(f"SELECT * FROM '{tmp_path}/lake/a.parquet'") == [("a", 2), ("b", 1)]


@pytest.mark.parametrize("written", [ADA.email, "\uff21da.lovelace@example.org", f"\t{ADA.email.upper()} "])
def test_addresses_are_found_however_they_are_written(tmp_path: Path, written: str) -> None:
    """Capital letters, blanks and letters of full width are the same address."""
    parquet(tmp_path / "lake/a.parquet", f"SELECT '{written}' AS mail UNION ALL SELECT 'ben@example.net'")
    where = p.Staged(entry=EMAIL, columns=("mail",))
    way = Way(role="customer", subject="customer", path=(), end=where)
    assert erase(opened(tmp_path), rows(where), ways=[way]).rows == {1: 1}


def test_lists_are_asked_element_by_element(tmp_path: Path) -> None:
    """A row is a person's when any element of a list is."""
    parquet(tmp_path / "lake/a.parquet", f"SELECT ['x', '{ADA.email}'] AS mails UNION ALL SELECT ['y']")
    where = p.Staged(entry=EMAIL, columns=("mails",))
    way = Way(role="customer", subject="customer", path=(), end=where)
    store = opened(tmp_path)
    assert [r.person for r in store.read(manifest(ADA), {"lake.events": (way,)})] == [ADA.number]
    assert erase(store, rows(where), ways=[way]).rows == {1: 1}


def test_columns_that_some_files_lack_are_joined_by_name(tmp_path: Path) -> None:
    """An older file without the column is read as empty there, and keeps its own columns when it is written."""
    parquet(tmp_path / "lake/a.parquet", f"SELECT '{ADA.key}' AS customer, 1 AS a UNION ALL SELECT 'x', 2")
    parquet(tmp_path / "lake/b.parquet", f"SELECT 'new' AS plan, '{ADA.key}' AS customer")
    store = opened(tmp_path)
    assert [c.name for c in store.catalog.tables["events"].columns] == ["customer", "a", "plan"]
    assert erase(store, fields(Blank(column="plan"))).rows == {1: 1}
    assert erase(store, rows(), plan="other").rows == {1: 2}
    assert [c[0] for c in sql(f"DESCRIBE FROM '{tmp_path}/lake/a.parquet'")] == ["customer", "a"]


def test_values_are_changed_by_type(tmp_path: Path) -> None:
    """Blank, replace, coarsen and prune do to structs, maps, dates and addresses what they say."""
    query = (
        f"SELECT '{ADA.key}' AS customer, 'Ada' AS name, DATE '1990-05-17' AS born, '192.0.2.77' AS ip, "
        "{'user': {'mail': 'a', 'n': 1}, 'k': 2} AS s, MAP {'mail': 'a', 'n': 'b'} AS m"
    )
    parquet(tmp_path / "lake/a.parquet", query)
    changes = (
        Replace(column="name", text="erased"),
        Coarsen(column="born", to="year"),
        Coarsen(column="ip", to="ip-prefix"),
        Prune(column="s", path=("user", "mail")),
        Prune(column="m", path=("mail",)),
    )
    store = opened(tmp_path)
    assert erase(store, fields(*changes)).rows == {1: 1}
    found = sql(f"SELECT name, born::VARCHAR, ip, s, m FROM '{tmp_path}/lake/a.parquet'")
    assert found == [
        ("erased", "1990-01-01", "192.0.2.0", {"user": {"mail": None, "n": 1}, "k": 2}, {"n": "b"})
    ]
    assert erase(store, fields(*changes), plan="again").rows == {1: 0}
    there = p.both(MINE, p.HasPath(column="s", path=("user", "mail")))
    assert store.count(manifest(ADA), [Question(dataset="lake.events", where=there)]) == (0,)


def test_rows_of_another_dataset_are_asked(tmp_path: Path) -> None:
    """A way through another dataset of the lake is followed, and a row that others refer to stays."""
    parquet(tmp_path / "lake/events/a.parquet", "SELECT 's1' AS session UNION ALL SELECT 's2'")
    parquet(tmp_path / "lake/sessions/a.parquet", f"SELECT 's1' AS id, '{ADA.key}' AS customer")
    store = opened(tmp_path, "lake/{dataset}/*", {"lake.events": Dataset(), "lake.sessions": Dataset()})
    way = Way(role="c", subject="customer", path=(("lake.sessions", (("session", "id"),)),), end=MINE)
    mine = list(store.read(manifest(ADA), {"lake.events": (way,)}))
    assert [r.values for r in mine] == [{"session": "s1"}]
    referred = p.Exists(dataset="lake.events", match=(("id", "session"),))
    free = EraseRows(id="2", dataset="lake.sessions", where=p.both(MINE, p.Not(of=referred)), promises=())
    assert store.count(manifest(ADA), [Question(dataset="lake.sessions", where=free.where)]) == (0,)
    done = store.erase(
        PeopleBatch(
            plan="p",
            number=1,
            people=manifest(ADA),
            steps=(rows(way.where), (2, free)),
            ways={"lake.events": (way,), "lake.sessions": (WAY,)},
            at_most={},
        )
    )
    assert done.rows == {1: 1, 2: 1}


def test_partitions_in_the_path_are_columns(tmp_path: Path) -> None:
    """A file that a person fills goes with its folder, which may bear the person's name."""
    parquet(tmp_path / f"lake/customer={ADA.key}/day=1/a.parquet", "SELECT 1 AS x")
    parquet(tmp_path / f"lake/customer={BEN.key}/day=1/a.parquet", "SELECT 2 AS x")
    store = opened(tmp_path, "lake/**/*.parquet")
    column = store.catalog.tables["events"].column("customer")
    assert column is not None and column.generated
    assert erase(store, rows()).rows == {1: 1}
    assert sorted(one.name for one in (tmp_path / "lake").iterdir() if one.is_dir()) == [
        f"customer={BEN.key}"
    ]


def test_lines_that_stay_are_byte_for_byte_the_same(tmp_path: Path) -> None:
    """CSV keeps its quotes, line ends, mark of Unicode and empty lines; packed files stay packed."""
    kept = b'\xef\xbb\xbfid,customer,note\r\n1,"x","a ""b"", c\nd"\r\n\r\n'
    text = kept + f"2,{ADA.key},gone\r\n".encode() + b"3,y,\r\n"
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/a.csv").write_bytes(text)
    (tmp_path / "lake/b.csv.gz").write_bytes(gzip.compress(text))
    assert erase(opened(tmp_path), rows()).rows == {1: 2}
    assert (tmp_path / "lake/a.csv").read_bytes() == kept + b"3,y,\r\n"
    assert gzip.decompress((tmp_path / "lake/b.csv.gz").read_bytes()) == kept + b"3,y,\r\n"


def test_json_lines_keep_what_is_not_the_persons(tmp_path: Path) -> None:
    """Other lines keep spaces, numbers and order; in the person's line only the value changes."""
    (tmp_path / "lake").mkdir()
    other = b'{"customer": "x",  "n": 1.50, "u": {"b": 1, "a": 2}}\n'
    mine = f'{{"n": 2, "customer": "{ADA.key}", "mail": "m"}}\n'.encode()
    (tmp_path / "lake/a.jsonl").write_bytes(other + b"\n" + mine)
    assert erase(opened(tmp_path), fields(Blank(column="mail"))).rows == {1: 1}
    changed = f'{{"n": 2, "customer": "{ADA.key}", "mail": null}}\n'.encode()
    assert (tmp_path / "lake/a.jsonl").read_bytes() == other + b"\n" + changed


def test_a_damaged_file_stops_no_other(tmp_path: Path) -> None:
    """The others are done; the damaged one is named by number, and done by a rerun once it is mended."""
    for name in "abc":
        some(tmp_path / f"lake/{name}.parquet", count=10)
    whole = (tmp_path / "lake/b.parquet").read_bytes()
    (tmp_path / "lake/b.parquet").write_bytes(whole[:200])
    store = opened(tmp_path)
    assert "file 2 of 3" in " ".join(store.describe().notes)
    assert erase(store, rows()).rows == {1: 10}
    assert store.batches("plan") == ()
    assert any("file 2 of 3" in why for _, why in store.scan(tokens(manifest(ADA)), {}, {}, print).unlooked)
    with pytest.raises(StoreError, match="file 2 of 3") as failed:
        store.purge_people(["lake.events"])
    assert_silent(str(failed.value))
    (tmp_path / "lake/b.parquet").write_bytes(whole)
    assert erase(store, rows()).rows == {1: 15}
    assert store.purge_people(["lake.events"]).outcome == "done"
    assert [dict(done.rows) for done in store.batches("plan")] == [{1: 15}]


def test_what_cannot_be_written_the_same_is_not_written(tmp_path: Path) -> None:
    """A column whose values would lose something keeps its file as it is, and says so."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "lake").mkdir()
    path = tmp_path / "lake/a.parquet"
    pq.write_table(pa.table({"customer": [ADA.key], "code": pa.array([b"abcd"], pa.binary(4))}), path)
    before = path.read_bytes()
    store = opened(tmp_path)
    assert erase(store, rows()).rows == {1: 0}
    assert path.read_bytes() == before
    with pytest.raises(StoreError, match="fixed length"):
        store.purge_people(["lake.events"])


def _replaced_once(path: Path, change: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Change a file once, when its new version is complete."""
    real = swapping.finish
    left = [change]

    def finish(new: Path, old: Path) -> int:
        if left and old == path:
            left.pop()()
        return real(new, old)

    monkeypatch.setattr(swapping, "finish", finish)


def test_a_file_that_changes_meanwhile_is_done_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody writes while a file is worked on is not lost."""
    path = tmp_path / "lake/a.csv"
    path.parent.mkdir()
    path.write_text(f"customer,n\n{ADA.key},1\nx,2\n")

    def append() -> None:
        with path.open("a") as file:
            file.write(f"y,3\n{ADA.key},4\n")

    _replaced_once(path, append, monkeypatch)
    assert erase(opened(tmp_path), rows()).rows == {1: 2}
    assert path.read_text() == "customer,n\nx,2\ny,3\n"


def test_a_file_that_keeps_changing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries the file stays as its writer has it, and the store says that not everything is done."""
    path = tmp_path / "lake/a.csv"
    path.parent.mkdir()
    path.write_text(f"customer,n\n{ADA.key},1\n")
    real = swapping.finish

    def finish(new: Path, old: Path) -> int:
        with path.open("a") as file:
            file.write("z,9\n")
        return real(new, old)

    monkeypatch.setattr(swapping, "finish", finish)
    store = opened(tmp_path)
    assert erase(store, rows()).rows == {1: 0}
    with pytest.raises(StoreError, match="keeps changing"):
        store.purge_people(["lake.events"])


def test_rows_of_nobody_at_hand_are_never_touched(tmp_path: Path) -> None:
    """A step whose predicate reaches rows that no way leads from is refused before anything is written."""
    some(tmp_path / "lake/a.parquet", count=10)
    before = (tmp_path / "lake/a.parquet").read_bytes()
    with pytest.raises(Refused):
        erase(opened(tmp_path), rows(p.Filled(column="customer")))
    assert (tmp_path / "lake/a.parquet").read_bytes() == before


def test_a_new_version_that_is_wrong_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a row too many to go, the file would stay as it is."""
    some(tmp_path / "lake/a.parquet", count=10)
    before = (tmp_path / "lake/a.parquet").read_bytes()
    monkeypatch.setattr(columnar, "_kept", lambda work: columnar.Piece(" WHERE id > 8"))
    store = opened(tmp_path)
    assert erase(store, rows()).rows == {1: 0}
    assert (tmp_path / "lake/a.parquet").read_bytes() == before
    assert [one.name for one in (tmp_path / "lake").iterdir() if one.suffix == ".tmp"] == []


@pytest.mark.parametrize(
    ("files", "datasets", "said"),
    [
        ("nowhere/*.parquet", ONE, "no folder"),
        ("lake/*.csv", ONE, "no Parquet"),
        ("lake/*", {"lake.a": Dataset(), "lake.b": Dataset()}, "cannot tell 2 datasets apart"),
        ("", ONE, "path pattern"),
    ],
)
def test_what_cannot_be_opened_says_why(
    tmp_path: Path, files: str, datasets: dict[str, Dataset], said: str
) -> None:
    """A pattern that leads nowhere, to nothing or to several datasets is an error with a way out."""
    some(tmp_path / "lake/a.parquet", count=2)
    with pytest.raises(StoreError, match=said) as failed:
        opened(tmp_path, files, datasets)
    assert failed.value.hint


def test_without_duckdb_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is optional: without it a lake says how to get it."""
    some(tmp_path / "lake/a.parquet", count=2)
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(StoreError) as failed:
        opened(tmp_path)
    assert "troth[lake]" in failed.value.hint


def test_a_folder_that_cannot_be_written_is_named_as_such(tmp_path: Path) -> None:
    """Without the right to write nothing is changed, and the message names no file."""
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    some(tmp_path / "lake/a.parquet", count=10)
    (tmp_path / "lake").chmod(0o555)
    try:
        with pytest.raises(StoreError, match="cannot be changed"):
            erase(opened(tmp_path), rows())
    finally:
        (tmp_path / "lake").chmod(0o755)


def test_names_with_wildcards_are_names(tmp_path: Path) -> None:
    """A file called a[1]*.parquet is that file, and no pattern."""
    some(tmp_path / "lake/a[1]*?.parquet", count=10)
    some(tmp_path / "lake/a1xy.parquet", f"'{BEN.key}'", count=10)
    assert erase(opened(tmp_path), rows()).rows == {1: 5}
    assert sql(f"SELECT count(*) FROM '{tmp_path}/lake/a1xy.parquet'") == [(10,)]


def test_columns_may_be_called_anything(tmp_path: Path) -> None:
    """Quotes, braces, marks and words of SQL in names of columns do nothing else than name."""
    names = ['a"b', "{}", "?", "select", "x{0}y", "ünï"]
    columns = ", ".join(f"""'v' AS "{name.replace('"', '""')}" """ for name in names)
    parquet(tmp_path / "lake/a.parquet", f"SELECT '{ADA.key}' AS customer, {columns}")
    store = opened(tmp_path)
    assert erase(store, fields(*(Blank(column=name) for name in names))).rows == {1: 1}
    assert sql(f"SELECT * FROM '{tmp_path}/lake/a.parquet'") == [(ADA.key, *[None] * len(names))]


def test_kinds_of_columns_are_told(tmp_path: Path) -> None:
    """Structs and maps are documents, lists are arrays, instants know their zone."""
    query = "SELECT {'a': 1} AS s, MAP {'a': 1} AS m, ['a'] AS l, now() AS z, now()::TIMESTAMP AS t, 'x'::BLOB AS b"
    parquet(tmp_path / "lake/a.parquet", query)
    found = [c.kind for c in opened(tmp_path).catalog.tables["events"].columns]
    wanted = [ColumnKind.JSON, ColumnKind.JSON, ColumnKind.ARRAY, ColumnKind.DATETIME_TZ, ColumnKind.DATETIME]
    assert found == [*wanted, ColumnKind.BYTES]


def test_read_says_who_shares_a_row(tmp_path: Path) -> None:
    """A message between two people is shared, with both roles told apart; one's own is not."""
    values = f"VALUES ('{ADA.key}', '{BEN.key}'), ('{CEM.key}', '{ADA.key}'), ('{ADA.key}', NULL), ('x', 'y')"
    parquet(tmp_path / "lake/a.parquet", f"SELECT col0 AS s, col1 AS r FROM ({values})")
    ways = tuple(
        Way(role=role, subject="customer", path=(), end=p.Staged(entry=KEY, columns=(column,)))
        for role, column in (("sender", "s"), ("recipient", "r"))
    )
    found = list(opened(tmp_path).read(manifest(ADA, BEN), {"lake.events": ways}))
    assert [(r.person, r.row, r.roles, r.shared) for r in found] == [
        (1, "1.1", ("sender",), True),
        (1, "1.2", ("recipient",), True),
        (1, "1.3", ("sender",), False),
        (2, "1.1", ("recipient",), True),
    ]


def test_007_is_not_7(tmp_path: Path) -> None:
    """A key written with zeros before it is another person's than the number."""
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/a.csv").write_text("customer,n\n007,1\n7,2\n07,3\n")
    for key, left in (("7", [1, 3]), ("007", [3])):
        people = Manifest(entries=ENTRIES, people=(Person(number=1, values={KEY: ((key,),)}),))
        assert erase(opened(tmp_path), rows(), people=people, plan=key).rows == {1: 1}
        assert [n for (n,) in sql(f"SELECT n FROM '{tmp_path}/lake/a.csv'")] == left


def test_phones_kept_as_numbers_are_found(tmp_path: Path) -> None:
    """A phone number that a program has made a floating-point number of is the same number."""
    parquet(tmp_path / "lake/a.parquet", "SELECT 14155550123::DOUBLE AS phone UNION ALL SELECT 14155550188")
    where = p.Staged(entry=PHONE, columns=("phone",))
    way = Way(role="customer", subject="customer", path=(), end=where)
    assert erase(opened(tmp_path), rows(where), ways=[way]).rows == {1: 1}


def test_a_key_that_only_the_last_line_has_is_looked_at(tmp_path: Path) -> None:
    """JSON lines have the columns of every line, not of the first few thousand."""
    (tmp_path / "lake").mkdir()
    lines = [b'{"a": 1}\n'] * 30_000 + [f'{{"b": {{"c": "to {ADA.email}"}}}}\n'.encode()]
    (tmp_path / "lake/a.jsonl").write_bytes(b"".join(lines))
    found = opened(tmp_path).scan(tokens(manifest(ADA)), {}, {}, print)
    assert [(r.column, r.rows) for r in found.residues] == [("b", 1)]


def test_names_that_differ_in_capitals_are_one_column(tmp_path: Path) -> None:
    """Files that write a column's name differently are joined, each keeps its own."""
    parquet(tmp_path / "lake/a.parquet", f"SELECT '{ADA.key}' AS customer, 'a' AS Mail")
    parquet(tmp_path / "lake/b.parquet", f"SELECT '{ADA.key}' AS CUSTOMER, 'a' AS mail")
    store = opened(tmp_path)
    assert erase(store, fields(Blank(column="Mail"))).rows == {1: 2}
    assert sql(f"SELECT mail FROM '{tmp_path}/lake/b.parquet'") == [(None,)]
    assert [c[0] for c in sql(f"DESCRIBE FROM '{tmp_path}/lake/b.parquet'")] == ["CUSTOMER", "mail"]


def test_text_is_not_lost_where_types_differ(tmp_path: Path) -> None:
    """A column that is JSON in one file and text in another is looked at as text in both."""
    parquet(tmp_path / "lake/a.parquet", "SELECT '{\"a\": 1}'::JSON AS x")
    parquet(tmp_path / "lake/b.parquet", f"SELECT 'not json: {ADA.email}' AS x")
    assert [r.rows for r in opened(tmp_path).scan(tokens(manifest(ADA)), {}, {}, print).residues] == [1]


def test_columns_that_must_be_filled_are_told(tmp_path: Path) -> None:
    """A required column is not called empty-able; rows go from its file all the same, and its values stay."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "lake/a.parquet"
    path.parent.mkdir()
    schema = pa.schema([pa.field("customer", pa.string(), nullable=False), pa.field("nothing", pa.null())])
    pq.write_table(pa.table({"customer": [ADA.key, "x"], "nothing": [None, None]}, schema), path)
    parquet(tmp_path / "lake/b.parquet", "SELECT 'y' AS customer, 'text' AS nothing")
    store = opened(tmp_path)
    column = store.catalog.tables["events"].column("customer")
    assert column is not None and not column.nullable
    assert erase(store, rows()).rows == {1: 1}
    assert sql(f"SELECT * FROM '{path}'") == [("x", None)]
    assert sql(f"SELECT typeof(nothing) FROM '{path}'") == [("VARCHAR",)]


def test_a_file_may_lose_all_its_rows(tmp_path: Path) -> None:
    """Outside of partitions an emptied file stays, with its columns."""
    parquet(tmp_path / "lake/a.parquet", f"SELECT '{ADA.key}' AS customer, 1 AS n")
    (tmp_path / "lake/b.csv").write_text(f"customer,n\n{ADA.key},1\n")
    assert erase(opened(tmp_path), rows()).rows == {1: 2}
    assert sql(f"SELECT * FROM '{tmp_path}/lake/a.parquet'") == []
    assert (tmp_path / "lake/b.csv").read_text() == "customer,n\n"


def test_tables_with_a_log_are_not_written_past_it(tmp_path: Path) -> None:
    """The files of a Delta or Iceberg table are no lake: their log would not know of the change."""
    some(tmp_path / "lake/a.parquet", count=2)
    (tmp_path / "lake/_delta_log").mkdir()
    with pytest.raises(StoreError, match="Delta table"):
        opened(tmp_path)
    (tmp_path / "lake/_delta_log").rmdir()
    (tmp_path / "lake/metadata").mkdir()
    (tmp_path / "lake/metadata/v1.metadata.json").write_text("{}")
    with pytest.raises(StoreError, match="Iceberg"):
        opened(tmp_path)


def test_a_second_name_of_a_file_is_said(tmp_path: Path) -> None:
    """A hard link elsewhere still leads to the old content: the purge is partial."""
    some(tmp_path / "lake/a.parquet", count=2)
    os.link(tmp_path / "lake/a.parquet", tmp_path / "copy")
    store = opened(tmp_path)
    erase(store, rows())
    purged = store.purge_people(["lake.events"])
    assert (purged.outcome, "hard-links" in purged.readable) == ("partly", True)


def test_packed_with_zstd_is_read_and_not_written(tmp_path: Path) -> None:
    """What Python cannot pack is counted, and left with a reason."""
    (tmp_path / "lake").mkdir()
    path = tmp_path / "lake/a.csv.zst"
    sql(f"COPY (SELECT '{ADA.key}' AS customer, 1 AS n) TO '{path}' (FORMAT csv, HEADER, COMPRESSION zstd)")
    store = opened(tmp_path)
    assert store.count(manifest(ADA), [Question(dataset="lake.events", where=MINE)]) == (1,)
    before = path.read_bytes()
    assert erase(store, rows()).rows == {1: 0}
    with pytest.raises(StoreError, match="zstd"):
        store.purge_people(["lake.events"])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text", ["customer|n\n{0}|'a|b'\n", "customer\tn\n{0}\tx\n", 'customer;n\n"{0}";"a""b"\n']
)
def test_csv_of_other_habits(tmp_path: Path, text: str) -> None:
    """Other separators and quotes are taken as DuckDB finds them."""
    (tmp_path / "lake").mkdir()
    path = tmp_path / "lake/a.csv"
    path.write_text(
        text.format(ADA.key) + text.format("x").partition("\n")[2] + text.format("y").partition("\n")[2]
    )
    before = path.read_text().splitlines()
    assert erase(opened(tmp_path), rows()).rows == {1: 1}
    assert path.read_text().splitlines() == [before[0], *before[2:]]
