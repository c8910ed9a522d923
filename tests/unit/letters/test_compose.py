"""Letters say what they must, or are not written; what they are told is never more than text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.letters import html, kinds, model, text
from troth.letters.compose import compose
from troth.letters.kinds import Datum
from troth.letters.model import Heading, Letter, Paragraph, Reason, Reasons, Routes
from troth.problems import BadInput
from unit.letters.samples import ROUTE, said

EVERY = [pytest.param(kind, id=kind.name) for kind in kinds.ALL.values()]
NEEDED = [
    pytest.param(kind.name, datum, id=f"{kind.name}-{datum.name}")
    for kind in kinds.ALL.values()
    for datum in kind.known.values()
    if datum.required
]
TO_OTHERS = ("referral", "recipient-notice")
"""Letters to organisations; they greet nobody by name."""
NASTY = (
    "\nBcc: x@y.example\n# Heading\n- point {{ 7*7 }} {% raw %} <b>&amp;</b> #panic() $x$ \x02\x30\x03 \u202e"
)


def shown(letter: Letter) -> str:
    """Return everything a letter says, as plain text."""
    return f"{letter.subject}\n{text.render(letter)}"


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_can_be_written(kind: kinds.Kind) -> None:
    """With all its data, and with those it must have, a letter greets, says something and signs."""
    for every in (True, False):
        letter = compose(kind.name, said(kind.name, every=every))
        assert letter.subject
        assert letter.parts[0].text.startswith("Hello")  # type: ignore[union-attr]
        assert "Krämer & Söhne" in letter.parts[-1].text  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", EVERY)
def test_every_datum_is_said(kind: kinds.Kind) -> None:
    """What a letter is told stands in it."""
    marks = {
        datum.name: f"mark-{at}-x"
        for at, datum in enumerate(kind.known.values())
        if datum.form is kinds.Form.TEXT and (datum.name != "person" or kind.name not in TO_OTHERS)
    }
    letter = compose(kind.name, said(kind.name, **marks))
    missing = [name for name, mark in marks.items() if mark not in shown(letter)]
    assert missing == []


@pytest.mark.parametrize(("kind", "datum"), NEEDED)
def test_what_must_be_said_and_is_not_given_stops_the_letter(kind: str, datum: Datum) -> None:
    """Left out, None or empty, it is named."""
    for data in (
        {name: value for name, value in said(kind).items() if name != datum.name},
        said(kind, **{datum.name: None}),
    ):
        with pytest.raises(BadInput) as bad:
            compose(kind, data)
        assert [(one.code, one.valid) for one in bad.value.problems] == [("missing-part", (datum.name,))]


@pytest.mark.parametrize("empty", ["", "  \n", "\u200f", "\x00"])
def test_a_text_that_says_nothing_is_missing(empty: str) -> None:
    """Blanks and signs nobody sees do not count."""
    with pytest.raises(BadInput) as bad:
        compose("extension", said("extension", reason=empty))
    assert bad.value.problems[0].code == "missing-part"


def test_everything_missing_is_said_at_once() -> None:
    """A letter that is told nothing names all it needs."""
    with pytest.raises(BadInput) as bad:
        compose("refusal", {})
    named = {one.valid[0] for one in bad.value.problems}
    assert named == {"organisation", "date", "request", "received", "reasons", "routes"}


def test_what_stays_needs_an_end_and_the_ways_open_to_the_person() -> None:
    """An erasure that leaves something is in part a refusal."""
    endless = [{"item": "Invoices", "because": "tax"}]
    with pytest.raises(BadInput) as bad:
        compose("answer-erasure", said("answer-erasure", kept=endless))
    assert "`kept`" in bad.value.problems[0].message
    with pytest.raises(BadInput) as bad:
        compose("answer-erasure", said("answer-erasure", routes=None))
    assert bad.value.problems[0].valid == ("routes",)


def test_a_part_the_law_demands_and_nobody_gave_stops_the_letter() -> None:
    """Sections and routes count by what they are, not by what they are called."""
    data = said("answer-access", demanded=["purposes", "authority", "judicial", "source"])
    with pytest.raises(BadInput) as bad:
        compose("answer-access", data)
    assert {one.valid for one in bad.value.problems} == {("judicial",), ("source",)}


def test_a_reason_without_its_why_is_none() -> None:
    """A refusal that gives no reason for an item is not written."""
    with pytest.raises(BadInput) as bad:
        compose("refusal", said("refusal", reasons=[{"item": "Invoices", "because": " "}]))
    assert bad.value.problems[0].code == "bad-value"


def test_unknown_kinds_and_data_are_said_with_the_nearest() -> None:
    """A misspelt name never passes unseen."""
    with pytest.raises(BadInput) as bad:
        compose("refusel", {})
    assert bad.value.problems[0].nearest == "refusal"
    with pytest.raises(BadInput) as bad:
        compose("refusal", said("refusal", reeson="x"))
    assert (bad.value.problems[0].code, bad.value.problems[0].nearest) == ("unknown-name", "reasons")


@pytest.mark.parametrize("wrong", ["Ann Lee", 7, object()])
def test_no_value_shows_in_a_message(wrong: object) -> None:
    """A wrong value is named by its datum alone."""
    with pytest.raises(BadInput) as bad:
        compose("extension", said("extension", new_date=wrong))
    assert "Ann Lee" not in repr(bad.value.problems)


def test_asking_which_customer_names_none() -> None:
    """The letter takes no datum that could hold one."""
    assert "customer" not in kinds.of("which-customer").known


@pytest.mark.parametrize("kind", EVERY)
def test_a_value_never_becomes_structure(kind: kinds.Kind) -> None:
    """Whatever a text holds, the letter has the headings, lists and lines of any other."""
    texts = [datum.name for datum in kind.known.values() if datum.form is kinds.Form.TEXT]
    plain = compose(kind.name, said(kind.name))
    nasty = compose(kind.name, said(kind.name, **dict.fromkeys(texts, NASTY)))
    assert [type(part) for part in nasty.parts] == [type(part) for part in plain.parts]
    headings = [part.text for part in plain.parts if isinstance(part, Heading)]
    assert [part.text for part in nasty.parts if isinstance(part, Heading)] == headings
    assert "\n" not in nasty.subject
    assert not set("\x02\x03\u202e") & set(shown(nasty))


@given(st.text())
def test_any_name_can_be_greeted(name: str) -> None:
    """Every text makes a letter of the same shape, in every form."""
    letter = compose("extension", said("extension", person=name + "x"))
    assert len(letter.parts) == len(compose("extension", said("extension")).parts)
    assert text.render(letter).encode()
    assert "<script" not in html.render(letter)
    assert model.decode(letter.encode()) == letter


def test_days_are_written_so_that_nobody_misreads_them() -> None:
    """A day, an instant and ISO 8601 come to the same words."""
    for day in (date(2026, 3, 4), datetime(2026, 3, 4, 9, tzinfo=UTC), "2026-03-04"):
        assert "4 March 2026" in shown(compose("extension", said("extension", new_date=day)))


def test_reasons_and_routes_are_data() -> None:
    """They may come as mappings or as what the model has."""
    reason = Reason(item="Chat logs", because="they are not about you")
    letter = compose("refusal", said("refusal", reasons=[reason]))
    assert [part.items for part in letter.parts if isinstance(part, Reasons)] == [(reason,)]
    assert [part.items[0].name for part in letter.parts if isinstance(part, Routes)] == [ROUTE["name"]]


def test_a_line_break_in_a_value_stays_one() -> None:
    """Addresses keep their lines within a paragraph."""
    letter = compose("referral-told", said("referral-told", contact="ACME\n1 Road"))
    assert Paragraph(text="You can reach it here:\nACME\n1 Road") in letter.parts
