"""Exports from real stores: the same package whatever the format and memory, and none that is not whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import servers
from db.checking import fill
from db.reading import ROWS, TABLES
from troth.app import ledgers
from troth.app.clock import Clock, Moment
from troth.app.export import check as export_check
from troth.app.export import files as export_files
from troth.app.export import make as exporting
from troth.app.export.make import Exported, Package
from troth.app.wishes import Wish
from troth.apply.people import Record
from troth.errors import Refused, StoreError
from troth.people.typed import Line
from troth.stores.sql import read

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = Clock(now=lambda: AT, test=True)
PROJECT = """
troth: 1
organisation: {name: The Shop, timezone: UTC, contacts: {privacy: privacy@shop.example}}
categories: {identity: {}, contact: {}, transaction: {}, communication: {}}
purposes: {sell: {uses: [contact, transaction], basis: contract}}
retention: {transaction: {for: 7 years, after: sale}}
stores: {app: {url: "${APP}", timezone: UTC}, binders: {kind: physical}}
subjects: {customer: {dataset: app.customers, key: id, identities: {email: email, phone: phone}}}
datasets:
  app.customers: {source: person, fields: {identity: [name], contact: [email, phone]}}
  app.addresses: {owned-by: customer via customers.address_id, fields: {contact: [street]}}
  app.orders: {subject: customer, fields: {transaction: [total]}}
  app.items: {fields: {transaction: [what]}}
  app.messages: {subject: [sender via from_id, recipient via to_id], fields: {communication: [body]}}
  app.tickets:
    subject: [customer via customer_id, customer via email = customers.email]
    fields: {communication: [body], contact: [email]}
  app.letters: {subject: customer via email = customers.email, fields: {contact: [email, subject]}}
  app.notes: {subject: customer via customer_id, fields: {communication: [text]}}
"""
Export = Callable[..., Exported]


@pytest.fixture(params=["sqlite", "pg", "logged_pg"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a filled store."""
    lite = request.param == "sqlite"
    found = f"sqlite:///{tmp_path}/app.sqlite" if lite else request.getfixturevalue(f"{request.param}_url")
    for script in (TABLES, ROWS):
        fill(found, script).dispose()
    return str(found)


@pytest.fixture
def export(url: str, tmp_path: Path) -> Export:
    """Return the export of people of the store."""
    return exporter(tmp_path, url)


def exporter(folder: Path, url: str) -> Export:
    """Write a project and return the export over it."""
    (folder / "troth.yaml").write_text(PROJECT)

    def run(*texts: str, out: str = "out", **package: Any) -> Exported:
        lines = [Line(source="<file>", line=1, text=text) for text in texts]
        made = Package(out=folder / out, by="tester", **package)
        return exporting.export(Wish(lines=lines, limit=20), made, folder, {"APP": url}, CLOCK, Moment(at=AT))

    return run


def data(folder: Path, person: int = 1, out: str = "out") -> dict[str, Any]:
    """Read the JSON of a person."""
    value: dict[str, Any] = json.loads(
        (folder / out / f"person-{person:04}" / "data.json").read_text("utf-8")
    )
    return value


def rows(value: dict[str, Any]) -> dict[str, int]:
    """Count the rows of each dataset."""
    return {name: len(found["rows"]) for name, found in value["datasets"].items()}


def test_one_person(export: Export, tmp_path: Path) -> None:
    """Every row of the person stands in the file, none of anybody else, and places without a row are named."""
    made = export("email:ada@example.org")
    value = data(tmp_path)
    assert rows(value) == {
        "app.customers": 1, "app.addresses": 1, "app.orders": 2, "app.items": 2,
        "app.messages": 4, "app.tickets": 6, "app.letters": 2, "app.notes": 2,
    }  # fmt: skip
    assert made.rows == sum(rows(value).values())
    assert value["nothing-in"] == []
    assert "Bob" not in json.dumps(value) and "Cid" not in json.dumps(value)


