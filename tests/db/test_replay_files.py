"""Files that are put back are erased again too: a lake, a log, a mail archive, known by values read one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from db.restoring import RESTORED, Story
from troth.app import erasing, restoring
from troth.app.clock import Moment
from troth.app.replaying import Returned
from troth.app.restoring import Replayed
from troth.app.wishes import Wish
from troth.errors import StoreError
from troth.people.typed import Line

pytest.importorskip("duckdb")

STORES = """\
stores:
  lake: {files: "events/*.jsonl", located: US}
  web: {files: "logs/*.log", kind: logs, located: US}
  post: {files: "mail/*.mbox", kind: mail, located: US}
  binders: {kind: physical, located: US}
"""
DATASETS = """\
  lake.events:
    subject: customer via customer_id = app.customers.id
    kept-as: transaction
    on-expiry: delete-row
    fields: {transaction: [page]}
    anchors: {transaction.made: made_at}
  web.lines:
    subject: customer via line = app.customers.email
    kept-as: transaction
    on-expiry: delete-row
    fields: {transaction: [line]}
  post.messages:
    subject: [sender via from = app.customers.email, reader via to = app.customers.email]
    kept-as: transaction
    on-expiry: delete-row
    fields: {transaction: [subject, body]}
"""
MESSAGE = """\
From {name}@example.org Thu Jan  2 10:00:00 2025
From: {name} <{name}@example.org>
To: shop@shop.example
Date: Thu, 02 Jan 2025 10:00:00 +0000
Subject: Hello

Hello.

"""


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Begin with a database, and beside it a lake, a log and mail."""
    made = Story.begin(tmp_path / "shop", None)
    path = made.folder / "datamap.yaml"
    text = path.read_text().replace("stores:\n", STORES, 1)
    path.write_text(text + DATASETS)
    for name in ("events", "logs", "mail"):
        (made.folder / name).mkdir()
    events = "".join(
        f'{{"customer_id": {n % 6 + 1}, "page": "p{n}", "made_at": "2025-01-02 10:00:00"}}\n'
        for n in range(12)
    )
    (made.folder / "events" / "a.jsonl").write_text(events)
    lines = "".join(f"GET /?email=person{n}@example.org 200\n" for n in range(1, 7))
    (made.folder / "logs" / "a.log").write_text(lines)
    (made.folder / "mail" / "a.mbox").write_text(
        "".join(MESSAGE.format(name=f"person{n}") for n in (1, 2, 3))
    )
    return made


def files(story: Story) -> Mapping[str, bytes]:
    """Return every file of the three stores."""
    found = [p for name in ("events", "logs", "mail") for p in sorted((story.folder / name).iterdir())]
    return {f"{p.parent.name}/{p.name}": p.read_bytes() for p in found if not p.name.startswith(".")}


def put_back(story: Story, copied: Mapping[str, bytes]) -> None:
    """Restore every file."""
    for name, data in copied.items():
        (story.folder / name).write_bytes(data)


def replay(story: Story, store: str, *, untouched: bool = False) -> Replayed:
    """Look in one store."""
    wish = restoring.Wish(
        store=store, restored_from="2026-05-01", untouched=untouched, plan=True, by="tester"
    )
    return restoring.replay(wish, story.folder, story.environment, story.clock(RESTORED), Moment(at=RESTORED))


def sweep(story: Story) -> Returned:
    """Look in every store."""
    clock, moment = story.clock(RESTORED), Moment(at=RESTORED)
    return restoring.sweep(story.folder, story.environment, clock, moment, stores=(), by="tester")


@pytest.mark.parametrize(("store", "untouched"), [("lake", False), ("post", False), ("web", True)])
def test_restored_files_are_erased_again(story: Story, store: str, untouched: bool) -> None:
    """Put the old files back, replay, and the store's files are as before."""
    copied = files(story)
    story.erase("customer/2")
    before = files(story)
    assert all(before.get(name) != data for name, data in copied.items())
    put_back(story, copied)
    found = replay(story, store, untouched=untouched)
    assert found.found.restored and not found.found.to_decide and not found.found.left
    assert found.plan is not None
    story.apply(found.plan, at=RESTORED)
    folder = {"lake": "events", "post": "mail", "web": "logs"}[store]
    assert (
        files(story)[f"{folder}/a.{ {'lake': 'jsonl', 'post': 'mbox', 'web': 'log'}[store] }"]
        == (before[f"{folder}/a.{ {'lake': 'jsonl', 'post': 'mbox', 'web': 'log'}[store] }"])
    )


