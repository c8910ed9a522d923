"""What a recheck looks for, and how a text shows it."""

from __future__ import annotations

import hashlib

import pytest

from troth.people import tokens
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.tokens import Seen, Tokens
from troth.people.typed import Identity

KEY = Entry(number=0, subject="customer", dataset="app.customers", columns=("id",))
EMAIL = Entry(
    number=1,
    subject="customer",
    dataset="app.customers",
    columns=("email",),
    family=Family.EMAIL,
    kind="email",
)
PHONE = Entry(
    number=2,
    subject="customer",
    dataset="app.customers",
    columns=("phone",),
    family=Family.PHONE,
    kind="phone",
    region="GB",
)
UUID = "0b8f3c1e-52a7-4c0b-9c0e-0a1b2c3d4e5f"


def made(key: object = 70123, names: tuple[str, ...] = ("Ada King Lovelace",)) -> Tokens:
    """One person with an address, a phone number, two IP addresses and a name."""
    person = Person(
        number=1,
        values={0: ((key,),), 1: (("Ada@Example.org",),)},
        identities=(
            Identity(match="email", value="ada@example.org"),
            Identity(match="phone", value="+442079460958"),
            Identity(match="ip", value="192.0.2.17"),
            Identity(match="ip", value="2001:db8::7"),
        ),
        names=names,
    )
    return tokens.tokens(Manifest(entries=(KEY, EMAIL, PHONE), people=(person,)))


def hashed(name: str, text: str) -> str:
    """Hash a text as the recheck does."""
    return hashlib.new(name, text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "kind", "how"),
    [
        ("Ada@Example.org", "email", "exact"),
        ("write to ada@example.org.", "email", "exact"),
        ("ADA@EXAMPLE.ORG", "email", "normalised"),
        ("<aDa@example.org>,", "email", "normalised"),
        ("https://x.test/?email=ada@example.org&a=1", "email", "exact"),
        ("https://x.test/?email=ada%40example.org", "email", "normalised"),
        ("mailto%3Aada%40example.org", "email", "normalised"),
        ('{"to": ["\\u0041da@example.org"]}', "email", "normalised"),
        ("\uff21\uff24\uff21\uff20example.org", "email", "normalised"),
        ("\u201cada@example.org\u201d", "email", "exact"),
        ("\u30e1\u30fc\u30ebada@example.org\u307e\u3067", "email", "exact"),
        ("+442079460958", "phone", "exact"),
        ("+44 20 7946 0958", "phone", "normalised"),
        ("call (020) 7946-0958 now", "phone", "normalised"),
        ("0044-20-7946-0958", "phone", "normalised"),
        ("on 2024-01-05 020 7946 0958 12", "phone", "normalised"),
        ("\uff10\uff12\uff10\uff17\uff19\uff14\uff16\uff10\uff19\uff15\uff18", "phone", "normalised"),
        ("from 192.0.2.17:443", "ip", "exact"),
        ("::ffff:192.0.2.17", "ip", "exact"),
        ("::ffff:c000:211", "ip", "normalised"),
        ("[2001:DB8:0:0:0:0:0:7]", "ip", "normalised"),
        ("2001:0db8::0007", "ip", "normalised"),
        ("gravatar/" + hashed("md5", "ada@example.org"), "email", "hashed"),
        (hashed("sha1", "ada@example.org").upper(), "email", "hashed"),
        ("\\x" + hashed("sha256", "ada@example.org"), "email", "hashed"),
        (hashed("sha256", "Ada@Example.org"), "email", "hashed"),
    ],
)
def test_every_form_of_an_identity_is_seen(text: str, kind: str, how: tokens.How) -> None:
    """However an identity is written, a text shows it, and how is told."""
    assert Seen(kind, how) in made().look(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada@example.org.uk",
        "xada@example.org",
        "ada+news@example.org",
        "ada@ example.org",
        "4420794609581",
        "1020 7946 09581",
        "192.0.2.170",
        "1.192.0.2.17",
        "2001:db8::77",
        hashed("sha256", "bea@example.org"),
        "a" + hashed("md5", "ada@example.org"),
        "Ada King Lovelace, customer 70123",
    ],
)
def test_what_is_another_value_is_not_seen(text: str) -> None:
    """Longer values that hold an identity are other people's; names and keys are not looked for everywhere."""
    assert made().look(text) == ()


def test_it_is_told_whose_a_value_may_be() -> None:
    """A number that two people share is both's; an address is its owner's; a name is the person's whose row it is."""
    phone = Identity(match="phone", value="+442079460958")
    people = tuple(
        Person(
            number=n,
            values={},
            identities=(phone, Identity(match="email", value=f"p{n}@example.org")),
            names=("Ada King",),
        )
        for n in (1, 2)
    )
    wanted = tokens.tokens(Manifest(entries=(KEY, EMAIL, PHONE), people=people))
    spots = {one.seen.kind: set(one.who) for one in wanted.spot("p2@example.org or 020 7946 0958")}
    assert spots == {"email": {2}, "phone": {1, 2}}
    assert [(one.seen.kind, set(one.who)) for one in wanted.spot_near(2, "Ada King")] == [("name", {2})]
    assert wanted.look("p2@example.org") == tuple(one.seen for one in wanted.spot("p2@example.org"))


def test_a_uuid_is_looked_for_everywhere() -> None:
    """Nobody else has it, so it needs no row of the person to be found in."""
    look = made(key=UUID).look
    assert look(f"ref {UUID.upper()}!") == (Seen("id", "normalised"),)
    assert look(UUID.replace("-", "")) == (Seen("id", "normalised"),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear ada king  LOVELACE,", (Seen("name", "name"),)),
        ("Lovelace, Ada King", (Seen("name", "name"),)),
        ("Ada King Lovelaces", ()),
        ("Ada Lovelace", ()),
        ("For 70123", (Seen("id", "exact"),)),
        ("For 170123", ()),
        ("0.70123", ()),
    ],
)
def test_names_and_keys_are_seen_as_whole_words_in_own_rows(text: str, found: tuple[Seen, ...]) -> None:
    """In a row that is the person's already, full name and key are looked for as whole words."""
    assert made().look_near(1, text) == found


def test_single_words_and_short_keys_are_not_looked_for() -> None:
    """A first name or a key of three digits stands in any sentence; that there are such keys is told."""
    few = made(key=701, names=("Ada",))
    assert few.look_near(1, "Ada 701") == ()
    assert few.short_keys
    assert not made().short_keys


def test_tokens_show_nobody() -> None:
    """What is looked for stands in no printed form."""
    assert "ada" not in repr(made()).lower()
