"""One sequential scan of a PostgreSQL table, whatever the number of people: which rows may show one of them.

All texts of a row are put together and looked at once by a small pattern; what passes is taken apart and its pieces
are looked up among the keys of the tokens, in a hash table (PostgreSQL's hashed subplan). Addresses, UUIDs and long
numbers are looked up as what they are. Rows found are read by their place in the same snapshot, so that Python can
tell exactly what stands where. Everything is read only; keys go in by COPY, which no statement log repeats.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from troth.people.tokens import Tokens
from troth.stores.sql import scan_patterns, staging_tables
from troth.stores.sql.places import as_value
from troth.stores.sql.render import table_clause
from troth.stores.sql.scan_patterns import Patterns
from troth.stores.sql.scan_places import LONGEST_BINARY, Place, Read

KEYS = "troth_scan_keys"
TYPED: Mapping[Read, tuple[str, str]] = {
    "inet": ("troth_scan_addresses", "inet"),
    "uuid": ("troth_scan_uuids", "uuid"),
    "number": ("troth_scan_numbers", "numeric"),
}
"""Temporary tables of keys that are compared as what they are."""
SHORTEST_NUMBER = 9
"""Digits from which on a number is taken for a phone number: shorter ones are amounts and counts."""
MEMORY = "256MB"
"""The hash table of keys must fit in, or each row would be compared with every key (manual, "work_mem")."""
LOCK_WAIT = "10s"
"""How long a table somebody has locked is waited for."""
AT_ONCE = 1000
_WIDE = 50
"""Arguments of one call; PostgreSQL takes no more than 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """What is looked for in one store, staged."""

    patterns: Patterns
    typed: frozenset[Read]
    utf8: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What one table may show."""

    rows: int
    bytes: int
    leaves: Mapping[str, Sequence[str]]
    """Places of the rows that may show somebody, by the number of the table that holds them."""


def stage(connection: sa.Connection, tokens: Tokens) -> Hunt:
    """Put the keys of the tokens into temporary tables; in a transaction that may write."""
    utf8 = connection.execute(sa.text("SELECT getdatabaseencoding() = 'UTF8'")).scalar_one()
    version = connection.dialect.server_version_info or (0,)
    texts = tokens.by_text()
    _table(connection, KEYS, "text", [(key,) for key in sorted(scan_patterns.keys(texts))])
    values = {
        "inet": sorted({str(one) for text in texts for one in _ips(text)}),
        "uuid": [text for text in texts if len(text) == 36 and text.count("-") == 4 and "@" not in text],
        "number": [text for text in texts if text.isdigit() and len(text) >= SHORTEST_NUMBER],
    }
    typed = frozenset(read for read in TYPED if values[read])
    for read in typed:
        _table(connection, *TYPED[read], [(value,) for value in values[read]])
    wanted = scan_patterns.patterns(tokens.shapes, unicode=bool(utf8))
    return Hunt(patterns=wanted, typed=typed, utf8=bool(utf8) and version >= (13,))


def _table(connection: sa.Connection, name: str, kind: str, rows: Sequence[tuple[str]]) -> None:
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {name} (k {kind})")
    staging_tables.fill(connection, sa.table(name, sa.column("k"), schema="pg_temp"), rows)
    connection.exec_driver_sql(f"ANALYZE pg_temp.{name}")


def _ips(text: str) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return
    yield address
    if address.version == 4:
        yield ipaddress.IPv6Address(f"::ffff:{address}")


def begin(connection: sa.Connection) -> None:
    """Begin the look at one table: of one moment, read only."""
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.exec_driver_sql(
        f"SET LOCAL work_mem = '{MEMORY}'; SET LOCAL jit = off; SET LOCAL statement_timeout = 0; "
        f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"
    )


def hits(connection: sa.Connection, place: Place, hunt: Hunt) -> Hits:
    """Look at every row of a table once."""
    text = sa.text(_statement(connection, place, hunt))
    given = {name: getattr(hunt.patterns, name) for name in text.compile().params}
    rows, size, found = connection.execute(text, given).one()
    leaves: dict[str, list[str]] = {}
    for one in found or ():
        leaf, _, where = one.partition(" ")
        leaves.setdefault(leaf, []).append(where)
    return Hits(rows=rows, bytes=size, leaves=leaves)


def read(
    connection: sa.Connection, place: Place, found: Hits
) -> Iterator[tuple[Hashable, Sequence[str | None]]]:
    """Read the rows that may show somebody: each row's address, and every column as text."""
    source = _named(connection, place)
    columns = ", ".join(_text(connection, name, read) for name, read in _columns(place)) or "NULL"
    query = sa.text(
        f"SELECT CAST(t.ctid AS text), {columns} FROM {source} AS t WHERE t.ctid = ANY (CAST(:places AS tid[])) "
        "AND t.tableoid = CAST(:leaf AS oid)"
    )
    for leaf, places in found.leaves.items():
        for start in range(0, len(places), AT_ONCE):
            given = {"places": places[start : start + AT_ONCE], "leaf": leaf}
            for row in connection.execute(query, given):
                yield address(leaf, row[0]), row[1:]


