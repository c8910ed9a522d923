"""Find people in text: their identities however they are written, their keys and their full names, with positions.

Pure. What a text holds is taken out by one pass for each kind of identity and looked up, so that the work grows
with the text and not with the number of people. Keys and names are found as whole words; a number of fewer than six
digits only where the text names it (`customer=7`, `/customers/7`), for it may be anything else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

from troth.people import kinds, normal
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.stores.files.sieving import Sieve

ERASED = "[erased]"
SHORTEST = 4
"""Letters of the shortest key or name that is looked for in text."""
OUTRIGHT = 6
"""Digits of the shortest number that is a key wherever it stands."""
FEWEST_DIGITS = 7
How = Literal["exact", "normalised", "hashed", "name"]

_LOCAL = r"\w.!#$%&'*+/=?^`{|}~-"
_EMAIL = re.compile(rf"[{_LOCAL}]{{1,128}}(?:@|%40)[\w.-]{{1,255}}")
_INSIDE = re.compile(r"[!#$&'*/=?^`{|}~]|%(?!2[Bb])[0-9A-Fa-f]{2}")
"""What may stand in the local part of an address, and more often stands before one: `email=ada@example.org`."""
_PHONE = re.compile(r"(?<![\w])\(?\+?\(?\d(?:[\s().\-/\u00a0\u2010-\u2013]{0,3}\d){6,24}(?!\w)")
_GROUP = re.compile(r"\d+")
_IP4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)")
_IP6 = re.compile(
    r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])"
)
_HEX = re.compile(r"(?<![0-9a-zA-Z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9a-zA-Z])")
_WORD = re.compile(r"\w+(?:-\w+)*")
_PIECE = re.compile(r"[^\W_]+")
MOST_PIECES = 12
"""Pieces of a word joined by hyphens or underscores that are looked at in every combination."""
_KEY = re.compile(r"\w(?:[\w-]*\w)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Somebody in a text."""

    start: int
    end: int
    people: frozenset[int]
    kind: str
    how: How


@dataclass(slots=True)
class Wanted:
    """What is looked for, by kind, with the people it means."""

    emails: dict[str, set[int]] = field(default_factory=dict)
    phones: dict[str, set[int]] = field(default_factory=dict)
    ips: dict[str, set[int]] = field(default_factory=dict)
    hashes: dict[str, set[int]] = field(default_factory=dict)
    keys: dict[str, set[int]] = field(default_factory=dict)
    """Whole words."""
    odd: dict[str, set[int]] = field(default_factory=dict)
    """Keys that are no single word, as `auth0|5f7c`."""
    numbers: dict[str, set[int]] = field(default_factory=dict)
    """Short numbers, which count where the text names them."""
    named: set[str] = field(default_factory=set)
    """What names them: the kind of subject and its dataset."""
    names: dict[str, dict[tuple[str, ...], set[int]]] = field(default_factory=dict)
    """Full names as words, by their first word."""

    def add(self, family: Family | None, value: object, person: int, *, region: str = "") -> None:
        """Want a value of a family."""
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        form = normal.normal(family, text, region) if family is not None else None
        match family:
            case Family.EMAIL:
                forms = normal.spellings(family, form) if form else (text.strip().lower(),)
                for one in forms:
                    self.emails.setdefault(one, set()).add(person)
            case Family.PHONE if form:
                for one in normal.spellings(family, form, region):
                    digits = one.removeprefix("+")
                    if len(digits) >= FEWEST_DIGITS:
                        self.phones.setdefault(digits, set()).add(person)
            case Family.IP if form:
                self.ips.setdefault(form, set()).add(person)
            case _:
                self._key(text.strip(), person)

    def _key(self, text: str, person: int) -> None:
        if text.isascii() and text.isdigit() and len(text) < OUTRIGHT:
            self.numbers.setdefault(text, set()).add(person)
        elif len(text) >= SHORTEST:
            whole = _KEY.fullmatch(text) is not None
            (self.keys if whole else self.odd).setdefault(text.lower(), set()).add(person)

    def name(self, text: str, person: int) -> None:
        """Want a full name: at least two words, or one would be anybody's."""
        words = tuple(word.casefold() for word in _WORD.findall(text))
        if len(words) > 1 and sum(map(len, words)) >= SHORTEST:
            self.names.setdefault(words[0], {}).setdefault(words, set()).add(person)


def wanted(manifest: Manifest) -> Wanted:
    """List all that the people of a manifest are recognised by: identities, keys, full names."""
    made = Wanted()
    for person in manifest.people:
        for identity in person.identities:
            made.add(kinds.family(identity.match), identity.value, person.number)
        for name in person.names:
            made.name(name, person.number)
    for entry in manifest.entries:
        add_entry(made, entry, manifest)
    return made


