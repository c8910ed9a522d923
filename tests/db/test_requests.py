"""Requests through the Python API: opened from mails and forms, led by hand, refused where a law says no."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from troth.app import ledgers
from troth.app.clock import Clock
from troth.app.requests import care, customers, intake, laws, steps, terms, views
from troth.app.requests import opening as requests
from troth.app.requests.opening import Doing, Message
from troth.cases import register
from troth.cases.case import Case
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.letters import model
from troth.people.typed import Line
from troth.problems import BadInput

PROJECT = """\
troth: 1
organisation:
  name: Acme
  laws: [eu-gdpr, us-ca-ccpa]
  contacts: {privacy: privacy@acme.example}
"""
RECEIVED = datetime.fromisoformat("2026-06-01T16:00-07:00")
ANN = Doing(by="Ann Lee")


@dataclass
class Office:
    """A project, and a clock that can be moved."""

    folder: Path
    now: datetime = field(default=datetime(2026, 6, 2, 10, tzinfo=UTC))

    @property
    def at(self) -> steps.Place:
        """Where steps are done."""
        return steps.Place(folder=self.folder, environment={}, clock=Clock(now=lambda: self.now, test=True))

    def open(self, *kinds: str, **told: Any) -> requests.Opened:
        """Open a request by mail of somebody whose residence nobody knows."""
        who = told.pop("who", "email:lou@x.example")
        told = {"received": RECEIVED, "channel": "mail", "reply_to": "lou@x.example", "name": "Lou"} | told
        lines = [Line(source="<arguments>", line=1, text=who)]
        message = Message(kinds=kinds or ("access",), lines=lines, **told)
        return requests.open_(message, self.folder, {}, self.at.clock, by="Ann Lee")

    def case(self, id: int) -> Case:
        """Read a request."""
        with ledgers.opened(self.folder, {}, self.at.clock) as ledger:
            return register.read(ledger, id)

    def letters(self) -> list[tuple[str, str, str]]:
        """Return kind, address and text of every letter."""
        with ledgers.opened(self.folder, {}, self.at.clock) as ledger:
            found = []
            for one in ledger.outbox.listed(every=True):
                opened = ledger.outbox.open(one.id)
                found.append((one.kind, opened.to, json.dumps(json.loads(opened.letter))))
                assert model.decode(opened.letter).sender.contact == "privacy@acme.example"
            return found

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Return the bodies of evidence entries of a kind."""
        with ledgers.opened(self.folder, {}, self.at.clock) as ledger:
            entries = map(Entry.decode, ledger.evidence.entries())
            return [dict(entry.body) for entry in entries if entry.kind == kind]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return a project without stores."""
    (tmp_path / "troth.yaml").write_text(PROJECT, encoding="utf-8")
    return Office(tmp_path)


def problem(caught: pytest.ExceptionInfo[BadInput]) -> str:
    """Return what was wrong, in one text."""
    return " ".join(f"{one.message} {one.hint}" for one in caught.value.problems)


def test_several_rights_are_linked_cases(office: Office) -> None:
    """One message, one acknowledgement, a case for each right; the laws are those that give it."""
    opened = office.open("access", "erase", "opt-out-sale")
    assert [case.together_with for case in opened.cases] == [None, 1, 1]
    assert [case.laws for case in opened.cases] == [("eu-gdpr", "us-ca-ccpa")] * 2 + [("us-ca-ccpa",)]
    [(kind, to, text)] = office.letters()
    assert (kind, to) == ("acknowledgement", "lou@x.example")
    assert "2026-06-01" in text or "1 June 2026" in text
    assert [case.last("acknowledged") is not None for case in map(office.case, (1, 2, 3))] == [True] * 3
    shown = views.show(1, office.at)
    assert [one.id for one in shown.together] == [2, 3]


def test_unknown_residence_has_the_earlier_day_until_it_is_known(office: Office) -> None:
    """Both laws count while nobody knows; one day is the Union's, the other California's."""
    [dates] = office.open().dates
    assert dates.law == "eu-gdpr"
    changed = steps.residence(1, "us-ca", ANN, office.at)
    assert (changed.case.laws, changed.dates.law) == (("us-ca-ccpa",), "us-ca-ccpa")
    assert changed.dates.safe > changed.before.safe
    [row] = views.listed(office.at)
    assert (row.record.residence, row.record.due_law) == ("US-CA", "us-ca-ccpa")
    with pytest.raises(BadInput):
        steps.residence(1, "Atlantis", ANN, office.at)


def test_no_address_no_letter(office: Office) -> None:
    """Then whoever opened it is told to tell the person, and can say that they did."""
    opened = office.open(reply_to="")
    assert (opened.letter, office.letters()) == ("", [])
    assert any("No acknowledgement" in note for note in opened.notes)
    assert steps.acknowledge(1, ANN, office.at).case.last("acknowledged") is not None


def test_a_postal_address_is_a_letter_for_the_post(office: Office) -> None:
    """Several lines are no mail address."""
    office.open(reply_to="Lou Doe\n1 High Street\nCork")
    assert [to for _, to, _ in office.letters()] == ["Lou Doe\n1 High Street\nCork"]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"received": datetime(2026, 6, 1, 9)}, "has no zone"),
        ({"received": datetime(2026, 6, 3, tzinfo=UTC)}, "lies in the future"),
        ({"channel": "pigeon"}, "channel"),
        ({"role": "owner"}, "role"),
        ({"whom": "agent"}, "does not say who asks"),
        ({"residence": "Atlantis"}, "place of residence"),
        ({"kinds": ("acess",)}, "right of a request"),
        ({"who": "Lou Doe"}, "kind:value"),
        ({"reply_to": "lou@"}, "no mail address"),
    ],
)
def test_what_cannot_be_opened(office: Office, told: dict[str, Any], says: str) -> None:
    """A part that cannot be used opens nothing, and no value of a person is repeated."""
    with pytest.raises(BadInput) as caught:
        office.open(*told.pop("kinds", ("access",)), **told)
    assert says in problem(caught)
    assert "lou" not in problem(caught).casefold()
    assert not views.listed(office.at, every=True)


def test_the_same_person_again(office: Office) -> None:
    """Other requests of the year are named; the third under a law that lets two be free is said to be."""
    for _ in range(2):
        office.open(residence="US-CA")
    third = office.open(residence="US-CA")
    assert third.others == (1, 2)
    assert any("case:1" in note and "case:2" in note for note in third.notes)
    assert any("number 3 within" in note and "1798.130(b)" in note for note in third.notes)
    stranger = office.open(residence="US-CA", who="email:other@x.example")
    assert not any("same person" in note for note in stranger.notes)


@pytest.mark.parametrize(
    ("roles", "role", "says"),
    [
        ("[controller]", "controller", ""),
        ("[processor]", "processor", "do not answer on the merits"),
        ("[controller, processor]", "unknown", "is not known"),
    ],
)
def test_our_role_is_the_policys(office: Office, roles: str, role: str, says: str) -> None:
    """A processor does not acknowledge with a day of its own; where both are possible somebody settles it."""
    named = PROJECT.replace("  name: Acme", f"  name: Acme\n  roles: {roles}")
    (office.folder / "troth.yaml").write_text(named, encoding="utf-8")
    opened = office.open()
    assert opened.cases[0].role == role
    assert says in " ".join(opened.notes)
    assert bool(opened.letter) is (role != "processor")


def test_a_request_for_a_customer(office: Office) -> None:
    """Asked without naming anybody, named, passed on, instructed; only then decided."""
    office.open("erase", role="processor")
    with pytest.raises(Refused, match="nobody knows to whom"):
        customers.refer(1, "x@oz.example", ANN, office.at)
    customers.ask(1, ANN, office.at)
    customers.name(1, "Ozark Dental", ANN, office.at)
    customers.refer(1, "privacy@oz.example", ANN, office.at)
    with pytest.raises(BadInput):
        customers.instruct(1, "17", ANN, office.at)
    changed = customers.instruct(1, "OZ-17", ANN, office.at)
    assert (changed.case.state, changed.case.instruction) == ("deciding", "oz-17")
    asked, to_them, to_person = office.letters()
    assert [asked[:2], to_them[:2], to_person[:2]] == [
        ("which-customer", "lou@x.example"),
        ("referral", "privacy@oz.example"),
        ("referral-told", "lou@x.example"),
    ]
    assert "Ozark" not in asked[2]
    assert "Ozark" in to_person[2]
    assert "ozark" not in repr(office.told("case.event")).casefold()


def test_more_time_within_the_term_only(office: Office) -> None:
    """Three months from the arrival, with the reason in a letter; not twice, and not after the end."""
    office.open(residence="IE")
    changed = terms.extend(1, "complexity", "Six archives.", ANN, office.at)
    assert changed.dates.first is not None
    assert str(changed.dates.first.legal) == "2026-09-02"
    assert "Six archives." in office.letters()[-1][2]
    with pytest.raises(Refused, match="extended before"):
        terms.extend(1, "complexity", "Again.", ANN, office.at)
    office.open(residence="IE")
    office.now += timedelta(days=40)
    with pytest.raises(Refused, match="term is over"):
        terms.extend(2, "complexity", "Late.", ANN, office.at)
    in_time = Doing(by="Ann Lee", happened=datetime(2026, 6, 20, 9, tzinfo=UTC))
    assert terms.extend(2, "complexity", "Told by phone in June.", in_time, office.at).dates.safe > office.now


def test_more_time_where_the_law_wants_a_day_told(office: Office) -> None:
    """Singapore has no second number: the day is named, and counts."""
    office.open(residence="SG")
    with pytest.raises(BadInput, match="fault"):
        terms.extend(1, "complexity", "Much.", ANN, office.at)
    changed = terms.extend(1, "complexity", "Much.", ANN, office.at, until=date(2026, 8, 14))
    assert changed.dates.first is not None
    assert str(changed.dates.first.legal) == "2026-08-14"
    assert "2026-08-14" in office.letters()[-1][2] or "14 August 2026" in office.letters()[-1][2]


@pytest.mark.parametrize(
    ("kind", "step", "says"),
    [
        ("opt-out-sale", lambda at: terms.extend(1, "complexity", "x", ANN, at), "No law of this request"),
        ("opt-out-sale", lambda at: terms.fee(1, "excessive", "15 EUR", "x", ANN, at), "Nobody may be asked"),
        ("access", lambda at: steps.close(1, "", ANN, at), "no answer went out"),
        ("access", lambda at: terms.clarified(1, "x", ANN, at), "cannot come"),
        ("access", lambda at: customers.refer(1, "a@b.example", ANN, at), "we are the controller"),
        ("access", lambda at: steps.reopen(1, "new-facts", "", ANN, at), "cannot come"),
        ("access", lambda at: steps.withdraw(1, Doing(by="x", seen=1), at), "were seen"),
    ],
)
def test_what_is_refused(office: Office, kind: str, step: Callable[[steps.Place], object], says: str) -> None:
    """What a law or the state of a request does not allow is refused, and leaves no trace."""
    office.open(kind, residence="US-CA")
    before = office.case(1).events
    with pytest.raises(Refused) as caught:
        step(office.at)
    assert says in caught.value.message
    assert office.case(1).events == before


def test_a_fee_restarts_a_british_clock_when_it_is_paid(office: Office) -> None:
    """The legal end waits for the fee; payment without a question is contradictory."""
    office.open(residence="GB")
    with pytest.raises(BadInput):
        terms.paid(1, ANN, office.at)
    asked = terms.fee(1, "excessive", "15 GBP", "The fifth request this week.", ANN, office.at)
    assert asked.dates.waiting
    office.now += timedelta(days=3)
    paid = terms.paid(1, ANN, office.at)
    assert paid.dates.first is not None
    assert str(paid.dates.first.legal) == "2026-07-06"  # 5 July is a Sunday


def test_a_question_pauses_only_where_the_answer_was_needed(office: Office) -> None:
    """Days between question and answer do not count in Britain, unless we could have done without."""
    ends = []
    for id, justified in ((1, True), (2, False)):
        office.now = datetime(2026, 6, 2, 10, tzinfo=UTC)
        office.open(residence="GB")
        terms.clarify(id, ["Which account?"], "", ANN, office.at, justified=justified)
        office.now += timedelta(days=4)
        found = terms.clarified(id, "The first.", ANN, office.at).dates.first
        assert found is not None
        ends.append(str(found.legal))
    assert ends == ["2026-07-07", "2026-07-02"]


def test_reading_what_it_says_is_evidence(office: Office) -> None:
    """Without a reason nothing is shown; with one the reading is written down, and the reason as a keyed hash."""
    office.open(text="Send me everything, please.")
    with pytest.raises(BadInput):
        views.read(1, " ", office.at, by="Ann Lee")
    found = views.read(1, "to answer it", office.at, by="Ann Lee")
    assert found.contents.text == "Send me everything, please."
    [entry] = office.told("case.read")
    assert (entry["case"], len(entry["reason"])) == ("case:1", 64)
    assert "answer" not in repr(entry)


def test_contents_go_when_their_time_is_over(office: Office) -> None:
    """A Californian request is kept 24 months, another 36, or as the policy says but never below the law's floor."""
    for id, lives in ((1, "US-CA"), (2, "IE")):
        office.open(residence=lives)
        steps.withdraw(id, ANN, office.at)
    start = office.now
    office.now = start + timedelta(days=2 * 365 + 5)
    assert care.tidy(office.at, by="Ann Lee").cases == 1
    assert [views.show(id, office.at).forgotten for id in (1, 2)] == [True, False]
    office.now = start + timedelta(days=3 * 365 + 5)
    assert care.tidy(office.at, by="Ann Lee").cases == 1
    assert care.tidy(office.at, by="Ann Lee").cases == 0
    assert [one["case"] for one in office.told("case.forgotten")] == ["case:1", "case:2"]


