"""Recipients and the journal of disclosures in a real ledger: what is kept, what is asked, what evidence says."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from db.ledgers import AT, KINDS, url_of
from troth import ledger
from troth.catalog.datamap import DataMap
from troth.errors import Refused
from troth.evidence.entry import Entry
from troth.people.typed import Identity
from troth.policy.model import Policy
from troth.problems import BadInput
from troth.sharing import answers, journal, register
from troth.sharing.journal import Disclosing
from troth.sharing.model import Recipient
from troth.sharing.register import Entered

if TYPE_CHECKING:
    from troth.ledger.ledger import Ledger

POLICY = Policy.model_validate(
    {
        "organisation": {"name": "Alma"},
        "categories": {"contact": {}, "card": {}},
        "purposes": {"marketing": {}, "billing": {}},
        "recipients": {
            "mailer": {"label": "Mailer GmbH", "categories": ["contact"], "country": "DE"},
            "old": {"role": "controller", "until": date(2025, 1, 1)},
        },
    }
)
ADA = Identity(match="customer/", value="4711")
BOB = Identity(match="customer/", value="4712")
ADS = Entered(name="Ads Ltd", role="buyer", sort="ad network", categories=("contact",), country="ie")
KEPT = Recipient(name="Ads Ltd", role="buyer", sort="ad network", country="IE")
SALE = Disclosing(kind="sale", at=AT, purpose="marketing", recipient=KEPT, categories=("contact",))
SINGAPORE = timezone(timedelta(hours=8))


@pytest.fixture(params=KINDS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on each kind of database."""
    opened = ledger.open(url_of(request, tmp_path), keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Ledger]:
    """Open a fresh ledger on SQLite."""
    opened = ledger.open(f"sqlite:///{tmp_path}/l.sqlite", keys_dir=tmp_path / "keys")
    yield opened
    opened.close()


def add(book: Ledger, what: Disclosing = SALE, *people: Identity) -> Any:
    """Write an entry about Ada, or about somebody else."""
    return journal.add(book, what, people or (ADA,), by="Bo Lind", now=AT)


def test_declared_and_entered_recipients_stand_in_one_list(book: Ledger) -> None:
    """Those of the day are listed; the one whose last day is over is not, unless every one is asked for."""
    entered = register.add(book, POLICY, replace(ADS, contact="Eve Holt"), by="Bo Lind", at=AT)
    assert (entered.reference, entered.country, entered.contact) == ("recipient:1", "IE", "Eve Holt")
    assert [one.name for one in register.read(book, POLICY, on=AT.date())] == ["Mailer GmbH", "Ads Ltd"]
    assert [one.name for one in register.read(book, POLICY)] == ["Mailer GmbH", "old", "Ads Ltd"]
    body = Entry.decode(list(book.evidence.entries())[-1]).body
    assert body == {
        "recipient": "recipient:1",
        "role": "buyer",
        "by": "staff:1",
        "categories": 1,
        "purposes": 0,
    }


def test_a_contact_is_sealed(small: Ledger, tmp_path: Path) -> None:
    """The name of an organisation stands in clear in the file, a contact does not."""
    register.add(small, POLICY, replace(ADS, contact="Eve Holt"), by="Bo Lind", at=AT)
    data = b"".join(path.read_bytes() for path in tmp_path.glob("l.sqlite*"))
    assert b"Ads Ltd" in data
    assert b"Eve Holt" not in data


def test_a_recipient_ends_once_and_stays_listed(book: Ledger) -> None:
    """After its last day it is given nothing; a declared one is ended in the files."""
    register.add(book, POLICY, ADS, by="Bo Lind", at=AT)
    ended = register.end(book, POLICY, "ads  ltd", until=date(2026, 3, 1), by="Bo Lind", at=AT)
    assert (ended.on(date(2026, 3, 1)), ended.on(date(2026, 3, 2))) == (True, False)
    with pytest.raises(Refused, match="ended already"):
        register.end(book, POLICY, "recipient:1", until=date(2026, 3, 1), by="Bo Lind", at=AT)
    with pytest.raises(Refused, match="declared"):
        register.end(book, POLICY, "mailer", until=date(2026, 3, 1), by="Bo Lind", at=AT)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "has a name"),
        ({"name": "recipient:9"}, "numbers them"),
        ({"name": "mailer gmbh"}, "there already"),
        ({"name": "Mailer"}, "there already"),
        ({"name": "Ads\x1b[2J"}, "cannot be shown"),
        ({"role": "seller"}, "No role"),
        ({"categories": ("cards",)}, "No category"),
        ({"purposes": ("sales",)}, "No purpose"),
        ({"country": "Ireland"}, "two letters"),
        ({"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "before the first"),
    ],
)
def test_a_recipient_that_cannot_be(small: Ledger, change: dict[str, Any], says: str) -> None:
    """Each fault is told, and nothing is written."""
    with pytest.raises(BadInput) as bad:
        register.add(small, POLICY, replace(ADS, **change), by="Bo Lind", at=AT)
    assert says in bad.value.problems[0].message
    assert small.recipients.read() == ()