def test_what_others_have_as_well_is_left_to_a_person(story: Story) -> None:
    """Lines known by an address that somebody else has by now stay, as they would in an erasure, and are named."""
    copied = files(story)
    story.erase("customer/2")
    story.run("INSERT INTO customers VALUES (7, 'N', 'person2@example.org', 1, NULL, '2024-01-07 10:00:00')")
    put_back(story, copied)
    found = replay(story, "web", untouched=True)
    assert [(one.what, "others have the same email" in one.why) for one in found.found.left] == [
        ("web.lines", True)
    ]
    assert found.plan is None or not found.plan.steps
    assert files(story)["logs/a.log"] == copied["logs/a.log"]


@pytest.mark.parametrize("store", ["app", "lake", "post", "web"])
def test_a_store_whose_people_cannot_be_known_is_not_replayed(story: Story, store: str) -> None:
    """While the database does not answer nobody is known in the files either: it is said, with what to do."""
    copied = files(story)
    story.erase("customer/2")
    put_back(story, copied)
    story.url = f"sqlite:///{story.folder / 'nowhere.db'}"
    with pytest.raises(StoreError) as stop:
        replay(story, store, untouched=True)
    assert stop.value.message.startswith(f"`{store}` was not replayed.")
    assert "expected a SQLite database" in stop.value.message and "does not exist" in stop.value.message
    assert "Then replay again" in stop.value.hint and stop.value.exit_code == 3
    swept = sweep(story)
    assert store in swept.silent
    assert any(one.what == f"store {store}" and "does not exist" in one.why for one in swept.left)


def test_a_replay_says_of_the_others_that_they_were_not_restored(story: Story) -> None:
    """The plan is for one store: the others are open, and nobody is sent to the paper again."""
    copied = story.copy()
    story.erase("customer/2")
    story.restore(copied)
    plan = story.replay().plan
    assert plan is not None
    assert {one.what: one.why for one in plan.unlooked} == dict.fromkeys(
        ("lake", "web", "post"), "it was not restored; this plan is for `app` alone"
    )
    assert plan.tasks == ()


def test_an_erasure_says_why_a_store_is_not_looked_at(story: Story) -> None:
    """A store that is closed stands in the plan once, with what it said."""
    (story.folder / "events").rename(story.folder / "away")
    wish = Wish(lines=(Line(source="<arguments>", line=1, text="customer/2"),), limit=20)
    asker = erasing.Asker(by="tester", keep=False)
    clock, moment = story.clock(RESTORED), Moment(at=RESTORED)
    plan = erasing.plan(wish, story.folder, story.environment, clock, moment, asker).plan
    assert plan is not None
    said = {one.what: one.why for one in plan.unlooked if "lake" in one.what}
    assert list(said) == ["store lake"] and "no folder" in said["store lake"]


def test_paper_is_left_to_a_person(story: Story) -> None:
    """A shelf that was put back is not searched by anything, and that is said."""
    assert [(one.what, one.why) for one in replay(story, "binders").found.left] == [
        ("store binders", "a person has to look there")
    ]


def test_lines_without_a_date_go_to_a_person(story: Story) -> None:
    """A log's line does not say when it was written: nothing is planned."""
    copied = files(story)
    story.erase("customer/2")
    put_back(story, copied)
    found = replay(story, "web")
    assert [b.why for b in found.found.backs] == ["undated"]
    assert found.plan is None


def test_a_sweep_looks_in_files_and_leaves_shelves_out(story: Story) -> None:
    """Right after an erasure nobody is back anywhere, and nothing was passed over."""
    copied = files(story)
    story.erase("customer/2")
    clean = sweep(story)
    assert (clean.backs, clean.left, clean.stores) == ((), (), ("lake", "web", "post", "app"))
    put_back(story, copied)
    again = sweep(story)
    assert {b.dataset for b in again.backs} >= {"web.lines"}
