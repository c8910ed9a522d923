"""A person in a database, a lake and a Delta table: found, exported, erased and rechecked by the command."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import deltalake
import duckdb
import pytest

from e2e.shops import Shop

ADA = "ada.lovelace@example.org"
PROJECT = """
troth: 1
organisation: {name: Test}
categories:
  contact: {label: Contact, covers: [email]}
  usage: {label: Usage, covers: [page views]}
rights: {offer: [erase, access]}
stores:
  app: {url: "sqlite:///app.db", located: US}
  lake: {files: "lake/{dataset}/*", located: US}
  house: {kind: delta, files: "house/{dataset}", located: US}
subjects:
  customer: {dataset: app.customers, key: id, identities: {email: {field: email, verified: proven}}}
datasets:
  app.customers: {fields: {contact: [email]}, on-expiry: delete-row}
  lake.clicks:
    subject: customer via customer_id = app.customers.id
    fields: {usage: [page], contact: [email]}
    on-expiry: delete-row
  lake.notes:
    subject: customer via email = app.customers.email
    fields: {contact: [email]}
    free-text: [body]
    on-expiry: keep-row
  house.visits: {subject: customer via customer_id = app.customers.id, fields: {usage: [ip]}, on-expiry: delete-row}
no-personal-data: [app.customers.proven]
"""


@pytest.fixture
def project(tmp_path: Path) -> Shop:
    """Make the project with two people in it."""
    with sqlite3.connect(tmp_path / "app.db") as app:
        app.execute("CREATE TABLE customers (id integer PRIMARY KEY, email text, proven integer)")
        app.execute(f"INSERT INTO customers VALUES (48151, '{ADA}', 1), (62342, 'ben@example.net', 1)")
    for name in ("lake/clicks", "lake/notes", "house"):
        (tmp_path / name).mkdir(parents=True)
    with duckdb.connect() as db:
        people = f"[(48151, upper('{ADA}')), (62342, 'ben@example.net')]"
        db.execute(f"CREATE TABLE t AS SELECT range AS id, unnest(({people})[range % 2 + 1]) FROM range(100)")
        named = "SELECT id, element1 AS customer_id, element2 AS email FROM t"
        db.execute(
            f"COPY (SELECT *, '/p' || id AS page FROM ({named})) TO '{tmp_path}/lake/clicks/a.parquet'"
        )
        visits = db.sql(f"SELECT id, customer_id, '10.0.0.' || id AS ip FROM ({named})")
        deltalake.write_deltalake(str(tmp_path / "house/visits"), visits)
    (tmp_path / "lake/notes/a.csv").write_text(
        f"id,email,body\n1,{ADA},call {ADA}\n2,ben@example.net,hello\n"
    )
    (tmp_path / "troth.yaml").write_text(PROJECT)
    return Shop(folder=tmp_path, url="")


def test_erased_everywhere(project: Shop) -> None:
    """One plan goes through database, files and table; nothing of the person is left, and the other is whole."""
    found = project.troth("find", f"email:{ADA}")
    assert "102 rows in 4 of 4 datasets" in found.stdout, found.stdout + found.stderr
    planned = project.troth("erase", f"email:{ADA}", "--plan", "out.json")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    applied = project.troth("apply", "out.json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert ADA not in applied.stdout + planned.stdout
    left = [
        path.name
        for path in project.folder.rglob("*")
        if path.is_file() and ADA.encode() in path.read_bytes()
    ]
    assert left == []
    clicks = duckdb.sql(
        f"SELECT customer_id, count(*) FROM '{project.folder}/lake/clicks/a.parquet' GROUP BY 1"
    )
    assert clicks.fetchall() == [(62342, 50)]
    assert deltalake.DeltaTable(str(project.folder / "house/visits")).count() == 50
    assert "2,ben@example.net,hello\n" in (project.folder / "lake/notes/a.csv").read_text()


def test_a_damaged_file_leaves_the_rest_done(project: Shop) -> None:
    """The command says which file by number and fails; once the file is back, running again finishes."""
    other = project.folder / "lake/clicks/b.parquet"
    whole = (project.folder / "lake/clicks/a.parquet").read_bytes()
    other.write_bytes(whole)
    project.troth("erase", f"email:{ADA}", "--plan", "out.json")
    other.write_bytes(whole[:300])
    stopped = project.troth("apply", "out.json")
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    assert "file 2 of 2" in stopped.stdout + stopped.stderr
    assert deltalake.DeltaTable(str(project.folder / "house/visits")).count() == 50
    other.write_bytes(whole)
    again = project.troth("apply", "out.json")
    assert again.returncode == 0, again.stdout + again.stderr
    counts = duckdb.sql(
        f"SELECT customer_id, count(*) FROM '{project.folder}/lake/clicks/*.parquet' GROUP BY 1"
    )
    assert counts.fetchall() == [(62342, 100)]


def test_a_damaged_file_is_named_though_it_alone_has_the_person(project: Shop) -> None:
    """What cannot be read is named by find, plan and export; apply fails though it touched no row of the store."""
    clicks = project.folder / "lake/clicks/a.parquet"
    whole = clicks.read_bytes()
    notes = project.folder / "lake/notes/a.csv"
    notes.write_text("id,email,body\n2,ben@example.net,hello\n")
    bens = f"SELECT * FROM '{clicks}' WHERE customer_id = 62342"
    duckdb.sql(f"COPY ({bens}) TO '{project.folder}/lake/clicks/b.parquet'")
    project.troth("erase", f"email:{ADA}", "--plan", "out.json")
    clicks.write_bytes(whole[:300])
    found = project.troth("find", f"email:{ADA}")
    assert "file 1 of 2" in found.stdout, found.stdout + found.stderr
    exported = project.troth("export", f"email:{ADA}", "--out", "out", "--format", "json")
    assert "file 1 of 2" in exported.stdout, exported.stdout + exported.stderr
    stopped = project.troth("apply", "out.json")
    assert stopped.returncode == 3, stopped.stdout + stopped.stderr
    clicks.write_bytes(whole)
    again = project.troth("apply", "out.json")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_shelf_is_named_by_what_cannot_reach_it(project: Shop) -> None:
    """A correction names paper files as to be done by hand; a restriction that leaves them is unproven."""
    page = (project.folder / "troth.yaml").read_text()
    page = page.replace("stores:\n", "stores:\n  binders: {kind: physical, located: US}\n")
    (project.folder / "troth.yaml").write_text(page)
    field = ("--field", "app.customers.email", "--to", "new@example.org")
    shown = project.troth("rectify", f"email:{ADA}", *field)
    assert "store binders: to look through and correct by hand" in shown.stdout, shown.stdout + shown.stderr
    order = ("--reason", "accuracy-contested", "--review", "2026-09-01")
    made = project.troth("restrict", f"email:{ADA}", *order)
    assert made.returncode == 4, made.stdout + made.stderr
    assert "binders: not proven" in made.stdout


def test_exported_from_files(project: Shop) -> None:
    """An export holds the person's rows of the lake and the table, and nobody else's."""
    done = project.troth("export", f"email:{ADA}", "--out", "out", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    texts = "".join(path.read_text() for path in (project.folder / "out").rglob("*.json"))
    assert "/p98" in texts and "10.0.0.98" in texts
    assert "ben@example.net" not in texts
    assert json.dumps(ADA) in texts
