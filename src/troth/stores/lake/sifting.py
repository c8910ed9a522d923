"""Let DuckDB pass over every row whose text can hold nobody: what is left is looked at in Python.

One pass over a file, whatever is looked for. One regular expression tells of a row whether any address or number can
be in it; a text that is all of it a hash is looked up in a map of bits. Only of what is left after that is taken out
what may be a token, and joined with the tokens. A few rows too many come through, and none is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from troth.people.tokens import Tokens
from troth.stores.lake import gates
from troth.stores.lake.engine import Session
from troth.stores.lake.fragment import FALSE, Piece, joined, piece, text, value

SIEVE = "troth_sieve"
PLACES = "troth_places"
_BITS = "troth_sieve_bits"
SLOTS = 1 << 22
"""Bits of the map: with 70,000 tokens one text in sixty comes through by chance."""
_OUTRIGHT = "!"
"""Stands among the tokens for texts about which only Python can tell."""
_KEPT = "="
"""Stands among the tokens for texts that are to be kept."""
SHORT = 2_000
"""Bytes of a row's texts that are kept beside others, and not read again."""
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

    def rows(self, rows: Piece, texts: Sequence[Piece], place: Piece, own: Piece = FALSE) -> bool:
        """Keep in a table the places of rows whose text may hold a token; tell whether there are any.

        Args:
            rows: Where the rows come from.
            texts: The texts of a row.
            place: What a row is called by.
            own: Which rows' texts to keep as well, if they are short.
        """
        names = [f"c{number}" for number in range(len(texts))]
        kept = ", ".join(f"{name} VARCHAR" for name in names)
        self.db.run(
            Piece(f"CREATE OR REPLACE TABLE {PLACES} (place BIGINT, shown BOOLEAN, kept BOOLEAN, {kept})")
        )
        if not self.shapes:
            return False
        columns = joined(
            (piece(f"{{}} AS {name}", one) for name, one in zip(names, texts, strict=True)), ", "
        )
        read = piece("SELECT {} AS place, {} AS own, {} FROM {}", place, own, columns, rows)
        joint = f"SELECT *, concat_ws(chr(10), {', '.join(names)}) AS text FROM ({{}})"
        left = piece(f"SELECT * FROM ({joint}) WHERE own OR {{}}", read, self._gate(names))
        self.db.run(piece(f"INSERT INTO {PLACES} {{}}", self._found(names, left)))
        return bool(self.db.rows(Piece(f"SELECT 1 FROM {PLACES} WHERE shown LIMIT 1")))

    def _found(self, names: Sequence[str], left: Piece) -> Piece:
        """Render the rows in which a token is, and the texts that are to be kept."""
        short = f"own AND strlen(text) <= {SHORT}"
        texts = ", ".join(f"CASE WHEN {short} THEN {name} END AS {name}" for name in names)
        marked = piece(f"list_concat(CASE WHEN {short} THEN ['{_KEPT}'] END, {{}})", self._taken(names))
        each = piece(f"SELECT place, {texts}, unnest({{}}) AS one FROM ({{}})", marked, left)
        said = f"bool_or(one <> '{_KEPT}'), bool_or(one = '{_KEPT}')"
        return piece(
            f"SELECT place, {said}, {', '.join(f'any_value({name})' for name in names)} FROM ({{}}) "
            f"WHERE hash(one) IN (SELECT key FROM {SIEVE}) GROUP BY place",
            each,
        )

    def _gate(self, names: Sequence[str]) -> Piece:
        """Render what a row must have for anything to be taken out of it."""
        anybody = piece("regexp_matches(text, {})", value(gates.anybody(self.shapes, self.shortest)))
        lengths = self._lengths()
        if not lengths:
            return anybody
        among = ", ".join(map(str, lengths))
        bit = f"get_bit(getvariable('{_BITS}'), CAST(hash(lower({{0}})) % {SLOTS} AS INTEGER)) = 1"
        whole = f"(strlen({{0}}) IN ({among}) AND {bit})"
        found = [Piece(whole.replace("{0}", name)) for name in names]
        return joined([*found, self._amid(names), anybody], " OR ")

    def _lengths(self) -> list[int]:
        """Return how long hashes and UUIDs that are looked for are."""
        return sorted(length for shape in self.shapes for length in _LENGTHS.get(shape, ()))

    def _amid(self, names: Sequence[str]) -> Piece:
        """Render that one of some texts has a hash or UUID among other letters."""
        least, pattern = self._lengths()[0], text(gates.amid(self.shapes))
        found = (f"(strlen({name}) > {least} AND regexp_matches({name}, {pattern}))" for name in names)
        return joined(map(Piece, found), " OR ")

    def _taken(self, names: Sequence[str]) -> Piece:
        """Render the list of what may be a token in a row."""
        lists = [
            piece("CASE WHEN {} THEN {} END", Piece(worth), self._of(shape))
            for shape, worth in _WORTH.items()
            if shape in self.shapes
        ]
        if self._lengths():
            lists.append(Piece(f"[{', '.join(f'lower({name})' for name in names)}]"))
            lists += [
                piece("CASE WHEN {} THEN {} END", self._amid(names), self._of(shape))
                for shape in _LENGTHS
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
        whole = piece("regexp_extract_all(text, {})", value(f"[0-9]{{{least},}}"))
        plain = piece(f"list_transform({{}}, lambda run: right(run, {least}))", whole)
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
}
"""What a text must have to be worth it."""


def sieve(db: Session, tokens: Tokens) -> Sieve:
    """Put the tokens into a table of the session, as a text may show them, by their hashes."""
    found: dict[str, set[str]] = {}
    for token in tokens.of:
        if token.how == "hashed":
            found.setdefault("hash", set()).add(token.text)
            continue
        for shape, one in _keys(token.text):
            found.setdefault(shape, set()).add(one)
    numbers = found.get("number", set())
    shortest = min(map(len, numbers), default=0)
    texts = chain(
        (one[-shortest:] for one in numbers), *(some for shape, some in found.items() if shape != "number")
    )
    # No text shows a token of two lines, nor one with a letter that cannot be written.
    lines = "\n".join((_OUTRIGHT, _KEPT, *texts)).encode(errors="replace").decode()
    every = "SELECT DISTINCT hash(one) AS key FROM (SELECT unnest(string_split({}, chr(10))) AS one) WHERE one <> ''"
    db.run(piece(f"CREATE OR REPLACE TABLE {SIEVE} AS {every}", value(lines)))
    bits = f"SELECT bitstring_agg(CAST(key % {SLOTS} AS INTEGER), 0, {SLOTS - 1}) FROM {SIEVE}"
    db.run(Piece(f"SET VARIABLE {_BITS} = ({bits})"))
    return Sieve(db, frozenset(found), shortest)


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
