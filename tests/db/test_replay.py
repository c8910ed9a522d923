"""A restored copy is erased again: the state before the restore comes back, and nobody new is touched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from db.restoring import RESTORED, Story
from troth.app import burying, ledgers, restoring
from troth.app.clock import Moment
from troth.app.replaying import Returned
from troth.errors import Refused


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    """Begin with a full store in each database."""
    names = {"sqlite": None, "postgresql": "new_pg_url", "mariadb": "new_mariadb_url"}
    name = names[request.param]
    return Story.begin(tmp_path / "shop", request.getfixturevalue(name) if name else None)


@pytest.fixture
def light(tmp_path: Path) -> Story:
    """Begin with a full store on SQLite."""
    return Story.begin(tmp_path / "shop", None)


def swept(story: Story) -> Returned:
    """Sweep every store."""
    clock, moment = story.clock(RESTORED), Moment(at=RESTORED)
    return restoring.sweep(story.folder, story.environment, clock, moment, stores=(), by="tester")


def why(found: Returned) -> list[tuple[str, str | None]]:
    """List what was found, without who."""
    return [(back.by, back.why) for back in found.backs]


def test_a_replayed_copy_equals_the_state_before(story: Story) -> None:
    """Restore an old copy, replay, and every table is as it was before the restore."""
    copied = story.copy()
    story.erase("customer/2", "email:person5@example.org")
    before = story.state()
    assert [row[0] for row in before["customers"]] == [1, 3, 4, 6]
    story.restore(copied)
    assert story.state() != before
    found = story.replayed()
    assert len(found.found.restored) == 2 and not found.found.to_decide
    assert story.state() == before


def test_a_replayed_copy_needs_no_second_replay(light: Story) -> None:
    """After a replay nobody is found, and no plan is made."""
    copied = light.copy()
    light.erase("customer/2")
    light.restore(copied)
    light.replayed()
    again = light.replay()
    assert (again.found.backs, again.plan) == ((), None)


def test_who_was_erased_before_the_copy_is_not_looked_for(light: Story) -> None:
    """A copy made after an erasure has nobody of it."""
    light.erase("customer/2")
    found = light.replay(since="2026-05-21")
    assert (found.found.tombstones, found.plan) == (0, None)


def test_a_new_sign_up_with_the_same_address_stays(story: Story) -> None:
    """Whoever signs up again after the erasure is left alone, and letters to them too."""
    copied = story.copy()
    story.erase("customer/2")
    story.restore(copied)
    story.run(
        "INSERT INTO customers VALUES (90, 'Name 2', 'person2@example.org', 1, NULL, '2026-05-30 10:00:00')",
        "INSERT INTO letters VALUES (90, 'person2@example.org', 'Welcome', '2026-05-30 10:00:00')",
    )
    found = story.replayed()
    assert sorted(why(found.found), key=str) == [("email", "since"), ("email", "since"), ("key", None)]
    state = story.state()
    assert [row[0] for row in state["customers"]] == [1, 3, 4, 5, 6, 90]
    assert 90 in [row[0] for row in state["letters"]]
    assert not [row for row in state["orders"] if row[1] == 2]


def test_rows_without_a_date_go_to_a_person(light: Story) -> None:
    """Where no date tells, nothing is erased; once somebody states that nothing was written, it is."""
    copied = light.copy()
    light.erase("customer/2")
    before = light.state()
    light.restore(copied)
    light.run("UPDATE customers SET created_at = NULL")
    undated = light.replay()
    assert sorted(why(undated.found), key=str) == [("email", "in-use"), ("key", "undated")]
    assert undated.plan is None
    light.restore(copied)
    light.replayed(untouched=True)
    assert light.state() == before


def test_somebody_who_uses_a_restored_account_goes_to_a_person(light: Story) -> None:
    """An account from the copy with an order newer than the erasure is not taken away unseen."""
    copied = light.copy()
    light.erase("customer/2")
    light.restore(copied)
    light.run("INSERT INTO orders VALUES (999, 2, 1, '2026-05-31 10:00:00')")
    found = light.replay()
    assert ("key", "in-use") in why(found.found)


def test_an_address_nobody_verified_goes_to_a_person(light: Story) -> None:
    """Somebody else's row with the erased person's address typed into it is reported only."""
    copied = light.copy()
    light.erase("customer/2")
    light.restore(copied)
    light.run("UPDATE customers SET email = 'person2@example.org', verified = 0 WHERE id = 3")
    found = light.replayed()
    assert ("email", "unverified") in why(found.found)
    assert 3 in [row[0] for row in light.state()["customers"]]


def test_a_copy_without_the_own_row_is_found_by_its_address(light: Story) -> None:
    """Letters that were put back alone are known by the address in them."""
    copied = light.copy()
    light.erase("customer/2")
    before = light.state()
    light.restore(copied)
    light.run("DELETE FROM orders WHERE customer_id = 2", "DELETE FROM customers WHERE id = 2")
    found = light.replayed()
    assert ("email", None) in why(found.found)
    assert light.state() == before


def test_other_people_are_untouched(light: Story) -> None:
    """Rows of people who were never erased are the same before and after a replay."""
    copied = light.copy()
    light.erase("customer/2")
    light.restore(copied)
    others = {name: [r for r in rows if 2 not in r[:2]] for name, rows in light.state().items()}
    light.replayed()
    after = light.state()
    assert after["customers"] == others["customers"]
    assert after["orders"] == others["orders"]


def test_a_sweep_is_quiet_after_an_erasure(story: Story) -> None:
    """Right after an erasure nobody is back."""
    story.erase("customer/2")
    found = swept(story)
    assert found.tombstones > 0
    assert (found.backs, found.left) == ((), ())


def test_a_sweep_reports_and_changes_nothing(light: Story) -> None:
    """People who are back are named by number; their rows stay."""
    copied = light.copy()
    light.erase("customer/2")
    light.restore(copied)
    before = light.state()
    found = swept(light)
    assert [b.person.reference for b in found.restored] == ["erased:1"]
    assert light.state() == before


def test_a_lawful_return_closes_tombstones(light: Story) -> None:
    """Once somebody says that a person lawfully came back, they are looked for no more."""
    light.erase("customer/2")
    light.run("INSERT INTO customers VALUES (2, 'N', 'person2@example.org', 1, NULL, '2026-05-30 10:00:00')")
    assert [b.why for b in swept(light).to_decide] == ["since"]
    restoring.close(
        "erased:1",
        light.folder,
        light.environment,
        light.clock(RESTORED),
        reason="new-sign-up",
        by="tester",
    )
    assert swept(light).backs == ()


def test_a_return_is_closed_once_and_with_a_word(light: Story) -> None:
    """No such person, no word as reason, and closing twice are refused."""
    light.erase("customer/2")
    with ledgers.opened(light.folder, light.environment, light.clock(RESTORED)) as ledger:
        for person, reason in (("erased:99", "back"), ("ann", "back"), ("erased:1", "Ada came back")):
            with pytest.raises(Refused):
                burying.close(ledger, person, reason=reason, by="tester", at=RESTORED)
        burying.close(ledger, "1", reason="back", by="tester", at=RESTORED)
        with pytest.raises(Refused, match="already"):
            burying.close(ledger, "1", reason="back", by="tester", at=RESTORED + timedelta(hours=1))


def test_nothing_of_a_person_stands_in_the_ledger(light: Story) -> None:
    """Once the manifest is gone, the ledger's file holds neither address nor name."""
    light.erase("customer/2")
    with ledgers.opened(light.folder, light.environment, light.clock(RESTORED)) as ledger:
        stones = list(ledger.tombstones.standing("app"))
        kinds = [entry for entry in ledger.evidence.entries() if b"tombstone.made" in entry]
    assert {stone.place for stone in stones} == {"email", "app.customers:id"}
    assert len(kinds) == 1 and b"example.org" not in kinds[0]
    data = b"".join(p.read_bytes() for p in (light.folder / ".troth").glob("ledger.sqlite*"))
    assert b"person2@" not in data.lower()
