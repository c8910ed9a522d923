"""Proof of identity on a real ledger and a real store: codes, facts, declarations, agents, parents, papers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from db.proving import DOING, SECRETS, Shop
from troth.app.proving import identity as proving
from troth.cases.identity_points import Given
from troth.errors import Damaged, Refused
from troth.ledger.codes import MOST_TRIES
from troth.problems import BadInput

CODE = "12345678"
SRC = Path(__file__).parents[2] / "src"
TESTS = Path(__file__).parents[1]
MAIL = Given(fact="email", value="ada@EXAMPLE.org")
PHONE = Given(fact="phone", value="+1 415 555 0101")
WRONG = Given(fact="postcode", value="94109")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Make the shop."""
    return Shop.make(tmp_path / "shop")


def sent(shop: Shop, case: int, code: str = CODE, because: str = "") -> proving.Proving:
    """Send a code that the test knows."""
    return proving.send_code(case, because, DOING, shop.place, made=lambda: code)


def kinds(found: proving.Proving) -> list[str]:
    """List what happened to the request since it came in and was acknowledged."""
    return [event.kind for event in found.case.events if event.kind not in {"received", "acknowledged"}]


EVERYTHING: dict[str, Callable[[int, proving.Place], object]] = {
    **{
        f"ask {means}": lambda id, at, means=means: proving.ask(id, means, "x", DOING, at)  # type: ignore[misc]
        for means in ("login", "code", "points", "declaration", "document", "authority", "parent")
    },
    "send a code": lambda id, at: proving.send_code(id, "x", DOING, at),
    "check a code": lambda id, at: proving.check_code(id, CODE, DOING, at),
    "match": lambda id, at: proving.match(id, [MAIL], DOING, at, disputed=["name"]),
    "accept": lambda id, at: proving.accept(id, "login", "x", DOING, at),
    "declare": lambda id, at: proving.declare(id, b"I am", DOING, at),
    "authority": lambda id, at: proving.authority(id, b"I may", DOING, at),
    "parent": lambda id, at: proving.parent(id, "x", DOING, at),
    "paper": lambda id, at: proving.keep_paper(id, b"passport", DOING, at),
    "fail": lambda id, at: proving.fail(id, "no-answer", DOING, at),
}


@pytest.mark.parametrize("step", EVERYTHING)
@pytest.mark.parametrize(("kind", "residence"), [("opt-out-sale", "US-CA"), ("withdraw", "SG")])
def test_no_step_asks_for_anything_for_an_opt_out(shop: Shop, kind: str, residence: str, step: str) -> None:
    """Every step is refused, names the article, and leaves nothing behind."""
    case = shop.opened(kind, residence)
    with pytest.raises(BadInput):
        EVERYTHING[step](case, shop.place)
    found = proving.look(case, shop.place)
    assert (found.proven, kinds(found), found.proof.forbidden != "") == (True, [], True)
    assert [letter[0] for letter in shop.letters()] in ([], ["acknowledgement"])
    assert shop.papers() == []


def test_a_code_goes_to_the_address_on_file(shop: Shop) -> None:
    """Not to the one the request names; given back it proves who asks, and is used up."""
    case = shop.opened("access", reply_to="mallory@example.net")
    assert sent(shop, case).letter
    kind, to, text = shop.letters()[-1]
    assert (kind, to, "1234 5678" in text) == ("code", "Ada@example.org", True)
    right = proving.check_code(case, "1234-5678", DOING, shop.place)
    assert (right.said, right.proven) == ("right", True)
    assert kinds(right) == ["identity.asked", "identity.received", "identity.proven"]
    again = proving.check_code(case, CODE, DOING, shop.place)
    assert (again.said, kinds(again)) == ("dead", kinds(right))


