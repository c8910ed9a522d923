"""The parts of an answer as far as they can be worked out: from policy, data map, package, register and journal.

What nobody declared is not made up: such a part is missing, and a person has to write it (`--part`). Where a law
asks for what is known and nothing is known, the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.app.project import Project
from troth.cases import kinds
from troth.cases.case import Case
from troth.cases.which import covers
from troth.laws import answers as book
from troth.laws import shelf
from troth.ledger.ledger import Ledger
from troth.letters.data import Section
from troth.letters.model import Route, Table
from troth.people.typed import Identity
from troth.rights import export
from troth.sharing import answers as sharing

BASES = {
    "consent": "your consent",
    "contract": "a contract with you",
    "legal-obligation": "a legal obligation",
    "vital-interests": "vital interests",
    "public-task": "a task in the public interest",
    "legitimate-interests": "legitimate interests",
}
SAFEGUARDS = {
    "adequacy": "a decision that the country protects data enough",
    "standard-clauses": "standard contractual clauses",
    "binding-rules": "binding corporate rules",
    "consent": "your explicit consent",
    "contract": "necessary for a contract with you",
    "none": "none",
}
UNSAID = "not said"
EVENTS = {
    "purposes.end": "the last purpose has ended",
    "opted.out": "you opt out",
    "last.interaction": "your last contact with us",
    "last.contact": "your last contact with us",
    "account.closed": "your account is closed",
    "transaction.made": "the transaction",
    "collected": "it was collected",
}
"""Events of rules, as a letter has them."""
_EVENT = re.compile(r"\b([a-z]+)\.([a-z]+)\b")
AUTOMATED = ("automated", "automated-decision", "automated-decisions", "profiling")
"""Kinds of statement of a policy that say whether machines decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was found of a person, and what an answer is made from."""

    project: Project
    case: Case
    rows: Mapping[str, int]
    """Rows handed out, by dataset."""
    identities: tuple[Identity, ...]
    at: datetime
    contact: str
    """Where people reach us."""
    withheld: bool = False
    """Something of what was found is not handed out."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of what was found."""
        datasets = self.project.datamap.datasets
        found = (c for name, rows in self.rows.items() if rows for c in datasets[name].fields)
        return tuple(dict.fromkeys(found))

    def called(self, category: str) -> str:
        """Return a category as the policy names it."""
        known = self.project.policy.categories.get(category)
        return (known.label if known else "") or category.replace("-", " ")


def sections(held: Held, ledger: Ledger, own: Mapping[str, Sequence[str]]) -> tuple[Section, ...]:
    """Return every part that can be written, in the order of the list of parts; what people wrote goes first.

    Args:
        held: What was found.
        ledger: With recipients and the journal of disclosures.
        own: Parts that a person wrote, paragraph by paragraph.
    """
    found = []
    for part in book.book().parts:
        if part in own:
            found.append(
                Section(part=part, heading=HEADINGS.get(part, part.capitalize()), text=tuple(own[part]))
            )
        elif (made := _made(part, held, ledger)) is not None:
            found.append(made)
    return tuple(found)


