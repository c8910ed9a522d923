"""Weigh names, types, values and neighbours, and say what each column of a table probably holds.

Pure: takes a catalog and the profiles of sampled values, gives guesses with a confidence and reasons in words.
A reason names words of the schema and shares of samples, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.catalog.detect import names, words
from troth.catalog.detect.kinds import Kind
from troth.catalog.detect.names import Hit
from troth.catalog.detect.setting import PROVEN_BY_VALUES, TRAITS, VALUES_SAY, Setting, fits, settings
from troth.catalog.detect.values import Profile
from troth.catalog.model import Catalog, Column, ColumnKind, Table, TableKind

PERSONAL_FROM = 0.4
"""A guess of less confidence than this is not worth a line in a draft."""

CERTAIN, UNCERTAIN = 0.85, 0.35
_MUST_MATCH = {Kind.EMAIL: 0.3, Kind.IP: 0.3}
"""Where values have one shape, fewer matches than this speak against the name."""

_HEADINGS = frozenset({"subject", "text", "content", "question", "answer"})
"""What people write themselves in a table of messages, however few differ."""
_AUTHORS = frozenset("composer author director writer photographer editor translator performer autor".split())  # noqa: SIM905
_AMOUNTS = frozenset(
    """total amount price cost quantity qty sum count cents fee tax vat discount rate percent weight size length
    betrag preis menge anzahl importe precio cantidad total montant prix duration bytes stock score rating units
    milliseconds seconds minutes hours subtotal""".split()  # noqa: SIM905
)
_STATES = frozenset(
    "status state type kind category level priority stage phase role currency unit mode".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What one column probably holds."""

    table: str
    """The table's name within its store."""
    column: str
    kind: Kind
    confidence: float
    """From 0 to 1."""
    reasons: tuple[str, ...] = ()
    """Why, in words; never a value."""

    @property
    def category(self) -> str | None:
        """Return the category proposed; None where the column is not personal by itself."""
        return self.kind.category

    @property
    def is_personal(self) -> bool:
        """Tell whether a draft lists the column as personal."""
        return self.category is not None and self.confidence >= PERSONAL_FROM


def guess(catalog: Catalog, profiles: Mapping[tuple[str, str], Profile]) -> tuple[Guess, ...]:
    """Judge every column of every table that holds rows.

    Args:
        catalog: The live structure.
        profiles: What sampled values look like, by (table, column); those not sampled are left out.
    """
    tables = [t for t in catalog.tables.values() if t.kind not in (TableKind.PARTITION, TableKind.SHADOW)]
    found = settings(catalog, profiles)
    return tuple(
        _judge(table, column, found[table.name], profiles.get((table.name, column.name), Profile()))
        for table in tables
        for column in table.columns
    )


def _judge(table: Table, column: Column, setting: Setting, profile: Profile) -> Guess:
    if setting.bookkeeping:
        return _none(table, column, "the table is a framework's own bookkeeping")
    candidates = [*_by_values(column, profile), *_by_name(table, column, setting, profile)]
    candidates += _by_shape(column, setting, profile)
    merged = _merge(candidates)
    if merged and merged[0][1] >= PERSONAL_FROM:
        kind, confidence, reasons = merged[0]
        return Guess(
            table=table.name,
            column=column.name,
            kind=kind,
            confidence=round(confidence, 2),
            reasons=reasons,
        )
    return _impersonal(table, column)


Candidate = tuple[Kind, float, str]


def _merge(candidates: Iterable[Candidate]) -> list[tuple[Kind, float, tuple[str, ...]]]:
    """Join what speaks for the same kind: doubts multiply."""
    doubts: dict[Kind, float] = {}
    reasons: dict[Kind, list[str]] = {}
    for kind, weight, reason in candidates:
        doubts[kind] = doubts.get(kind, 1.0) * (1.0 - weight)
        reasons.setdefault(kind, []).append(reason)
    found = [(kind, min(0.99, 1.0 - doubt), tuple(reasons[kind])) for kind, doubt in doubts.items()]
    return sorted(found, key=lambda item: -item[1])


