"""Requests under hard circumstances: what letters may never say, what must wait, and what is not erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.adversity import Shop, made
from troth.app.casework.desk import Desk
from troth.cases.case import Case
from troth.cases.register import Happened

HELD = "hold add --ground legal-hold --title T --owner Sam --review 2027-01-01 --by Sam --scope "


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Make a shop under the GDPR."""
    return made(tmp_path, monkeypatch, capsys)


def test_an_erasure_of_which_all_stays_claims_nothing(shop: Shop) -> None:
    """Everything is under a hold: the letter does not say that it was erased, and nobody is told to erase it."""
    shop.opened("erase")
    shop.on(HELD + "customer/1")
    shop.decided("--partial --because legal-claims --facts -")
    shop.on("request carry-out 1 --by Sam")
    letter = shop.on("request answer 1 --preview --by Sam")
    assert "not able to do what you asked for" in letter
    assert "erased your data" not in letter
    assert "1 January 2027" in letter
    assert "Recipients told" not in shop.on("request answer 1 --by Sam")


def test_backups_nobody_knows_of_are_not_denied(shop: Shop) -> None:
    """No backup is registered and no term promised: the letter does not say that there is none."""
    shop.opened("erase")
    shop.decided("--grant")
    shop.on("request carry-out 1 --by Sam")
    letter = " ".join(shop.on("request answer 1 --preview --by Sam").split())
    assert "We keep no copy" not in letter
    assert "we cannot name the day yet" in letter


def test_an_erasure_waits_for_the_copy_asked_for_with_it(shop: Shop) -> None:
    """What the same message asks to see is answered first; a withdrawn one is waited for no longer."""
    shop.opened("access erase", proven=2)
    shop.decided("--grant", 2)
    assert "case:1" in shop.on("request carry-out 2 --by Sam", code=5)
    assert shop.sql("SELECT count(*) FROM orders") == [(3,)]
    shop.on("request withdraw 1 --by Sam")
    assert "done" in shop.on("request carry-out 2 --by Sam")


def test_what_is_to_stay_is_held_before_the_rest_goes(shop: Shop) -> None:
    """A part is refused for legal claims and nothing holds it: the plan would erase it, so nobody decides so."""
    shop.opened("erase")
    shop.on("request plan 1 --by Sam")
    part = "request decide 1 --partial --because legal-claims --facts - --by Sam"
    assert "Nothing stays by the plan" in shop.on(part, asked="A claim.\n", code=2)


def test_what_stood_for_a_request_goes_with_it(shop: Shop) -> None:
    """Holds on what was asked for, and a restriction until the decision, end when the person withdraws."""
    shop.opened("access rectify", proven=2)
    shop.on("request plan 1 --by Sam")
    assert "open-case" in shop.on("hold list")
    shop.on("request withdraw 1 --by Sam")
    assert "open-case" not in shop.on("hold list")
    shop.on("request hold-off 2 --review 2026-06-01 --by Sam")
    shop.on("request withdraw 2 --by Sam")
    assert "released" in shop.on("request show 2")


def test_a_hold_for_what_was_refused_ends_at_its_review(shop: Shop) -> None:
    """Withheld data is kept while the person may complain; after the review nothing keeps it from expiring."""
    shop.opened("access")
    shop.decided("--refuse --because rights-of-others")
    shop.on("request answer 1 --by Sam")
    shop.on("request close 1 --by Sam")
    shop.on("request tidy --by Sam", at="2026-06-01T10:00:00Z")
    assert "open-case" in shop.on("hold list", at="2026-06-01T10:00:00Z")
    shop.on("request tidy --by Sam", at="2026-07-01T10:00:00Z")
    assert "open-case" not in shop.on("hold list", at="2026-07-01T10:00:00Z")


def test_whoever_was_not_recognised_learns_where_to_complain(shop: Shop) -> None:
    """No action is taken, so the letter names the authority and the courts (GDPR Art. 12(4))."""
    shop.opened("erase", proven=0)
    shop.on("request verify 1 --ask login --because 'Another address.' --by Sam", code=1)
    shop.on("request verify 1 --failed no-answer --by Sam", code=1)
    shop.on("request decide 1 --unverified --by Sam")
    letter = shop.on("request answer 1 --preview --by Sam")
    assert "Data Protection Commission" in letter
    assert "court" in letter