def test_no_code_goes_to_an_address_nobody_verified(shop: Shop) -> None:
    """Somebody may have typed it into their profile; an address the request names proves nothing either."""
    for who in ("customer/2", "email:nobody@example.org"):
        case = shop.opened("access", who=who, reply_to="mallory@example.net")
        with pytest.raises(Refused, match="No store has a mail address"):
            sent(shop, case)
    assert "code" not in [letter[0] for letter in shop.letters()]


def test_five_wrong_codes_end_it(shop: Shop) -> None:
    """The fifth wrong guess kills the code, though the right one comes after it; the person starts anew."""
    case = shop.opened("access")
    sent(shop, case)
    said = [proving.check_code(case, f"0000000{n}", DOING, shop.place) for n in range(MOST_TRIES)]
    assert [(one.said, one.left) for one in said] == [
        *(("wrong", n) for n in range(MOST_TRIES - 1, 0, -1)),
        ("dead", 0),
    ]
    dead = proving.check_code(case, CODE, DOING, shop.place)
    assert (dead.said, dead.proven, dead.case.state) == ("dead", False, "unverified")
    assert kinds(dead)[-1] == "identity.failed"
    sent(shop, case, "87654321")
    assert proving.check_code(case, CODE, DOING, shop.place).said == "wrong"
    assert proving.check_code(case, "87654321", DOING, shop.place).proven


def test_an_expired_code_is_no_code(shop: Shop) -> None:
    """It can be given up to its last instant."""
    case = shop.opened("access")
    sent(shop, case)
    late = proving.check_code(case, CODE, DOING, shop.later(minutes=15, seconds=1).place)
    assert (late.said, late.proven) == ("expired", False)
    sent(shop, case)
    assert proving.check_code(case, CODE, DOING, shop.later(minutes=15).place).said == "right"


def test_a_code_of_another_request_is_wrong(shop: Shop) -> None:
    """A code belongs to its request; where none was made there is none to give."""
    first, second = shop.opened("access"), shop.opened("access")
    sent(shop, first)
    assert proving.check_code(second, CODE, DOING, shop.place).said == "none"
    sent(shop, second, "87654321")
    assert proving.check_code(second, CODE, DOING, shop.place).said == "wrong"


@pytest.mark.parametrize("valid", [timedelta(), timedelta(hours=25)])
def test_a_code_is_not_valid_for_ever(shop: Shop, valid: timedelta) -> None:
    """Minutes to a day."""
    case = shop.opened("access")
    with pytest.raises(BadInput):
        proving.send_code(case, "", DOING, shop.place, valid=valid)


def test_codes_are_made_by_chance() -> None:
    """Eight digits, another each time."""
    made = {proving.new_code() for _ in range(100)}
    assert len(made) > 95
    assert all(len(one) == 8 and one.isdigit() for one in made)


def test_facts_that_match_prove_who_asks(shop: Shop) -> None:
    """Told is only how many of how many match; two are enough where the law wants a reasonable degree."""
    case = shop.opened("access")
    first = proving.match(case, [MAIL, WRONG], DOING, shop.place)
    assert (first.matched, first.of, first.proven) == (1, 2, False)
    second = proving.match(case, [MAIL, PHONE], DOING, shop.place)
    assert (second.matched, second.of, second.proven) == (2, 2, True)
    assert not any(secret in shop.bytes() for secret in SECRETS)
    assert all("matched" not in body for body in shop.entries("case.event"))


def test_nobody_finds_a_value_by_trying(shop: Shop) -> None:
    """After the third comparison that does not do, proof has failed."""
    case = shop.opened("access")
    for _ in range(3):
        found = proving.match(case, [WRONG, MAIL], DOING, shop.place)
    assert (found.case.state, kinds(found)[-1]) == ("unverified", "identity.failed")


