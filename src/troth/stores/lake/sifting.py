"""Let DuckDB pass over every row whose text can hold nobody: what is left is looked at in Python.

What may be an address, a number or a hash is taken out of a text by regular expressions and joined with the tokens
by hash. RE2, which DuckDB uses, has no look-around: a few rows too many come through, and none is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from troth.people.tokens import Tokens
from troth.stores.lake.engine import Session
from troth.stores.lake.fragment import Piece, joined, piece, value

SIEVE = "troth_sieve"
_SOFT = r"'/=?&!#$*^`{|}~%"
"""What more often ends another word than stands in an address: behind it an address is looked for by its rest."""
_HARD = r"\s\x00-\x1f\x7f\"<>()\[\],;:\\"
_ADDRESS = rf"[^{_HARD}@{_SOFT}]*@[^{_HARD}{_SOFT}@_+]+"
_ASCII_ADDRESS = r"[A-Za-z0-9._+-]*@[A-Za-z0-9.-]+"
_ASCII_TAIL = re.compile(r"[A-Za-z0-9._+-]*\Z")
_BETWEEN = r"[ \x{a0}\t().\-/\x{2010}-\x{2015}]{0,3}"
_IP4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_OUTRIGHT_IP6 = r"::|(?:[0-9a-fA-F]{1,4}:){7}"
_HEX = r"[0-9a-f]{32,}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OUTRIGHT_ADDRESS = r"[^\x00-\x7F]@|@[^\x00-\x7F]|\x{ff20}|%40|\\u00"
"""Texts about which only Python can tell: letters beyond ASCII beside an @, and what is written in another way."""
_CUT = re.compile(f"[{re.escape(_SOFT)}]")


@dataclass(frozen=True, slots=True)
class Sieve:
    """The tokens in a table of the session, and which shapes they have."""

    shapes: frozenset[str]
    shortest: int
    """Digits of the shortest number."""

    def rows(self, rows: Piece, text: Piece, place: Piece) -> Piece:
        """Render the places of rows whose text may hold a token.

        Args:
            rows: Where the rows come from.
            text: All text of a row.
            place: What a row is called by.
        """
        found = [
            self._by(name, made, rows, text, place) for name, made in _TAKEN.items() if name in self.shapes
        ]
        if "number" in self.shapes:
            found.append(self._numbers(rows, text, place))
        outright = [p for name, p in _OUTRIGHT.items() if name in self.shapes]
        if outright:
            pattern = value("|".join(outright))
            found.append(
                piece("SELECT {} AS place FROM {} WHERE regexp_matches({}, {})", place, rows, text, pattern)
            )
        return joined(found, " UNION ", Piece("SELECT CAST(NULL AS BIGINT) AS place WHERE false"))

    def _by(self, name: str, taken: str, rows: Piece, text: Piece, place: Piece) -> Piece:
        form, where = _FORMED[name]
        formed = piece(
            f"SELECT {{}} AS place, {form} AS text FROM {{}} WHERE {where}", place, text, rows, text
        )
        each = piece("SELECT place, unnest({}) AS one FROM ({})", Piece(taken, _PATTERNS[name]), formed)
        return piece("SELECT place FROM ({}) WHERE one IN ({})", each, _wanted(name))

    def _numbers(self, rows: Piece, text: Piece, place: Piece) -> Piece:
        """Take every stretch of so many digits out of runs of groups, and compare it with the ends of numbers."""
        least = self.shortest
        pattern = value(f"[0-9](?:{_BETWEEN}[0-9]){{{least - 1},}}")
        taken = "SELECT {} AS place, unnest(regexp_extract_all({}, {})) AS run FROM {}"
        runs = piece(taken, place, text, pattern, rows)
        plain = piece("SELECT place, regexp_replace(run, '[^0-9]', '', 'g') AS run FROM ({})", runs)
        every = f"list_transform(range(1, length(run) - {least} + 2), lambda n: substr(run, n, {least}))"
        each = piece(f"SELECT place, unnest({every}) AS one FROM ({{}})", plain)
        return piece("SELECT place FROM ({}) WHERE one IN ({})", each, _wanted("number"))


_TAKEN = {
    "address": "list_transform(CASE WHEN strlen(text) = length(text) THEN regexp_extract_all(text, ?) "
    "ELSE list_concat(regexp_extract_all(text, ?), regexp_extract_all(text, ?)) END, lambda one: rtrim(one, '.-'))",
    "ip4": "regexp_extract_all(text, ?)",
    "hash": "regexp_extract_all(text, ?)",
    "uuid": "regexp_extract_all(text, ?)",
}
_FORMED = {
    "address": ("lower(nfc_normalize({}))", "contains({}, '@')"),
    "ip4": ("{}", "contains({}, '.')"),
    "hash": ("lower({})", "length({}) > 31"),
    "uuid": ("lower({})", "contains({}, '-')"),
}
"""How a text is brought near the form of the tokens, and what it must have to be worth it."""
_PATTERNS = {
    "address": (_ADDRESS, _ADDRESS, _ASCII_ADDRESS),
    "ip4": (_IP4,),
    "hash": (_HEX,),
    "uuid": (_UUID,),
}
_OUTRIGHT = {"address": _OUTRIGHT_ADDRESS, "ip6": _OUTRIGHT_IP6}


def _wanted(name: str) -> Piece:
    return Piece(f"SELECT text FROM {SIEVE} WHERE shape = '{name}'")


def sieve(db: Session, tokens: Tokens) -> Sieve:
    """Put the tokens into a table of the session, as a text may show them."""
    found = list(dict.fromkeys(key for token in tokens.of for key in _keys(token.text)))
    numbers = [text for shape, text in found if shape == "number"]
    shortest = min((len(text) for text in numbers), default=0)
    db.run(Piece(f"CREATE OR REPLACE TABLE {SIEVE} (shape VARCHAR, text VARCHAR)"))
    if found:
        texts = [text[-shortest:] if shape == "number" else text for shape, text in found]
        given = {"shape": [shape for shape, _ in found], "text": texts}
        db.load(SIEVE, given, {"shape": "VARCHAR", "text": "VARCHAR"})
    return Sieve(frozenset(shape for shape, _ in found), shortest)


def _keys(text: str) -> Iterator[tuple[str, str]]:
    """Yield a token as a text may show it, with its shape."""
    if "@" in text:
        local, _, domain = text.rpartition("@")
        rest = _CUT.split(local)[-1]
        yield "address", f"{rest}@{domain}"
        tail = _ASCII_TAIL.search(rest)
        if tail and tail[0] != rest:
            yield "address", f"{tail[0]}@{domain}"
    elif ":" in text:
        yield "ip6", text
    elif "." in text:
        yield "ip4", text
    elif text.isdigit() and len(text) != 32:
        yield "number", text
    else:
        yield ("uuid" if "-" in text else "hash"), text
