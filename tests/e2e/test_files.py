"""A person in a database, mailboxes, logs and a tree of files: exported, erased, rechecked by the command."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from db.contract import ADA, BEN, HUMANS, assert_silent
from db.contract_files import LogsHarness
from db.contract_mail import MailHarness
from db.contract_trees import TreeHarness
from e2e.shops import Shop

PROJECT = """
troth: 1
organisation: {name: Test}
categories:
  contact: {label: Contact, covers: [email]}
rights: {offer: [erase, access]}
stores:
  app: {url: "sqlite:///app.db", located: US}
  post: {kind: mail, files: "post/**", located: US}
  web: {kind: logs, files: "logs/**/*.log*", located: US}
  uploads: {kind: tree, files: "uploads/{customer.id}/**", located: US}
  binders: {kind: physical, located: US}
subjects:
  customer: {dataset: app.customers, key: id, identities: {email: email, phone: phone, name: name}}
datasets:
  app.customers: {fields: {contact: [email, phone, name]}, on-expiry: delete-row}
  post.messages:
    subject:
      - sender via from = app.customers.email
      - recipient via to = app.customers.email
      - copied via cc = app.customers.email
    on-expiry: delete-row
    free-text: [subject, body, headers]
  web.lines:
    subject:
      - customer via line = app.customers.email
      - customer via line = app.customers.id
      - customer via line = app.customers.phone
    on-expiry: keep-row
    free-text: [line]
  uploads.files:
    subject: customer via customer_id = app.customers.id
    on-expiry: delete-row
    fields: {contact: [content]}
  binders.contracts: {subject: customer, fields: {contact: [paper]}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Shop:
    """Make the project with three people in it."""
    for harness in (MailHarness, LogsHarness, TreeHarness):
        harness(tmp_path).fill()
    (tmp_path / "troth.yaml").write_text(PROJECT)
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.execute("CREATE TABLE customers (id text PRIMARY KEY, email text, phone text, name text)")
    people = [(human.key, human.email, human.phone, human.name) for human in HUMANS]
    connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", people)
    connection.commit()
    connection.close()
    return Shop(folder=tmp_path, url="sqlite:///app.db")


def test_a_person_goes_from_every_kind_of_store(project: Shop) -> None:
    """Nothing of the person is left in any file; the others' lines, mails and files stay; paper becomes a task."""
    planned = project.troth("erase", "--from", "-", "--plan", "plan.json", stdin=f"email:{ADA.email}\n")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "binders.contracts by hand" in planned.stdout
    plan = (project.folder / "plan.json").read_text()
    done = project.troth("apply", "plan.json")
    assert "What was looked at is clean" in done.stdout, done.stdout + done.stderr
    assert "files that are no text (png): 2" in done.stdout
    assert_silent(planned.stdout, plan, done.stdout, done.stderr)
    left = [path for path in project.folder.rglob("*") if path.is_file() and path.suffix != ".gz"]
    found = [
        p.name for p in left if any(v.encode() in p.read_bytes() for v in (ADA.email, ADA.key, ADA.name))
    ]
    assert [name for name in found if not name.endswith((".db", ".sqlite3", ".sqlite"))] == []
    assert f"login {BEN.email}" in (project.folder / "logs" / "app.log").read_text(errors="replace")
    assert not (project.folder / "uploads" / ADA.key).exists()
    assert (project.folder / "uploads" / BEN.key / "photo.png").exists()


def test_what_is_planned_is_counted(project: Shop) -> None:
    """The plan names every store of files with its rows."""
    planned = project.troth("erase", f"customer/{ADA.key}", "--plan", "plan.json", "--format", "json")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    counted = dict(json.loads((project.folder / "plan.json").read_text())["counted"])
    assert counted == {"app.customers": 1, "post.messages": 6, "uploads.files": 3, "web.lines": 5}


def test_an_export_has_mails_lines_and_files(project: Shop) -> None:
    """What is in files is handed out too, without the addresses of others."""
    done = project.troth("export", f"customer/{ADA.key}", "--out", "hers", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    text = "".join(path.read_text() for path in (project.folder / "hers").rglob("*.json"))
    assert "I am angry." in text
    assert "first.txt" in text
    assert "bought 12 things" in text
    assert BEN.email not in text


def test_a_log_that_is_cut_off_is_named_everywhere(project: Shop) -> None:
    """Find, plan and package say of a compressed log that it could not be read to its end."""
    whole = gzip.compress(f"login {ADA.email}\n".encode() * 999)
    (project.folder / "logs" / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    said = "files that are cut off or damaged: 1"
    found = project.troth("find", f"customer/{ADA.key}")
    assert said in found.stdout, found.stdout + found.stderr
    planned = project.troth("erase", f"customer/{ADA.key}", "--plan", "plan.json")
    assert said in planned.stdout, planned.stdout + planned.stderr
    assert said in (project.folder / "plan.json").read_text()
    made = project.troth(
        "export", f"customer/{ADA.key}", "--out", "hers", "--format", "json", "--format", "html"
    )
    assert said in made.stdout, made.stdout + made.stderr
    assert said in (project.folder / "hers" / "manifest.json").read_text()
    assert said in "".join(path.read_text() for path in (project.folder / "hers").rglob("*.html"))


def test_what_no_store_of_files_can_hide_or_correct_is_a_task(project: Shop) -> None:
    """A restriction and a correction leave mails, lines, files and paper to people, by a day, under a number."""
    order = ("--reason", "accuracy-contested", "--review", "2026-09-01")
    made = project.troth("restrict", f"customer/{ADA.key}", *order)
    waiting = json.loads(project.troth("task", "list", "--format", "json").stdout)
    assert {one["store"] for one in waiting} == {"post", "web", "uploads", "binders"}
    assert {one["plan"] for one in waiting} == {"restriction:1"}
    assert all(f"Task {one['id']}, due {one['due']}" in made.stdout for one in waiting), made.stdout
    again = project.troth("restrict", f"customer/{ADA.key}", *order)
    assert again.returncode == made.returncode
    assert len(json.loads(project.troth("task", "list", "--format", "json").stdout)) == len(waiting)
    paper = next(one["id"] for one in waiting if one["store"] == "binders")
    done = project.troth("task", "done", str(paper), "--by", "Anna")
    assert "Apply the plan again" not in done.stdout, done.stdout + done.stderr
    lifted = project.troth("restrict", "lift", "1", "--by", "Anna")
    assert lifted.returncode == 0, lifted.stdout + lifted.stderr
    (left,) = json.loads(project.troth("task", "list", "--format", "json").stdout)
    assert left["store"] == "binders"
    assert "used again" in left["what"]
    wrong = ("rectify", f"customer/{ADA.key}", "--field", "app.customers.phone", "--to-from", "-", "--apply")
    corrected = project.troth(*wrong, stdin="+44 1632 960111\n")
    assert corrected.returncode == 0, corrected.stdout + corrected.stderr
    waiting = json.loads(project.troth("task", "list", "--format", "json").stdout)
    assert {"post", "web", "uploads", "binders"} == {
        one["store"] for one in waiting if one["plan"] == "rectification:1"
    }
    assert_silent(made.stdout, corrected.stdout, json.dumps(waiting))
    assert project.troth("evidence", "verify").returncode == 0
