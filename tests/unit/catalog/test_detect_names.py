"""What names announce."""

from __future__ import annotations

import pytest

from troth.catalog.detect import names
from troth.catalog.detect.kinds import Kind


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("billingAddr2", ("billing", "addr", "2")),
        ("FIRST_NAME", ("first", "name")),
        ("HTTPUserAgent", ("http", "user", "agent")),
        ("straße", ("strasse",)),
        ("Código Postal", ("codigo", "postal")),
        ("", ()),
    ],
)
def test_splitting(name: str, parts: tuple[str, ...]) -> None:
    """Snake, camel, capitals, accents and digits are all taken apart."""
    assert names.split(name) == parts


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("customerEmail", Kind.EMAIL),
        ("E-Mail", Kind.EMAIL),
        ("custfirstname", Kind.FIRST_NAME),
        ("lname", Kind.LAST_NAME),
        ("emergency_contact_phone", Kind.PHONE),
        ("lieferadresse_plz", Kind.POSTCODE),
        ("nombre_cliente", Kind.FULL_NAME),
        ("num_seguridad_social", Kind.NATIONAL_ID),
        ("Date Of Birth", Kind.BIRTH_DATE),
        ("geburtsdatum", Kind.BIRTH_DATE),
        ("last4", Kind.CARD),
        ("kontonummer", Kind.BANK),
        ("http_user_agent", Kind.USER_AGENT),
        ("codice_fiscale", Kind.NATIONAL_ID),
        ("voornaam", Kind.FIRST_NAME),
        ("phones", Kind.PHONE),
    ],
)
def test_announced(name: str, kind: Kind) -> None:
    """Names of several languages and spellings announce their kind."""
    assert names.hits(name)[0].kind is kind


@pytest.mark.parametrize(
    "name",
    [
        "email_verified",
        "is_email_confirmed",
        "phone_type",
        "address_id",
        "email_count",
        "num_emails",
    ],
)
def test_turned_by_other_words(name: str) -> None:
    """A word before or after can make the column about something else."""
    assert names.hits(name) == ()


@pytest.mark.parametrize(
    ("table", "is_person"),
    [
        ("customers", True),
        ("app.Users", True),
        ("customer_orders", False),
        ("Patienten", True),
        ("companies", False),
    ],
)
def test_tables_of_persons(table: str, is_person: bool) -> None:
    """The last word of a table's name says what a row stands for."""
    from troth.catalog.detect import words

    assert names.is_about(table, words.PERSON_TABLES) is is_person