def test_each_sees_the_own_part(export: Export, tmp_path: Path) -> None:
    """Of a message each of the two sees the own link, and the other's covered."""
    export("id:1", "id:2", formats=("json",))
    first = {one["id"]: one for one in data(tmp_path)["datasets"]["app.messages"]["rows"]}
    second = {one["id"]: one for one in data(tmp_path, 2)["datasets"]["app.messages"]["rows"]}
    assert (first[1]["from_id"], first[1]["to_id"]) == (1, "[someone else]")
    assert (second[1]["from_id"], second[1]["to_id"]) == ("[someone else]", 2)
    assert first[3]["@"] == {"as": ["sender", "recipient"]}


def test_the_same_data_whatever_is_written_beside(export: Export, tmp_path: Path) -> None:
    """Rows that go straight to the file are the same as rows that are taken apart for tables and page."""
    export("id:1", "id:2", out="json", formats=("json",))
    export("id:1", "id:2", out="all")
    for person in (1, 2):
        assert data(tmp_path, person, "json") == data(tmp_path, person, "all")


def test_memory_that_is_full_at_once(export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may wait in memory, the files are the same."""
    export("id:1", "id:2", out="roomy")
    monkeypatch.setattr(export_files, "BOUND", 10)
    export("id:1", "id:2", out="narrow")
    for path in sorted((tmp_path / "roomy" / "person-0001").rglob("*.*")):
        other = tmp_path / "narrow" / path.relative_to(tmp_path / "roomy")
        assert path.read_bytes() == other.read_bytes()
    assert export_check.check(tmp_path / "narrow", tmp_path, {}, CLOCK, "").faults == ()


def test_nobody_but_the_owner(export: Export, tmp_path: Path) -> None:
    """Files and folders can be read by their owner alone."""
    export("id:1")
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_nobody_found(export: Export, tmp_path: Path) -> None:
    """Nobody found leaves nothing, and says what was looked at."""
    made = export("email:nobody@example.org")
    assert not made.anybody
    assert len(made.counts) == 8
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_a_copy_without_a_person(export: Export, tmp_path: Path, url: str) -> None:
    """Somebody without a row of their own gets what copies hold."""
    engine = fill(url, "INSERT INTO letters VALUES ('guest@example.org', 'three')")
    engine.dispose()
    made = export("email:guest@example.org", "id:4")
    assert [folder.asked for folder in made.folders] == [(2,), (1,)]
    assert rows(data(tmp_path, 2)) == {"app.tickets": 1, "app.letters": 1}


def test_portability(export: Export, tmp_path: Path) -> None:
    """Only what the person provided by contract; the rest is named with its reason."""
    export("id:1", variant="portability")
    value = data(tmp_path)
    assert rows(value) == {"app.customers": 1}
    assert value["datasets"]["app.customers"]["rows"] == [
        {"email": "ada@example.org", "phone": "+14155550100"}
    ]
    assert {one["reason"] for one in value["left-out"]} == {"not-provided"}


def test_a_store_that_goes_away(export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stops answering in the middle leaves no package, whole or half."""
    whole = read.read

    def broken(*given: Any) -> Iterator[Record]:
        for number, record in enumerate(whole(*given)):
            if number == 5:
                raise StoreError("Store `app`: the connection was dropped.")
            yield record

    monkeypatch.setattr(read, "read", broken)
    with pytest.raises(StoreError):
        export("id:1")
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_a_taken_place(export: Export, tmp_path: Path) -> None:
    """A folder with something in it is refused before anything is read; an empty one is used."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("x")
    with pytest.raises(Refused, match="not empty"):
        export("id:1")
    (tmp_path / "out" / "x").unlink()
    assert export("id:1").anybody


def test_a_table_that_is_gone(export: Export, url: str, tmp_path: Path) -> None:
    """A dataset without its table is named as not looked at, on the screen and in the package."""
    fill(url, "DROP TABLE notes").dispose()
    made = export("id:1")
    assert "app.notes" in {gap.what for gap in made.unlooked}
    assert "app.notes" in {gap["what"] for gap in data(tmp_path)["not-looked-at"]}


def test_a_table_that_may_not_be_read(pg_url: str, postgres: servers.Server, tmp_path: Path) -> None:
    """What the role may not read is named, and the rest is handed out."""
    for script in (TABLES, ROWS):
        fill(pg_url, script).dispose()
    database = sa.make_url(pg_url).database
    fill(
        pg_url,
        "DROP ROLE IF EXISTS looker_of_exports;\nCREATE ROLE looker_of_exports LOGIN PASSWORD 'x';\n"
        f"GRANT TEMPORARY ON DATABASE {database} TO looker_of_exports;\n"
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker_of_exports;\n"
        "REVOKE SELECT ON orders FROM looker_of_exports;\nREVOKE SELECT ON notes FROM looker_of_exports;\n"
        "GRANT SELECT (customer_id) ON notes TO looker_of_exports",
    ).dispose()
    export = exporter(tmp_path, postgres.url(str(database), user="looker_of_exports", password="x"))
    made = export("id:1", formats=("json",))
    assert {"app.orders", "app.items", "app.notes"} <= {gap.what for gap in made.unlooked}
    assert rows(data(tmp_path))["app.messages"] == 4
    fill(pg_url, "DROP OWNED BY looker_of_exports;\nDROP ROLE looker_of_exports").dispose()


def test_a_check_finds_every_change(export: Export, tmp_path: Path) -> None:
    """A changed, missing, added or linked file and a changed manifest are each found; an untouched one holds."""
    export("id:1", "id:2")
    out = tmp_path / "out"

    def faults() -> str:
        return " ".join(export_check.check(out, tmp_path, {}, CLOCK, "").faults)

    assert faults() == ""
    path = out / "person-0001" / "csv" / "fields.csv"
    before = path.read_bytes()
    for change, words in (
        (lambda: path.write_bytes(before + b"x"), "person-0001/csv/fields.csv was changed"),
        (path.unlink, "person-0001/csv/fields.csv is not there"),
        (lambda: path.symlink_to(out / "schema.json"), "person-0001/csv/fields.csv is not there"),
    ):
        change()
        assert words in faults()
    path.unlink()
    path.write_bytes(before)
    (out / "person-0002" / "more.txt").write_text("x")
    assert "person-0002/more.txt was put there" in faults()
    (out / "person-0002" / "more.txt").unlink()
    inner = out / "person-0002" / "manifest.json"
    inner.write_bytes(inner.read_bytes().replace(b'"person":2', b'"person":1'))
    assert "person-0002: the manifest was changed" in faults()


def test_one_folder_can_be_checked_alone(export: Export, tmp_path: Path) -> None:
    """Who got one person's folder checks it with the public key and nothing else."""
    export("id:1", "id:2")
    found = export_check.check(tmp_path / "out" / "person-0002", tmp_path, {}, CLOCK, "")
    assert not found.faults and found.people == 0
    with ledgers.opened(tmp_path, {}, CLOCK) as ledger:
        key = str(ledger.keys.signing.verifier)
    assert not export_check.check(
        tmp_path / "out" / "person-0002", tmp_path / "elsewhere", {}, CLOCK, key
    ).faults
    with pytest.raises(Refused, match="no ledger"):
        export_check.check(tmp_path / "out", tmp_path / "elsewhere", {}, CLOCK, "")


def test_a_copied_manifest_of_another_package(export: Export, tmp_path: Path) -> None:
    """A whole folder of another package, signed as it is, does not pass for this one's."""
    export("id:1", out="a")
    export("id:2", out="b")
    (tmp_path / "a" / "person-0001").rename(tmp_path / "gone")
    os.rename(tmp_path / "b" / "person-0001", tmp_path / "a" / "person-0001")  # noqa: PTH104 in place
    faults = export_check.check(tmp_path / "a", tmp_path, {}, CLOCK, "").faults
    assert "another one than the package was made with" in " ".join(faults)
