"""What stores of files do with files that are broken, gone, in use, or not what they seem."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.contract import (
    ADA,
    BEN,
    CEM,
    applied,
    assert_silent,
    batch,
    counts,
    forked,
    killed,
    manifest,
    points,
    scanned,
)
from db.contract_files import LogsHarness, now, way
from db.contract_mail import MailHarness
from db.contract_trees import TreeHarness
from troth.apply.people import Question
from troth.catalog.datamap import Dataset, Store
from troth.errors import Refused, StoreError
from troth.plan.predicates import ALWAYS
from troth.rights.model import EraseRows
from troth.stores import logs, mail, shelves, trees
from troth.stores.files import spotting
from troth.stores.files.asking import Index
from troth.stores.files.medium import Acting
from troth.stores.files.spotting import Spotter
from troth.stores.logs import rewriting
from troth.stores.mail import boxes

OPENERS: list[Any] = [logs.opened, mail.opened, trees.opened]


@pytest.mark.parametrize("opened", OPENERS)
def test_a_folder_that_is_not_there(tmp_path: Path, opened: Any) -> None:
    """A pattern that begins with no folder is refused when the store is opened, with what was expected."""
    with (
        pytest.raises(StoreError, match="there is no folder `nowhere`"),
        opened("s", Store(files="nowhere/*"), {}, tmp_path, now),
    ):
        pass


@pytest.mark.parametrize("opened", OPENERS)
def test_no_pattern(tmp_path: Path, opened: Any) -> None:
    """A store without a pattern is refused."""
    with pytest.raises(StoreError, match="path pattern"), opened("s", Store(files=""), {}, tmp_path, now):
        pass


@pytest.mark.parametrize("opened", OPENERS)
def test_several_datasets(tmp_path: Path, opened: Any) -> None:
    """A store of files has one dataset; two are refused with the way out."""
    datasets = {"s.a": Dataset(), "s.b": Dataset()}
    with (
        pytest.raises(StoreError, match="one dataset") as refused,
        opened("s", Store(files="*"), datasets, tmp_path, now),
    ):
        pass
    assert "store of its own" in refused.value.hint


@pytest.mark.parametrize("opened", OPENERS)
def test_no_files(tmp_path: Path, opened: Any) -> None:
    """An empty folder is an empty store, and says so."""
    with opened("s", Store(files="*.none"), {}, tmp_path, now) as store:
        assert "No file matches the pattern." in store.describe().notes
        found = scanned(store, LogsHarness(tmp_path))
    assert found.residues == ()
    assert [part.rows for part in found.coverage] == [0]


def test_a_placeholder_named_like_a_column(tmp_path: Path) -> None:
    """A placeholder that would hide a column is refused."""
    with (
        pytest.raises(StoreError, match="placeholder"),
        trees.opened("s", Store(files="{name}/*"), {}, tmp_path, now),
    ):
        pass


def test_a_cut_off_log_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    """A compressed log that is cut off stays as it is and is named; every other is redacted."""
    harness = LogsHarness(tmp_path)
    harness.fill()
    broken = tmp_path / "logs" / "old" / "cut.log.gz"
    broken.write_bytes(gzip.compress(f"{ADA.email}\n".encode() * 999)[:40])
    before = broken.read_bytes()
    with harness.opened() as store:
        store.count(batch(harness, ADA).people, [Question(dataset="web.lines", where=ALWAYS)])
        assert store.describe().unread == (("web.lines", "files that are cut off or damaged: 1"),)
        applied(store, batch(harness, ADA))
        found = scanned(store, harness)
    assert broken.read_bytes() == before
    assert found.unlooked == (("web.lines", "files that are cut off or damaged: 1"),)
    assert_silent(repr(found))


def test_a_log_that_grows_loses_nothing(tmp_path: Path) -> None:
    """What a program appends while a log is written anew is in it, redacted, half a line included."""
    path = tmp_path / "app.log"
    path.write_bytes(b"a " + ADA.email.encode() + b"\nhalf a line of ada.lovelace@exa")
    prepared = rewriting.prepared(path, _acting(tmp_path))
    assert prepared is not None
    with path.open("ab") as program:
        program.write(b"mple.org\nnext " + ADA.email.encode() + b"\n")
    prepared.put()
    assert path.read_bytes() == b"a [erased]\nhalf a line of [erased]\nnext [erased]\n"
    assert list(tmp_path.iterdir()) == [path]
    assert dict(prepared.rows) == {3: 3}


def test_a_log_in_use_is_changed_where_it_stands(tmp_path: Path) -> None:
    """A program that has the log open goes on writing into the very file that was redacted."""
    harness = LogsHarness(tmp_path)
    harness.fill()
    path = tmp_path / "logs" / "app.log"
    size = path.stat().st_size
    with path.open("ab", buffering=0) as program:
        program.write(b"\n")
        assert rewriting.written_now(path)
        with harness.opened() as store:
            (done,) = applied(store, batch(harness, ADA))
            assert dict(done.rows) == {3: 5}
            program.write(b"and on\n")
            assert scanned(store, harness).residues == ()
    data = path.read_bytes()
    assert len(data) == size + 8
    assert data.endswith(b"no line end\nand on\n")


def test_a_log_that_rotates_is_left_alone(tmp_path: Path) -> None:
    """When another file has taken the log's place, neither is overwritten, and the message says what to do."""
    path = tmp_path / "app.log"
    path.write_text(f"{ADA.email}\n")
    prepared = rewriting.prepared(path, _acting(tmp_path))
    assert prepared is not None
    path.rename(tmp_path / "app.log.1")
    path.write_text("new\n")
    with pytest.raises(StoreError, match="rotated") as failed:
        prepared.put()
    assert_silent(failed.value.message)
    assert path.read_text() == "new\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["app.log", "app.log.1"]


