"""Let DuckDB pass over every row whose text can hold nobody: what is left is looked at in Python.

One pass over a file, whatever is looked for. One regular expression tells of a row whether any address or number can
be in it; a text that is all of it a hash is looked up in a map of bits. Only of what is left after that is taken out
what may be a token, and joined with the tokens. A few rows too many come through, and none is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.people.tokens import Tokens
from troth.stores.lake import gates
from troth.stores.lake.engine import Session
from troth.stores.lake.fragment import Piece, joined, piece, text, value

SIEVE = "troth_sieve"
PLACES = "troth_places"
_BITS = "troth_sieve_bits"
SLOTS = 1 << 22
"""Bits of the map: with 70,000 tokens one text in sixty comes through by chance."""
_OUTRIGHT = "!"
"""Stands among the tokens for texts about which only Python can tell."""
_LENGTHS = {"hash": (32, 40, 64), "uuid": (36,)}
_ASCII_TAIL = re.compile(r"[A-Za-z0-9._+-]*\Z")
_CUT = re.compile(f"[{re.escape(gates.SOFT)}]")
_ADDRESS = "[a-z0-9._+-]*@[a-z0-9.-]+"
_HEX = "[0-9a-f]{32,}"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_EDGES = ".-"
"""What is taken off the ends of both parts of an address, here as in Python."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """The tokens in a table of the session, and which shapes they have."""

    db: Session
    shapes: frozenset[str]
    shortest: int
    """Digits of the shortest number."""

    def rows(self, rows: Piece, texts: Sequence[Piece], place: Piece) -> bool:
        """Keep in a table the places of rows whose text may hold a token; tell whether there are any.

        Args:
            rows: Where the rows come from.
            texts: The texts of a row.
            place: What a row is called by.
        """
        self.db.run(Piece(f"CREATE OR REPLACE TABLE {PLACES} (place BIGINT)"))
        if not self.shapes:
            return False
        names = [f"c{number}" for number in range(len(texts))]
        columns = joined(
            (piece(f"{{}} AS {name}", one) for name, one in zip(names, texts, strict=True)), ", "
        )
        read = piece("SELECT {} AS place, {} FROM {}", place, columns, rows)
        joint = f"SELECT *, concat_ws(chr(10), {', '.join(names)}) AS text FROM ({{}})"
        left = piece(f"SELECT place, text FROM ({joint}) WHERE {{}}", read, self._gate(names))
        each = piece("SELECT place, unnest({}) AS one FROM ({})", self._taken(), left)
        found = piece(f"SELECT DISTINCT place FROM ({{}}) WHERE hash(one) IN (SELECT key FROM {SIEVE})", each)
        self.db.run(piece(f"INSERT INTO {PLACES} {{}}", found))
        return bool(self.db.rows(Piece(f"SELECT 1 FROM {PLACES} LIMIT 1")))

    def _gate(self, names: Sequence[str]) -> Piece:
        """Render what a row must have for anything to be taken out of it."""
        anybody = piece("regexp_matches(text, {})", value(gates.anybody(self.shapes, self.shortest)))
        lengths = sorted(length for shape in self.shapes for length in _LENGTHS.get(shape, ()))
        if not lengths:
            return anybody
        among = ", ".join(map(str, lengths))
        bit = f"get_bit(getvariable('{_BITS}'), CAST(hash(lower({{0}})) % {SLOTS} AS INTEGER)) = 1"
        whole = f"CASE WHEN strlen({{0}}) IN ({among}) THEN {bit} ELSE false END"
        part = f"(strlen({{0}}) > {lengths[0]} AND regexp_matches({{0}}, {text(gates.amid(self.shapes))}))"
        found = [Piece(template.replace("{0}", name)) for name in names for template in (whole, part)]
        return joined([*found, anybody], " OR ")

    def _taken(self) -> Piece:
        """Render the list of what may be a token in a text."""
        lists = [
            piece("CASE WHEN {} THEN {} END", Piece(_WORTH[shape]), self._of(shape))
            for shape in _WORTH
            if shape in self.shapes
        ]
        outright = value(gates.only_python(self.shapes))
        lists.append(piece(f"CASE WHEN regexp_matches(text, {{}}) THEN ['{_OUTRIGHT}'] END", outright))
        return piece("list_concat({})", joined(lists, ", "))

    def _of(self, shape: str) -> Piece:
        if shape == "address":
            taken = f"regexp_extract_all(lower(text), '{_ADDRESS}')"
            parts = f"trim(split_part(one, '@', 1), '{_EDGES}') || '@' || trim(split_part(one, '@', 2), '{_EDGES}')"
            return Piece(f"list_transform({taken}, lambda one: {parts})")
        if shape == "number":
            return self._numbers()
        pattern = {"ip4": gates.IP4, "hash": _HEX, "uuid": _UUID}[shape]
        return piece("regexp_extract_all(lower(text), {})", value(pattern))

    def _numbers(self) -> Piece:
        """Take the last digits of every run; of runs with something between the digits every stretch of so many."""
        least = self.shortest
        plain = piece("regexp_extract_all(text, {}, 1)", value(f"[0-9]*([0-9]{{{least}}})"))
        runs = piece("regexp_extract_all(text, {})", value(gates.run(least, more=True)))
        bare = "list_transform({}, lambda run: regexp_replace(run, '[^0-9]', '', 'g'))"
        every = f"list_transform(range(1, length(run) - {least} + 2), lambda n: substr(run, n, {least}))"
        apart = piece(f"flatten(list_transform({bare}, lambda run: {every}))", runs)
        gaps = value(f"[0-9]{gates.BETWEEN.replace('{0,', '{1,')}[0-9]")
        return piece("CASE WHEN regexp_matches(text, {}) THEN {} ELSE {} END", gaps, apart, plain)


_WORTH = {
    "address": "contains(text, '@')",
    "number": "true",
    "ip4": "contains(text, '.')",
    "hash": "strlen(text) > 31",
    "uuid": "contains(text, '-')",
}
"""What a text must have to be worth it."""


def sieve(db: Session, tokens: Tokens) -> Sieve:
    """Put the tokens into a table of the session, as a text may show them, by their hashes."""
    found = list(dict.fromkeys(key for token in tokens.of for key in _keys(token.text)))
    numbers = [one for shape, one in found if shape == "number"]
    shortest = min((len(one) for one in numbers), default=0)
    db.run(Piece(f"CREATE OR REPLACE TABLE {SIEVE} (text VARCHAR)"))
    texts = [one[-shortest:] if shape == "number" else one for shape, one in found]
    db.load(SIEVE, {"text": [_OUTRIGHT, *texts]}, {"text": "VARCHAR"})
    db.run(Piece(f"CREATE OR REPLACE TABLE {SIEVE} AS SELECT DISTINCT hash(text) AS key FROM {SIEVE}"))
    bits = f"SELECT bitstring_agg(CAST(key % {SLOTS} AS INTEGER), 0, {SLOTS - 1}) FROM {SIEVE}"
    db.run(Piece(f"SET VARIABLE {_BITS} = ({bits})"))
    return Sieve(db, frozenset(shape for shape, _ in found), shortest)


def _keys(one: str) -> Iterator[tuple[str, str]]:
    """Yield a token as a text may show it, with its shape."""
    if one.isalnum():
        yield ("number" if one.isdigit() and len(one) != 32 else "hash"), one
    elif "@" in one:
        local, _, domain = one.rpartition("@")
        rest = _CUT.split(local)[-1]
        tail = _ASCII_TAIL.search(rest)
        for part in dict.fromkeys((rest, tail[0] if tail else rest)):
            yield "address", f"{part.strip(_EDGES)}@{domain.strip(_EDGES)}"
    elif ":" in one:
        yield "ip6", one
    elif "." in one:
        yield "ip4", one
    else:
        yield ("uuid" if "-" in one else "hash"), one
