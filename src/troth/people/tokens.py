"""What a recheck looks for: every form in which somebody may still stand in a store.

Pure. Identities are looked for as written, in their normal form, and as the usual hashes of both (MD5, SHA-1,
SHA-256, in hexadecimal); names and keys only in rows that are the person's already, for others share them. Stores
hand every text that may match to `Tokens.look`; databases pass over by themselves what cannot (`scan_patterns`).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

from troth.people import extraction, kinds, normal
from troth.people.entries import Entry
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity

How = Literal["exact", "normalised", "hashed", "name"]
HASHES = ("md5", "sha1", "sha256")
SHORTEST_KEY = 4
"""Characters of the shortest key that is looked for in text: shorter ones stand in any sentence."""
KEY = "id"
NAME = "name"
_NUMERIC = frozenset({Family.PHONE, Family.IP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One text to look for."""

    text: str
    """As `extraction.extract` gives it: an address in lower case, a phone number's digits, an IP address, a hash."""
    kind: str
    how: Literal["normalised", "hashed"]
    person: int
    written: tuple[str, ...] = ()
    """How the people's own rows write it: found so, it is found exactly."""


class Seen(NamedTuple):
    """A form of somebody that a text shows."""

    kind: str
    how: How


class Spot(NamedTuple):
    """A form of somebody that a text shows, and who of the people at hand it may be."""

    seen: Seen
    who: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Everything to look for."""

    of: tuple[Token, ...] = field(repr=False)
    manifest: Manifest = field(repr=False)
    """For names and keys, which are looked for only in rows already reached."""

    def by_text(self) -> Mapping[str, Token]:
        """Map each text to the first token with it."""
        return self._by_text

    @cached_property
    def _by_text(self) -> Mapping[str, Token]:
        found: dict[str, Token] = {}
        for token in self.of:
            found.setdefault(token.text, token)
        return found

    @cached_property
    def _several(self) -> Mapping[str, frozenset[int]]:
        """Map the texts that several of the people at hand have to all of them."""
        found: dict[str, set[int]] = {}
        for token in self.of:
            first = self._by_text[token.text].person
            if token.person != first:
                found.setdefault(token.text, {first}).add(token.person)
        return {text: frozenset(people) for text, people in found.items()}

    @cached_property
    def shapes(self) -> extraction.Shapes:
        """Say which kinds of text are worth picking out."""
        return extraction.shapes(self._by_text)

    @cached_property
    def _near(self) -> Mapping[int, tuple[tuple[Seen, re.Pattern[str]], ...]]:
        keys = _keys(self.manifest.entries)
        return {person.number: tuple(_of_rows(person, keys)) for person in self.manifest.people}

    @property
    def short_keys(self) -> bool:
        """Tell whether somebody has a key that is too short to look for."""
        keys = _keys(self.manifest.entries)
        return any(
            len(text) < SHORTEST_KEY for person in self.manifest.people for text in _key_texts(person, keys)
        )

    def look(self, text: str) -> tuple[Seen, ...]:
        """Tell what of the people a text shows, wherever it stands."""
        return tuple(dict.fromkeys(one.seen for one in self.spot(text)))

    def spot(self, text: str) -> tuple[Spot, ...]:
        """Tell what of the people a text shows, and of whom."""
        known = self._by_text
        found = (known[one] for one in extraction.extract(text, self.shapes) if one in known)
        return tuple(dict.fromkeys(Spot(Seen(t.kind, _how(t, text)), self._who(t)) for t in found))

    def _who(self, token: Token) -> frozenset[int]:
        return self._several.get(token.text) or frozenset({token.person})

    def look_near(self, person: int, text: str) -> tuple[Seen, ...]:
        """Tell which names and keys of one person a text of the person's own row shows, as whole words."""
        return tuple(dict.fromkeys(one.seen for one in self.spot_near(person, text)))

    def spot_near(self, person: int, text: str) -> tuple[Spot, ...]:
        """Tell the same, each as the person's."""
        plain, who = extraction.plain(text), frozenset({person})
        return tuple(Spot(seen, who) for seen, one in self._near.get(person, ()) if one.search(plain))


def tokens(manifest: Manifest) -> Tokens:
    """List the tokens of a manifest; one for each form of each identity."""
    regions = tuple(dict.fromkeys(entry.region for entry in manifest.entries))
    return Tokens(
        of=tuple(
            token for person in manifest.people for token in _of(person, manifest.entries, regions or ("",))
        ),
        manifest=manifest,
    )