def test_the_same_name_may_come_back_on_other_days(small: Ledger) -> None:
    """A recipient that ended can be entered again from the next day on."""
    register.add(small, POLICY, replace(ADS, until=date(2025, 12, 31)), by="Bo Lind", at=AT)
    again = register.add(small, POLICY, replace(ADS, since=date(2026, 1, 1)), by="Bo Lind", at=AT)
    assert register.named(register.read(small, POLICY), "Ads Ltd", date(2026, 2, 1)).id == again.id


def test_an_entry_is_found_by_whom_it_is_about(book: Ledger) -> None:
    """The journal answers for one identity, says nothing of another, and evidence holds numbers and a hash."""
    written = add(book, SALE, ADA, ADA)
    assert (written.people, journal.of(book, [ADA], None, None), journal.of(book, [BOB], None, None)) == (
        1,
        (written,),
        (),
    )
    body = dict(Entry.decode(list(book.evidence.entries())[-1]).body)
    assert len(str(body.pop("whom"))) == 64
    assert body == {
        "disclosure": "disclosure:1",
        "what": "sale",
        "happened": "2026-03-01T12:00:00Z",
        "people": 1,
        "by": "staff:1",
        "categories": ("contact",),
        "purpose": "marketing",
    }


def test_the_same_people_twice_give_two_hashes(small: Ledger) -> None:
    """Entries about the same person cannot be matched by what evidence says."""
    add(small)
    add(small)
    last = [Entry.decode(data).body["whom"] for data in list(small.evidence.entries())[-2:]]
    assert last[0] != last[1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "gift"}, "No such kind"),
        ({"recipient": None}, "went to somebody"),
        ({"kind": "use"}, "no recipient"),
        ({"at": AT + timedelta(seconds=1)}, "future"),
        ({"at": datetime(2026, 1, 1)}, "no zone"),
        ({"categories": ()}, "what it was"),
        ({"purpose": ""}, "what for"),
        ({"untold": "Ask Ada!"}, "kebab-case"),
    ],
)
def test_an_entry_that_cannot_be(small: Ledger, change: dict[str, Any], says: str) -> None:
    """Each fault is told, and nothing is written."""
    with pytest.raises(BadInput) as bad:
        add(small, replace(SALE, **change))
    assert says in bad.value.problems[0].message
    assert small.disclosures.read() == ()


def test_an_entry_about_nobody_is_refused(small: Ledger) -> None:
    """An empty list is a mistake, not an entry."""
    with pytest.raises(Refused, match="about somebody"):
        journal.add(small, SALE, iter(()), by=None, now=AT)


