"""The register of backups in the ledger, fed by people, folders and tools; and the ledger's keys, rotated."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from db.restoring import ERASED, RESTORED, Story
from troth.app import backups, checking, ledgers, replaying, restoring, rotating
from troth.app.backups import Session
from troth.app.clock import Clock, Moment
from troth.backups import folder as folders
from troth.errors import Refused, StoreError
from troth.evidence.entry import Entry
from troth.problems import BadInput

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Begin with a full store on SQLite."""
    return Story.begin(tmp_path / "shop", None)


@pytest.fixture
def session(story: Story) -> Session:
    """Work on the first of June."""
    return Session(
        folder=story.folder,
        environment=story.environment,
        clock=Clock(now=lambda: NOW, test=True),
        by="tester",
    )


@pytest.fixture
def drawer(tmp_path: Path) -> Iterator[Path]:
    """Make a folder with two copies, one of them dated by its name alone."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for name in ("app-2026-05-03.dump", "app.dump", "notes.txt", ".app-2026-05-09.dump"):
        (folder / name).write_text("x")
    stamp = datetime(2026, 5, 10, 2, tzinfo=UTC).timestamp()
    for path in folder.iterdir():
        os.utime(path, (stamp, stamp))
    yield folder


def kinds(session: Session) -> list[str]:
    """List the kinds of evidence about backups and keys."""
    with ledgers.opened(session.folder, session.environment, session.clock) as ledger:
        found = [Entry.decode(entry).kind for entry in ledger.evidence.entries()]
    return [kind for kind in found if kind.startswith(("backup.", "key.rotated", "key.destroyed"))]


def test_a_stated_copy_is_listed_with_the_day_it_is_gone_by(session: Session) -> None:
    """As stated, else as promised; one that outlived the promise is late."""
    backups.add(session, "app", "2026-04-01", "tape 7", "2026-12-31")
    backups.add(session, "app", "2026-05-20T02:00:00+02:00", "tape 8", "")
    first, second = backups.listed(session, NOW, all=False).copies
    assert (first.gone_by, first.late) == (date(2026, 12, 31), True)
    assert (second.set.made, second.gone_by, second.promised) == (
        datetime(2026, 5, 20, tzinfo=UTC),
        date(2026, 6, 19),
        True,
    )
    assert kinds(session) == ["backup.registered", "backup.registered"]


@pytest.mark.parametrize(
    ("store", "made", "ends"),
    [("apx", "2026-05-01", ""), ("app", "last week", ""), ("app", "2026-05-01", "soon")],
)
def test_what_cannot_be_read_is_refused(session: Session, store: str, made: str, ends: str) -> None:
    """A store that is not there, an instant and a day that are none."""
    with pytest.raises(BadInput):
        backups.add(session, store, made, "tape", ends)


@pytest.mark.parametrize(("made", "ends"), [("2026-07-01", ""), ("2026-05-02", "2026-05-01")])
def test_what_cannot_be_is_refused(session: Session, made: str, ends: str) -> None:
    """A copy of tomorrow, and one that ended before it was made."""
    with pytest.raises(Refused):
        backups.add(session, "app", made, "tape", ends)


def test_a_copy_is_registered_once(session: Session) -> None:
    """The same place and instant are the same copy."""
    backups.add(session, "app", "2026-05-01", "tape", "")
    with pytest.raises(Refused, match="already"):
        backups.add(session, "app", "2026-05-01", "tape", "")


def test_a_folder_feeds_the_register(session: Session, drawer: Path) -> None:
    """Copies are dated by the earlier of name and time stamp; one that vanished is gone, with evidence."""
    fed = backups.scan(session, "app", drawer, "*.dump", empty=False)
    assert sorted((s.made.day, Path(s.name).name) for s in fed.new) == [
        (3, "app-2026-05-03.dump"),
        (10, "app.dump"),
    ]
    assert backups.scan(session, "app", drawer, "*.dump", empty=False).new == ()
    (drawer / "app.dump").unlink()
    fed = backups.scan(session, "app", drawer, "*.dump", empty=False)
    assert [Path(s.name).name for s in fed.gone] == ["app.dump"]
    assert kinds(session).count("backup.gone") == 1


def test_an_empty_folder_is_not_believed(session: Session, drawer: Path) -> None:
    """It may not be mounted; nothing changes until somebody says that it is empty."""
    backups.scan(session, "app", drawer, "*.dump", empty=False)
    for path in drawer.iterdir():
        path.unlink()
    with pytest.raises(Refused, match="2 are registered"):
        backups.scan(session, "app", drawer, "*.dump", empty=False)
    assert len(backups.scan(session, "app", drawer, "*.dump", empty=True).gone) == 2


def test_a_folder_that_is_not_there_takes_nothing_away(session: Session, drawer: Path) -> None:
    """A missing folder is no empty one."""
    with pytest.raises(StoreError, match="not there"):
        backups.scan(session, "app", drawer / "missing", "*.dump", empty=True)


def test_a_listing_with_faults_takes_nothing_away(session: Session, tmp_path: Path) -> None:
    """What can be read is registered; nothing is gone until all can be read."""
    first = [{"id": "a", "time": "2026-05-01T00:00:00Z"}, {"id": "b", "time": "2026-05-02T00:00:00Z"}]
    path = tmp_path / "restic.json"
    path.write_text(json.dumps(first))
    assert len(backups.feed(session, "app", path, "restic", only="", empty=False)[0].new) == 2
    path.write_text(json.dumps([{"id": "a", "time": "2026-05-01T00:00:00Z"}, {"id": "b"}]))
    fed, problems = backups.feed(session, "app", path, "restic", only="", empty=False)
    assert (fed.gone, len(problems)) == ((), 1)
    path.write_text(json.dumps(first[:1]))
    assert [s.name for s in backups.feed(session, "app", path, "restic", only="", empty=False)[0].gone] == [
        "b"
    ]


def test_a_listing_takes_away_only_what_came_from_it(session: Session, drawer: Path, tmp_path: Path) -> None:
    """A folder and a tool know nothing of each other's copies."""
    backups.scan(session, "app", drawer, "*.dump", empty=False)
    path = tmp_path / "restic.json"
    path.write_text(json.dumps([{"id": "a", "time": "2026-05-01T00:00:00Z"}]))
    assert backups.feed(session, "app", path, "restic", only="", empty=False)[0].gone == ()


