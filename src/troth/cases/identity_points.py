"""Which facts on file may prove who somebody is, and whether what they said is the same.

Pure. Facts are identities and personal fields of the person's own row, as the data map declares them; never a
sensitive one (11 CCR 7060(c)(3)), never one that is guessed at once, never one whose truth is in dispute (7060(h)).
Compared in normal form; nothing is told but whether they match.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from troth.catalog.datamap import DataMap, Dataset, Subject
from troth.catalog.detect import names
from troth.catalog.detect.kinds import Kind
from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.places import region_of
from troth.problems import Problem, nearest

SENSITIVE = frozenset(
    {
        *(Kind.NATIONAL_ID, Kind.DOCUMENT, Kind.TAX_ID, Kind.PHOTO, Kind.SIGNATURE, Kind.SECRET),
        *(Kind.CARD, Kind.BANK, Kind.PAY, Kind.GEO, Kind.FAMILY, Kind.GENDER),
        *(Kind.HEALTH, Kind.BELIEF, Kind.ORIGIN, Kind.ORIENTATION, Kind.BIOMETRIC, Kind.CRIME),
    }
)
GUESSED = frozenset(
    {
        *(Kind.SALUTATION, Kind.COUNTRY, Kind.REGION, Kind.NATIONALITY, Kind.AGE),
        *(Kind.FREE_TEXT, Kind.PREFERENCE, Kind.FLAG, Kind.STATUS),
    }
)
"""Too few values to prove anything, or nothing anybody could repeat."""
SENSITIVE_WORDS = re.compile(
    r"special|sensitiv|health|medical|biometric|genetic|financ|payment|bank|card|passw|secret|criminal|relig|"
    r"politic|ethnic|race|sexual|passport|licen[cs]e|ssn|social[-_ ]?security|nric|national[-_ ]?id",
    re.IGNORECASE,
)
SHORTEST = 3
"""Letters and digits of the shortest value that counts: a country code proves nothing."""
NO_POINT = frozenset({Family.IP, Family.DEVICE})
"""Shared, or sent by a machine without the person knowing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A column of the person's own row that may be asked about."""

    name: str
    """How it is named on the command line."""
    subject: str
    dataset: str
    column: str
    family: Family = Family.OTHER
    region: str = ""
    verified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A fact as somebody stated it, by its place in the list."""

    fact: str
    value: str


def facts(datamap: DataMap, disputed: Collection[str] = ()) -> tuple[Fact, ...]:
    """List every fact that may be asked about, of every kind of subject; the names of one column stand apart."""
    found = (
        fact
        for name, subject in datamap.subjects.items()
        for fact in _of(datamap, name, subject)
        if not {fact.name.lower(), fact.column.lower()} & {one.lower() for one in disputed}
    )
    return tuple(found)


def asked_about(found: Sequence[Fact]) -> tuple[str, ...]:
    """Name the facts for a letter, each column once."""
    columns: dict[tuple[str, str], str] = {}
    for fact in found:
        columns.setdefault((fact.dataset, fact.column), fact.name.replace("_", " ").replace("-", " "))
    return tuple(dict.fromkeys(columns.values()))


def faults(given: Sequence[Given], found: Sequence[Fact]) -> Iterator[Problem]:
    """Yield everything that is wrong with facts somebody stated; never a value."""
    valid = tuple(dict.fromkeys(fact.name for fact in found))
    for one in given:
        if one.fact.lower() not in {name.lower() for name in valid}:
            yield Problem(
                code="bad-proof",
                message="This fact may not be asked about, or is in no row of a person.",
                found=one.fact,
                valid=valid,
                nearest=nearest(one.fact, valid),
                hint="Sensitive facts, those in dispute and those anybody guesses prove nothing here.",
            )
    if not given:
        yield Problem(code="bad-proof", message="No fact was given.", valid=valid, hint="Write kind:value.")


def compared(
    given: Sequence[Given], found: Sequence[Fact], rows: Sequence[tuple[str, Mapping[str, object]]]
) -> tuple[bool, ...]:
    """Say for each column asked about whether it matches; a column stated twice counts once.

    Args:
        given: What somebody stated.
        found: The facts there are.
        rows: The person's own rows: dataset and values by column.
    """
    answers: dict[tuple[str, str], bool] = {}
    for one in given:
        named = [fact for fact in found if fact.name.lower() == one.fact.lower()]
        columns = [(fact, values) for fact in named for dataset, values in rows if dataset == fact.dataset]
        same = any(_same(fact, one.value, values.get(fact.column)) for fact, values in columns)
        # Which of several rows it is in must not count twice.
        where = (named[0].dataset, named[0].column) if named else ("", one.fact)
        answers[where] = answers.get(where, True) and same
    return tuple(answers.values())


def sensitive(column: str, category: str = "") -> bool:
    """Tell whether a column holds something that may never be asked for as proof."""
    hit = {one.kind for one in names.hits(column)}
    return bool(hit & SENSITIVE) or bool(SENSITIVE_WORDS.search(f"{column} {category}"))


def _of(datamap: DataMap, name: str, subject: Subject) -> Iterator[Fact]:
    region, mapped = region_of(datamap, subject.dataset), datamap.datasets.get(subject.dataset)
    for kind, identity in subject.identities.items():
        family = kinds.family(kind)
        if family not in NO_POINT and not _excluded(identity.field, kind, mapped):
            yield Fact(
                name=kind,
                subject=name,
                dataset=subject.dataset,
                column=identity.field,
                family=family,
                region=region,
                verified=identity.verified,
            )
    for category, several in (mapped.fields if mapped else {}).items():
        for one in several:
            plain = not one.path and one.whose is None
            if plain and not _excluded(one.name, category, mapped):
                yield Fact(
                    name=one.name, subject=name, dataset=subject.dataset, column=one.name, region=region
                )
    if len(subject.key) == 1 and kinds.BY_KEY not in subject.identities:
        key = subject.key[0]
        yield Fact(
            name=kinds.BY_KEY, subject=name, dataset=subject.dataset, column=key, family=Family.ACCOUNT
        )


def _excluded(column: str, category: str, mapped: Dataset | None) -> bool:
    hit = {one.kind for one in names.hits(column)}
    free = mapped is not None and column in mapped.free_text
    return free or bool(hit & GUESSED) or sensitive(column, category)


def _same(fact: Fact, given: str, stored: object) -> bool:
    if stored is None:
        return False
    if fact.family in kinds.TOGETHER:
        wanted = normal.normal(fact.family, given, fact.region)
        return wanted is not None and wanted == normal.normal(fact.family, str(stored), fact.region)
    wanted, held = _plain(given), _plain(stored)
    least = 1 if fact.family is Family.ACCOUNT else SHORTEST
    return len(held) >= least and wanted == held


def _plain(value: object) -> str:
    """Leave letters and digits, without case, width or punctuation; of an instant its day."""
    if isinstance(value, datetime):
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())