def address(leaf: str, where: str) -> Hashable:
    """Put together what tells a row from all others: the table that holds it, and its place there."""
    return f"{leaf} {where}"


def _statement(connection: sa.Connection, place: Place, hunt: Hunt) -> str:
    """Ask a table for its size, and for the rows that may show somebody.

    Each OFFSET 0 keeps what is below it from being worked out more than once.
    """
    together = [_text(connection, name, read) for name, read in _columns(place) if read in ("text", "bytes")]
    typed = [(name, read) for name, read in _columns(place) if read in hunt.typed]
    inner = [f"{_joined(together)} AS raw", "t.tableoid AS leaf", "t.ctid AS place"]
    inner += [f"{_typed(connection, name, read)} AS v{n}" for n, (name, read) in enumerate(typed)]
    looked = [f"s.v{n} IN (SELECT k FROM pg_temp.{TYPED[read][0]})" for n, (_, read) in enumerate(typed)]
    marks = _marks(hunt) if together else {}
    if marks:
        looked.append(f"({' OR '.join(f's.{mark}' for mark in marks)}) AND {_pieces(hunt, frozenset(marks))}")
    rows = f"(SELECT {', '.join(inner)} FROM {_named(connection, place)} AS t OFFSET 0)"
    rows = f"(SELECT b.*, {_decoded(hunt)} AS body FROM {rows} AS b OFFSET 0)"
    marked = ", ".join(["r.*", *(f"{truth} AS {mark}" for mark, truth in marks.items())])
    where = " OR ".join(looked) or "false"
    return (
        "SELECT count(*), coalesce(sum(octet_length(s.raw)), 0), "
        f"array_agg(s.leaf || ' ' || s.place) FILTER (WHERE {where}) "
        f"FROM (SELECT {marked} FROM {rows} AS r OFFSET 0) AS s"
    )


def _decoded(hunt: Hunt) -> str:
    """Add to a text what it says as part of a URL."""
    escaped = "%[0-9A-Fa-f\uff10-\uff19]{2}" if hunt.utf8 else "%[0-9A-Fa-f]{2}"
    plain = f"regexp_replace(replace(b.raw, '%40', '@'), '{escaped}', ' ', 'g')"
    return f"CASE WHEN strpos(b.raw, '%') = 0 THEN b.raw ELSE b.raw || chr(10) || {plain} END"


def _marks(hunt: Hunt) -> Mapping[str, str]:
    """Ask of every row's text what it may hold at all."""
    found: dict[str, str] = {}
    if hunt.patterns.addresses:
        found["has_at"] = _has("@", *(["\uff20"] if hunt.utf8 else []))
    if hunt.patterns.first:
        found["has_digits"] = 'r.body COLLATE "C" ~ :first'
    if hunt.patterns.within:
        found["has_mapped"] = _has("ffff\\:", "FFFF\\:")
    return found


def _has(*marks: str) -> str:
    return " OR ".join(f"strpos(r.body, '{mark}') > 0" for mark in marks)


def _pieces(hunt: Hunt, marks: frozenset[str]) -> str:
    """Say that a piece of a row's text is among the keys; each kind of piece is looked for where it may be."""
    wanted = hunt.patterns
    pieces = []
    if wanted.addresses:
        pieces.append(_piece(f"unnest({_addresses(hunt)})", "s.has_at", "addresses"))
    if wanted.hashes:
        pieces.append(_piece("lower(m[1])", "s.has_digits", "hashes"))
    if wanted.ip6:
        either = [f"s.{mark}" for mark in ("has_digits", "has_mapped") if mark in marks]
        pieces.append(_piece(_IP6, f"strpos(s.body, '\\:') > 0 AND ({' OR '.join(either)})", "ip6"))
    if wanted.numbers:
        pieces.append(_piece(f"unnest({_runs(hunt)})", "s.has_digits", "numbers"))
    # IS TRUE keeps the planner from making a join of it, whose hash table would be made anew for each row.
    found = f"(x.k IN (SELECT k FROM pg_temp.{KEYS})) IS TRUE"
    return f"EXISTS (SELECT FROM ({' UNION ALL '.join(pieces)}) AS x (k) WHERE {found})"


