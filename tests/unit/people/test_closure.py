"""Who belongs together: the closure against rows in memory, and against an oracle that tries everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.people import closure
from troth.people.closure import Answer, Closure, Hit, Row
from troth.people.typed import Identity, Typed
from unit.people.oracle import KINDS, LEADING, Person, identity, oracle


@dataclass(frozen=True)
class Memory:
    """Stores in memory, answering as real ones do."""

    people: Sequence[Person]
    by_key: bool = False
    asked: list[int] = field(default_factory=list)

    def find(self, wanted: Sequence[Identity], *, typed: bool, limit: int) -> Answer:
        """Look every row through."""
        self.asked.append(len(wanted))
        hits = tuple(
            Hit(
                identity=one,
                kind=one.match,
                row=person.row,
                claimed=one.match not in person.proven,
                by_key=self.by_key and typed,
                leads=tuple(
                    (k, identity(k, v)) for k, v in person.has.items() if k in LEADING and k in person.proven
                ),
            )
            for one in wanted
            for person in self.people
            if person.has.get(one.match) == one.value
        )
        return Answer(hits=hits)


def person(dataset: str, key: int, *, claims: str = "", **has: str) -> Person:
    """Make a row; what is in `claims` is not verified."""
    row = Row(subject=dataset, dataset=f"app.{dataset}", key=(key,))
    return Person(row=row, has=has, proven=frozenset(KINDS) - set(claims.split()))


def close(people: Sequence[Person], *start: str, limit: int = 20, by_key: bool = False) -> Closure:
    """Follow `kind:value` pairs."""
    typed = [
        Typed(number=n, kind=kind, identity=identity(kind, value))
        for n, (kind, _, value) in enumerate((one.partition(":") for one in start), 1)
    ]
    return closure.close(typed, Memory(people, by_key), limit=limit)


def keys(found: Closure) -> set[tuple[str, object]]:
    """Return dataset and key of everyone found."""
    return {(row.dataset, row.key[0]) for row in found.found}


def test_a_chain_is_followed_to_its_end() -> None:
    """E-mail leads to an account, its number to a contact, whose address leads to a lead."""
    people = [
        person("a", 1, email="x", account="7"),
        person("b", 2, account="7", email="y"),
        person("c", 3, email="y"),
        person("d", 4, email="z"),
    ]
    found = close(people, "email:x")
    assert keys(found) == {("app.a", 1), ("app.b", 2), ("app.c", 3)}
    assert [step.kind for step in found.path(people[2].row)] == ["email", "account", "email"]
    assert len(found.people) == 1


def test_what_a_victim_verified_is_not_reached_from_a_claim() -> None:
    """Typing somebody's address into a profile leads from it to nobody."""
    people = [person("a", 1, email="ada"), person("a", 2, claims="email", email="ada", account="2")]
    assert keys(close(people, "account:2")) == {("app.a", 2)}


def test_whoever_merely_claims_is_not_reached_by_a_link() -> None:
    """A verified address does not draw in a row that never proved it."""
    people = [person("a", 1, email="ada", account="1"), person("b", 2, claims="email", email="ada")]
    found = close(people, "account:1")
    assert keys(found) == {("app.a", 1)}
    assert [claim.row for claim in found.claims] == [people[1].row]


def test_a_row_reached_otherwise_is_no_mere_claim() -> None:
    """A row that claims one identity and shares another is taken in."""
    people = [
        person("a", 1, email="ada", account="1"),
        person("b", 2, claims="email", email="ada", account="1"),
    ]
    found = close(people, "account:1")
    assert len(found.found) == 2 and not found.claims


def test_above_the_limit_an_identity_leads_nowhere() -> None:
    """A link many people share stops; at the limit it does not."""
    people = [person("a", n, email="team", account=str(n)) for n in range(3)]
    assert keys(close(people, "account:0", limit=2)) == {("app.a", 0)}
    assert close(people, "account:0", limit=2).stopped[0].subjects == 3
    assert len(close(people, "account:0", limit=3).found) == 3


def test_equal_keys_of_two_datasets_are_two_people() -> None:
    """Keys are equal by chance: each row found by one stays a person of its own."""
    people = [person("a", 5, account="5"), person("b", 5, account="5")]
    found = close(people, "account:5", by_key=True)
    assert len(found.people) == 2 and found.several


def test_two_people_who_share_a_contact_are_not_joined_by_it() -> None:
    """Where an address has two owners in one dataset, nobody can say whose a third row is."""
    people = [person("a", 1, email="team"), person("a", 2, email="team"), person("b", 3, email="team")]
    assert len(close(people, "email:team").people) == 3


def test_two_rows_of_one_dataset_joined_by_links_are_doubtful() -> None:
    """An account number in a third row joins two accounts: said, for it may be a wrong entry."""
    people = [
        person("a", 1, email="ada", account="1"),
        person("b", 9, email="ada", account="2"),
        person("a", 2, account="2"),
    ]
    assert close(people, "email:ada").doubtful == ((1, "app.a"),)


def test_typed_identities_of_one_person_meet() -> None:
    """Two typed identities that lead to each other find one person."""
    people = [person("a", 1, email="x", account="1"), person("b", 2, account="1", phone="p")]
    assert len(close(people, "email:x", "phone:p").people) == 1


@pytest.mark.parametrize("number", [1, 200])
def test_questions_do_not_grow_with_people(number: int) -> None:
    """However many people: one question a round."""
    people = [
        one
        for n in range(number)
        for one in (person("a", n, email=f"e{n}", account=f"x{n}"), person("b", n, account=f"x{n}"))
    ]
    memory = Memory(people)
    typed = [Typed(number=n + 1, kind="email", identity=identity("email", f"e{n}")) for n in range(number)]
    assert len(closure.close(typed, memory, limit=5).people) == number
    assert len(memory.asked) == 2


VALUES = st.sampled_from("uvwx")
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.dictionaries(st.sampled_from(KINDS), VALUES, min_size=1),
        st.frozensets(st.sampled_from(KINDS)),
    ),
    max_size=7,
)


@given(
    people=PEOPLE,
    start=st.lists(st.tuples(st.sampled_from(KINDS), VALUES), min_size=1, max_size=3, unique=True),
    limit=st.integers(1, 4),
)
def test_the_closure_is_the_oracles(
    people: list[tuple[str, dict[str, str], frozenset[str]]], start: list[tuple[str, str]], limit: int
) -> None:
    """On any small graph, rounds of questions find exactly whom the rules one by one would."""
    made = [
        Person(row=Row(subject=d, dataset=f"app.{d}", key=(n,)), has=has, proven=proven)
        for n, (d, has, proven) in enumerate(people)
    ]
    found = close(made, *(f"{k}:{v}" for k, v in start), limit=limit)
    assert set(found.found) == oracle(made, [identity(k, v) for k, v in start], limit)
    assert sorted(row.key for group in found.people for row in group) == sorted(
        row.key for row in found.found
    )
    assert all(found.path(row)[0].typed for row in found.found)
