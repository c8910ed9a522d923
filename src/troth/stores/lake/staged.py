"""The people at hand as tables in DuckDB's memory, and how columns of a file are compared with them.

Numbers are compared with numbers, copies of identities in the spellings of their normal form. DuckDB can neither
fold letters beyond ASCII as Unicode wants it nor shorten IPv6 addresses: such values of a file are looked at in
Python once, and those that are somebody's are put beside (`Odd`). Values go in as parameters, never as text.
"""

from __future__ import annotations

import decimal
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from troth.catalog.model import ColumnKind
from troth.people import normal
from troth.people.entries import Entry, Way
from troth.people.kinds import Family
from troth.people.manifest import Manifest
from troth.plan.predicates import Staged
from troth.stores.lake.engine import Session
from troth.stores.lake.fragment import FALSE, Piece, joined, piece, quoted, value
from troth.stores.lake.parts import ROW
from troth.stores.lake.sheets import Sheet, kind, whole

BLANKS = " \t\n\r\f\v"
_WHOLE = re.compile(r"0|-?[1-9]\d{0,37}")
"""Whole numbers as they are written by themselves: the text 007 is not the number 7."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COMPARED = frozenset({ColumnKind.TEXT, ColumnKind.ENUM, ColumnKind.OTHER, ColumnKind.JSON})
_FOLDED = frozenset({Family.EMAIL, Family.PHONE, Family.IP})


@dataclass(slots=True)
class People:
    """People staged in one session."""

    db: Session
    manifest: Manifest
    sheets: Mapping[str, Sheet]
    _entries: dict[int, Entry] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)
    _forms: dict[int, dict[str, set[int]]] = field(default_factory=dict)
    _odd: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Learn the entries."""
        self._entries = {entry.number: entry for entry in self.manifest.entries}

    def _table(self, number: int) -> str:
        """Return the table of an entry, filling it on first sight."""
        name = f"troth_entry_{number}"
        if number not in self._known:
            self._known.add(number)
            self._fill(name, self._entries[number])
        return name

    def _fill(self, table: str, entry: Entry) -> None:
        count = len(entry.columns)
        columns = [f"t{n} VARCHAR, i{n} HUGEINT" for n in range(count)]
        self.db.run(Piece(f"CREATE TABLE {table} (person INTEGER, {', '.join(columns)})"))
        given: dict[str, list[object]] = {"person": []}
        given |= {f"{letter}{n}": [] for n in range(count) for letter in "ti"}
        for person, values in self.manifest.rows(entry.number):
            for texts in self._written(entry, values):
                given["person"].append(person)
                for n, (text, number) in enumerate(texts):
                    given[f"t{n}"].append(text)
                    given[f"i{n}"].append(number)
        types = {name: "HUGEINT" if name[0] == "i" else "VARCHAR" for name in given} | {"person": "INTEGER"}
        self.db.load(table, given, types)

    def _written(self, entry: Entry, values: tuple[object, ...]) -> Iterator[list[tuple[str, str | None]]]:
        """Yield the spellings of one row of an entry: text, and the whole number it is, if it is one."""
        if entry.family is None:
            plain = [_text(one) for one in values]
            yield [(one, _number(one)) for one in plain]
            if any(_UUID.fullmatch(one) for one in plain):
                yield [(one.upper() if _UUID.fullmatch(one) else one, None) for one in plain]
            return
        text = _text(values[0])
        form = normal.normal(entry.family, text, entry.region)
        spelt = normal.spellings(entry.family, form, entry.region) if form else (text.strip(BLANKS).lower(),)
        for one in dict.fromkeys(spelt):
            yield [(one, _number(one))]

    def member(self, sheet: Sheet, rows: Piece, one: Staged, alias: str) -> Piece:
        """Render that columns of a row are among an entry's values; false where one is NULL.

        Args:
            sheet: The dataset of the row.
            rows: Its rows, from which `alias` is one.
            one: What is asked.
            alias: How the row is called in the statement.
        """
        entry = self._entries.get(one.entry)
        if entry is None or any(name not in sheet.columns for name in one.columns):
            return FALSE
        if len(one.columns) == 1:
            return self._single(sheet, rows, entry, one.columns[0], alias)
        table = self._table(entry.number)
        pairs = [
            self._sides(entry, sheet.columns[name], Piece(f"{alias}.{quoted(name)}"), n)
            for n, name in enumerate(one.columns)
        ]
        left = joined([own for own, _ in pairs], ", ")
        right = ", ".join(staged for _, staged in pairs)
        filled = " AND ".join(f"{staged} IS NOT NULL" for _, staged in pairs)
        return piece(
            "coalesce(({}) IN (SELECT {} FROM {}), false)",
            left,
            Piece(right),
            Piece(f"{table} WHERE {filled}"),
        )

    def _single(self, sheet: Sheet, rows: Piece, entry: Entry, name: str, alias: str) -> Piece:
        if kind(sheet.columns[name]) is ColumnKind.ARRAY:
            one = self._among(sheet, rows, entry, name, Piece("e.one"))
            elements = Piece(f"(SELECT unnest({alias}.{quoted(name)}) AS one) AS e")
            return piece("EXISTS (SELECT 1 FROM {} WHERE {})", elements, one)
        return self._among(sheet, rows, entry, name, Piece(f"{alias}.{quoted(name)}"))

    def _among(self, sheet: Sheet, rows: Piece, entry: Entry, name: str, own: Piece) -> Piece:
        declared = sheet.columns[name].removesuffix("[]")
        table = self._table(entry.number)
        left, right = self._sides(entry, declared, own, 0)
        found = piece(
            "coalesce({} IN (SELECT {} FROM {}), false)",
            left,
            Piece(right),
            Piece(f"{table} WHERE {right} IS NOT NULL"),
        )
        if entry.family not in _FOLDED or kind(declared) is ColumnKind.INTEGER:
            return found
        odd = Piece(self._oddities(sheet, rows, entry, name))
        return piece("({} OR coalesce(CAST({} AS VARCHAR) IN (SELECT text FROM {}), false))", found, own, odd)

    def _sides(self, entry: Entry, declared: str, own: Piece, n: int) -> tuple[Piece, str]:
        """Return what is compared: the column brought to a form, and the staged column in that form."""
        if entry.family in _FOLDED:
            if kind(declared) is ColumnKind.INTEGER and entry.family is Family.PHONE:
                return piece("CAST({} AS VARCHAR)", own), f"t{n}"
            if kind(declared) is ColumnKind.NUMBER:
                own = piece("TRY_CAST({} AS HUGEINT)", own)
            return _form(entry.family, own), f"t{n}"
        match kind(declared):
            case ColumnKind.INTEGER:
                return own, f"TRY_CAST(i{n} AS {declared})"
            case ColumnKind.NUMBER:
                return piece(
                    "CASE WHEN {} = trunc({}) THEN TRY_CAST({} AS HUGEINT) END", own, own, own
                ), f"i{n}"
            case ColumnKind.JSON if declared == "JSON":
                return piece("json_extract_string({}, '$')", own), f"t{n}"
            case ColumnKind.TEXT:
                return own, f"t{n}"
            case other if other in _COMPARED:
                return piece("CAST({} AS VARCHAR)", own), f"t{n}"
            case _:
                return own, f"TRY_CAST(t{n} AS {declared})"

    def _oddities(self, sheet: Sheet, rows: Piece, entry: Entry, name: str) -> str:
        """Return the table of values that only Python can tell, of the files looked at so far."""
        table = f"troth_odd_{entry.number}"
        if table not in self._odd:
            self._odd.add(table)
            self.db.run(Piece(f"CREATE TABLE {table} (person INTEGER, text VARCHAR)"))
        key = f"{table} {sheet.name} {name} {rows.sql} {rows.given}"
        if key in self._odd:
            return table
        self._odd.add(key)
        declared = sheet.columns[name]
        column = f"unnest({quoted(name)})" if declared.endswith("[]") else quoted(name)
        texts = f"SELECT DISTINCT CAST({column} AS VARCHAR) AS text FROM {{}} AS troth_rows"
        found = self.db.rows(piece(f"SELECT text FROM ({texts}) WHERE {_ODD[entry.family]}", rows))
        hits = [(person, text) for (text,) in found for person in self._whose(entry, text)]
        if hits:
            given = {"person": [p for p, _ in hits], "text": [t for _, t in hits]}
            self.db.load(table, given, {"person": "INTEGER", "text": "VARCHAR"})
        return table

    def _whose(self, entry: Entry, text: str) -> set[int]:
        known = self._forms.get(entry.number)
        if known is None:
            known = self._forms[entry.number] = {}
            assert entry.family is not None
            for person, values in self.manifest.rows(entry.number):
                form = normal.normal(entry.family, _text(values[0]), entry.region)
                if form is not None:
                    known.setdefault(form, set()).add(person)
        assert entry.family is not None
        form = normal.normal(entry.family, text, entry.region)
        return known.get(form, set()) if form is not None else set()

    def pairs(self, sheet: Sheet, rows: Piece, way: Way) -> Piece:
        """Render (row, person) for the rows of a file that one way leads from to the people at hand."""
        entry = self._entries.get(way.end.entry)
        target, tables, truths = sheet, [piece("{} AS r0", rows)], list[Piece]()
        last, inside = "r0", rows
        for depth, (dataset, match) in enumerate(way.path, 1):
            found = self.sheets.get(dataset.partition(".")[2])
            if found is None:
                return _NOBODY
            target, inside = found, whole(found)
            tables.append(piece(f"{{}} AS r{depth}", inside))
            truths += [Piece(f"r{depth - 1}.{quoted(a)} = r{depth}.{quoted(b)}") for a, b in match]
            last = f"r{depth}"
        if entry is None or any(name not in target.columns for name in way.end.columns):
            return _NOBODY
        staged, same = self._joined(target, inside, entry, way.end, last)
        tables.append(staged)
        return piece(
            f"SELECT DISTINCT r0.{ROW} AS place, p.person AS person FROM {{}} WHERE {{}}",
            joined(tables, ", "),
            joined([*truths, same], " AND "),
        )

    def _joined(
        self, sheet: Sheet, rows: Piece, entry: Entry, end: Staged, alias: str
    ) -> tuple[Piece, Piece]:
        table = self._table(entry.number)
        name = end.columns[0]
        if len(end.columns) == 1:
            declared = sheet.columns[name].removesuffix("[]")
            listed = sheet.columns[name].endswith("[]")
            own = Piece(f"{alias}.{quoted(name)}")
            element = Piece("e.one") if listed else own
            left, right = self._sides(entry, declared, element, 0)
            spelt = f"SELECT person, {right} AS form FROM {table} WHERE {right} IS NOT NULL"
            if entry.family in _FOLDED and kind(declared) is not ColumnKind.INTEGER:
                odd = self._oddities(sheet, rows, entry, name)
                form = _form(entry.family, Piece("text"))
                spelt = f"{spelt} UNION SELECT person, {{}} FROM {odd}"
                people = piece(f"({spelt}) AS p", form)
            else:
                people = Piece(f"({spelt}) AS p")
            if listed:
                elements = piece("(SELECT unnest({}) AS one) AS e", own)
                return piece("{}, LATERAL {}", people, elements), piece("{} = p.form", left)
            return people, piece("{} = p.form", left)
        sides = [
            self._sides(entry, sheet.columns[c], Piece(f"{alias}.{quoted(c)}"), n)
            for n, c in enumerate(end.columns)
        ]
        forms = ", ".join(f"{right} AS f{n}" for n, (_, right) in enumerate(sides))
        same = [piece(f"{{}} = p.f{n}", left) for n, (left, _) in enumerate(sides)]
        return Piece(f"(SELECT person, {forms} FROM {table}) AS p"), joined(same, " AND ")


