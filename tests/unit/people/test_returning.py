"""Who came back with a copy, who began anew, and what goes to a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from troth.people import returning
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.returning import Back, Gathering, Known, Target
from troth.people.tombstones import Erased, Erasure, Kept

AT = datetime(2026, 5, 20, 9, tzinfo=UTC)
OLD, NEW = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 5, 30, tzinfo=UTC)
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
)


def target(entry: Entry, **more: Any) -> Target:
    """Look in a subject's own row, or in a copy."""
    fields: dict[str, Any] = {"number": entry.number, "dataset": entry.dataset, "columns": entry.columns}
    return Target(entry=entry, **{**fields, "own": True, **more})


OWN_KEY, OWN_EMAIL, OWN_PHONE = target(KEY), target(EMAIL, verified="verified"), target(PHONE)
ORDERS = target(KEY, number=8, dataset="app.orders", columns=("customer_id",), own=False)
LETTERS = target(EMAIL, number=9, dataset="app.letters", columns=("email",), own=False)


def erased(*gone: str, kept: tuple[Kept, ...] = ()) -> dict[int, Erased]:
    """Make one erased person."""
    erasure = Erasure(plan="p", erased_at=AT, gone=gone, kept=kept)
    return {1: Erased(id=1, number=1, erasure=erasure)}


def judged(people: dict[int, Erased], *known: Known, **more: bool) -> tuple[Back, ...]:
    """Judge some rows."""
    gathering = Gathering(people, **more)
    for one in known:
        gathering.take(one)
    return gathering.judged()


def row(where: Target, value: object, *, key: object = 5, began: object = OLD, proven: bool = True) -> Known:
    """Recognise a row."""
    return Known(
        person=1,
        target=where,
        values=(value,),
        key=(key,) if where.own else (),
        began=(began,),
        proven=proven,
    )