def test_the_policy_says_how_long_requests_are_kept(office: Office) -> None:
    """A shorter term than a law's floor is none."""
    (office.folder / "troth.yaml").write_text(
        f"{PROJECT}rights: {{keep-requests: 6 months}}\n", encoding="utf-8"
    )
    for id, lives in ((1, "US-CA"), (2, "IE")):
        office.open(residence=lives)
        steps.withdraw(id, ANN, office.at)
    office.now += timedelta(days=200)
    care.tidy(office.at, by="Ann Lee")
    assert [views.show(id, office.at).forgotten for id in (1, 2)] == [False, True]


def test_the_law_of_a_request_is_explained(office: Office) -> None:
    """Each law has its reason, its clock and its right; what an answer must hold is there; later changes are said."""
    office.open()
    found = laws.explain(1, office.at)
    assert [one.pack.law for one in found.laws] == ["eu-gdpr", "us-ca-ccpa"]
    assert all("residence unknown" in one.why and one.clocks and one.right for one in found.laws)
    assert "recipients" in [one.part for one in found.answer]
    changed = PROJECT.replace("[eu-gdpr, us-ca-ccpa]", "[eu-gdpr]")
    (office.folder / "troth.yaml").write_text(changed, encoding="utf-8")
    assert "us-ca-ccpa would differ" in laws.explain(1, office.at).note