def test_a_copy_is_gone_once(session: Session) -> None:
    """By its number; a second time, and a copy that is none, are refused."""
    one = backups.add(session, "app", "2026-05-01", "tape", "")
    backups.end(session, f"backup:{one.id}")
    for named in (f"backup:{one.id}", "99", "tape"):
        with pytest.raises(Refused):
            backups.end(session, named)
    assert backups.listed(session, NOW, all=False).copies == ()
    assert len(backups.listed(session, NOW, all=True).copies) == 1


def test_a_copy_that_is_back_counts_again(session: Session, drawer: Path) -> None:
    """A file that was away for a day is there."""
    backups.scan(session, "app", drawer, "app.*", empty=False)
    (drawer / "app.dump").rename(drawer / "away")
    backups.scan(session, "app", drawer, "app.*", empty=True)
    (drawer / "away").rename(drawer / "app.dump")
    assert len(backups.scan(session, "app", drawer, "app.*", empty=False).new) == 1


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("app-2026-05-01.dump", datetime(2026, 5, 1, tzinfo=UTC)),
        ("20260501T0230.tar.gz", datetime(2026, 5, 1, 2, 30, tzinfo=UTC)),
        ("app_2026.05.01_14-05.sql", datetime(2026, 5, 1, 14, 5, tzinfo=UTC)),
        ("app-2026-02-30.dump", None),
        ("app-120260501.dump", None),
        ("v2026.dump", None),
    ],
)
def test_dates_in_names(name: str, made: datetime | None) -> None:
    """A day means its beginning; what is no date is none."""
    assert folders.named(name) == made