def _by_values(column: Column, profile: Profile) -> list[Candidate]:
    if column.kind is ColumnKind.INET:
        return [(Kind.IP, 0.97, "the type is an IP address")]
    if not profile.seen:
        return []
    found = []
    for kind, weight in PROVEN_BY_VALUES.items():
        share = profile.share(kind)
        needed = 0.95 if kind in (Kind.CARD, Kind.NATIONAL_ID) and profile.numeric > 0.9 else VALUES_SAY
        if share >= needed and profile.seen >= (ENOUGH_DIGITS if profile.numeric > 0.9 else 1):
            sure = weight if profile.enough else weight * 0.7
            found.append((kind, sure, f"{share:.0%} of {profile.seen} samples look like {_a(kind)}"))
    return found


ENOUGH_DIGITS = 12
"""Plain digits pass a check digit by chance: one in ten does."""


def _a(kind: Kind) -> str:
    return f"{'an' if kind.value[0] in 'aeiAEI' else 'a'} {kind.value}"


def _by_name(table: Table, column: Column, setting: Setting, profile: Profile) -> list[Candidate]:
    if _is_reference(table, column) and not _is_natural_key(column):
        return []
    hits = names.hits(column.name)
    sure = [hit for hit in hits if hit.certain]
    found = [c for hit in sure or hits if (c := _weighed(hit, column, setting, profile))]
    own = frozenset(hit.kind for hit in hits)
    is_amount = column.kind in (ColumnKind.NUMBER, ColumnKind.INTEGER) and _AMOUNTS & {
        *names.split(column.name)
    }
    if is_amount and setting.linked and names.table_words(table.name) & words.PAY_TABLES:
        found.append((Kind.PAY, 0.7, "an amount in a table of pay that leads to a person"))
    if profile.keys:
        inside = {
            h.kind: key for key in profile.keys for h in names.hits(key) if h.certain and h.kind.category
        }
        found += [
            (kind, 0.7, "JSON objects have a key that says so")
            for kind in list(inside)[:1]
            if kind not in own
        ]
    return found


def _weighed(hit: Hit, column: Column, setting: Setting, profile: Profile) -> Candidate | None:
    if not fits(column, hit.kind):
        return None
    weight = CERTAIN if hit.certain else UNCERTAIN + _context(hit, setting, profile)
    weight += _correction(hit, column, setting, profile)
    if weight <= 0:
        return None
    return hit.kind, min(weight, 0.95), f"the name says `{hit.phrase}`"


def _is_reference(table: Table, column: Column) -> bool:
    single_keys = {key.columns[0] for key in table.foreign_keys if len(key.columns) == 1}
    return column.name in single_keys or table.primary_key == (column.name,)


def _is_natural_key(column: Column) -> bool:
    """See whether a key's name announces an identity: an e-mail address or social security number as key."""
    natural = {
        Kind.EMAIL,
        Kind.PHONE,
        Kind.USERNAME,
        Kind.NATIONAL_ID,
        Kind.TAX_ID,
        Kind.MEMBER_NUMBER,
        Kind.DOCUMENT,
    }
    return any(hit.certain and hit.kind in natural for hit in names.hits(column.name))


_ADDRESS = frozenset({Kind.STREET, Kind.CITY, Kind.POSTCODE})


