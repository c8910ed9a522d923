"""Read the name of a column or table: split it into words and look up what they announce.

Works on names alone: no values, no types, no other columns. `judge` weighs what is found here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from troth.catalog.detect import words
from troth.catalog.detect.kinds import Kind

REMEMBERED = 4_096
"""Names of columns a process remembers the meaning of."""
LONGEST_PHRASE = 5
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[a-z]+|\d+")
_GLUED = {"ipv": ("4", "6")}

_SUFFIXES = (
    *(
        "emailadresse",
        "mailadresse",
        "ipadresse",
        "adresse",
        "anschrift",
        "strasse",
        "telefonnummer",
        "telefon",
    ),
    *(
        "handynummer",
        "mobilnummer",
        "telephone",
        "phone",
        "phonenumber",
        "email",
        "emailaddress",
        "address",
        "adress",
    ),
    *(
        "postcode",
        "zipcode",
        "plz",
        "birthdate",
        "geburtsdatum",
        "vorname",
        "nachname",
        "firstname",
        "lastname",
    ),
    *(
        "surname",
        "username",
        "passwort",
        "password",
        "iban",
        "gender",
        "nationality",
        "useragent",
        "ipaddress",
    ),
    *(
        "wohnort",
        "bemerkung",
        "bemerkungen",
        "kommentar",
        "notiz",
        "notizen",
        "gehalt",
        "salary",
        "kontonummer",
    ),
)
"""Ends of compound words that carry the meaning: `lieferadresse`, `privattelefon`, `custfirstname`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a name announces."""

    kind: Kind
    phrase: str
    """The words of the name that say so."""
    certain: bool
    """Whether they say so whatever the table."""
    modifier: str = ""
    """The word before them, or after them where they come first (`nombre_cliente`)."""


def split(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words without accents: `billingAddr2` → billing, addr, 2."""
    spaced = _CAMEL.sub(" ", name.replace("ß", "ss"))
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    return tuple(_PARTS.findall(plain))


@lru_cache(maxsize=REMEMBERED)
def hits(name: str) -> tuple[Hit, ...]:
    """Say what a column's name announces; nothing when other words turn its meaning.

    Certain words outdo uncertain ones, and the last ones outdo those before: `emergency_contact_phone`.
    """
    parts = split(name)
    found: list[Hit] = []
    at = 0
    while at < len(parts):
        match = _longest(parts, at)
        if match is None:
            at += 1
            continue
        length, entries = match
        if not _is_turned(parts, at, length):
            beside = parts[at - 1 : at] or parts[at + length : at + length + 1] or ("",)
            phrase = " ".join(parts[at : at + length])
            found = [Hit(kind=k, phrase=phrase, certain=c, modifier=beside[0]) for k, c in entries] + found
        at += length
    sure = [hit for hit in found if hit.certain]
    return tuple(hit for hit in sure if hit.phrase == sure[0].phrase) or tuple(found)


def table_words(name: str) -> frozenset[str]:
    """Return the words of a table's name, singular ones beside plural ones."""
    parts = split(name.rpartition(".")[2])
    return frozenset(parts) | {single for part in parts for single in _singulars(part)} | {"_".join(parts)}


def is_about(name: str, vocabulary: Iterable[str]) -> bool:
    """Tell whether the last telling word of a table's name is of a vocabulary: `order_customers`, not the reverse."""
    parts = [p for p in split(name.rpartition(".")[2]) if not p.isdigit()]
    known = frozenset(vocabulary)
    return bool(parts) and any(word in known for word in (parts[-1], *_singulars(parts[-1]), "".join(parts)))


def is_bookkeeping(name: str) -> bool:
    """Tell whether a table is a framework's own."""
    return "".join(split(name.rpartition(".")[2])) in _bookkeeping()


def _longest(parts: tuple[str, ...], at: int) -> tuple[int, tuple[tuple[Kind, bool], ...]] | None:
    lexicon = _lexicon()
    for length in range(min(LONGEST_PHRASE, len(parts) - at), 0, -1):
        joined = "".join(parts[at : at + length])
        for word in (joined, *_singulars(joined)):
            if word in lexicon:
                return length, lexicon[word]
    if len(parts[at]) >= 6:
        for suffix in _SUFFIXES:
            if parts[at].endswith(suffix) and len(parts[at]) > len(suffix):
                return 1, lexicon.get(suffix, ())
    return None


def _is_turned(parts: tuple[str, ...], at: int, length: int) -> bool:
    """See whether a word before or after makes the column about something else."""
    tail = [part for part in parts[at + length :] if not part.isdigit()]
    if at and parts[at - 1] in ("num", "nb", "no") and parts[-1].endswith("s"):
        return True
    return any(part in words.NEGATING_HEADS for part in parts[:at]) or any(
        part in words.NEGATING_TAILS for part in tail
    )


def _singulars(word: str) -> tuple[str, ...]:
    """Guess singular forms, enough for table names: customers, addresses, companies, kunden, clientes."""
    found = [
        word[: -len(end)] + new for end, new in (("ies", "y"), ("es", ""), ("s", "")) if word.endswith(end)
    ]
    return tuple(single for single in found if len(single) > 2)


@cache
def _lexicon() -> Mapping[str, tuple[tuple[Kind, bool], ...]]:
    found: dict[str, dict[tuple[Kind, bool], None]] = {}
    for certain, lists in ((True, words.CERTAIN), (False, words.UNCERTAIN)):
        for kind, phrases in lists.items():
            for phrase in phrases.split(","):
                key = "".join(split(phrase))
                if not certain and any(sure for _, sure in found.get(key, {})):
                    continue
                found.setdefault(key, {})[(kind, certain)] = None
    return {key: tuple(entries) for key, entries in found.items()}


@cache
def _bookkeeping() -> frozenset[str]:
    return frozenset("".join(phrase.split()) for phrase in words.SYSTEM_TABLES.split(","))