@pytest.mark.parametrize("fact", ["ssn", "SSN", "customers.ssn", "", "mail_ok"])
def test_sensitive_facts_cannot_be_asked_about(shop: Shop, fact: str) -> None:
    """Nor those that are in no list; nothing happens to the request."""
    case = shop.opened("access")
    with pytest.raises(BadInput) as bad:
        proving.match(case, [MAIL, Given(fact=fact, value="078-05-1120")], DOING, shop.place)
    assert "078" not in str(bad.value.problems)
    assert kinds(proving.look(case, shop.place)) == []


def test_a_correction_is_not_proven_by_what_it_corrects(shop: Shop) -> None:
    """The disputed field must be named and counts for nothing."""
    case = shop.opened("rectify")
    with pytest.raises(BadInput, match="1 fault"):
        proving.match(case, [MAIL, PHONE], DOING, shop.place)
    with pytest.raises(BadInput):
        proving.match(case, [MAIL, PHONE], DOING, shop.place, disputed=["phone"])
    assert proving.match(case, [MAIL, Given(fact="name", value="ada lovelace")], DOING, shop.place,
                         disputed=["phone"]).proven  # fmt: skip


def test_somebody_nobody_knows_cannot_match(shop: Shop) -> None:
    """No store has the person: nothing matches, and that is said to whoever works on it."""
    case = shop.opened("access", who="email:nobody@example.org")
    found = proving.match(case, [MAIL], DOING, shop.place)
    assert (found.matched, found.of, found.notes) == (0, 1, ("No store has this person: nothing can match.",))


def test_california_wants_three_points_and_a_declaration(shop: Shop) -> None:
    """A code is worth two; with a fact and a signed declaration it is enough, in any order."""
    case = shop.opened("know-specific", "US-CA")
    assert not proving.declare(case, b"I declare under penalty of perjury", DOING, shop.place).proven
    sent(shop, case)
    assert not proving.check_code(case, CODE, DOING, shop.place).proven
    assert proving.match(case, [PHONE], DOING, shop.place).proven
    assert b"perjury" not in shop.bytes()
    other = shop.opened("access", "SG")
    with pytest.raises(BadInput):
        proving.declare(other, b"I declare", DOING, shop.place)


def test_europe_asks_only_on_doubt(shop: Shop) -> None:
    """Without a reason nothing can be asked; a named person may say that there is no doubt."""
    case = shop.opened("access", "IE")
    for step in (lambda: sent(shop, case), lambda: proving.ask(case, "points", " ", DOING, shop.place)):
        with pytest.raises(BadInput) as bad:
            step()
        assert "Art. 12(6)" in bad.value.problems[0].message
    found = proving.accept(
        case, "no-doubt", "writes from the address we have known for years", DOING, shop.place
    )
    assert found.proven
    asked = shop.opened("access", "IE")
    done = proving.ask(asked, "points", "the address is new", DOING, shop.place)
    assert done.case.state == "identifying"
    assert b"known for years" not in shop.bytes()


def test_the_letter_asks_for_what_is_needed_and_no_more(shop: Shop) -> None:
    """It names facts that may be asked about, and says that no document is wanted."""
    case = shop.opened("access", reply_to="ada@example.org")
    asked = proving.ask(case, "points", "somebody else may have written", DOING, shop.place)
    kind, to, text = shop.letters()[-1]
    assert (kind, to, asked.letter) == ("identity", "ada@example.org", "letter:2")
    assert "2 of these facts" in text
    assert "postcode" in text
    assert "ssn" not in text
    assert "passport" in text
    none = proving.ask(shop.opened("access"), "login", "x", DOING, shop.place)
    assert none.notes


def test_an_agent_with_a_power_of_attorney_is_asked_nothing_more(shop: Shop) -> None:
    """A signed permission alone leaves the person to be verified; a power of attorney does not."""
    told = {"whom": "agent", "agent": "Ann Agent"}
    case = shop.opened("access", "US-CA", **told)
    proving.ask(case, "authority", "", DOING, shop.place)
    assert not proving.authority(case, b"signed permission", DOING, shop.place).proven
    other = shop.opened("access", "US-CA", **told)
    done = proving.authority(other, b"power of attorney", DOING, shop.place, attorney=True)
    assert (done.proven, kinds(done)) == (True, ["authority.shown", "identity.proven"])
    with pytest.raises(BadInput):
        sent(shop, other)


