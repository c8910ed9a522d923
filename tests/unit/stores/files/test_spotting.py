"""People are found in text however they are written, and nobody else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.stores.files import sieving, spotting
from troth.stores.files.spotting import Spot, Spotter

ENTRIES = (
    Entry(number=0, subject="customer", dataset="app.customers", columns=("id",)),
    Entry(
        number=1,
        subject="customer",
        dataset="app.customers",
        columns=("phone",),
        family=Family.PHONE,
        kind="phone",
        region="US",
    ),
)


def spotter(*identities: tuple[str, str], key: object = "cus-4711", phone: str = "(415) 555-0123") -> Spotter:
    """Look for one person."""
    person = Person(
        number=1,
        values={0: ((key,),), 1: ((phone,),)},
        identities=tuple(Identity(match=m, value=v) for m, v in identities),
        names=("Ada King Lovelace", "Ada"),
    )
    return Spotter(spotting.wanted(Manifest(entries=ENTRIES, people=(person,))))


ADA = spotter(("email", "ada+x@example.org"), ("ip", "2001:db8::7"), ("ip", "192.0.2.7"))


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("mail ada+x@example.org.", "mail [erased]."),
        ("ADA+X@Example.ORG", "[erased]"),
        ("?email=ada+x@example.org&y=1", "?email=[erased]&y=1"),
        ("?email=ada%2Bx%40example.org&y=1", "?email=[erased]&y=1"),
        ("<ada+x@example.org>, <ben@example.org>", "<[erased]>, <ben@example.org>"),
        ("not.ada+x@example.org", "not.ada+x@example.org"),
        ("ada+x@example.org.uk", "ada+x@example.org.uk"),
        ("ada@example.org", "ada@example.org"),
        ("call +1 415-555-0123 now", "call [erased] now"),
        ("call 415.555.0123, 2025-01-02", "call [erased], 2025-01-02"),
        ("on 2025-01-02 (415) 555 0123", "on 2025-01-02 ([erased]"),
        ("order 94155550123", "order 94155550123"),
        ("from 192.0.2.7: ok", "from [erased]: ok"),
        ("from 192.0.2.70 and 1192.0.2.7", "from 192.0.2.70 and 1192.0.2.7"),
        ("from [2001:DB8:0:0::7]", "from [[erased]]"),
        ("at 06:10:47", "at 06:10:47"),
        ("cus-4711 and CUS-4711, not cus-47111", "[erased] and [erased], not cus-47111"),
        ("user_cus-4711_x", "user_[erased]_x"),
        ("Ada King Lovelace, ada king  lovelace", "[erased], [erased]"),
        ("Ada came. King Lovelace", "Ada came. King Lovelace"),
    ],
)
def test_scrub(text: str, scrubbed: str) -> None:
    """A text loses what is the person's, in every spelling, and nothing that only looks like it."""
    assert ADA.scrub(text, frozenset({1})) == scrubbed


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("customer=712 bought 712 things", "customer=[erased] bought 712 things"),
        ('{"customer_id": 712, "n": 712}', '{"customer_id": [erased], "n": 712}'),
        ("GET /customers/712/cart", "GET /customers/[erased]/cart"),
        ("customer=7121", "customer=7121"),
    ],
)
def test_short_numbers_are_named(text: str, scrubbed: str) -> None:
    """A short number is somebody's key only where the text says that it is one."""
    assert spotter(key=712).scrub(text, frozenset({1})) == scrubbed


def test_long_numbers_stand_alone() -> None:
    """A number of six digits and more is a key wherever it stands."""
    assert spotter(key=48151623).scrub("x 48151623 y", frozenset({1})) == "x [erased] y"


def test_keys_of_several_words() -> None:
    """A key with other characters is found as it is."""
    assert spotter(key="auth0|5f7c").scrub("by auth0|5f7c!", frozenset({1})) == "by [erased]!"


def test_leaves_others_alone() -> None:
    """Who is not among the people of a row stays in its text."""
    assert ADA.scrub("ada+x@example.org", frozenset({2})) == "ada+x@example.org"


def test_keeps_the_length() -> None:
    """Asked to, it fills what goes with as many asterisks as there were bytes."""
    text = "é ada+x@example.org é"
    filled = ADA.scrub(text, frozenset({1}), fill=True)
    assert filled == f"é {'*' * 17} é"
    assert len(filled.encode()) == len(text.encode())


def test_strangers() -> None:
    """An address of somebody else is a stranger; one's own is none."""
    assert not ADA.strangers("to ada+x@example.org", frozenset({1}))
    assert ADA.strangers("to ada+x@example.org, ben@example.org", frozenset({1}))


@given(st.text(alphabet="ab.@%40=+ \n<>,é", max_size=40))
def test_agrees_with_a_slow_oracle(text: str) -> None:
    """Where an address stands between characters no address has, it is found, whatever is around."""
    looked_for = spotter(("email", "b@a.ab"))
    for between in (" ", "<", "\n", ","):
        whole = f"{text}{between}b@a.ab {text}"
        spots = [s for s in looked_for.identities(whole) if s.kind == "email"]
        slow = [m.span() for m in re.finditer(r"(?<![^ \n<>,])b@a\.ab(?![^ \n<>,])", whole)]
        assert set(slow) <= {(s.start, s.end) for s in spots}


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=6))
def test_replaces_overlapping_spots_once(spans: list[tuple[int, int]]) -> None:
    """Every letter under a spot goes, every other stays."""
    text = "abcdefghijklmnopqrstuvwxyz"
    spots = [Spot(start=a, end=a + n, people=frozenset({1}), kind="email", how="exact") for a, n in spans]
    covered = {i for a, n in spans for i in range(a, a + n)}
    left = spotting.replaced(text, spots).replace(spotting.ERASED, "")
    assert left == "".join(c for i, c in enumerate(text) if i not in covered)


WRITTEN = (
    "ada+x@example.org|ADA%2Bx%40example.org|%3Dada+x@example.org|+1 415 555 01 23|(415)555-0123|192.0.2.7"
    "|::ffff:192.0.2.7|::ffff:c000:207|2001:0db8::7|2001:db8:0:0:0:0:0:7|cus-4711|x_CUS-4711|ada"
    "|Ada King Lovelace|ada,king lovelace|é|%C3%A9|=| |/|12|\n|\\u0061"
)
FRAGMENTS = st.sampled_from(WRITTEN.split("|"))


@given(st.lists(FRAGMENTS, max_size=6).map("".join))
def test_a_sieve_lets_everybody_through(text: str) -> None:
    """Whoever is found by looking properly is never held back by the quick look before."""
    found = [*ADA.identities(text), *ADA.loose(text)]
    assert not found or ADA.sieve.passes(text, sieving.runs(text))


def test_a_sieve_holds_back() -> None:
    """A text that has nothing of anybody is not looked at any further."""
    text = '10.1.3.20 - - [02/Jan/2026:06:01:01 +0000] "GET /x/23?y=0123 HTTP/1.1" 200 555 "-" "Mozilla/5.0"'
    assert not ADA.sieve.passes(text, sieving.runs(text))