def statements(book: Ledger, people: int) -> tuple[int, int]:
    """Write one entry about many people; return the statements it took and the peak of memory in bytes."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    ids = (Identity(match="customer/", value=str(n)) for n in range(people))
    tracemalloc.start()
    with CaptureQueriesContext(connections[book.session.alias]) as caught:
        journal.add(book, SALE, ids, by=None, now=AT)
        count = len(caught)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


def test_ten_thousand_people_are_one_entry(book: Ledger) -> None:
    """Statements grow by the batch, and all of them are found."""
    few, many = statements(book, 1_000)[0], statements(book, 10_000)[0]
    assert many - few <= 4 * 10  # SQLite cuts a batch once more, by its limit of variables
    assert [row.people for row in book.disclosures.read()] == [1_000, 10_000]
    assert len(journal.of(book, [Identity(match="customer/", value="9999")], None, None)) == 1


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (datetime(2025, 2, 28, 23, 59, 59, tzinfo=SINGAPORE), False),
        (datetime(2025, 3, 1, 0, 0, tzinfo=SINGAPORE), True),
        (datetime(2026, 3, 1, 9, 0, tzinfo=SINGAPORE), True),
        (datetime(2026, 3, 1, 9, 0, 1, tzinfo=SINGAPORE), False),
    ],
)
def test_the_year_before_ends_with_the_request(small: Ledger, at: datetime, inside: bool) -> None:
    """It begins with the day of the same date, in the zone of the place, and ends with the instant."""
    add(small, replace(SALE, at=at))
    told = answers.year(small, [ADA], datetime(2026, 3, 1, 9, tzinfo=SINGAPORE))
    assert bool(told) is inside


def test_the_year_before_a_leap_day(small: Ledger) -> None:
    """29 February: the year before begins on the 28th."""
    add(small, replace(SALE, at=datetime(2023, 2, 28, tzinfo=UTC)))
    assert len(answers.year(small, [ADA], datetime(2024, 2, 29, 12, tzinfo=UTC))) == 1


def test_uses_count_and_what_must_not_be_told_is_left_out(small: Ledger) -> None:
    """A use has no recipient; an entry for law enforcement is in no answer, and in the list of the staff."""
    add(small, replace(SALE, kind="use", recipient=None, datasets=("app.orders",)))
    add(small, replace(SALE, kind="disclosure", untold="law-enforcement"))
    told = answers.year(small, [ADA], AT)
    assert [(one.kind, one.recipient, one.datasets) for one in told] == [("use", "", ("app.orders",))]
    assert answers.third_parties(small, [ADA]) == ()
    assert answers.recipients(small, POLICY, AT, [ADA]) == answers.recipients(small, POLICY, AT)
    assert len(small.disclosures.read()) == 2


def test_third_parties_by_category(small: Ledger) -> None:
    """For each category of data: which categories of third parties bought it, shared it, were given it."""
    bank = Recipient(name="Bank", role="processor")
    add(small, SALE)
    add(small, replace(SALE, kind="share", recipient=replace(KEPT, name="Seen", sort="")))
    add(small, replace(SALE, kind="disclosure", recipient=bank, categories=("card",), purpose="billing"))
    card, contact = answers.third_parties(small, [ADA])
    assert (card.disclosed, card.names, card.purposes) == (("service provider",), (), ("billing",))
    assert (contact.sold, contact.shared) == (("ad network",), ("buyer of data",))
    assert contact.names == ("Ads Ltd", "Seen")


def test_recipients_of_a_person_are_those_of_the_day_and_of_the_journal(small: Ledger) -> None:
    """Somebody the register no longer has is named as the journal knew them."""
    add(small)
    plain = [one.name for one in answers.recipients(small, POLICY, AT)]
    own = [(one.name, one.country) for one in answers.recipients(small, POLICY, AT, [ADA])]
    assert plain == ["Mailer GmbH"]
    assert own == [("Mailer GmbH", "DE"), ("Ads Ltd", "IE")]


def test_who_is_to_be_told(small: Ledger) -> None:
    """Those who got the datasets; an authority that asked is no recipient, and a year can be asked for."""
    add(small, replace(SALE, datasets=("app.customers",)))
    add(small, replace(SALE, datasets=("app.orders",), recipient=replace(KEPT, name="Orders")))
    add(small, replace(SALE, recipient=Recipient(name="Police", role="authority")))
    add(small, replace(SALE, at=AT - timedelta(days=800), recipient=replace(KEPT, name="Long ago")))
    assert [one.name for one in answers.to_tell(small, [ADA], ["app.customers"])] == ["Long ago", "Ads Ltd"]
    since = answers.year_before(AT)
    assert [one.name for one in answers.to_tell(small, [ADA], ["app.customers"], since=since)] == ["Ads Ltd"]
    assert answers.to_tell(small, [BOB], ["app.customers"]) == ()


def test_standing_recipients_of_what_was_changed_are_told_too(small: Ledger) -> None:
    """They need no entry in the journal: those declared as given a category the datasets hold, on that day."""
    datamap = DataMap.model_validate(
        {
            "datasets": {
                "app.customers": {"fields": {"contact": ["email"]}},
                "app.cards": {"fields": {"card": ["no"]}},
            }
        }
    )
    project = SimpleNamespace(policy=POLICY, datamap=datamap)
    add(small, replace(SALE, datasets=("app.customers",)))
    told = {
        name: [one.name for one in answers.to_tell(small, [ADA], [name], world=project, at=AT)]
        for name in datamap.datasets
    }
    assert told == {"app.customers": ["Mailer GmbH", "Ads Ltd"], "app.cards": []}