def mail(**headers: str) -> bytes:
    """Write a mail."""
    message = EmailMessage()
    told = {
        "From": "Lou Doe <lou@x.example>",
        "Date": "Mon, 01 Jun 2026 16:00:00 -0700",
        "Subject": "My data",
    }
    for name, value in (told | headers).items():
        if value:
            message[name] = value
    message.set_content("Please send me everything.\n")
    return message.as_bytes()


def test_a_mail_is_read() -> None:
    """Sender, subject, text and date with its zone."""
    found = intake.mail(mail())
    assert (found.name, found.address, found.received) == ("Lou Doe", "lou@x.example", RECEIVED)
    assert found.text == "My data\n\nPlease send me everything."


@pytest.mark.parametrize(
    "date_", ["", "yesterday", "Mon, 01 Jun 2026 16:00:00 -0000", "Mon, 99 Jun 2026 16:00:00 +0100"]
)
def test_a_mail_without_a_date_says_no_instant(date_: str) -> None:
    """No date, none that is one, or one that says it knows no zone: whoever reads it gives the instant."""
    assert intake.mail(mail(Date=date_)).received is None


@pytest.mark.parametrize("sender", ["", "nobody", "a@x.example, b@x.example"])
def test_a_mail_from_nobody_or_several(sender: str) -> None:
    """A mail has one sender, or its parts are given by hand; no address is repeated."""
    with pytest.raises(BadInput) as caught:
        intake.mail(mail(From=sender))
    assert "x.example" not in problem(caught)