_NOBODY = Piece("SELECT CAST(NULL AS BIGINT) AS place, CAST(NULL AS INTEGER) AS person WHERE false")
_ODD: Mapping[Family | None, str] = {
    Family.EMAIL: "strlen(text) <> length(text)",
    Family.PHONE: "strlen(text) <> length(text)",
    Family.IP: "contains(text, ':')",
}


def _form(family: Family | None, own: Piece) -> Piece:
    """Bring a text near the normal form of its family, as far as DuckDB can."""
    blanks = value(BLANKS)
    text = piece("CAST({} AS VARCHAR)", own)
    if family is Family.PHONE:
        plus = piece("CASE WHEN starts_with(trim({}, {}), '+') THEN '+' ELSE '' END", text, blanks)
        return piece("({} || regexp_replace({}, '[^0-9]', '', 'g'))", plus, text)
    return piece("lower(trim({}, {}))", text, blanks)


def _text(one: object) -> str:
    """Write a value of the manifest as DuckDB writes it as text."""
    match one:
        case bool():
            return str(one).lower()
        case bytes():
            return "".join(f"\\x{byte:02X}" for byte in one)
        case decimal.Decimal() | float() if one == int(one):
            return str(int(one))
        case uuid.UUID():
            return str(one)
        case _:
            return str(one)


def _number(text: str) -> str | None:
    """Return the whole number a text is, as text: lists of numbers beyond 64 bits are given so."""
    return text if _WHOLE.fullmatch(text) else None