def test_the_promise_follows_the_register(session: Session) -> None:
    """Unproven, then kept, then broken a month later."""

    def status(at: datetime) -> str:
        clock = Clock(now=lambda: at, test=True)
        moment = Moment(at=at)
        report = checking.check(
            session.folder, session.environment, clock, moment, only=("erasure",), by="tester"
        )
        return next(str(r.status) for r in report.results if r.promise.kind == "erasure.backups")

    assert status(NOW) == "unproven"
    backups.add(session, "app", "2026-05-20", "tape", "")
    assert status(NOW) == "kept"
    later = NOW + timedelta(days=30)
    backups.confirm(replace(session, clock=Clock(now=lambda: later, test=True)), "app")
    assert status(later) == "broken"


def test_a_replay_takes_the_date_of_a_registered_copy(session: Session, story: Story) -> None:
    """By its number or its name; one of another store, and what is no date, are refused."""
    one = backups.add(session, "app", "2026-05-01T02:00:00Z", "tape", "")
    with ledgers.opened(story.folder, story.environment, session.clock) as ledger:
        assert replaying.copy(ledger, "app", f"backup:{one.id}").made == one.made
        assert replaying.copy(ledger, "app", one.name).set == f"backup:{one.id}"
        assert replaying.copy(ledger, "app", "2026-05-01").made == datetime(2026, 5, 1, tzinfo=UTC)
        for named in ("backup:99", "last night"):
            with pytest.raises(Refused):
                replaying.copy(ledger, "app", named)
        with pytest.raises(Refused):
            replaying.copy(ledger, "lake", f"backup:{one.id}")


def test_every_erasure_shows_when_its_last_copy_is_gone(session: Session, story: Story) -> None:
    """The day moves when copies are registered, and when they are gone."""
    story.erase("customer/2")

    def said() -> str:
        ((one, last),) = restoring.erasures(story.folder, story.environment, session.clock, Moment(at=NOW))
        assert (one.people, one.standing, one.stores) == (1, 1, ("app",))
        return str(last)

    assert said() == "last copy gone by 2026-06-19 by the promise alone"
    one = backups.add(session, "app", "2026-05-10", "tape", "2026-07-01")
    assert said() == "last copy gone by 2026-07-01"
    backups.end(session, f"backup:{one.id}")
    assert said() == "no registered copy holds them"


def test_people_are_known_again_after_the_key_was_rotated(story: Story) -> None:
    """Old tombstones are compared with the old key, new ones made with the new one."""
    copied = story.copy()
    story.erase("customer/2")
    rotating.rotate("tombstones", story.folder, story.environment, story.clock(ERASED), by="tester")
    story.erase("customer/4")
    before = story.state()
    story.restore(copied)
    assert len(story.replayed().found.restored) == 2
    assert story.state() == before
    first, second = rotating.listed(story.folder, story.environment, story.clock(RESTORED))[:2]
    assert (first.in_use, first.standing > 0, second.in_use, second.standing) == (True, True, False, 2)


def test_a_key_that_is_needed_is_not_destroyed(story: Story) -> None:
    """With its tombstones standing, only whoever says so loses them; a replay tells that it cannot look."""
    copied = story.copy()
    story.erase("customer/2")
    clock, by = story.clock(RESTORED), "tester"
    previous, fresh = rotating.rotate("tombstones", story.folder, story.environment, clock, by=by)
    for id in (fresh, previous, "00000000"):
        with pytest.raises(Refused):
            rotating.destroy(id, story.folder, story.environment, clock, by=by, lose=False)
    assert rotating.destroy(previous, story.folder, story.environment, clock, by=by, lose=True) == 2
    story.restore(copied)
    found = story.replay().found
    assert (found.backs, len(found.left)) == ((), 1)
    assert kinds(Session(folder=story.folder, environment=story.environment, clock=clock, by=by)) == [
        "key.rotated",
        "key.destroyed",
    ]


def test_staff_keep_their_number_after_a_rotation(story: Story) -> None:
    """The name sealed with the old key is found again, and opens."""
    clock = story.clock(RESTORED)
    with ledgers.opened(story.folder, story.environment, clock) as ledger:
        before = ledger.staff.identify("Ann Lee", at=RESTORED)
    rotating.rotate("commitments", story.folder, story.environment, clock, by="tester")
    with ledgers.opened(story.folder, story.environment, clock) as ledger:
        assert ledger.staff.identify("ann lee", at=RESTORED) == before
        assert ledger.staff.names(before) == {before: "Ann Lee"}
