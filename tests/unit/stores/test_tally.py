"""What a scan counts: each row once for each place, and what stays apart from what must not be there."""

from __future__ import annotations

import pytest

from troth.apply.people import Kept
from troth.people.tokens import Seen, Spot
from troth.plan.predicates import ALWAYS
from troth.stores.tally import Shown, Stays, Tally

ADA, BOB = 1, 2
EMAIL = Seen("email", "exact")


def rule(number: int, *columns: str, people: frozenset[int] | None = None) -> Kept:
    """Let some columns stay."""
    return Kept(rule=number, columns=frozenset(columns), where=ALWAYS, people=people)


def shown(column: str, *who: int, seen: Seen = EMAIL) -> Shown:
    """Let a column show somebody."""
    return column, Spot(seen, frozenset(who))


MAIL = rule(0, "mail")


@pytest.mark.parametrize(
    ("one", "stays", "kept"),
    [
        (shown("mail", ADA), {ADA: [MAIL]}, True),
        (shown("note", ADA), {ADA: [MAIL]}, False),
        (shown("mail", BOB), {ADA: [MAIL]}, False),
        (shown("mail", ADA), {}, False),
        (shown("mail", ADA, BOB), {BOB: [MAIL]}, True),
        (shown("mail", ADA), {ADA: [rule(0, "mail", people=frozenset({BOB}))]}, False),
        (shown("mail", BOB), {ADA: [MAIL], BOB: [rule(1, "note")]}, False),
    ],
)
def test_what_stays_is_of_its_row_its_column_and_its_person(one: Shown, stays: Stays, kept: bool) -> None:
    """All three must fit; a value that two people have may stay where either's may."""
    tally = Tally()
    tally.row([one], stays)
    assert (len(tally.stayed), len(tally.residues)) == ((1, 0) if kept else (0, 1))


def test_a_row_counts_once_for_each_place() -> None:
    """Two addresses in one text are one row; what stays and what does not are told apart in the same text."""
    tally = Tally()
    tally.row([shown("mail", ADA), shown("mail", BOB), shown("mail", ADA, BOB)], {ADA: [MAIL]})
    assert dict(tally.residues) == {("mail", "exact", "email"): 1}
    assert dict(tally.stayed) == {("mail", "exact", "email", 0): 1}


def test_rows_wait_until_it_is_known_what_stays() -> None:
    """Only what may stay waits; rows that look the same are counted one by one."""
    tally = Tally([MAIL])
    for _ in range(2):
        tally.later("here", [shown("mail", ADA), shown("note", ADA)])
    tally.later("there", [shown("mail", ADA)])
    assert dict(tally.residues) == {("note", "exact", "email"): 2}
    assert tally.waiting and tally.awaits("here") and not tally.awaits("elsewhere")
    tally.settle({"here": {ADA: [MAIL]}})
    assert dict(tally.stayed) == {("mail", "exact", "email", 0): 2}
    assert tally.residues["mail", "exact", "email"] == 1
    assert not tally.waiting


def test_the_first_rule_is_named() -> None:
    """Of several rules that let a value stay, that with the lowest number."""
    tally = Tally()
    tally.row([shown("mail", ADA)], {ADA: [rule(4, "mail"), rule(2, "mail"), rule(1, "note")]})
    assert list(tally.stayed) == [("mail", "exact", "email", 2)]


def test_values_beside_rows_are_known_by_what_stays_in_rows() -> None:
    """Statistics may show whom something stays of in their column, and nobody else."""
    tally = Tally()
    tally.row([shown("mail", ADA)], {ADA: [MAIL]})
    spots = [Spot(EMAIL, frozenset({ADA}))]
    assert tally.strange("mail", spots) == ()
    assert tally.strange("note", spots) == (EMAIL,)
    assert tally.strange("mail", [Spot(EMAIL, frozenset({BOB}))]) == (EMAIL,)