def test_a_mail_of_marks_and_attachments() -> None:
    """Of HTML the words are taken; attachments are counted and not opened."""
    message = EmailMessage()
    message["From"] = "lou@x.example"
    message.set_content("<style>p {}</style><p>Erase&nbsp;me</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="passport.pdf")
    found = intake.mail(message.as_bytes())
    assert found.text.split() == ["Erase", "me"]
    assert "1 attachments" in found.notes[0]


def test_a_broken_mail_is_still_read() -> None:
    """An unknown character set and wrong bytes lose no request."""
    data = b"From: lou@x.example\nContent-Type: text/plain; charset=x-none\n\nErase me \xff\xfe\n"
    assert intake.mail(data).address == "lou@x.example"


def test_a_form_is_read_and_its_faults_repeat_no_value() -> None:
    """Keys as documented; what is wrong is said by line, without what somebody wrote."""
    good = {"kinds": ["access"], "identities": ["email:lou@x.example"], "reply-to": "lou@x.example"}
    assert intake.form(json.dumps(good).encode()).reply_to == "lou@x.example"
    bad = good | {"received": "lou@x.example", "colour": "lou@x.example"}
    with pytest.raises(BadInput) as caught:
        intake.form(json.dumps(bad, indent=1).encode())
    assert len(caught.value.problems) == 2
    assert "x.example" not in repr(caught.value.problems)


def test_a_parent_asks_for_a_child(office: Office) -> None:
    """The law of children counts then, and the parent must show that they may ask."""
    opened = office.open(residence="US-NY", whom="parent", agent="Max Doe")
    assert (opened.cases[0].child, "us-coppa" in opened.cases[0].laws) == (True, True)
    assert any("authority must be shown" in note for note in opened.notes)
    assert any("parent has not shown" in one for one in views.show(1, office.at).missing)


def test_a_place_without_calendar_is_named(office: Office) -> None:
    """Nobody knows the member state, so no day off moves an end; that is said."""
    assert any("No calendar for EU" in note for note in office.open().notes)
    assert not any("No calendar" in note for note in office.open(residence="IE").notes)


@pytest.mark.parametrize(
    "header",
    [
        "From: group: a@x.example;",
        "From: @",
        "From: =?utf-\xe9?q?L=C3=B6u?= <l@x.example>",
        'From: "\r" <l@x.example>',
        'Content-Type: text/plain; charset="',
        "Content-Type: multipart/mixed",
        "Date: Mon, 01 Jun 99999 16:00:00 +9999",
    ],
)
def test_a_header_that_is_none_breaks_nothing(header: str) -> None:
    """A mail is read, or refused in words; what cannot be decoded is replaced."""
    data = f"{header}\nFrom: lou@x.example\n\nErase me \xff\n".encode("latin-1")
    try:
        found = intake.mail(data)
    except BadInput:
        return
    assert "@" in found.address
    said = found.name + found.text
    assert len(said.encode()) >= len(said)  # every sign can be written


def test_bytes_nobody_can_read_lose_nothing(office: Office) -> None:
    """What a terminal could not decode is kept with a mark in its place."""
    office.open(name="L\udcffu", text="\udcff\x00", reply_to="")
    steps.note(1, "note \udcff", ANN, office.at)
    found = views.read(1, "why \udcff", office.at, by="Ann Lee")
    assert (found.contents.name, found.texts[0][2]) == ("L?u", {"text": "note ?"})
