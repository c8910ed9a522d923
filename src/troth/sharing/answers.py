"""What answers to people need to know of recipients and disclosures; read off the register and the journal.

What must not be told (PDPA s21(4)) is left out everywhere here, without a trace in what is returned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Protocol

from troth.catalog.datamap import DataMap
from troth.people.typed import Identity
from troth.policy.model import Policy
from troth.sharing import journal, register
from troth.sharing.model import SORTS, Recipient

if TYPE_CHECKING:
    from troth.ledger.disclosures import DisclosureRecord
    from troth.ledger.ledger import Ledger


class Declared(Protocol):
    """A project, or the world a plan is made in."""

    @property
    def policy(self) -> Policy:
        """What is promised."""
        ...

    @property
    def datamap(self) -> DataMap:
        """Where data lives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One use or disclosure, as a person may be told."""

    at: datetime
    kind: str
    recipient: str
    """Empty for a use."""
    sort: str
    country: str
    purpose: str
    datasets: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """Where one category of data went (Civ. Code 1798.110(c), .115(a), .130(a)(5)): categories of third parties."""

    category: str
    sold: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    disclosed: tuple[str, ...] = ()
    """For a business purpose; service providers among them."""
    names: tuple[str, ...] = ()
    """The specific third parties (Oregon asks for them)."""
    purposes: tuple[str, ...] = ()


def recipients(
    ledger: Ledger, policy: Policy | Declared, at: datetime, identities: Collection[Identity] = ()
) -> tuple[Recipient, ...]:
    """Return who is given data (GDPR Art. 15(1)(c)), with country.

    Those given data at the instant; with identities, also those whom the journal says this person's data went to,
    however long ago.
    """
    declared = policy if isinstance(policy, Policy) else policy.policy
    every = register.read(ledger, declared)
    now = [one for one in every if one.on(at.date())]
    names = {one.name for one in now}
    for row in _tellable(journal.of(ledger, identities, None, at)):
        if row.recipient and row.recipient not in names:
            names.add(row.recipient)
            now.append(_of_row(row, every))
    return tuple(now)


def year(ledger: Ledger, identities: Collection[Identity], until: datetime) -> tuple[Told, ...]:
    """Return how a person's data was used or disclosed within the year before (PDPA s21(1)(b)), oldest first.

    The year is counted in days of the zone `until` is written in: it begins with the day of the same date a year
    before (29 February: the 28th), that whole day included, and ends with the instant.
    """
    return tuple(_told(row) for row in _tellable(journal.of(ledger, identities, year_before(until), until)))


def third_parties(
    ledger: Ledger, identities: Collection[Identity], since: datetime | None = None
) -> tuple[Went, ...]:
    """Return, for each category of data, to which categories of third parties it was sold, shared or disclosed."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for row in _tellable(journal.of(ledger, identities, since, None)):
        if row.kind == "use":
            continue
        for category in row.categories:
            part = found.setdefault(category, {})
            part.setdefault(row.kind, {})[row.sort or SORTS[row.role]] = None
            part.setdefault("purposes", {})[row.purpose] = None
            if row.role != "processor":
                part.setdefault("names", {})[row.recipient] = None
    return tuple(
        Went(
            category=category,
            sold=tuple(part.get("sale", ())),
            shared=tuple(part.get("share", ())),
            disclosed=tuple(part.get("disclosure", ())),
            names=tuple(part.get("names", ())),
            purposes=tuple(part.get("purposes", ())),
        )
        for category, part in sorted(found.items())
    )


def to_tell(
    ledger: Ledger,
    identities: Collection[Identity],
    datasets: Iterable[str],
    *,
    world: Declared | None = None,
    at: datetime | None = None,
    since: datetime | None = None,
) -> tuple[Recipient, ...]:
    """Return the recipients to be told that data was corrected, erased or restricted (GDPR Art. 19).

    Those whom the journal says data of this person and these datasets went to; with `world`, also those declared
    or entered as given what these datasets hold. Authorities that asked in a particular inquiry are no recipients
    (GDPR Art. 4(9)).

    Args:
        ledger: The ledger.
        identities: Of the person.
        datasets: What was changed; everything where it is empty.
        world: The project, for standing recipients; without it only those of the journal are named.
        at: The day on which they are given data; any day where it is left out.
        since: How far back; the PDPA asks for the year before the correction (s22(2)(b)): `year_before(at)`.
    """
    touched = frozenset(datasets)
    every = register.read(ledger, world.policy) if world else ()
    changed = _categories(world.datamap, touched) if world else frozenset()
    found: dict[str, Recipient] = {}
    if world:
        standing = (o for o in every if (at is None or o.on(at.date())) and o.role != "authority")
        found |= {one.name: one for one in standing if _given(one, changed, touched)}
    for row in _tellable(journal.of(ledger, identities, since, None)):
        if row.recipient and row.role != "authority" and _about(row, touched, changed):
            found.setdefault(row.recipient, _of_row(row, every))
    return tuple(found.values())


def year_before(until: datetime) -> datetime:
    """Return the beginning of the year before an instant, in days of the zone it is written in."""
    day = until.date()
    try:
        first = date(day.year - 1, day.month, day.day)
    except ValueError:
        first = date(day.year - 1, 2, 28)
    return datetime.combine(first, time(), until.tzinfo)


def _tellable(rows: Iterable[DisclosureRecord]) -> list[DisclosureRecord]:
    return [row for row in rows if not row.untold]


def _about(row: DisclosureRecord, touched: frozenset[str], changed: frozenset[str]) -> bool:
    """Tell whether an entry is about what was changed; one that names neither side is."""
    if not touched:
        return True
    if row.datasets:
        return bool(touched & set(row.datasets))
    return not changed or bool(changed & set(row.categories))


def _given(one: Recipient, changed: frozenset[str], touched: frozenset[str]) -> bool:
    """Tell whether a standing recipient gets some of it; one without categories may get anything."""
    return not touched or not one.categories or bool(changed & set(one.categories))


def _categories(datamap: DataMap, datasets: frozenset[str]) -> frozenset[str]:
    held: Mapping[str, object] = datamap.datasets
    return frozenset(c for name in datasets if name in held for c in datamap.datasets[name].fields)


def _of_row(row: DisclosureRecord, every: Iterable[Recipient]) -> Recipient:
    """Return the recipient an entry names: as the register has it, or as it was then."""
    there = [one for one in every if one.name == row.recipient]
    if there:
        return next((one for one in there if one.on(row.at.date())), there[-1])
    return Recipient(
        name=row.recipient,
        role=row.role,
        sort=row.sort,
        country=row.country,
        categories=row.categories,
        purposes=(row.purpose,),
    )


def _told(row: DisclosureRecord) -> Told:
    return Told(
        at=row.at,
        kind=row.kind,
        recipient=row.recipient,
        sort=(row.sort or SORTS[row.role]) if row.recipient else "",
        country=row.country,
        purpose=row.purpose,
        datasets=row.datasets,
        categories=row.categories,
    )