def add_entry(made: Wanted, entry: Entry, manifest: Manifest) -> None:
    """Want the values of one entry; a key of several columns is recognised nowhere in text."""
    if len(entry.columns) != 1:
        return
    made.named |= {entry.subject.lower(), entry.dataset.rpartition(".")[2].lower()}
    for person, (value,) in manifest.rows(entry.number):
        made.add(entry.family, value, person, region=entry.region)


def sieve(looked_for: Wanted) -> Sieve:
    """Make what tells quickly that nothing of this is in a text."""
    made = Sieve()
    for text in looked_for.emails:
        made.email(text)
    for text in looked_for.phones:
        made.phone(text)
    for text in looked_for.ips:
        made.ip(text)
    for text in (*looked_for.hashes, *looked_for.keys, *looked_for.odd, *looked_for.numbers):
        made.word(text)
    for names in looked_for.names.values():
        for words in names:
            made.word(" ".join(words))
    return made


class Spotter:
    """Look for what is wanted."""

    def __init__(self, looked_for: Wanted) -> None:
        self.wanted = looked_for
        self.sieve = sieve(looked_for)
        self._odd = _alternatives(looked_for.odd)
        words = "|".join(sorted(map(re.escape, looked_for.named), key=len, reverse=True))
        label = rf"(?<![^\W_])(?:{words})s?(?:[ _-]?(?:id|no|nr|number|key))?"
        number = rf"[\"']?\s*[=:/#]\s*[\"']?(\d{{1,{OUTRIGHT - 1}}})(?!\w)"
        self._numbers = re.compile(label + number, re.IGNORECASE) if words and looked_for.numbers else None
        passes: list[tuple[object, Callable[[str], Iterator[Spot]]]] = [
            (looked_for.emails, self._emails),
            (looked_for.phones, self._phones),
            (looked_for.ips, self._ips),
            (looked_for.hashes, self._hashes),
        ]
        self._passes = [one for needed, one in passes if needed]

    def identities(self, text: str) -> Iterator[Spot]:
        """Yield every e-mail address, phone number, IP address and hash that is somebody's."""
        for one in self._passes:
            yield from one(text)

    def loose(self, text: str) -> Iterator[Spot]:
        """Yield every key and full name: certain only where the text is known to be the person's."""
        yield from self._keys(text)
        if self.wanted.names:
            yield from self._names(text)

    def scrub(self, text: str, people: frozenset[int], *, fill: bool = False) -> str:
        """Put a mark in place of everything by which some people are recognised.

        Args:
            text: The text.
            people: Whose identities, keys and names go; those of others stay.
            fill: Put as many asterisks as there were bytes, so that the text keeps its length.
        """
        found = [spot for each in (self.identities(text), self.loose(text)) for spot in each]
        return replaced(text, [spot for spot in found if spot.people & people], fill=fill)

    def strangers(self, text: str, people: frozenset[int]) -> bool:
        """Tell whether somebody besides these people stands in a text: one of those at hand, or any address."""
        found = [*self.identities(text), *self.loose(text)]
        if any(spot.people - people for spot in found):
            return True
        mine = [(spot.start, spot.end) for spot in found]
        return any(
            not any(start < one.end() and one.start() < end for start, end in mine)
            for one in _EMAIL.finditer(text)
        )

    def _emails(self, text: str) -> Iterator[Spot]:
        if "@" not in text and "%40" not in text:
            return
        for found in _EMAIL.finditer(text):
            raw = found[0].rstrip(".-_")
            local = max(raw.rfind("@"), raw.rfind("%40"))
            starts = [0, *(m.end() for m in _INSIDE.finditer(raw, 0, local))]
            for start in starts:
                people, exact = self._email(raw[start:])
                if people:
                    begin = found.start() + start
                    yield _spot(begin, found.start() + len(raw), people, "email", exact)
                    break

    def _email(self, raw: str) -> tuple[set[int] | None, bool]:
        plain = unquote(raw) if "%" in raw else raw
        people = self.wanted.emails.get(plain)
        if people:
            return people, plain == raw
        if plain.isascii():
            return self.wanted.emails.get(plain.lower()), False
        form = normal.normal(Family.EMAIL, plain)
        return (self.wanted.emails.get(form) if form else None), False

    def _phones(self, text: str) -> Iterator[Spot]:
        for found in _PHONE.finditer(text):
            groups = list(_GROUP.finditer(text, found.start(), found.end()))
            yield from self._numbered(text, groups)

    def _numbered(self, text: str, groups: list[re.Match[str]]) -> Iterator[Spot]:
        """Look for a number in groups of digits that may have others beside them."""
        first = 0
        while first < len(groups):
            step = 1
            for last in range(len(groups), first, -1):
                digits = "".join(g[0] for g in groups[first:last])
                people = self.wanted.phones.get(digits)
                if people:
                    start = groups[first].start()
                    start -= text[start - 1 : start] == "+"
                    how = text[start : groups[last - 1].end()] == f"+{digits}"
                    yield _spot(start, groups[last - 1].end(), people, "phone", how)
                    step = last - first
                    break
            first += step

    def _ips(self, text: str) -> Iterator[Spot]:
        for found in (
            *_IP4.finditer(text),
            *(_IP6.finditer(text) if "::" in text or text.count(":") > 6 else ()),
        ):
            try:
                address = ipaddress.ip_address(found[0])
            except ValueError:
                continue
            mapped = getattr(address, "ipv4_mapped", None)
            form = str(mapped or address)
            people = self.wanted.ips.get(form)
            if people:
                yield _spot(found.start(), found.end(), people, "ip", found[0] == form)

    def _hashes(self, text: str) -> Iterator[Spot]:
        for found in _HEX.finditer(text):
            people = self.wanted.hashes.get(found[0].lower())
            if people:
                start, end = found.span()
                yield Spot(start=start, end=end, people=frozenset(people), kind="email", how="hashed")

    def _keys(self, text: str) -> Iterator[Spot]:
        if self.wanted.keys:
            for found in _KEY.finditer(text):
                yield from self._key(found.start(), found[0])
        if self._odd:
            for found in self._odd.finditer(text):
                yield _spot(*found.span(), self.wanted.odd[found[0].lower()], "id", True)
        if self._numbers:
            for found in self._numbers.finditer(text):
                people = self.wanted.numbers.get(found[1])
                if people:
                    yield _spot(*found.span(1), people, "id", True)

    def _key(self, start: int, word: str) -> Iterator[Spot]:
        """Look a word up, and its parts where it is several joined by hyphens or underscores."""
        people = self.wanted.keys.get(word.lower())
        if people:
            yield _spot(start, start + len(word), people, "id", True)
            return
        parts = [part.span() for part in _PIECE.finditer(word)] if "-" in word or "_" in word else []
        for number, (first, _) in enumerate(parts[:MOST_PIECES]):
            for _, last in parts[number:MOST_PIECES]:
                people = self.wanted.keys.get(word[first:last].lower())
                if people:
                    yield _spot(start + first, start + last, people, "id", True)

    def _names(self, text: str) -> Iterator[Spot]:
        words = list(_WORD.finditer(text))
        folded = [word[0].casefold() for word in words]
        for number, first in enumerate(folded):
            for name, people in self.wanted.names.get(first, {}).items():
                last = number + len(name) - 1
                if tuple(folded[number : last + 1]) == name and _close(text, words[number : last + 1]):
                    start, end = words[number].start(), words[last].end()
                    yield Spot(start=start, end=end, people=frozenset(people), kind="name", how="name")


