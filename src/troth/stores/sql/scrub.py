"""People's own identities and names taken out of text that stays: one statement a column, however many people.

Each row is searched for what is the people's whose row it is, and nobody else's. PostgreSQL gets one expression for
each set of people by COPY into a temporary table, and replaces by itself; SQLite is taught a function. In documents
only strings are touched, so that they stay documents; of lists, elements that are an identity go as a whole. No
statement repeats a value.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Column, ColumnKind
from troth.people.manifest import Manifest, Person
from troth.stores.sql import scrub_patterns, staging_mariadb
from troth.stores.sql.find_match import Matcher
from troth.stores.sql.render import Truth
from troth.stores.sql.staging_values import storable

PATTERNS = "troth_patterns"
IN_A_STRING = r'(?=(?:[^"\\]|\\.)*"(?:(?:[^"\\]|\\.)*"(?:[^"\\]|\\.)*")*(?:[^"\\]|\\.)*$)'
"""What follows a place inside a string of a document: an odd number of quotes."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FLAGS = re.IGNORECASE
_TEXTS = ("text", "character varying", "varchar", "citext", "character", "bpchar")


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is looked for, by set of people as `Target` names it."""

    people: Mapping[int, Person] = field(repr=False)
    region: str

    def of(self, who: str) -> str | None:
        """Return the expression for a set of people."""
        found = scrub_patterns.pattern(
            (self.people[n] for n in sorted(map(int, who.split(",")))), self.region
        )
        return found if found is not None and storable(found) else None


def words(people: Manifest) -> Words:
    """Make ready what is looked for of some people."""
    region = next((entry.region for entry in people.entries if entry.region), "")
    return Words(people={person.number: person for person in people.people}, region=region)


_COLUMNS: list[Any] = [sa.column("who"), sa.column("pattern")]
TABLE = sa.table(PATTERNS, *_COLUMNS, schema="pg_temp")
"""PostgreSQL's temporary table of expressions."""
CREATED = f"CREATE TEMPORARY TABLE pg_temp.{PATTERNS} (who text PRIMARY KEY, pattern text) ON COMMIT DROP"


def rows(known: Words, sets: Iterable[str]) -> Iterator[tuple[object, ...]]:
    """Yield what the temporary table holds."""
    for who in sets:
        yield who, known.of(who)


IN_MARIADB = sa.table(PATTERNS, *(sa.column(column.name) for column in _COLUMNS))
"""The same on MariaDB, where temporary tables lie in no schema of their own."""
CREATED_IN_MARIADB = (
    f"CREATE TEMPORARY TABLE {PATTERNS} (who varchar(512) PRIMARY KEY, pattern mediumtext, "
    f"{staging_mariadb.UNLOGGED}) {staging_mariadb.TEXT}"
)


def rows_in_mariadb(known: Words, sets: Iterable[str]) -> Iterator[tuple[object, ...]]:
    """Yield the same as PCRE reads it: words of Unicode, whatever the case, and its own way to write a letter."""
    for who, found in rows(known, sets):
        yield who, None if found is None else "(*UCP)(?i)" + _ESCAPED.sub(r"\\x{\1}", str(found))


_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def in_mariadb(
    column: Column, source: ColumnElement[Any], pattern: ColumnElement[Any]
) -> tuple[ColumnElement[Any], Truth]:
    """Render the text without the people, and whether they are in it; nothing is where the pattern is NULL."""
    put = sa.literal(scrub_patterns.replacement(column.length))
    text = sa.cast(source, sa.Text)
    if column.kind is ColumnKind.JSON:
        pattern = sa.func.concat(pattern, sa.literal(IN_A_STRING))
    found = text.op("REGEXP", is_comparison=True)(pattern)
    return sa.func.regexp_replace(text, pattern, put), found


def in_postgresql(
    matcher: Matcher, column: Column, source: ColumnElement[Any], pattern: ColumnElement[Any]
) -> tuple[ColumnElement[Any], Truth]:
    """Render the text without the people, and whether they are in it; nothing is where the pattern is NULL."""
    if column.kind is ColumnKind.ARRAY:
        return _list(matcher, column, source, pattern)
    put = sa.literal(scrub_patterns.replacement(column.length))
    if column.kind is ColumnKind.JSON:
        text = sa.cast(sa.cast(source, JSONB), sa.Text)
        inside = pattern.concat(sa.literal(IN_A_STRING))
        without = sa.cast(_replaced(matcher, text, inside, put), JSONB)
        value = without if column.declared.lower() == "jsonb" else sa.cast(without, sa.JSON)
        return value, _found(matcher, text, inside)
    text = sa.cast(source, sa.Text)
    return _replaced(matcher, text, pattern, put), _found(matcher, text, pattern)


