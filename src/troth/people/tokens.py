"""What a recheck looks for: every form in which somebody may still stand in a store.

Pure. Identities are looked for as written, normalised, and as the usual hashes of the normal form (MD5, SHA-1,
SHA-256, in hexadecimal); names and keys only in rows that are the person's already, for others share them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity

How = Literal["normalised", "hashed"]
HASHES = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One text to look for."""

    text: str
    """As a scan extracts it: an address in lower case, a phone number's digits, an IP address, hexadecimal."""
    kind: str
    how: How
    person: int


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Everything to look for."""

    of: tuple[Token, ...] = field(repr=False)
    manifest: Manifest = field(repr=False)
    """For names and keys, which are looked for only in rows already reached."""

    def by_text(self) -> Mapping[str, Token]:
        """Map each text to the first token with it."""
        found: dict[str, Token] = {}
        for token in self.of:
            found.setdefault(token.text, token)
        return found


def tokens(manifest: Manifest) -> Tokens:
    """List the tokens of a manifest; one for each form of each identity."""
    return Tokens(of=tuple(token for person in manifest.people for token in _of(person)), manifest=manifest)


def _of(person: Person) -> Iterable[Token]:
    for identity in person.identities:
        family = kinds.family(identity.match)
        if family not in kinds.TOGETHER:
            continue
        for text in dict.fromkeys(_written(family, identity)):
            yield Token(text=text, kind=identity.match, how="normalised", person=person.number)
        if family is Family.EMAIL:
            for text in _hashed(identity):
                yield Token(text=text, kind=identity.match, how="hashed", person=person.number)


def _written(family: Family, identity: Identity) -> Iterable[str]:
    for one in normal.spellings(family, identity.value):
        yield normal.digits(one).removeprefix("+") if family is Family.PHONE else one.lower()


def _hashed(identity: Identity) -> Iterable[str]:
    for name in HASHES:
        made = hashlib.new(name, usedforsecurity=False)
        made.update(identity.value.encode())
        yield made.hexdigest()