def replaced(text: str, spots: list[Spot], *, fill: bool = False) -> str:
    """Put a mark in the place of every spot; of spots that overlap the joint stretch goes."""
    stretches: list[list[int]] = []
    for spot in sorted(spots, key=lambda s: s.start):
        if stretches and spot.start < stretches[-1][1]:
            stretches[-1][1] = max(stretches[-1][1], spot.end)
        else:
            stretches.append([spot.start, spot.end])
    parts: list[str] = []
    at = 0
    for start, end in stretches:
        size = len(text[start:end].encode(errors="surrogateescape"))
        parts += [text[at:start], "*" * size if fill else ERASED]
        at = end
    return "".join((*parts, text[at:]))


def _close(text: str, words: list[re.Match[str]]) -> bool:
    """Tell whether the words of a name follow each other with no more than a space, dot or comma between."""
    return all(re.fullmatch(r"[\s.,+_]{1,4}", text[a.end() : b.start()]) for a, b in pairwise(words))


def _alternatives(odd: Mapping[str, object]) -> re.Pattern[str] | None:
    if not odd:
        return None
    longest = sorted(map(re.escape, odd), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", re.IGNORECASE)


def _spot(start: int, end: int, people: set[int], kind: str, exact: bool) -> Spot:
    how: How = "exact" if exact else "normalised"
    return Spot(start=start, end=end, people=frozenset(people), kind=kind, how=how)
