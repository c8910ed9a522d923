"""Which columns may hold a copy of a wrong value, and which values fit."""

from __future__ import annotations

import pytest

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, Table
from troth.people.kinds import Family
from troth.problems import BadInput
from troth.rights import rectify

MAP = DataMap.model_validate(
    {
        "stores": {"app": {"url": "x"}},
        "subjects": {
            "customer": {
                "dataset": "app.customers",
                "key": "id",
                "identities": {"email": {"field": "email", "verified": "proven"}},
            },
            "lead": {"dataset": "app.leads", "key": "id", "identities": {"work-email": "mail"}},
        },
        "datasets": {
            "app.customers": {"fields": {"contact": ["email", "phone"], "identity": ["name"]}},
            "app.orders": {
                "fields": {"contact": [{"name": "ship", "of": "payer"}, "note"]},
                "free-text": ["note"],
            },
            "app.leads": {"fields": {"lead": ["mail"]}},
        },
    }
)


def table(name: str, *columns: str) -> Table:
    """Make a table of texts."""
    made = tuple(Column(name=c, kind=ColumnKind.TEXT) for c in columns)
    return Table(name=name, table=name, columns=made)


CATALOGS = {
    "app": Catalog(
        store="app",
        dialect="sqlite",
        tables={
            "customers": table("customers", "id", "email", "phone", "name", "proven"),
            "orders": table("orders", "id", "ship", "note"),
            "leads": table("leads", "id", "mail"),
        },
    )
}


def test_copies_are_of_the_kind_or_the_category() -> None:
    """The field comes first, then its category, then identities of its kind; free text never."""
    wrong = rectify.field(MAP, "app.customers.email")
    assert (wrong.family, wrong.verified) == (Family.EMAIL, "proven")
    found = [(c.dataset, c.column, c.role) for c in rectify.copies(MAP, CATALOGS, wrong)]
    assert found == [
        ("app.customers", "email", ""),
        ("app.customers", "phone", ""),
        ("app.orders", "ship", "payer"),
        ("app.leads", "mail", ""),
    ]
    assert [c.column for c in rectify.texts(MAP)] == ["note"]


def test_an_unknown_field_is_named_with_the_nearest() -> None:
    """A slip of the pen gets the name that was meant."""
    with pytest.raises(BadInput) as caught:
        rectify.field(MAP, "app.customers.emial")
    assert caught.value.problems[0].nearest == "app.customers.email"


def test_a_value_that_does_not_fit_is_not_repeated() -> None:
    """An address must be one; nothing and several lines are none."""
    wrong = rectify.field(MAP, "app.customers.email")
    assert rectify.value(MAP, wrong, "ada@example.org\n") == "ada@example.org"
    for text in ("no address", "", "a@example.org\nb@example.org"):
        with pytest.raises(BadInput) as caught:
            rectify.value(MAP, wrong, text)
        assert text == "" or text not in str(caught.value.problems)


def test_a_column_says_what_it_cannot_take() -> None:
    """Generated, too narrow, and a closed list of values."""
    narrow = Column(name="c", kind=ColumnKind.TEXT, length=3)
    assert "3 characters" in rectify.unfit(narrow, "long")
    assert rectify.unfit(narrow, "ok") == ""
    assert rectify.unfit(Column(name="c", kind=ColumnKind.TEXT, generated=True), "x")
    assert rectify.unfit(Column(name="c", kind=ColumnKind.ENUM, choices=("a",)), "b")