def routes(held: Held, own: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> tuple[Route, ...]:
    """Return the ways open to a person, of those an answer or refusal must name."""
    found = []
    for part in wanted:
        if part in own and part in _ROUTES:
            found.append(Route(part=part, name=HEADINGS[part], how=" ".join(own[part])))
        elif part == "authority":
            found += _authorities(held)
        elif part in _ROUTES and (made := _route(part, held)) is not None:
            found.append(made)
    return tuple(found)


HEADINGS = {
    "confirmation": "Whether we hold data about you",
    "copy": "Your data",
    "purposes": "What we use it for",
    "categories": "Which kinds of data we hold",
    "recipients": "Who receives it",
    "third-parties": "Which kind of data went to whom",
    "storage": "How long we keep it",
    "rights": "Your rights",
    "source": "Where it came from",
    "automated": "Whether machines decide",
    "safeguards": "What protects it in other countries",
    "year-of-uses": "Uses and disclosures of the last year",
    "machine-readable": "A form that other systems can read",
    "record-kept": "What we keep of this request",
    "authority": "Where you can complain",
    "controller-complaint": "How you can complain to us",
    "judicial": "Courts",
    "appeal": "How you can appeal",
    "statement": "Your own statement",
    "opt-out": "Opting out of sale",
}
_ROUTES = frozenset({"authority", "controller-complaint", "judicial", "appeal", "statement", "opt-out"})


def _made(part: str, held: Held, ledger: Ledger) -> Section | None:
    heading = HEADINGS.get(part, "")
    match part:
        case "confirmation":
            rows = sum(held.rows.values())
            return Section(part=part, heading=heading, text=(f"Yes: we found {rows} entries about you.",))
        case "copy":
            says = "The package has your data as it stands in our systems"
            says += ", except for what this letter names as withheld." if held.withheld else "."
            return Section(part=part, heading=heading, text=(says,))
        case "machine-readable":
            says = "The package has your data as JSON and as CSV, which other systems can read."
            return Section(part=part, heading=heading, text=(says,))
        case "categories":
            return _items(part, [held.called(one) for one in held.categories])
        case "record-kept":
            says = "We keep a record of your request and of our answer, as the law asks, and use it for nothing else."
            return Section(part=part, heading=heading, text=(says,))
        case "rights":
            return _items(part, [f"{one}." for one in _rights(held.case)])
        case _ if part in _TABLES:
            return _TABLES[part](held, ledger)
        case _:
            return None


def _items(part: str, items: Sequence[str]) -> Section | None:
    return Section(part=part, heading=HEADINGS[part], items=tuple(items)) if items else None


def _table(part: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Section | None:
    if not rows:
        return None
    return Section(part=part, heading=HEADINGS[part], table=Table(headings=headings, rows=tuple(rows)))


def _rights(case: Case) -> Iterator[str]:
    packs = [shelf.load(law) for law in case.laws]
    for kind in kinds.ALL.values():
        if any(kind.right(pack) for pack in packs):
            yield kind.says


def _purposes(held: Held, _ledger: Ledger) -> Section | None:
    mine = set(held.categories)
    rows = []
    for name, purpose in held.project.policy.purposes.items():
        used = [one for one in purpose.uses if one in mine] if purpose.uses else list(held.categories)
        if used:
            basis = BASES.get(purpose.basis or "", UNSAID)
            rows.append((purpose.label or name.replace("-", " "), ", ".join(map(held.called, used)), basis))
    if all(basis == UNSAID for _, _, basis in rows):
        return _table("purposes", ("Purpose", "Data"), [row[:2] for row in rows])
    return _table("purposes", ("Purpose", "Data", "Legal basis"), rows)


def _recipients(held: Held, ledger: Ledger) -> Section | None:
    found = sharing.recipients(ledger, held.project.policy, held.at, held.identities)
    rows = [
        (
            one.name,
            one.called,
            one.country or UNSAID,
            ", ".join(map(held.called, one.categories)) or "any",
        )
        for one in found
    ]
    return _table("recipients", ("Recipient", "What it is", "Country", "Data"), rows)


def _third_parties(held: Held, ledger: Ledger) -> Section | None:
    found = sharing.third_parties(ledger, held.identities)
    if not found:
        says = "Our journal has no sale, sharing or disclosure of your data to third parties."
        return Section(part="third-parties", heading=HEADINGS["third-parties"], text=(says,))
    rows = [
        (held.called(one.category), ", ".join(one.sold), ", ".join(one.shared), ", ".join(one.disclosed))
        for one in found
    ]
    return _table("third-parties", ("Data", "Sold to", "Shared with", "Disclosed to"), rows)


def _storage(held: Held, _ledger: Ledger) -> Section | None:
    policy, datasets = held.project.policy, held.project.datamap.datasets
    classes: dict[str, None] = {}
    for name, rows in held.rows.items():
        if rows:
            classes |= dict.fromkeys([datasets[name].kept_as or "", *datasets[name].fields])
    rows_ = [
        (policy.retention[one].label or held.called(one), _events(export.ends(policy.retention[one])))
        for one in classes
        if one in policy.retention
    ]
    return _table("storage", ("Data", "Kept"), rows_)


def _events(text: str) -> str:
    """Say events as people do."""
    for event, words in EVENTS.items():
        text = text.replace(event, words)
    return _EVENT.sub(r"\1 \2", text)


def _source(held: Held, _ledger: Ledger) -> Section | None:
    datasets = held.project.datamap.datasets
    whence: dict[str, dict[str, None]] = {}
    for name, count in held.rows.items():
        if count:
            said = datasets[name].source
            from_ = _SOURCES.get(said, said) or "we have no record of where it came from"
            whence.setdefault(from_, {}).update(dict.fromkeys(map(held.called, datasets[name].fields)))
    rows = [(", ".join(what), from_) for from_, what in whence.items()]
    return _table("source", ("Data", "Came from"), rows)


_SOURCES = {"person": "you", "observed": "your use of our services", "inferred": "worked out from other data"}


def _automated(held: Held, _ledger: Ledger) -> Section | None:
    said = [one.what for one in held.project.policy.statements.values() if one.kind in AUTOMATED]
    return Section(part="automated", heading=HEADINGS["automated"], text=tuple(said)) if said else None


def _safeguards(held: Held, ledger: Ledger) -> Section | None:
    rows = [
        (one.to, SAFEGUARDS.get(one.safeguard or "", UNSAID))
        for one in held.project.policy.transfers.values()
    ]
    if rows:
        return _table("safeguards", ("Country", "What protects it"), rows)
    if _countries(held, ledger) != {held.case.residence.removeprefix("EU-")[:2]}:
        return None
    says = "Your data stays in the country where you live."
    return Section(part="safeguards", heading=HEADINGS["safeguards"], text=(says,))


def _countries(held: Held, ledger: Ledger) -> set[str]:
    """Return where the data is as far as it is declared; a place nobody declared is empty."""
    stores = {one.located or "" for one in held.project.datamap.stores.values()}
    there = sharing.recipients(ledger, held.project.policy, held.at, held.identities)
    return {one[:2] for one in (*stores, *(each.country or "" for each in there))}


def _year(held: Held, ledger: Ledger) -> Section | None:
    found = sharing.year(ledger, held.identities, held.case.received)
    if not found:
        says = "Our journal has no use or disclosure of your data in the year before your request."
        return Section(part="year-of-uses", heading=HEADINGS["year-of-uses"], text=(says,))
    rows = [
        (one.at.date().isoformat(), one.kind, one.recipient or "ourselves", one.purpose.replace("-", " "))
        for one in found
    ]
    return _table("year-of-uses", ("Day", "What", "Who", "Purpose"), rows)


_TABLES = {
    "purposes": _purposes,
    "recipients": _recipients,
    "third-parties": _third_parties,
    "storage": _storage,
    "source": _source,
    "automated": _automated,
    "safeguards": _safeguards,
    "year-of-uses": _year,
}


def _authorities(held: Held) -> Iterator[Route]:
    """Name the authority of every law: where the person lives if it is law there, else at its own place."""
    lives = held.case.residence
    packs = [shelf.load(law) for law in held.case.laws]
    places = [lives if covers(pack, lives) else pack.places[0] for pack in packs] or [lives]
    how = "You can complain there about how we handle your data or your request."
    for one in dict.fromkeys(book.authority(place) for place in places):
        if one is not None:
            yield Route(part="authority", name=one.name, how=how, contact=one.contact)


def _route(part: str, held: Held) -> Route | None:
    own = held.contact
    match part:
        case "judicial":
            return Route(part=part, name="A court", how="You can bring the matter before a court.")
        case "controller-complaint":
            soon = "; we confirm it within 30 days" if "uk-gdpr" in held.case.laws else ""
            how = f"You can complain to us{soon}, and we tell you what came of it."
            return Route(part=part, name="Us", how=how, contact=own) if own else None
        case "appeal":
            how = "You can appeal to us against this decision; somebody else looks at it again."
            return Route(part=part, name="An appeal to us", how=how, contact=own) if own else None
        case "statement":
            how = "You can give us a statement of your own, which we attach to the data."
            return Route(part=part, name="Your statement", how=how, contact=own) if own else None
        case _:
            how = "You can tell us not to sell or share your data."
            return Route(part=part, name="Opting out of sale", how=how, contact=own) if own else None