def test_an_agent_may_be_asked_for_a_permission_to_opt_out(shop: Shop) -> None:
    """11 CCR 7026(j): the agent shows a signed permission; the person is asked for nothing, and nothing waits."""
    case = shop.opened("opt-out-sale", "US-CA", whom="agent", agent="Ann Agent")
    asked = proving.ask(case, "authority", "", DOING, shop.place)
    assert (kinds(asked), asked.case.state) == (["note"], "new")
    shown = proving.authority(case, b"signed permission", DOING, shop.place)
    assert (kinds(shown), shown.case.state) == (["note", "authority.shown"], "new")
    with pytest.raises(BadInput):
        proving.ask(case, "points", "x", DOING, shop.place)


def test_a_parent_shows_that_they_are_one(shop: Shop) -> None:
    """For a child's request under a law about parents that is the proof."""
    case = shop.opened("access", "US-NY", whom="parent", agent="Pat Parent", child=True)
    found = proving.parent(case, "school record shown", DOING, shop.place)
    assert (found.proof.parent, found.proven) == (
        "us-coppa" in found.case.laws,
        True,
    ) or not found.proof.parent


def test_failing_says_what_can_be_done_instead(shop: Shop) -> None:
    """California: the categories are still answered; a reason that is none is refused."""
    case = shop.opened("know-specific", "US-CA")
    proving.match(case, [WRONG], DOING, shop.place)
    with pytest.raises(BadInput):
        proving.fail(case, "suspicious", DOING, shop.place)
    found = proving.fail(case, "no-answer", DOING, shop.place)
    assert "7024(a)" in found.notes[1]
    assert found.case.state == "unverified"


def test_two_people_at_once(shop: Shop) -> None:
    """Whoever saw fewer events than there are is told, and nothing is lost."""
    case = shop.opened("access")
    proving.match(case, [WRONG], DOING, shop.place)
    stale = proving.Doing(by="Eve Holt", seen=1)
    with pytest.raises(Refused, match="were seen"):
        proving.accept(case, "login", "x", stale, shop.place)


# Papers


def kept(shop: Shop, case: int) -> int:
    """Keep a paper for a request; return its number."""
    return int(proving.keep_paper(case, b"passport of Ada", DOING, shop.place).paper.partition(":")[2])


def test_a_paper_is_encrypted_apart_and_out_of_backups(shop: Shop) -> None:
    """The file is ours only, says nothing, and its folder is marked for backup programs."""
    case = shop.opened("access")
    paper = kept(shop, case)
    (file,) = shop.papers()
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert (
        (shop.shelf.folder / "CACHEDIR.TAG")
        .read_text()
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )
    assert b"passport of Ada" not in shop.bytes()
    data = proving.read_paper(case, paper, "to compare the name", DOING, shop.place)
    assert data == b"passport of Ada"
    (read,) = shop.entries("paper.read")
    assert read == {"paper": "paper:1", "case": f"case:{case}", "note": read["note"], "by": "staff:1"}
    for because, number in (("", paper), ("x", 9)):
        with pytest.raises(Refused):
            proving.read_paper(case, number, because, DOING, shop.place)
    with pytest.raises(Refused, match="has no paper"):
        proving.read_paper(shop.opened("access"), paper, "x", DOING, shop.place)


def test_a_paper_goes_in_the_step_that_proves(shop: Shop) -> None:
    """Key and file are gone at once; nothing reads it any more, and no further one is kept."""
    case = shop.opened("access")
    paper = kept(shop, case)
    assert proving.accept(case, "document", "the passport shows her name", DOING, shop.place).proven
    assert shop.papers() == []
    with pytest.raises(Refused, match="destroyed"):
        proving.read_paper(case, paper, "x", DOING, shop.place)
    with pytest.raises(BadInput):
        kept(shop, case)
    (gone,) = shop.entries("paper.destroyed")
    assert gone["reason"] == "proven"