def _of(person: Person, entries: tuple[Entry, ...], regions: tuple[str, ...]) -> Iterable[Token]:
    written = _as_written(person, entries)
    for identity in person.identities:
        family = kinds.family(identity.match)
        if family not in kinds.TOGETHER:
            yield from _unique(identity.match.rstrip("/"), identity.value, person)
            continue
        own = tuple(dict.fromkeys((identity.value, *written.get((family, identity.value), ()))))
        for text in dict.fromkeys(_spelt(family, identity, regions)):
            yield Token(text=text, kind=identity.match, how="normalised", person=person.number, written=own)
        if family is Family.EMAIL:
            for text in _hashed(identity, own):
                yield Token(text=text, kind=identity.match, how="hashed", person=person.number)
    for text in _key_texts(person, _keys(entries)):
        yield from _unique(KEY, text, person)


def _unique(kind: str, text: str, person: Person) -> Iterator[Token]:
    """Look for a UUID everywhere: nobody else has it, however it is written."""
    try:
        one = uuid.UUID(text)
    except ValueError:
        return
    for form in (str(one), one.hex):
        yield Token(text=form, kind=kind, how="normalised", person=person.number, written=(text,))


def _as_written(person: Person, entries: tuple[Entry, ...]) -> Mapping[tuple[Family, str], tuple[str, ...]]:
    """Map normal forms to how the people's own rows write them."""
    found: dict[tuple[Family, str], tuple[str, ...]] = {}
    for entry in entries:
        if entry.family is None:
            continue
        for values in person.values.get(entry.number, ()):
            text = str(values[0])
            form = normal.normal(entry.family, text, entry.region)
            if form is not None:
                found[entry.family, form] = (*found.get((entry.family, form), ()), text)
    return found


def _spelt(family: Family, identity: Identity, regions: tuple[str, ...]) -> Iterator[str]:
    if family is Family.IP:
        yield identity.value
        return
    for region in regions if family is Family.PHONE else ("",):
        for one in normal.spellings(family, identity.value, region):
            yield normal.digits(one).removeprefix("+") if family is Family.PHONE else one.lower()


def _hashed(identity: Identity, written: tuple[str, ...]) -> Iterator[str]:
    """Hash the normal form, every spelling of it in lower case, and what the people's own rows write."""
    plain = (one.strip().lower() for one in written)
    texts = chain(normal.spellings(Family.EMAIL, identity.value), plain, written)
    for text in dict.fromkeys(texts):
        for name in HASHES:
            made = hashlib.new(name, usedforsecurity=False)
            made.update(text.encode(errors="replace"))
            yield made.hexdigest()


def _how(token: Token, text: str) -> How:
    if token.how == "hashed":
        return "hashed"
    return "exact" if any(one in text for one in token.written) else "normalised"


def _keys(entries: tuple[Entry, ...]) -> frozenset[int]:
    """Number the entries that are keys of subjects: the first of each that is no identity, of one column."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.family is None and not entry.kind:
            first.setdefault(entry.subject, entry)
    return frozenset(e.number for e in first.values() if len(e.columns) == 1)


def _key_texts(person: Person, keys: frozenset[int]) -> Iterator[str]:
    rows = (person.values.get(number, ()) for number in sorted(keys))
    yield from dict.fromkeys(str(values[0]) for found in rows for values in found if values[0] is not None)


def _of_rows(person: Person, keys: frozenset[int]) -> Iterator[tuple[Seen, re.Pattern[str]]]:
    """List what is looked for in the person's own rows only."""
    for name in person.names:
        words = extraction.plain(name).split()
        if len(words) > 1 and sum(map(len, words)) >= SHORTEST_KEY:
            turned = [words, [f"{words[-1]},", *words[:-1]], [words[-1], *words[:-1]]]
            found = "|".join(r"\s+".join(map(re.escape, order)) for order in turned)
            yield Seen(NAME, "name"), re.compile(rf"(?<!\w)(?:{found})(?!\w)")
    typed = ((i.match.rstrip("/"), i.value) for i in person.identities if _is_key(i))
    for kind, text in dict.fromkeys(chain(((KEY, t) for t in _key_texts(person, keys)), typed)):
        if len(text) >= SHORTEST_KEY:
            whole = re.escape(extraction.plain(text))
            yield Seen(kind, "exact"), re.compile(rf"(?<![\w.-]){whole}(?![\w-])")


def _is_key(identity: Identity) -> bool:
    return kinds.family(identity.match) not in kinds.TOGETHER
