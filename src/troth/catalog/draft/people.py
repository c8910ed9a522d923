"""Which tables have one row per person, and how the rows of all others reach them.

Decides for a draft only: every choice is written down with its reason, and a person corrects it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from troth.catalog.detect import Guess, Survey, names
from troth.catalog.detect.kinds import Kind
from troth.catalog.draft import ways
from troth.catalog.draft.ways import Step, Way
from troth.catalog.model import ColumnKind, Table

_TELLING = (
    *(
        Kind.EMAIL,
        Kind.PHONE,
        Kind.USERNAME,
        Kind.NATIONAL_ID,
        Kind.FIRST_NAME,
        Kind.LAST_NAME,
        Kind.FULL_NAME,
    ),
    *(Kind.BIRTH_DATE, Kind.TAX_ID, Kind.MEMBER_NUMBER, Kind.DOCUMENT, Kind.SECRET),
)
_EXTENSIONS = frozenset(
    """profile detail details info setting settings address preference preferences data extra meta account
    perfil profil login identity contact_info bankverbindung""".split()  # noqa: SIM905
)
_STAFF = frozenset(
    """employee staff worker colleague agent doctor arzt nurse physician therapist teacher admin administrator
    operator technician driver mitarbeiter angestellter empleado medico salarie dipendente medewerker owner manager
    rep crew coach author""".split()  # noqa: SIM905
)
_BOOKKEEPING = re.compile(
    r"(creat|updat|modif|delet|approv|assign|manag|super|review|handl|process|sales|account|support|own|report|edit|"
    r"enter|verif|lead|parent|invit|refer|bearbeit|erstell|geandert|rep|mentor)"
)
"""Beginnings of words for people who dealt with a row rather than those it is about."""
_KEY_WORDS = frozenset({"id", "key", "no", "nr", "fk", "uuid"})
_IDENTITY_NAMES = {
    Kind.EMAIL: "email",
    Kind.PHONE: "phone",
    Kind.USERNAME: "username",
    Kind.NATIONAL_ID: "national-id",
    Kind.TAX_ID: "tax-id",
    Kind.MEMBER_NUMBER: "member-number",
    Kind.HANDLE: "handle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A column that finds a subject."""

    name: str
    column: str
    verified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of person and the table that has one row for each."""

    kind: str
    table: str
    key: tuple[str, ...]
    reason: str
    identities: tuple[Identity, ...] = ()
    residence: str = ""
    born: str = ""
    is_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a table's rows reach people."""

    subject: tuple[str, ...] = ()
    """Items of `subject:`."""
    owned_by: str = ""
    reason: str = ""
    others: tuple[str, ...] = ()
    """Ways not taken, to be looked at."""
    columns: frozenset[str] = field(default_factory=frozenset)
    """Own columns the ways use."""


def subjects(survey: Survey) -> tuple[Subject, ...]:
    """Choose the tables of persons: identities of their own, a key, and no other person they merely describe."""
    known = ways.steps(survey)
    tables = survey.catalog.tables
    likely = {
        name
        for name, table in tables.items()
        if survey.settings[name].is_person and table.writable and table.primary_key and _telling(survey, name)
    }
    chosen = [name for name in likely if not _describes_another(tables[name], likely - {name}, known[name])]
    chosen += [n for n in tables if n not in chosen and n not in likely and _stands_alone(survey, n, known)]
    pointed_at = {name: len(survey.catalog.referrers.get(name, ())) for name in chosen}
    taken: set[str] = set()
    found = []
    for name in sorted(chosen, key=lambda n: (_is_staff(n), -pointed_at[n], n)):
        found.append(_subject(survey, name, pointed_at[name], taken))
    return tuple(found)


def reaches(survey: Survey, people: Sequence[Subject]) -> Mapping[str, Reach]:
    """Find for every table the ways to people worth writing down; tables without one are left out."""
    known = ways.steps(survey)
    homes = {subject.table: subject for subject in people}
    found: dict[str, Reach] = {}
    for name, table in survey.catalog.tables.items():
        if name in homes or not table.writable:
            continue
        reach = _reach(table, list(ways.ways(name, list(homes), known)), homes)
        if reach or (reach := _owned(survey, name, homes)):
            found[name] = reach
    return found


def _telling(survey: Survey, name: str) -> int:
    kinds = {g.kind for g in survey.guesses if g.table == name and g.is_personal and g.kind in _TELLING}
    return len(kinds)


def _describes_another(table: Table, others: set[str], known: Sequence[Step]) -> bool:
    """See whether a table only adds to another table of persons: same key, unique reference, or `…_profile`."""
    keys = {table.primary_key, *table.uniques}
    for step in known:
        if step.target not in others or step.by_value:
            continue
        nullable = any((c := table.column(n)) is None or c.nullable for n in step.columns)
        if step.columns in keys and not nullable:
            return True
        parts = names.split(step.columns[0])
        exact = bool(frozenset(parts[:-1]) & names.table_words(step.target)) and len(parts) == 2
        if exact and names.table_words(table.name) & _EXTENSIONS and (not nullable or not step.declared):
            return True
    return False


def _stands_alone(survey: Survey, name: str, known: Mapping[str, Sequence[Step]]) -> bool:
    """Take a table with an e-mail address, a key and no way to anybody else for people of its own: leads, guests."""
    table = survey.catalog.tables[name]
    if not table.writable or not table.primary_key or known[name]:
        return False
    own = {g.kind for g in survey.guesses if g.table == name and g.is_personal}
    named = bool(own & {Kind.FULL_NAME, Kind.LAST_NAME})
    return bool(own & {Kind.EMAIL, Kind.PHONE}) and (named or not survey.settings[name].organisation)


