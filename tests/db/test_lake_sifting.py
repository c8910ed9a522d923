"""What DuckDB passes over in a lake, against Python reading every text: nobody may be lost."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from troth.people.manifest import Manifest, Person
from troth.people.tokens import Tokens, tokens
from troth.people.typed import Identity
from troth.stores.lake.engine import Session, session
from troth.stores.lake.fragment import Piece
from troth.stores.lake.scan import _looked
from troth.stores.lake.sifting import PLACES, sieve

VALUES = {
    "email": ["ada@example.org", "o'brien.x+tag@mail.example.org", "müller@example.org", "-ben_@example.org"],
    "phone": ["+442079460958", "+4930123456"],
    "ip": ["192.0.2.44", "2001:db8::7:1", "64:ff9b::a02:1"],
    "id": ["550e8400-e29b-41d4-a716-446655440000"],
}
KINDS = {name: [name] for name in VALUES} | {"everything": list(VALUES)}
GLUE = " \t\n.,;:-/()[]{}<>@%+'\"\\_=&?#~|*^`$!\u00a0\u201c\u3042\u00fc\uff10\uff201a0fAF\u2026\u212a\x1f"
WIDE = "".join(chr(0xFF10 + int(digit)) for digit in "442079460958")
GROUPED = ["+44 20 7946 0958", "(0)20-7946.0958", "030/12 34 56", "0049 30 123456", WIDE]
ODD = [
    "::ffff:192.0.2.44",
    "2001:0DB8:0:0:0:0:7:1",
    "::ffff:c000:22c",
    "64:ff9b:0:0:0:0:10.2.0.1",
    "\uff41da@example.org",
]
FREE = [
    "%20",
    "%40",
    "%3A",
    "%2E",
    "\\u0040",
    "\\u003c",
    "\\n",
    "\\t",
    "\\/",
    "\\u00a0",
    "\\u2019",
    "%C2%A0",
    "x@",
]


def wanted(kinds: list[str]) -> Tokens:
    """Look for people with identities of some kinds."""
    people = tuple(
        Person(number=number, values={}, identities=(Identity(match=kind, value=value),))
        for number, (kind, value) in enumerate(((k, v) for k in kinds for v in VALUES[k]), 1)
    )
    return tokens(Manifest(entries=(), people=people))


ALL = {name: wanted(kinds) for name, kinds in KINDS.items()}
FORMS = [*dict.fromkeys(token.text for token in ALL["everything"].of), *GROUPED, *ODD]
WRITTEN = (
    str,
    str.upper,
    str.title,
    urllib.parse.quote,
    lambda one: "".join(f"%{byte:02x}" for byte in one.encode()),
    lambda one: json.dumps({"a": [one, {one: f"\t{one}\n"}]}),
    lambda one: json.dumps({"a": f"\n{one}\t"}, ensure_ascii=False),
    lambda one: "".join(f"\\u{ord(letter):04x}" for letter in one),
    lambda one: one[: len(one) // 2] + "".join(f"\\u{ord(letter):04x}" for letter in one[len(one) // 2 :]),
)
SHOWN = st.builds(lambda one, how: how(one), st.sampled_from(FORMS), st.sampled_from(WRITTEN))
TEXTS = st.lists(
    st.one_of(SHOWN, SHOWN, st.sampled_from(FREE), st.text(alphabet=GLUE, max_size=4)), min_size=1, max_size=5
).map("".join)


@pytest.fixture(scope="module")
def db() -> Iterator[Session]:
    """Open DuckDB with two columns, for all examples."""
    with session("lake") as one:
        one.run(Piece("CREATE TABLE texts (place BIGINT, plain VARCHAR, nested VARCHAR)"))
        yield one


def passed(db: Session, looked_for: Tokens, rows: list[tuple[str, str]]) -> set[int]:
    """Return the rows that come through."""
    db.run(Piece("DELETE FROM texts"))
    places = list(range(len(rows)))
    given: dict[str, list[object]] = {
        "place": list(places),
        "plain": [plain for plain, _ in rows],
        "nested": [nested for _, nested in rows],
    }
    db.load("texts", given, {"place": "BIGINT", "plain": "VARCHAR", "nested": "VARCHAR"})
    columns = [Piece("plain"), Piece("nested")]
    sieve(db, looked_for).rows(Piece("texts"), columns, Piece("place"))
    return {place for (place,) in db.rows(Piece(f"SELECT place FROM {PLACES}"))}


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)
@pytest.mark.parametrize("kinds", KINDS)
@given(plain=st.lists(TEXTS, min_size=60, max_size=60), within=st.lists(TEXTS, min_size=60, max_size=60))
@example(plain=[how(one) for one in FORMS for how in WRITTEN], within=[])
@example(plain=[], within=[how(one) for one in FORMS for how in WRITTEN])
@example(plain=[f"--{one}.. x" for one in FORMS], within=[f"\n\x1f{one}\x1f" for one in FORMS])
@example(plain=[f"x@{one}" for one in FORMS], within=[f"%20{one}%20" for one in FORMS])
def test_nobody_is_lost(db: Session, kinds: str, plain: list[str], within: list[str]) -> None:
    """A row in which Python reads a token, in a text or inside a document, comes through."""
    count = max(len(plain), len(within))
    texts = [*plain, *[""] * (count - len(plain))]
    inside = [*within, *[""] * (count - len(within))]
    rows = [
        (a, json.dumps({"k": [b, {b: 1}]}, ensure_ascii=len(b) % 2 == 0))
        for a, b in zip(texts, inside, strict=True)
    ]
    spot = ALL[kinds].spot
    mine = {
        place
        for place, (one, nested) in enumerate(rows)
        if any(_looked(spot, one, nested=False)) or any(_looked(spot, nested, nested=True))
    }
    lost = mine - passed(db, ALL[kinds], rows)
    assert not lost, [rows[place] for place in sorted(lost)[:4]]


def test_texts_of_nobody_stay_behind(db: Session) -> None:
    """Of hashes, numbers, addresses of others hardly any row comes through."""
    rows = [(f"{n:032x}", f"user{n}@example.com, +44 20 1111 {n:04}, 10.0.0.{n % 256}") for n in range(2000)]
    assert len(passed(db, ALL["everything"], rows)) < 20
