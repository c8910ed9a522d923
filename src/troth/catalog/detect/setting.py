"""What a table's rows stand for: persons, organisations, messages, tracks; and what its columns can hold.

First half of the judgement: `judge` weighs single columns in the light of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from troth.catalog.detect import names, words
from troth.catalog.detect.kinds import Kind
from troth.catalog.detect.values import Profile
from troth.catalog.model import Catalog, Column, ColumnKind, Table

VALUES_SAY = 0.75
"""Share of samples that makes values alone speak for a kind."""

PROVEN_BY_VALUES = {
    Kind.EMAIL: 0.97,
    Kind.IP: 0.95,
    Kind.BANK: 0.97,
    Kind.NATIONAL_ID: 0.85,
    Kind.CARD: 0.9,
    Kind.PHONE: 0.85,
    Kind.DEVICE: 0.9,
    Kind.SECRET: 0.95,
    Kind.USER_AGENT: 0.9,
    Kind.HANDLE: 0.6,
    Kind.GEO: 0.85,
    Kind.STREET: 0.75,
}
"""How sure matching values make, whatever the name."""

_CELLS = {
    ColumnKind.BOOLEAN: {Kind.PREFERENCE, Kind.HEALTH, Kind.FAMILY, Kind.BELIEF, Kind.GENDER},
    ColumnKind.DATE: {Kind.BIRTH_DATE},
    ColumnKind.DATETIME: {Kind.BIRTH_DATE},
    ColumnKind.DATETIME_TZ: {Kind.BIRTH_DATE},
    ColumnKind.TIME: set(),
    ColumnKind.INET: {Kind.IP},
    ColumnKind.BYTES: {
        Kind.PHOTO,
        Kind.SIGNATURE,
        Kind.BIOMETRIC,
        Kind.SECRET,
        Kind.FREE_TEXT,
        Kind.DOCUMENT,
        Kind.IP,
    },
    ColumnKind.UUID: {Kind.DEVICE, Kind.COOKIE, Kind.SECRET},
    ColumnKind.NUMBER: {
        Kind.GEO,
        Kind.PAY,
        Kind.HEALTH,
        Kind.AGE,
        Kind.PHONE,
        Kind.CARD,
        Kind.NATIONAL_ID,
        Kind.BANK,
    },
}
"""Kinds a column of this type can hold; types not named can hold any."""
_CELLS[ColumnKind.INTEGER] = _CELLS[ColumnKind.NUMBER] | {
    *(Kind.POSTCODE, Kind.FAMILY, Kind.TAX_ID, Kind.MEMBER_NUMBER, Kind.DOCUMENT, Kind.BIRTH_DATE, Kind.IP),
    *(Kind.HANDLE, Kind.PREFERENCE, Kind.STREET, Kind.SECRET, Kind.GENDER, Kind.COOKIE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known of a table before its columns are judged."""

    person: float
    """From 0 to 1: has it one row per person?"""
    organisation: bool
    place: bool
    messages: bool
    tracking: bool
    linked: bool
    """Do its rows lead to a table of persons?"""
    bookkeeping: bool
    has: frozenset[Kind] = field(default_factory=frozenset)
    """Kinds its other columns announce beyond doubt."""

    @property
    def is_person(self) -> bool:
        """Tell whether it has one row per person."""
        return self.person >= 0.5

    @property
    def about_people(self) -> bool:
        """Tell whether its rows concern people."""
        return self.is_person or self.linked


def settings(catalog: Catalog, profiles: Mapping[tuple[str, str], Profile]) -> Mapping[str, Setting]:
    """Tell for every table what its rows stand for."""
    announced = {name: _announced(table, profiles) for name, table in catalog.tables.items()}
    persons = {
        name: 0.0 if names.is_bookkeeping(name) else _person_score(table, announced[name])
        for name, table in catalog.tables.items()
    }
    linked = _linked(catalog, {name for name, score in persons.items() if score >= 0.5})
    return {
        name: Setting(
            person=persons[name],
            organisation=names.is_about(name, words.ORGANISATION_TABLES),
            place=names.is_about(name, words.PLACE_TABLES),
            messages=bool(names.table_words(name) & frozenset(words.MESSAGE_TABLES)),
            tracking=bool(names.table_words(name) & frozenset(words.TRACKING_TABLES)),
            linked=name in linked,
            bookkeeping=names.is_bookkeeping(name),
            has=announced[name],
        )
        for name in catalog.tables
    }


def _announced(table: Table, profiles: Mapping[tuple[str, str], Profile]) -> frozenset[Kind]:
    found: set[Kind] = set()
    for column in table.columns:
        found |= {hit.kind for hit in names.hits(column.name) if hit.certain and fits(column, hit.kind)}
        seen = profiles.get((table.name, column.name), Profile())
        found |= {kind for kind in PROVEN_BY_VALUES if seen.enough and seen.share(kind) >= VALUES_SAY}
    return frozenset(found)


TRAITS = (
    *(Kind.FIRST_NAME, Kind.LAST_NAME, Kind.FULL_NAME, Kind.EMAIL, Kind.PHONE, Kind.BIRTH_DATE, Kind.GENDER),
    *(Kind.NATIONAL_ID, Kind.USERNAME, Kind.SECRET, Kind.SALUTATION),
)


def _person_score(table: Table, announced: frozenset[Kind]) -> float:
    score = 0.5 if names.is_about(table.name, words.PERSON_TABLES) else 0.0
    score += 0.15 * len(announced & frozenset(TRAITS))
    if {Kind.FIRST_NAME, Kind.LAST_NAME} <= announced:
        score += 0.3
    if names.is_about(table.name, words.ORGANISATION_TABLES):
        score -= 0.3
    pairs = {key.columns for key in table.foreign_keys}
    is_link = len(table.columns) <= 4 and len(pairs) >= 2
    return 0.0 if is_link or not announced else max(0.0, min(1.0, score))


def _linked(catalog: Catalog, persons: set[str]) -> set[str]:
    """Find the tables whose foreign keys, or columns named for a person, lead to one."""
    found = set(persons)
    words_of_persons = frozenset(words.PERSON_TABLES) | {w for p in persons for w in names.table_words(p)}
    for name, table in catalog.tables.items():
        if any(_names_person(column, words_of_persons) for column in table.columns):
            found.add(name)
    while True:
        more = {
            name
            for name, table in catalog.tables.items()
            if name not in found and any(key.target in found for key in table.foreign_keys)
        }
        if not more:
            return found
        found |= more


def _names_person(column: Column, vocabulary: frozenset[str]) -> bool:
    parts = names.split(column.name)
    return (
        len(parts) >= 2 and parts[-1] in ("id", "no", "nr", "key", "uuid", "ref") and parts[-2] in vocabulary
    )


def fits(column: Column, kind: Kind) -> bool:
    """Tell whether a column of this type can hold this kind."""
    return kind in _CELLS.get(column.kind, {kind})
