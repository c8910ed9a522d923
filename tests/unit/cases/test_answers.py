"""What answers and refusals must hold: the lists of all laws of a request, united."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from troth.cases import answers, kinds
from troth.cases.case import Case
from troth.cases.events import Event
from troth.laws import answers as book
from troth.laws import shelf

AT = datetime(2026, 4, 7, 10, tzinfo=UTC)


def case(kind: str, *laws: str) -> Case:
    """Make a request of a kind under some laws."""
    first = Event(kind="received", at=AT, by=1, body={"channel": "mail"})
    return Case(
        id=1,
        kind=kinds.kind(kind),
        whom="self",
        role="controller",
        residence="EU-IE",
        place="EU-IE",
        child=False,
        together_with=None,
        laws=laws,
        events=(first,),
    )


def parts(found: tuple[answers.Demanded, ...]) -> list[str]:
    """Name the parts."""
    return [one.part for one in found]


def test_the_gdpr_wants_all_of_article_15() -> None:
    """Every letter of Art. 15(1), the copy and the safeguards are demanded of an access answer."""
    wanted = {
        "confirmation",
        "copy",
        "purposes",
        "categories",
        "recipients",
        "storage",
        "rights",
        "authority",
    }
    assert set(parts(answers.answer(case("access", "eu-gdpr")))) == wanted | {
        "source",
        "automated",
        "safeguards",
    }


def test_contents_of_several_laws_are_united() -> None:
    """A person under two laws gets what either demands, each part once with both rules."""
    found = answers.answer(case("access", "eu-gdpr", "sg-pdpa"))
    assert "year-of-uses" in parts(found)
    assert len(parts(found)) == len(set(parts(found)))
    copy = next(one for one in found if one.part == "copy")
    assert copy.by == ("eu-gdpr Art. 15", "sg-pdpa s. 21(1)")


def test_a_law_without_a_list_still_gets_an_answer() -> None:
    """Where no law lists anything, confirmation and copy are what an answer is."""
    assert parts(answers.answer(case("access"))) == ["confirmation", "copy"]


def test_a_refusal_names_every_way_of_its_law() -> None:
    """The United Kingdom wants the complaint to us and to the Commissioner; Virginia wants the appeal."""
    assert parts(answers.refusal(case("erase", "uk-gdpr"))) == [
        "authority",
        "controller-complaint",
        "judicial",
        "reasons",
    ]
    assert "appeal" in parts(answers.refusal(case("erase", "us-va-vcdpa")))
    assert "rest-done" in parts(answers.refusal(case("erase", "us-ca-ccpa")))
    assert "rest-done" not in parts(answers.refusal(case("rectify", "us-ca-ccpa")))


def test_what_is_missing_is_named() -> None:
    """A part that is demanded and not given is returned."""
    wanted = answers.answer(case("portability", "eu-gdpr"))
    assert parts(answers.missing(wanted, ["copy"])) == ["machine-readable"]


def test_the_book_names_only_known_parts_kinds_and_laws() -> None:
    """No line of the list is about a part, a kind or a law that does not exist."""
    read = book.book()
    lines = (*read.answers, *read.refusals, *read.exceptions)
    assert {one.law for one in lines} <= set(shelf.names())
    assert {kind for one in lines for kind in one.kinds} <= set(kinds.ALL)
    assert {part for one in (*read.answers, *read.refusals) for part in one.parts} <= set(read.parts)


@pytest.mark.parametrize("law", shelf.names())
def test_every_law_that_gives_access_says_what_it_holds(law: str) -> None:
    """A pack with a right of access has a line for its answer and one for its refusal."""
    given = kinds.kind("access").right(shelf.load(law)) is not None
    assert bool(book.of_answer(law, "access")) is given
    assert bool(book.of_refusal(law, "access")) is given


@pytest.mark.parametrize(
    ("residence", "name"),
    [
        ("EU-IE", "Data Protection Commission"),
        ("EU-CZ", "the data protection authority"),
        ("GB-SCT", "Information"),
    ],
)
def test_complaints_go_to_the_authority_of_the_place(residence: str, name: str) -> None:
    """The authority of the place, else of the whole it is a part of."""
    found = book.authority(residence)
    assert found is not None
    assert found.name.startswith(name)


def test_a_place_without_authority_has_none() -> None:
    """Nobody is sent to an authority that was made up."""
    assert book.authority("JP") is None


def test_an_appeal_that_fails_leads_to_the_attorney_general() -> None:
    """Whoever appealed in Virginia is not sent to appeal again (59.1-577(C))."""
    asked = {one.part for one in answers.refusal(case("erase", "us-va-vcdpa"))}
    again = {one.part for one in answers.refusal(case("appeal", "us-va-vcdpa"))}
    assert ("appeal" in asked, "appeal" in again, "authority" in again) == (True, False, True)