def _piece(key: str, where: str, pattern: str) -> str:
    body = f'CASE WHEN {where} THEN s.body END COLLATE "C"'
    return f"SELECT {key} FROM regexp_matches({body}, :{pattern}, 'g') AS m (m)"


def _formed(hunt: Hunt) -> str:
    if not hunt.utf8:
        return "m[1]"
    return "CASE WHEN octet_length(m[1]) = length(m[1]) THEN m[1] ELSE normalize(m[1], NFKC) END"


def _addresses(hunt: Hunt) -> str:
    """Make the keys of a word with an `@`, as `scan_patterns.keys` does; one for each `@`."""
    pair = _core("(p[i] || '@' || p[i + 1])")
    several = (
        f"SELECT {pair} FROM string_to_array({_formed(hunt)}, '@') AS p, "
        "generate_series(1, cardinality(p) - 1) AS i"
    )
    one = "octet_length(m[1]) = length(m[1]) AND m[1] ~ '^[^@]*@[^@]*$'"
    return f"CASE WHEN {one} THEN ARRAY[{_core('m[1]')}] ELSE ARRAY({several}) END"


def _core(text: str) -> str:
    return f"""lower(btrim(substring({text} COLLATE "C" FROM '[A-Za-z0-9._-]*@[A-Za-z0-9.-]*'), '.-'))"""


_GROUPS = "regexp_replace('\\:' || lower(m[1]) || '\\:', '\\:0+', '\\:', 'g')"
_IP6 = f"btrim(regexp_replace({_GROUPS}, '\\:+', '\\:', 'g'), '\\:')"
"""The key of an IPv6 address: its groups without zeros."""


def _runs(hunt: Hunt) -> str:
    """Put groups of digits that follow one another together, in every way that may be one number."""
    formed = _formed(hunt)
    joined = (
        "SELECT array_to_string(p[i\\:j], '') "
        f"FROM (SELECT regexp_split_to_array({formed}, '[^0-9]+') AS p) AS g, "
        "generate_series(1, cardinality(p)) AS i, generate_series(i, least(cardinality(p), i + 19)) AS j"
    )
    return f"CASE WHEN {formed} ~ '^[0-9]+$' THEN ARRAY[{formed}] ELSE ARRAY({joined}) END"


def _columns(place: Place) -> list[tuple[str, Read]]:
    return [(column.name, read) for column, read in place.columns]


def _joined(texts: Sequence[str]) -> str:
    if not texts:
        return "CAST(NULL AS text)"
    parts = [f"concat_ws(chr(10), {', '.join(texts[n : n + _WIDE])})" for n in range(0, len(texts), _WIDE)]
    return parts[0] if len(parts) == 1 else _joined(parts)


def _quoted(connection: sa.Connection, name: str) -> str:
    quoted = connection.dialect.identifier_preparer.quote_identifier(name).replace("%%", "%")
    return "t." + quoted.replace(":", "\\:")


def _named(connection: sa.Connection, place: Place) -> str:
    return as_value(connection, table_clause(place.table)).replace(":", "\\:")


def _text(connection: sa.Connection, name: str, read: Read) -> str:
    column = _quoted(connection, name)
    match read:
        case "bytes":
            short = (
                f"CASE WHEN octet_length({column}) <= {LONGEST_BINARY} THEN encode({column}, 'escape') END"
            )
            digest = f"CASE WHEN octet_length({column}) IN (16, 20, 32) THEN encode({column}, 'hex') END"
            return f"concat_ws(chr(10), {digest}, {short})"
        case "inet":
            return f"host({column})"
        case _:
            return f"CAST({column} AS text)"


def _typed(connection: sa.Connection, name: str, read: Read) -> str:
    column = _quoted(connection, name)
    match read:
        case "inet":
            return f"set_masklen(CAST({column} AS inet), CASE family({column}) WHEN 4 THEN 32 ELSE 128 END)"
        case "number":
            return f"CAST({column} AS numeric)"
        case _:
            return column