def _kept_order(shop: Shop) -> None:
    """Erase Ada but for one order under a hold, answer, and lift the hold later."""
    shop.on(HELD + "\"app.orders: what = 'soap'\"")
    shop.opened("erase")
    shop.decided("--partial --because legal-claims --facts -")
    shop.on("request carry-out 1 --by Sam")
    shop.on("request answer 1 --by Sam")


def test_orders_of_somebody_who_came_back_stay(shop: Shop) -> None:
    """A new order lies where an old one was kept: when the hold ends a person decides, and nothing goes by itself."""
    _kept_order(shop)
    shop.sql("INSERT INTO orders VALUES (9, 1, 'lamp', '2026-05-01')")
    later = "2027-01-01T10:00:00Z"
    shop.on("hold lift hold:1 --by Sam", at=later)
    assert "a person decides" in shop.on("request follow-up --apply --by Sam", at=later, code=1)
    assert shop.sql("SELECT id FROM orders WHERE customer_id = 1") == [(1,), (9,)]


def test_what_was_kept_and_nothing_else_goes_by_itself(shop: Shop) -> None:
    """Nobody came back: what stayed under the hold goes when it is lifted."""
    _kept_order(shop)
    later = "2027-01-01T10:00:00Z"
    shop.on("hold lift hold:1 --by Sam", at=later)
    assert "erased" in shop.on("request follow-up --apply --by Sam", at=later)
    assert shop.sql("SELECT id FROM orders") == [(3,)]


def test_a_restriction_stands_until_the_refusal_can_go(shop: Shop) -> None:
    """A refusal that lacks a part lifts nothing; the one that goes says that the restriction ends."""
    project = shop.folder / "troth.yaml"
    shop.opened("rectify")
    shop.on("request hold-off 1 --review 2026-06-01 --by Sam")
    shop.on("request refuse 1 --because accurate --by Sam")
    shop.on("request residence 1 US-VA --by Sam")
    declared = project.read_text()
    project.write_text(declared.replace("  contacts: {privacy: privacy@alma.example}\n", ""))
    shop.on("request answer 1 --by-hand --by Sam", code=2)
    assert not [
        line
        for line in shop.on("request show 1").splitlines()
        if line[:6].strip().isdigit() and "released" in line
    ]
    project.write_text(declared)
    letter = " ".join(shop.on("request answer 1 --preview --by Sam").split())
    assert "that restriction ends" in letter
    shop.on("request answer 1 --by Sam")


def test_a_closed_request_leaves_no_package(shop: Shop) -> None:
    """What was handed over is in the clear: it goes from the drawer in the step that ends the request."""
    shop.opened("access")
    shop.decided("--grant")
    shop.on("request carry-out 1 --by Sam")
    shop.on("request answer 1 --delivery 'By a link.' --by Sam")
    package = shop.folder / ".troth" / "cases" / "1" / "package"
    assert package.exists()
    shop.on("request close 1 --by Sam")
    assert not package.exists()
    shop.on("evidence export --out ev")
    told = b"".join(
        file.read_bytes() for file in shop.folder.rglob("*") if file.is_file() and "ev" in file.parts
    )
    kept = (shop.folder / ".troth" / "ledger.sqlite").read_bytes()
    assert not any(word in told + kept for word in (b"ada@", b"soap"))


def test_where_data_is_is_not_made_up(shop: Shop) -> None:
    """A store nobody says the place of: the answer does not claim that the data stays in the country."""
    project = shop.folder / "troth.yaml"
    project.write_text(project.read_text().replace("located: IE, ", ""))
    shop.opened("access")
    shop.decided("--grant")
    shop.on("request carry-out 1 --by Sam")
    assert "abroad" in shop.on("request answer 1 --delivery 'By a link.' --by Sam", code=2)


def test_a_letter_of_today_told_nobody_yesterday(shop: Shop) -> None:
    """More time told by telephone in time is entered later without a letter; a letter after the term is refused."""
    shop.opened("access")
    late = "2026-04-05T10:00:00Z"
    said = "request extend 1 --reason complexity --because 'Six archives.' --by Sam"
    assert "The term is over" in shop.on(said, at=late, code=5)
    assert "outbox" not in shop.on(said + " --happened 2026-04-01T10:00Z", at=late)


def test_the_list_has_the_days_of_the_place(shop: Shop) -> None:
    """Late in the evening in California: the day it came in and the last day are those there, not of Greenwich."""
    shop.opened("know", "--residence US-CA --received 2026-02-09T23:00-08:00", proven=0)
    line = next(one for one in shop.on("request list").splitlines() if "know" in one)
    assert ("2026-02-09" in line, "2026-03-26 " in line) == (True, True)
    assert "2026-03-27" not in line