def _acting(folder: Path) -> Any:

    harness = LogsHarness(folder)
    people = manifest(ADA)
    index = Index(people, frozenset({"line"}))
    return Acting(index, Spotter(spotting.wanted(people)), "web.lines", harness.steps, harness.ways)


def test_a_file_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is removed between looking and writing is passed over; the others are done."""
    harness = LogsHarness(tmp_path)
    harness.fill()
    hit = rewriting.prepared

    def gone(path: Path, acting: Any) -> Any:
        if path.name == "app.log":
            path.unlink(missing_ok=True)
        return hit(path, acting)

    monkeypatch.setattr(rewriting, "prepared", gone)
    with harness.opened() as store:
        (done,) = applied(store, batch(harness, ADA))
        assert dict(done.rows) == {3: 2}
        assert scanned(store, harness).residues == ()


def test_an_mbox_with_broken_separators(tmp_path: Path) -> None:
    """A line of text that begins with From parts no mail; a separator without a date does where a header follows."""
    box = (
        b"From \n",
        b"Subject: one\n\nFrom here on\n\nFrom there too, it is text.\n\n",
        b"From ada@\nSubject: two\n\ntwo\n\n",
        b"From x Fri Jan  2 10:00:00 2026\n\nno header\n",
    )
    path = tmp_path / "box"
    path.write_bytes(b"".join(box))
    with path.open("rb") as file:
        assert list(boxes.parted(file)) == [box[0] + box[1], box[2], box[3]]


def test_a_lock_that_a_dead_run_left_is_taken_over(tmp_path: Path) -> None:
    """A lock file of ours whose process is dead keeps nobody out; one of somebody else does."""
    path = tmp_path / "box"
    path.write_bytes(b"")
    mark = tmp_path / "box.lock"
    mark.write_text("troth 999999999\n")
    with boxes.locked(path):
        assert mark.exists()
    assert not mark.exists()


def test_new_mail_during_the_work_is_kept(tmp_path: Path) -> None:
    """Mail that is delivered after a mailbox was read is in the new one."""
    harness = MailHarness(tmp_path)
    harness.fill()
    box = tmp_path / "post" / "archive.mbox"
    with harness.opened() as store:
        medium: Any = store.medium  # type: ignore[attr-defined]
        place = next(p for p in medium.places() if p.path == box)

        people = harness.manifest(ADA)
        acting = Acting(
            Index(people, medium.text),
            Spotter(spotting.wanted(people)),
            "post.messages",
            harness.steps,
            harness.ways,
        )
        prepared = medium.prepare(place, acting)
        with box.open("ab") as delivery:
            delivery.write(b"From ben Fri Jan  2 11:00:00 2026\nSubject: new\n\nnew\n")
        prepared.put()
    assert box.read_bytes().endswith(b"Subject: new\n\nnew\n")
    assert ADA.email.encode() not in box.read_bytes()
    assert not (tmp_path / "post" / "archive.mbox.lock").exists()


def test_flags_that_change_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that a reader has marked between looking and removing is removed all the same."""
    harness = MailHarness(tmp_path)
    harness.fill()
    cur = tmp_path / "post" / "Maildir" / "cur"
    prepare = mail.adapter.Mails.prepare

    def marked(self: Any, place: Any, acting: Any) -> Any:
        made = prepare(self, place, acting)
        if place.path.name == "1.a:2,S":
            (cur / "1.a:2,S").rename(cur / "1.a:2,RS")
        return made

    monkeypatch.setattr(mail.adapter.Mails, "prepare", marked)
    with harness.opened() as store:
        applied(store, batch(harness, ADA))
    assert harness.everything() == harness.after()


def test_a_tree_is_never_left(tmp_path: Path) -> None:
    """Neither a link in the tree nor a folder with dots in its name leads out of it."""
    harness = TreeHarness(tmp_path)
    harness.fill()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    uploads = tmp_path / "uploads"
    shutil.rmtree(uploads / ADA.key)
    (uploads / ADA.key).symlink_to(outside)
    (uploads / BEN.key / "..outside").mkdir()
    with harness.opened() as store:
        (done,) = applied(store, batch(harness, ADA))
    assert dict(done.rows) == {1: 0}
    assert (outside / "kept.txt").read_text() == "kept"