def test_a_paper_goes_some_time_after_failure(shop: Shop) -> None:
    """Fourteen days after proof has failed, thirty whatever came of it."""
    failed, waiting = shop.opened("access"), shop.opened("access")
    kept(shop, failed), kept(shop, waiting)
    proving.match(failed, [WRONG], DOING, shop.place)
    proving.fail(failed, "no-match", DOING, shop.place)
    assert [proving.tidy(shop.later(days=n).place, by="Bo Lind") for n in (14, 15, 30, 31)] == [0, 1, 0, 1]
    assert shop.papers() == []
    assert {body["reason"] for body in shop.entries("paper.destroyed")} == {"overdue"}


def test_a_changed_file_is_noticed(shop: Shop) -> None:
    """Nobody can put another document in its place."""
    case = shop.opened("access")
    paper = kept(shop, case)
    shop.papers()[0].write_bytes(b"x" * 60)
    with pytest.raises(Damaged):
        proving.read_paper(case, paper, "x", DOING, shop.place)


KILLED = """
import os, signal, sys
from pathlib import Path
from db.proving import DOING, Shop
from troth.app.proving import identity as proving
from troth.cases import papers
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(papers, sys.argv[3], die)
shop = Shop(folder=Path(sys.argv[1]))
if sys.argv[4] == "keep":
    proving.keep_paper(int(sys.argv[2]), b"passport of Ada", DOING, shop.place)
proving.accept(int(sys.argv[2]), "document", "shown", DOING, shop.place)
"""


def killed(shop: Shop, case: int, where: str, step: str = "accept") -> None:
    """Do a step in a process of its own that is killed at one point of it."""
    environment = {**os.environ, "PYTHONPATH": f"{SRC}{os.pathsep}{TESTS}"}
    command = [sys.executable, "-c", KILLED, str(shop.folder), str(case), where, step]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == -9, done.stderr


def test_killed_after_the_step_the_next_run_removes_the_file(shop: Shop) -> None:
    """The key is gone with the step; the file, which nothing opens, goes with the next run."""
    case = shop.opened("access")
    paper = kept(shop, case)
    killed(shop, case, "finish")
    assert len(shop.papers()) == 1
    assert proving.look(case, shop.place).proven
    with pytest.raises(Refused, match="destroyed"):
        proving.read_paper(case, paper, "x", DOING, shop.place)
    proving.tidy(shop.place, by="Bo Lind")
    assert shop.papers() == []


def test_killed_within_the_step_nothing_has_happened(shop: Shop) -> None:
    """Proof and destruction come together or not at all."""
    case = shop.opened("access")
    paper = kept(shop, case)
    killed(shop, case, "destroy")
    assert not proving.look(case, shop.place).proven
    assert proving.read_paper(case, paper, "x", DOING, shop.place) == b"passport of Ada"
    assert proving.accept(case, "document", "shown", DOING, shop.place).proven
    assert shop.papers() == []


def test_killed_while_keeping_leaves_a_file_nothing_opens(shop: Shop) -> None:
    """It is removed once it is a day old, and not before: somebody may be keeping its key."""
    case = shop.opened("access")
    kept(shop, case)
    mine = shop.papers()
    killed(shop, case, "Entry", "keep")
    (stray,) = set(shop.papers()) - set(mine)
    made = shop.now.timestamp()
    os.utime(stray, (made, made))
    proving.tidy(shop.later(hours=23).place, by="Bo Lind")
    assert stray.exists()
    proving.tidy(shop.later(hours=25).place, by="Bo Lind")
    assert shop.papers() == mine