def test_every_law_names_its_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows where the person lives: both the authority of the Union and the Commissioner are named."""
    shop = made(tmp_path, monkeypatch, capsys, laws="eu-gdpr, uk-gdpr")
    shop.opened("rectify", "--residence unknown")
    shop.on("request refuse 1 --because accurate --by Sam")
    letter = shop.on("request answer 1 --preview --by Sam")
    assert ("edpb.europa.eu" in letter, "ico.org.uk" in letter) == (True, True)


def _killed(shop: Shop, line: str, kind: str, asked: str = "") -> None:
    """Stop a command after its effect, before the event that says so is written."""
    whole = Desk.add

    def stop(self: Desk, case: Case, *happened: Happened) -> Case:
        if happened[0].kind == kind:
            raise KeyboardInterrupt
        return whole(self, case, *happened)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "add", stop)
        shop.on(line, asked=asked, code=130)


def test_a_correction_of_what_was_restricted_meanwhile(shop: Shop) -> None:
    """The disputed rows lie apart until the decision: they come back and are corrected, also after a stop."""
    shop.opened("rectify")
    shop.on("request hold-off 1 --review 2026-06-01 --by Sam")
    shop.on("request decide 1 --grant --by Sam")
    carry = "request carry-out 1 --field app.customers.name --value-from - --by Sam"
    _killed(shop, carry, "released", "Ada L\n")
    shop.on(carry, asked="Ada L\n")
    assert shop.sql("SELECT name FROM customers WHERE id = 1") == [("Ada L",)]
    assert '"event": "released"' in shop.on("request show 1 --format json")


def test_a_refusal_goes_on_after_a_stop(shop: Shop) -> None:
    """The restriction was lifted and nobody wrote it down: the same command goes on."""
    shop.opened("rectify")
    shop.on("request hold-off 1 --review 2026-06-01 --by Sam")
    shop.on("request refuse 1 --because accurate --by Sam")
    _killed(shop, "request answer 1 --by Sam", "released")
    assert "Answered" in shop.on("request answer 1 --by Sam")


@pytest.mark.parametrize("off", [True, False])
def test_an_upheld_objection_goes_on_after_a_stop(shop: Shop, *, off: bool) -> None:
    """The objection was decided and nobody wrote it down: the same command goes on, and makes no second one."""
    shop.opened("object")
    if off:
        shop.on("request hold-off 1 --purpose serve --by Sam")
    shop.on("request decide 1 --grant --by Sam")
    carry = "request carry-out 1 --purpose serve --by Sam"
    _killed(shop, carry, "done")
    assert "upheld" in shop.on(carry)
    assert "objection:2" not in shop.on("evidence list")


def test_an_opt_out_by_telephone_is_answered(shop: Shop) -> None:
    """No store has numbers: the choice is kept all the same, and the request can be answered and closed."""
    opened = "request open opt-out-sale --from - --channel phone --residence US-CA --by Sam"
    shop.on(opened, asked="phone:+14155550123\n")
    shop.on("request decide 1 --grant --by Sam")
    shop.on("request carry-out 1 --by Sam")
    shop.on("request answer 1 --by-hand --by Sam")
    shop.on("request close 1 --by Sam")


def test_what_was_destroyed_is_not_reopened(shop: Shop) -> None:
    """Nobody knows any more whose request it was: reopened it could never end."""
    shop.opened("erase")
    shop.on("request refuse 1 --because legal-obligation --by Sam")
    shop.on("request answer 1 --by Sam")
    shop.on("request close 1 --by Sam")
    late = "2030-01-01T10:00:00Z"
    shop.on("request tidy --by Sam", at=late)
    assert "destroyed" in shop.on("request reopen 1 --reason new-facts --by Sam", at=late, code=5)


def test_recipients_nobody_can_reach_are_written_down(shop: Shop) -> None:
    """Without a contact no letter goes: the request says who is to be told by hand."""
    project = shop.folder / "troth.yaml"
    project.write_text(project.read_text().replace("    contact: dpo@mailer.example\n", ""))
    shop.opened("erase")
    shop.decided("--grant")
    shop.on("request carry-out 1 --by Sam")
    shop.on("request answer 1 --by Sam")
    shown = shop.on("request show 1 --contents --because 'To tell them.' --by Sam")
    assert "told by hand: Mailer" in " ".join(shown.split())