def test_a_value_that_is_a_path_is_only_compared(tmp_path: Path) -> None:
    """A key that reads like a way out of the folder finds nothing."""
    harness = TreeHarness(tmp_path)
    harness.fill()
    whole = harness.everything()

    climber = replace(ADA, key="../uploads/" + CEM.key)
    with harness.opened() as store:
        applied(store, batch(harness, climber))
    assert harness.everything() == whole


def test_files_by_their_content(tmp_path: Path) -> None:
    """A file found only by what it holds is redacted where others stand in it, and removed where nobody does."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "all.csv").write_text(f"{ADA.email};1\n{BEN.email};2\n")
    (folder / "hers.csv").write_text(f"{ADA.email};1\n")
    harness = TreeHarness(tmp_path)
    by_content = way(1, "content")

    step = EraseRows(id="x.files", dataset="x.files", where=by_content.where, promises=())
    one = batch(harness, ADA, steps=((1, step),), ways={"x.files": (by_content,)})
    with trees.opened("x", Store(files="exports/*.csv"), {"x.files": Dataset()}, tmp_path, now) as store:
        assert store.count(manifest(ADA), [Question(dataset="x.files", where=by_content.where)]) == (2,)
        (done,) = applied(store, one)
        assert store.count(manifest(ADA), [Question(dataset="x.files", where=by_content.where)]) == (0,)
    assert dict(done.rows) == {1: 2}
    assert {p.name: p.read_text() for p in folder.glob("*.csv")} == {
        "all.csv": f"[erased];1\n{BEN.email};2\n"
    }


@pytest.fixture
def public() -> Iterator[Path]:
    """Return a folder that a user without rights may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_anybody(work: Callable[[], None]) -> None:
    """Do something in a process without the rights of root."""

    def humbly() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        work()

    assert forked(humbly) == 0


def test_a_folder_that_cannot_be_written(public: Path) -> None:
    """Where nothing can be written counting works, and an apply is refused before anything happened."""
    harness = LogsHarness(public)
    harness.fill()
    whole = harness.everything()
    (public / "logs").chmod(0o555)

    def work() -> None:
        with harness.opened() as store:
            assert counts(store, harness, ADA) == {3: 5}
            assert not store.prepare()
            with pytest.raises(StoreError, match="cannot be changed: Permission denied"):
                applied(store, batch(harness, ADA))

    as_anybody(work)
    assert harness.everything() == whole
    (public / "logs").chmod(0o755)


def test_a_file_that_cannot_be_read(public: Path) -> None:
    """A file without the right to read it is named with its count, in the description and in the recheck."""
    harness = LogsHarness(public)
    harness.fill()
    (public / "logs" / "idle.log").chmod(0o000)

    def work() -> None:
        with harness.opened() as store:
            notes = store.describe().notes
            found = scanned(store, harness)
        assert "Not looked at: files that cannot be read with these rights: 1 of 3." in notes
        assert ("web.lines", "files that cannot be read with these rights: 1") in found.unlooked

    as_anybody(work)


@pytest.mark.parametrize("kind", ["physical", "device", "service"])
def test_a_shelf_does_nothing_and_says_so(tmp_path: Path, kind: Any) -> None:
    """A store nothing can act on has no ability, and every dataset of it is named as not looked at."""
    with shelves.opened("binders", Store(kind=kind), {"binders.papers": Dataset()}, tmp_path, now) as store:
        described = store.describe()
        found = scanned(store, LogsHarness(tmp_path))
        with pytest.raises(Refused):
            store.erase(batch(LogsHarness(tmp_path), ADA))
    assert described.can == frozenset()
    assert described.notes
    assert [what for what, _ in found.unlooked] == ["binders.papers"]


def test_a_file_too_large_for_a_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A huge file that is no mailbox is not held in memory: it is named instead, and the others are done."""
    monkeypatch.setattr(boxes, "LARGEST", 5_000)
    harness = MailHarness(tmp_path)
    harness.fill()
    (tmp_path / "post" / "huge.bin").write_bytes(b"\x00" * 6_000)
    with harness.opened() as store:
        (done,) = applied(store, batch(harness, ADA))
        found = scanned(store, harness)
    assert dict(done.rows) == dict(harness.rows)
    assert ("post.messages", "files that are too large for what they should be: 1") in found.unlooked


def test_a_kill_while_a_log_in_use_is_changed(tmp_path: Path) -> None:
    """Killed between two lines of a file that a program has open, a rerun does the rest and counts each line once."""
    harness = LogsHarness(tmp_path)
    one = batch(harness, ADA)
    path = tmp_path / "logs" / "app.log"
    deaths = 0
    for at in points(harness, 12, one):
        harness.fill()
        with path.open("ab", buffering=0):
            deaths += killed(harness, at, one) < 0
            with harness.opened() as store:
                applied(store, one)
                assert [dict(done.rows) for done in store.batches("plan")] == [{3: 5}], at
                assert scanned(store, harness).residues == ()
    assert deaths
