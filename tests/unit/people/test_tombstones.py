"""Tombstones: what is digested, under which key, and what is never made."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.people import tombstones
from troth.people.entries import Entries, Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.tombstones import StoreKey
from troth.plan.predicates import Staged

KEY = Entry(number=0, subject="customer", dataset="app.customers", columns=("id",))
EMAIL = Entry(
    number=1,
    subject="customer",
    dataset="app.customers",
    columns=("email",),
    family=Family.EMAIL,
    kind="email",
)
IP = Entry(
    number=2, subject="customer", dataset="app.customers", columns=("ip",), family=Family.IP, kind="ip"
)
STORE = StoreKey(id="0a0a0a0a", secret=b"s" * 32)


def person(number: int, **values: object) -> Person:
    """Make one person with a key and an address."""
    entries = {"id": 0, "email": 1, "ip": 2}
    return Person(number=number, values={entries[name]: ((value,),) for name, value in values.items()})


def made(*people: Person, where: frozenset[int] = frozenset({0, 1, 2})) -> list[tombstones.Tombstone]:
    """Make the tombstones of some people in one store."""
    whole = Manifest(entries=(KEY, EMAIL, IP), people=people)
    return list(tombstones.made(whole, {"app": STORE}, {"app": where}))


def test_a_place_is_a_family_or_the_columns_of_a_key() -> None:
    """An address is the same wherever it stands; a key is one of its own table."""
    assert tombstones.place(EMAIL) == "email"
    assert tombstones.place(KEY) == "app.customers:id"


def test_a_digest_is_hmac_over_the_framed_message() -> None:
    """The vector of the reference page: place, line end, length, colon, text, comma."""
    expected = hmac.new(b"k" * 32, b"app.customers:id\n3:123,", hashlib.sha256).digest()
    assert tombstones.digest(b"k" * 32, "app.customers:id", ["123"]) == expected


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_no_two_keys_have_one_message(one: list[str], other: list[str]) -> None:
    """Framing by length keeps parts apart, whatever stands in them."""
    if "�" in "".join([*one, *other]) or any("\ud800" <= c <= "\udfff" for c in "".join([*one, *other])):
        return
    same = tombstones.message("x", one) == tombstones.message("x", other)
    assert same == (one == other)


@given(st.binary(min_size=1, max_size=64), st.binary(max_size=80))
def test_pads_make_the_standard_hmac(secret: bytes, message: bytes) -> None:
    """Two hashes over padded keys are what the library computes."""
    inside, outside = tombstones.pads(secret)
    by_hand = hashlib.sha256(outside + hashlib.sha256(inside + message).digest()).digest()
    assert by_hand == hmac.digest(secret, message, "sha256")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        ("a b", "a b"),
        (Decimal("12"), "12"),
        (uuid.UUID("0A000000-0000-0000-0000-000000000001"), "0a000000-0000-0000-0000-000000000001"),
        (b"\x01\xff", "01ff"),
    ],
)
def test_a_key_is_written_as_databases_write_it(value: object, text: str) -> None:
    """Numbers, texts, UUIDs and bytes have one spelling."""
    assert tombstones.text(value) == text


def test_however_an_address_is_written_its_tombstone_is_one() -> None:
    """Case and blanks make no difference."""
    one, other = made(person(1, email=" Ada@Example.ORG")), made(person(1, email="ada@example.org"))
    assert [s.digest for s in one] == [s.digest for s in other]


def test_what_is_no_address_makes_no_tombstone() -> None:
    """A filler that many rows have must not find them all."""
    assert made(person(1, email="n/a")) == []


def test_an_ip_address_makes_no_tombstone() -> None:
    """Many people have the same one."""
    assert made(person(1, ip="192.0.2.7")) == []


def test_only_what_a_store_knows_people_by_is_digested() -> None:
    """A store without keys of its own gets none."""
    assert {s.place for s in made(person(1, id=5, email="a@b.example"), where=frozenset({1}))} == {"email"}


def test_two_stores_share_no_digest() -> None:
    """Each has a key of its own, so that nobody can join them."""
    whole = Manifest(entries=(KEY, EMAIL, IP), people=(person(1, id=5),))
    keys = {"app": STORE, "crm": StoreKey(id="0a0a0a0a", secret=b"t" * 32)}
    every = frozenset({0})
    stones = list(tombstones.made(whole, keys, {"app": every, "crm": every}))
    assert len({s.digest for s in stones}) == len(stones) == 2


def test_a_store_uses_its_own_entries_and_those_its_ways_end_at() -> None:
    """A help desk that knows people by the shop's address uses that entry."""
    way = Way(role="customer", subject="customer", path=(), end=Staged(entry=1, columns=("mail",)))
    used = tombstones.used(Entries(of=(KEY, EMAIL)), {"desk.tickets": (way,)})
    assert used == {"app": frozenset({0, 1}), "desk": frozenset({1})}


def test_no_repr_shows_a_digest_or_a_key() -> None:
    """What is printed by chance tells nothing."""
    stone = made(person(1, id=5))[0]
    assert repr(stone.digest) not in repr(stone) and "sssss" not in repr(STORE)