def _is_staff(name: str) -> bool:
    return bool(names.table_words(name) & _STAFF)


def _subject(survey: Survey, name: str, pointed_at: int, taken: set[str]) -> Subject:
    table = survey.catalog.tables[name]
    own = [g for g in survey.guesses if g.table == name and g.is_personal]
    telling = sorted({g.kind.value for g in own if g.kind in _TELLING})
    kind = _kind_name(name, taken)
    return Subject(
        kind=kind,
        table=name,
        key=table.primary_key,
        reason=f"has {', '.join(telling)}; foreign keys that point at it: {pointed_at}",
        identities=tuple(_identities(table, own)),
        residence=next((g.column for g in own if g.kind is Kind.COUNTRY), ""),
        born=next((g.column for g in own if g.kind is Kind.BIRTH_DATE), ""),
        is_staff=_is_staff(name),
    )


def _identities(table: Table, own: Sequence[Guess]) -> Iterator[Identity]:
    taken: set[str] = set()
    for guess in own:
        if guess.kind not in _IDENTITY_NAMES:
            continue
        plain = _IDENTITY_NAMES[guess.kind]
        name = plain if plain not in taken else _slug(guess.column, plain)
        if name in taken:
            continue
        taken.add(name)
        yield Identity(name=name, column=guess.column, verified=_verified(table, guess.column))


def _verified(table: Table, column: str) -> str:
    mine = names.split(column)
    for other in table.columns:
        parts = [p for p in names.split(other.name) if p not in ("is", "at", "on")]
        if tuple(parts[:-1]) == mine and parts[-1] in ("verified", "confirmed", "verificado", "bestatigt"):
            return other.name if other.kind is not ColumnKind.TEXT else ""
    return ""


def _kind_name(table: str, taken: set[str]) -> str:
    parts = [p for p in names.split(table.rpartition(".")[2]) if not p.isdigit()]
    parts = parts[1:] if len(parts) > 1 and parts[0] in ("tbl", "tb", "t", "dim", "tab") else parts
    last = next((s for s in _singular_forms(parts[-1]) if s), parts[-1]) if parts else "person"
    base = "-".join([*parts[:-1], last]) or "person"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name


def _singular_forms(word: str) -> Iterator[str]:
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes")):
        yield word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


def _slug(column: str, default: str) -> str:
    return "-".join(names.split(column)) or default


def _reach(table: Table, found: list[Way], homes: Mapping[str, Subject]) -> Reach | None:
    if not found:
        return None
    direct = [w for w in found if len(w) == 1 and not _is_bookkeeping(table, w[0])]
    mains = [w for w in direct if not homes[w[0].target].is_staff] or direct
    if len(mains) > 1 and len({w[0].target for w in mains}) == 1 and not _names_target(mains):
        return Reach(
            subject=tuple(f"{_role(w[0])} via {ways.words(w)}" for w in mains),
            reason="several references to the same kind of person: shared rows",
            columns=frozenset(c for w in mains for c in w[0].columns),
        )
    best = min(found, key=lambda w: _rank(table, w, homes))
    kind = homes[best[-1].target].kind
    others = tuple(f"{homes[w[-1].target].kind} via {ways.words(w)}" for w in found if w != best)
    only = len(found) == 1 and all(step.declared for step in best)
    return Reach(
        subject=(kind if only else f"{kind} via {ways.words(best)}",),
        reason=_why(best, only=only),
        others=others[:5],
        columns=frozenset(best[0].columns),
    )


def _rank(table: Table, way: Way, homes: Mapping[str, Subject]) -> tuple[bool, bool, int, bool, str]:
    """Prefer ways to the people served over staff, then short ways, then those whose column names the target."""
    named = bool(frozenset(names.split(way[0].columns[0])) & names.table_words(way[0].target))
    return (
        _is_bookkeeping(table, way[0]),
        homes[way[-1].target].is_staff,
        len(way),
        not named,
        way[0].columns[0],
    )


def _why(way: Way, *, only: bool) -> str:
    if way[0].by_value:
        return "no key leads there, but the values are the same"
    if any(not step.declared for step in way):
        return "no foreign key, but name and values match"
    return "the only foreign keys that lead to a person" if only else "the shortest of several ways"


def _is_bookkeeping(table: Table, step: Step) -> bool:
    parts = [p for p in names.split(step.columns[0]) if p not in names.table_words(step.target)]
    telling = [p for p in parts if p not in _KEY_WORDS]
    return bool(telling) and bool(_BOOKKEEPING.match(telling[0])) and step.target != table.name


def _names_target(mains: Sequence[Way]) -> bool:
    """See whether one reference is simply `customer_id`: then the others play another part."""
    return any(
        frozenset(names.split(way[0].columns[0])) <= names.table_words(way[0].target) | _KEY_WORDS
        for way in mains
    )


def _role(step: Step) -> str:
    parts = [p for p in names.split(step.columns[0]) if p not in _KEY_WORDS]
    own = [p for p in parts if p not in names.table_words(step.target)] or parts
    return "-".join(own) or "person"


def _owned(survey: Survey, name: str, homes: Mapping[str, Subject]) -> Reach | None:
    """Find a table of persons that points here: `customers.address_id`."""
    has_personal = any(g.table == name and g.is_personal for g in survey.guesses)
    if not has_personal:
        return None
    for home, subject in homes.items():
        for key in survey.catalog.tables[home].foreign_keys:
            if (
                key.target == name
                and len(key.columns) == 1
                and not _BOOKKEEPING.match(key.columns[0].lower())
            ):
                via = f"{subject.kind} via {home}.{key.columns[0]}"
                return Reach(
                    owned_by=via, reason="rows of persons point here", columns=frozenset(key.target_columns)
                )
    return None