@pytest.mark.parametrize(
    ("value", "age"),
    [
        (OLD, "before"),
        (NEW, "after"),
        (AT, "after"),
        (AT - timedelta(seconds=1), "before"),
        (datetime(2026, 5, 20, 10, tzinfo=timezone(timedelta(hours=2))), "before"),
        (datetime(2026, 5, 20, 8), "unknown"),
        (datetime(2026, 5, 19, 20), "before"),
        (date(2026, 5, 20), "unknown"),
        (date(2026, 5, 18), "before"),
        (date(2026, 5, 21), "after"),
        (date(2026, 5, 22), "after"),
        ("2026-05-18", "before"),
        ("2026-05-30T00:00:00+00:00", "after"),
        ("yesterday", "unknown"),
        (1_700_000_000, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_date_tells_only_what_it_means_everywhere(value: object, age: str) -> None:
    """A date without a zone is before an instant only where it is so in every zone."""
    assert returning.age((value,), (), AT) == age


def test_the_beginning_of_a_row_outweighs_other_dates() -> None:
    """An account from before, used since, is from before; without a beginning every date must be."""
    assert returning.age((OLD,), (NEW,), AT) == "before"
    assert returning.age((None,), (OLD, NEW), AT) == "after"
    assert returning.age((), (OLD, OLD), AT) == "before"


def test_a_date_to_come_tells_nothing() -> None:
    """The end of a contract is set when it begins: only what lies behind says when a row came."""
    ahead = NEW + timedelta(days=400)
    assert returning.age((), (OLD, ahead), AT, NEW) == "before"
    assert returning.age((), (ahead,), AT, NEW) == "unknown"
    assert returning.age((), (OLD, ahead), AT) == "after"


def test_an_old_row_that_went_whole_came_with_the_copy() -> None:
    """Its key is known, and it is older than the erasure."""
    (back,) = judged(erased("app.customers"), row(OWN_KEY, 5))
    assert (back.by, back.why, back.dataset) == ("key", None, "app.customers")


@pytest.mark.parametrize(("began", "why"), [(NEW, "since"), (None, "undated")])
def test_a_new_or_undated_row_goes_to_a_person(began: object, why: str) -> None:
    """A key can be given again; without a date nobody knows."""
    assert [b.why for b in judged(erased("app.customers"), row(OWN_KEY, 5, began=began))] == [why]


def test_a_row_that_stayed_without_its_person_is_no_return() -> None:
    """A kept customer's key is still there; only an identity that was taken from it tells."""
    people = erased(kept=(Kept(dataset="app.customers", fields=("id",), reason="key"),))
    assert judged(people, row(OWN_KEY, 5)) == ()
    assert [b.why for b in judged(people, row(OWN_KEY, 5), row(OWN_EMAIL, "a@b.example"))] == [None]


def test_an_identity_that_was_kept_is_no_return() -> None:
    """What a duty keeps in the row was never taken from it."""
    people = erased(kept=(Kept(dataset="app.customers", fields=("id", "email"), reason="statutory-duty"),))
    assert judged(people, row(OWN_KEY, 5), row(OWN_EMAIL, "a@b.example")) == ()


def test_a_verified_address_in_another_old_row_came_with_the_copy() -> None:
    """A second account of the same person."""
    assert [b.why for b in judged(erased("app.customers"), row(OWN_EMAIL, "a@b.example", key=9))] == [None]


def test_an_address_of_a_row_beside_the_erased_one_goes_to_a_person() -> None:
    """Two customers had one address, and one of them was erased: the other's row is not theirs."""
    theirs = row(OWN_KEY, 1, key=1), row(OWN_EMAIL, "a@b.example", key=1)
    found = judged(erased("app.customers"), *theirs, row(OWN_EMAIL, "a@b.example", key=9))
    assert {back.row.key: back.why for back in found if back.row} == {(1,): None, (9,): "shared-identity"}


def test_an_unverified_address_goes_to_a_person() -> None:
    """Anybody can type one."""
    found = judged(erased("app.customers"), row(OWN_EMAIL, "a@b.example", key=9, proven=False))
    assert [b.why for b in found] == ["unverified"]


def test_an_address_of_which_no_column_tells_goes_to_a_person() -> None:
    """Two people may have had one address when one of them was erased."""
    found = judged(erased("app.customers"), row(target(EMAIL), "a@b.example", key=9))
    assert [b.why for b in found] == ["unverified"]


def test_a_phone_number_goes_to_a_person() -> None:
    """Households share one."""
    found = judged(erased("app.customers"), row(OWN_PHONE, "+4930123456", key=9))
    assert [b.why for b in found] == ["shared-identity"]


def test_a_restored_account_in_use_goes_to_a_person() -> None:
    """Rows that point to it are newer than the erasure."""
    found = judged(erased("app.customers"), row(OWN_KEY, 5), row(ORDERS, 5, began=NEW))
    assert [b.why for b in found] == ["in-use"]


def test_a_key_is_the_same_in_text_and_number() -> None:
    """Other stores keep keys as they like."""
    found = judged(erased("app.customers"), row(OWN_KEY, 5), row(ORDERS, "5", began=NEW))
    assert [b.why for b in found] == ["in-use"]


def test_old_rows_of_an_old_account_are_not_told_twice() -> None:
    """The account tells of its orders and letters."""
    found = judged(
        erased("app.customers", "app.orders", "app.letters"),
        row(OWN_KEY, 5),
        row(ORDERS, 5),
        row(LETTERS, "a@b.example"),
    )
    assert [b.dataset for b in found] == ["app.customers"]


def test_a_copy_without_the_own_row_is_told_with_its_rows() -> None:
    """Letters that came back alone are counted."""
    found = judged(erased("app.letters"), row(LETTERS, "a@b.example"), row(LETTERS, "a@b.example"))
    assert [(b.dataset, b.rows, b.why) for b in found] == [("app.letters", 2, None)]


def test_a_letter_to_an_address_in_use_goes_to_a_person() -> None:
    """A new customer has the address: no row is reached by it alone."""
    found = judged(
        erased("app.customers", "app.letters"),
        row(OWN_EMAIL, "A@b.example", key=9, began=NEW),
        row(LETTERS, "a@b.example"),
    )
    assert sorted((b.dataset, b.why) for b in found) == [
        ("app.customers", "since"),
        ("app.letters", "in-use"),
    ]


def test_kept_rows_that_point_to_somebody_count_only_when_thorough() -> None:
    """An invoice kept by duty names the customer's number for ever; after a restore it may name more."""
    assert judged(erased(), row(ORDERS, 5)) == ()
    assert [b.why for b in judged(erased(), row(ORDERS, 5), thorough=True)] == [None]


def test_a_declared_field_that_was_emptied_and_is_filled_again_counts() -> None:
    """The letter stayed, its address went: it is back."""
    assert [b.why for b in judged(erased("app.letters:email"), row(LETTERS, "a@b.example"))] == [None]
    assert judged(erased("app.letters:body"), row(LETTERS, "a@b.example")) == ()


def test_an_untouched_store_needs_no_dates() -> None:
    """Whoever states that nothing was written since the restore answers for it."""
    assert [b.why for b in judged(erased("app.customers"), row(OWN_KEY, 5, began=None), untouched=True)] == [
        None
    ]


def test_the_erasure_that_explains_a_row_best_counts() -> None:
    """Erased, signed up again, erased again: the row between came with the copy."""
    first = Erasure(plan="p", erased_at=OLD - timedelta(days=9), gone=("app.customers",))
    people = {**erased("app.customers"), 2: Erased(id=2, number=1, erasure=first)}
    gathering = Gathering(people)
    for number in (1, 2):
        gathering.take(Known(person=number, target=OWN_KEY, values=(5,), key=(5,), began=(OLD,)))
    assert [(b.person.id, b.why) for b in gathering.judged()] == [(1, None)]