def _context(hit: Hit, setting: Setting, profile: Profile) -> float:
    """Say how far the table and the values bear out a name that means several things."""
    match hit.kind:
        case Kind.FULL_NAME:
            return _name_context(hit, setting, profile)
        case Kind.STREET:
            return _street_context(hit, setting)
        case Kind.CITY | Kind.REGION:
            if profile.states > 0.3:
                return -0.35
            near = setting.has & (_ADDRESS | {Kind.COUNTRY})
            return 0.4 if near and not setting.place else -0.2
        case Kind.JOB:
            return 0.35 if setting.is_person else -0.35
        case Kind.HEALTH:
            return 0.3 if setting.is_person or Kind.HEALTH in setting.has else -0.1
        case Kind.AGE | Kind.HANDLE | Kind.PHOTO | Kind.PAY | Kind.COMPANY | Kind.PREFERENCE:
            return 0.3 if setting.is_person and not setting.organisation else -0.1
        case Kind.USERNAME:
            return 0.3 if setting.about_people and profile.numeric < 0.5 and profile.distinct > 3 else -0.1
        case Kind.FREE_TEXT:
            return _text_context(hit, setting, profile)
        case Kind.VISITED | Kind.USER_AGENT | Kind.COOKIE:
            return 0.25 if setting.tracking or Kind.IP in setting.has else -0.1
        case Kind.CARD:
            return 0.3 if Kind.CARD in setting.has else -0.35
        case _:
            return 0.0


def _name_context(hit: Hit, setting: Setting, profile: Profile) -> float:
    if hit.modifier:
        is_person = hit.modifier in words.PEOPLE_MODIFIERS
        return 0.4 if is_person else (0.2 if profile.given_names > 0.3 else -0.35)
    if hit.phrase in _AUTHORS:
        return 0.15 if profile.numeric < 0.5 and profile.words > 1 else -0.2
    if hit.phrase.endswith((" by", " to")) or hit.phrase.startswith(("creator", "resp", "bearb", "sachb")):
        return 0.15 if profile.numeric < 0.5 and profile.distinct > 1 else -0.2
    if setting.organisation:
        return -0.35
    if setting.is_person:
        return 0.5
    if profile.enough and profile.share(Kind.FULL_NAME) > 0.35:
        return 0.35
    return -0.2


def _street_context(hit: Hit, setting: Setting) -> float:
    near = setting.has & {Kind.CITY, Kind.POSTCODE}
    if hit.phrase.startswith("addres") or hit.phrase.startswith("adres"):
        return -0.1 if setting.place else (0.45 if setting.about_people or near else 0.15)
    return 0.35 if near and Kind.STREET in setting.has and not setting.place else -0.2


def _text_context(hit: Hit, setting: Setting, profile: Profile) -> float:
    if profile.enough and (profile.numeric > 0.5 or profile.tokens > 0.5):
        return -0.3
    if setting.messages:
        return 0.35 if hit.phrase in _HEADINGS or not profile.enough or profile.distinct > 5 else -0.2
    if profile.enough and profile.distinct <= 5:
        return -0.3
    wordy = profile.words >= 4
    return 0.25 if setting.about_people and (wordy or not profile.enough) else (-0.05 if wordy else -0.2)


def _correction(hit: Hit, column: Column, setting: Setting, profile: Profile) -> float:
    """Let values, place and type speak against (or for) a name."""
    kind, by = hit.kind, 0.0
    if (
        setting.place
        and not setting.is_person
        and kind in _ADDRESS | {Kind.REGION, Kind.COUNTRY, Kind.GEO, Kind.PHONE}
    ) or (setting.organisation and not setting.is_person and kind in _ADDRESS | {Kind.REGION, Kind.COUNTRY}):
        by -= 0.5
    elif kind in (Kind.COUNTRY, Kind.REGION, Kind.CITY, Kind.GEO) and not setting.about_people:
        by -= 0.0 if setting.has & {Kind.STREET, Kind.POSTCODE, Kind.IP, Kind.EMAIL, Kind.DEVICE} else 0.5
    if kind in (Kind.COMPANY, Kind.PREFERENCE, Kind.FREE_TEXT, Kind.JOB, Kind.PHOTO) and hit.certain:
        by -= 0.0 if setting.about_people or setting.messages or setting.has & set(TRAITS) else 0.35
    if kind is Kind.COMPANY and setting.organisation:
        by -= 0.6
    if not profile.enough:
        return by
    return by + _value_correction(kind, column, profile)


