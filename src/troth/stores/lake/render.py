"""From predicates to DuckDB's SQL: the same closed algebra of which SQL for databases is made.

Pure, but for the tables of people that `staged` fills on first sight. Every piece is true or false, never unknown:
what is unknown counts as not holding, so that a negation is what it says. Constants go in as parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from troth.catalog.model import ColumnKind
from troth.plan import dates
from troth.plan import predicates as p
from troth.stores.lake import changes
from troth.stores.lake.fragment import FALSE, TRUE, Piece, joined, piece, quoted, value
from troth.stores.lake.sheets import Sheet, kind, of, whole
from troth.stores.lake.staged import People
from troth.stores.sql.render import EARLIEST_OF, HELD, SHAPES


@dataclass(frozen=True, slots=True)
class Render:
    """Renders predicates about rows of one file, or of all files of a dataset."""

    people: People
    store: str
    sheet: Sheet
    rows: Piece
    alias: str = "t0"
    depth: int = 0

    def true(self, one: p.Predicate) -> Piece:  # noqa: PLR0911, PLR0912 one case for each kind
        """Render that a predicate holds."""
        match one:
            case p.Always():
                return TRUE
            case p.All(of=parts):
                return piece("({})", joined(map(self.true, parts), " AND ", TRUE))
            case p.Any(of=parts):
                return piece("({})", joined(map(self.true, parts), " OR ", FALSE))
            case p.Not(of=part):
                return piece("(NOT {})", self.true(part))
            case p.Exists():
                return self._exists(one)
            case p.Staged():
                return self.people.member(self.sheet, self.rows, one, self.alias)
            case p.Common():
                raise AssertionError("people at hand have no row of their own in a lake")
            case p.Held():
                raise AssertionError(HELD)
            case p.Null(column=name):
                return piece("({} IS NULL)", self._column(name))
            case p.Filled(column=name):
                return piece("({} IS NOT NULL)", self._column(name))
            case p.Compare(column=name, operator=operator, value=constant):
                return _known(
                    piece(f"{{}} {operator} {{}}", self._column(name), self._constant(name, constant))
                )
            case p.OneOf(column=name, values=values):
                constants = joined((self._constant(name, one) for one in values), ", ", Piece("NULL"))
                return _known(piece("{} IN ({})", self._column(name), constants))
            case p.Before():
                return self._before(one)
            case p.Unreadable(column=name, layout=layout):
                own = self._column(name)
                return piece("({} IS NOT NULL AND NOT {})", own, self._shaped(name, layout))
            case p.Differs(column=name, to=to):
                return changes.differs(self._type(name), self._column(name), to)
            case p.HasPath(column=name, path=path):
                return changes.has_path(self._type(name), self._column(name), path)
        assert_never(one)

    def _type(self, name: str) -> str:
        return self.sheet.columns.get(name, "VARCHAR")

    def _column(self, name: str) -> Piece:
        if name not in self.sheet.columns:
            return Piece("CAST(NULL AS VARCHAR)")
        return Piece(f"{self.alias}.{quoted(name)}")

    def _equal(self, own: str, inner: Render, there: str) -> Piece:
        """Compare columns of two rows: by their text where one is JSON, as a column is in which nothing stands."""
        if (self._type(own) == "JSON") == (inner._type(there) == "JSON"):
            return piece("{} = {}", self._column(own), inner._column(there))
        return piece("{} = {}", self._text(own), inner._text(there))

    def _text(self, name: str) -> Piece:
        if self._type(name) == "JSON":
            return piece("json_extract_string({}, '$')", self._column(name))
        return piece("CAST({} AS VARCHAR)", self._column(name))

    def _constant(self, name: str, constant: p.Value) -> Piece:
        """Give a constant the column's own type; one that has no meaning there compares with nothing."""
        written = str(constant).lower() if isinstance(constant, bool) else str(constant)
        return piece("TRY_CAST({} AS {})", value(written), Piece(self._type(name)))

    def _exists(self, one: p.Exists) -> Piece:
        other = of(self.people.sheets, self.store, one.dataset)
        rows = whole(other)
        alias = f"t{self.depth + 1}"
        inner = replace(self, sheet=other, rows=rows, alias=alias, depth=self.depth + 1)
        pairs = [self._equal(own, inner, there) for own, there in one.match]
        where = joined([*pairs, inner.true(one.where)], " AND ", TRUE)
        return piece(f"EXISTS (SELECT 1 FROM {{}} AS {alias} WHERE {{}})", rows, where)

    def _before(self, one: p.Before) -> Piece:
        types = {"instant": "TIMESTAMP WITH TIME ZONE", "wall": "TIMESTAMP", "day": "DATE"}
        bound = piece(
            "CAST({} AS {})", value(str(one.bound)), Piece(types.get(one.form, self._type(one.column)))
        )
        before = _known(piece("{} < {}", self._column(one.column), bound))
        return piece("({} AND {})", before, self._shaped(one.column, one.layout or one.form))

    def _shaped(self, name: str, layout: str) -> Piece:
        own = self._column(name)
        if layout in EARLIEST_OF:
            earliest = value(EARLIEST_OF[layout].isoformat())
            return _known(piece("{} >= CAST({} AS {})", own, earliest, Piece(self._type(name))))
        if layout in SHAPES:
            return _known(piece("regexp_matches(CAST({} AS VARCHAR), {})", own, value(SHAPES[layout][2])))
        if kind(self._type(name)) not in (ColumnKind.INTEGER, ColumnKind.NUMBER):
            return FALSE
        first, last = (bound * dates.NUMBER_LAYOUTS[layout] for bound in dates.EPOCH)
        return _known(piece("({} >= {} AND {} < {})", own, value(first), own, value(last)))


def _known(one: Piece) -> Piece:
    """Count as false what is unknown."""
    return piece("coalesce({}, false)", one)