def _list(
    matcher: Matcher, column: Column, source: ColumnElement[Any], pattern: ColumnElement[Any]
) -> tuple[ColumnElement[Any], Truth]:
    """Render a list: an element that is an identity goes, others are searched."""
    listed = sa.func.unnest(source).table_valued("one", with_ordinality="place", name="troth_element")
    element = listed.render_derived()
    one = sa.cast(element.c.one, sa.Text)
    whole = sa.literal(r"^\s*").concat(pattern).concat(sa.literal(r"\s*$"))
    of_text = column.declared.removesuffix("[]").partition("(")[0].strip().lower() in _TEXTS
    inner = _replaced(matcher, one, pattern, sa.literal(scrub_patterns.SHORT)) if of_text else element.c.one
    stays = sa.or_(one.is_(None), sa.not_(_found(matcher, one, whole)))
    kept = sa.select(inner).select_from(element).where(stays).order_by(element.c.place)
    found = _found(matcher, one, pattern if of_text else whole)
    truth = sa.select(sa.literal_column("1")).select_from(element).where(found).exists()
    declared = column.declared if column.declared.endswith("[]") else "text[]"
    return sa.cast(sa.func.array(kept.scalar_subquery()), _Named(declared)), truth


class _Named(sa.types.UserDefinedType[Any]):
    """A type by the name the database gives it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Return the name, which the catalog was read with."""
        return self.name


def _collated(matcher: Matcher, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Let case and words be those of Unicode where the server can."""
    return sa.collate(text, "und-x-icu") if matcher.icu else text


def _replaced(
    matcher: Matcher, text: ColumnElement[Any], pattern: ColumnElement[Any], put: ColumnElement[Any]
) -> ColumnElement[Any]:
    return sa.func.regexp_replace(_collated(matcher, text), pattern, put, sa.literal_column("'gi'"))


def _found(matcher: Matcher, text: ColumnElement[Any], pattern: ColumnElement[Any]) -> Truth:
    # It binds as `||` does there: what stands on either side is put in brackets.
    return _collated(matcher, text).op("~*", precedence=20, is_comparison=True)(pattern)


def in_sqlite(
    column: Column, source: ColumnElement[Any], who: ColumnElement[Any]
) -> tuple[ColumnElement[Any], Truth]:
    """Render the same with the functions `teach` gives a connection."""
    form = sa.literal("json" if column.kind is ColumnKind.JSON else "text")
    put = sa.literal(scrub_patterns.replacement(column.length))
    raw = sa.cast(source, sa.LargeBinary)
    return (
        sa.cast(sa.func.troth_scrubbed(raw, who, form, put), sa.Text),
        sa.func.troth_names(raw, who, form) == sa.literal_column("1"),
    )


def teach(connection: sa.Connection, known: Words) -> None:
    """Give a SQLite connection what searches texts for some people; `forget` takes it away."""
    raw: Any = connection.connection.dbapi_connection
    scrubber = _Scrubber(known)
    if isinstance(raw, sqlite3.Connection):
        raw.create_function("troth_scrubbed", 4, scrubber.scrubbed, deterministic=True)
        raw.create_function("troth_names", 3, scrubber.names, deterministic=True)


def forget(connection: sa.Connection) -> None:
    """Take the functions away: they know who the people are."""
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection):
        raw.create_function("troth_scrubbed", 4, None)
        raw.create_function("troth_names", 3, None)


class _Scrubber:
    """Searches texts for sets of people, with expressions made once."""

    def __init__(self, known: Words) -> None:
        self._known = known
        self._made: dict[str, re.Pattern[str] | None] = {}

    def names(self, raw: object, who: object, form: object) -> int:
        """Tell whether any of the people is in a text."""
        text, found = self._ready(raw, who)
        if text is None or found is None:
            return 0
        return int(any(found.search(part) for part in (_strings(text) if form == "json" else (text,))))

    def scrubbed(self, raw: object, who: object, form: object, put: object) -> bytes | None:
        """Return a text without the people."""
        text, found = self._ready(raw, who)
        if text is None or found is None:
            return raw if isinstance(raw, bytes) else None
        clean = _documented(text, found, str(put)) if form == "json" else found.sub(lambda _: str(put), text)
        return clean.encode("utf-8", "surrogateescape")

    def _ready(self, raw: object, who: object) -> tuple[str | None, re.Pattern[str] | None]:
        if not isinstance(raw, bytes) or not isinstance(who, str):
            return None, None
        if who not in self._made:
            pattern = self._known.of(who)
            self._made[who] = None if pattern is None else re.compile(pattern, _FLAGS)
        return raw.decode("utf-8", "surrogateescape"), self._made[who]


def _strings(text: str) -> Iterator[str]:
    for found in _STRING.finditer(text):
        yield _string(found[0])


def _string(written: str) -> str:
    try:
        return str(json.loads(written, strict=False))
    except ValueError:
        return written[1:-1]


def _documented(text: str, found: re.Pattern[str], put: str) -> str:
    """Search the strings of a document, and leave every other letter as it is."""

    def clean(one: re.Match[str]) -> str:
        was = _string(one[0])
        now = found.sub(lambda _: put, was)
        return one[0] if now == was else json.dumps(now, ensure_ascii=False)

    return _STRING.sub(clean, text)