def _value_correction(kind: Kind, column: Column, profile: Profile) -> float:
    needed = _MUST_MATCH.get(kind)
    if needed is not None and profile.share(kind) < needed:
        return -0.2 if profile.tokens > 0.6 else -0.5
    people = (Kind.FIRST_NAME, Kind.LAST_NAME, Kind.FULL_NAME, Kind.CITY, Kind.COUNTRY, Kind.STREET, Kind.JOB)
    if kind in people and kind is not Kind.STREET and profile.numeric > 0.5:
        return -0.6
    if kind is Kind.PHONE and column.kind is ColumnKind.TEXT and profile.phone_shaped < 0.2:
        return -0.15 if profile.digits > 0.5 else -0.5
    if kind in (Kind.FIRST_NAME, Kind.FULL_NAME) and profile.given_names > 0.2:
        return 0.1
    if kind is Kind.GENDER and profile.distinct > 15:
        return -0.5
    if kind is Kind.POSTCODE and profile.digits < 0.3:
        return -0.5
    if kind is Kind.BIRTH_DATE and column.kind is ColumnKind.TEXT and profile.digits < 0.5:
        return -0.5
    return 0.0


def _by_shape(column: Column, setting: Setting, profile: Profile) -> list[Candidate]:
    """Find what only values show: unnamed long texts, names of people in a column of another name."""
    if column.kind not in (ColumnKind.TEXT, ColumnKind.OTHER, ColumnKind.JSON) or not profile.enough:
        return []
    found: list[Candidate] = []
    varied = profile.distinct > 0.5 * profile.seen
    if profile.contacts_inside > 0.02 and not profile.keys:
        reason = f"{profile.contacts_inside:.0%} of samples have an e-mail address or phone number inside"
        found.append((Kind.FREE_TEXT, 0.75, reason))
    if profile.words >= 6 and varied and (setting.about_people or setting.messages):
        found.append((Kind.FREE_TEXT, 0.45, f"long, varied text ({profile.words:.0f} words on average)"))
    if profile.share(Kind.FULL_NAME) > 0.5 and profile.words < 4 and not setting.organisation:
        reason = f"{profile.share(Kind.FULL_NAME):.0%} of samples look like a person's name"
        found.append((Kind.FULL_NAME, 0.5, reason))
    elif profile.given_names > 0.6 and profile.words < 2 and setting.is_person:
        found.append((Kind.FIRST_NAME, 0.5, f"{profile.given_names:.0%} of samples are common given names"))
    if setting.is_person and profile.years and _spans_lives(*profile.years):
        found.append((Kind.BIRTH_DATE, 0.45, "dates spread over decades in a table of persons"))
    return found


def _spans_lives(first: int, last: int) -> bool:
    return 1900 <= first < 1980 and last < 2015 and last - first > 25


def _none(table: Table, column: Column, reason: str, kind: Kind = Kind.OTHER) -> Guess:
    return Guess(table=table.name, column=column.name, kind=kind, confidence=0.8, reasons=(reason,))


def _impersonal(table: Table, column: Column) -> Guess:
    """Say what a column is that holds nothing personal by itself."""
    parts = frozenset(names.split(column.name))
    if _is_reference(table, column) or column.kind is ColumnKind.UUID or parts & {"id", "uuid", "guid"}:
        return _none(table, column, "a key or reference", Kind.TECHNICAL_ID)
    if column.kind in (ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ, ColumnKind.TIME):
        return _none(table, column, "a point in time", Kind.TIME)
    if column.kind is ColumnKind.BOOLEAN:
        return _none(table, column, "a flag", Kind.FLAG)
    if column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER) or parts & _AMOUNTS:
        return _none(table, column, "a number that identifies nobody", Kind.AMOUNT)
    if column.kind is ColumnKind.ENUM or parts & _STATES:
        return _none(table, column, "a state or type", Kind.STATUS)
    return _none(table, column, "neither name nor values look personal")
