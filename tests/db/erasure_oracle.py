"""A slow, obviously right answer to "what goes, what is emptied, what stays, when some people are erased?".

Written from the design, not from the planner: it looks at one row at a time, walks each path by comparing values, and
takes back decisions until nothing changes any more. It knows nothing of SQL or of predicates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = dict[str, Any]
Place = tuple[str, int]
"""Table and id of a row."""


@dataclass(kw_only=True)
class Ref:
    """A column that holds the id of a row of another table."""

    target: str
    nullable: bool = True


@dataclass(kw_only=True)
class Field:
    """A personal column."""

    of: str = ""
    """Role whose value it is."""
    duty: bool = False
    """Kept until the row's date has passed."""
    filled: bool = False
    """NOT NULL: a placeholder takes its place."""


@dataclass(kw_only=True)
class Spec:
    """One table, and what the data map says of it; unmapped where it has no fate."""

    refs: dict[str, Ref] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns to follow one after the other to a person, by role; an empty path is the person's own row."""
    fate: str = ""
    """`delete-row`, `keep-row`, `keep-without-person`."""
    owned: bool = False
    """People point here by `address_id`."""
    copy: bool = False
    """Recognised by a copied value in `email`."""
    own: str = ""
    """The column that refers to rows of the same table."""
    controlled: bool = False


@dataclass(kw_only=True)
class Project:
    """Everything a decision follows from."""

    tables: dict[str, Spec]
    held: frozenset[int] = frozenset()
    """People under a legal hold."""
    before: date = date(2020, 1, 1)
    """Rows dated before this have outlived the duty."""


class Oracle:
    """Decides about every row of a small database."""

    def __init__(self, project: Project, rows: dict[str, list[Row]], erased: frozenset[int]) -> None:
        self.project, self.rows, self.erased = project, rows, erased
        self.by_id = {(t, r["id"]): r for t, found in rows.items() for r in found}

    def after(self) -> dict[str, list[Row]]:
        """Return every row as it must be afterwards."""
        gone = self.gone()
        return {
            table: [self.changed((table, row["id"])) for row in rows if (table, row["id"]) not in gone]
            for table, rows in self.rows.items()
        }

    def people(self, place: Place, role: str) -> set[int]:
        """Name the people a row leads to by one role; somebody unknown is 0."""
        spec, row = self.project.tables[place[0]], self.by_id[place]
        if spec.owned:
            return {p["id"] for p in self.rows["people"] if p["address_id"] == row["id"]}
        if spec.copy:
            return {p["id"] for p in self.rows["people"] if p["email"] == row["email"] and row["email"]}
        here: Place | None = place
        for column in spec.roles[role]:
            assert here is not None
            ref = self.project.tables[here[0]].refs[column]
            value = self.by_id[here][column]
            here = None if value is None else (ref.target, value)
            if here is None:
                return set()
        assert here is not None
        return {here[1]}

    def roles(self, place: Place) -> dict[str, set[int]]:
        """Name everybody in a row, by role."""
        return {role: self.people(place, role) for role in self.project.tables[place[0]].roles}

    def mine(self, place: Place) -> bool:
        """Tell whether somebody erased stands in a row."""
        return any(found & self.erased for found in self.roles(place).values())

    def others(self, place: Place) -> bool:
        """Tell whether anybody else does; a person's own row is theirs alone."""
        if place[0] == "people":
            return place[1] not in self.erased
        return any(found - self.erased for found in self.roles(place).values())

    def held(self, place: Place, seen: frozenset[str] = frozenset()) -> bool:
        """Tell whether a row is held, or leads to a row that is, up references or by its people."""
        spec, row = self.project.tables[place[0]], self.by_id[place]
        if place[0] == "people":
            return place[1] in self.project.held
        if any(found & self.project.held for found in self.roles(place).values()):
            return True
        return any(
            row[column] is not None and self.held((ref.target, row[column]), seen)
            for column, ref in spec.refs.items()
            if ref.target != place[0]
        )

    def free(self, place: Place) -> bool:
        """Tell whether anything may be done to a row for the people erased."""
        if not self.project.tables[place[0]].fate:
            return False
        ours = not self.project.tables[place[0]].controlled or self.by_id[place]["controller"] == "us"
        return ours and self.mine(place) and not self.held(place)

    def over(self, place: Place) -> bool:
        """Tell whether no duty wants anything of a row."""
        spec, row = self.project.tables[place[0]], self.by_id[place]
        if not any(f.duty for f in spec.fields.values()):
            return True
        return row["made_at"] is not None and row["made_at"] < self.project.before

    def ready(self, place: Place) -> bool:
        """Tell whether a row goes unless something refers to it."""
        spec = self.project.tables[place[0]]
        tight = spec.own and not spec.refs[spec.own].nullable
        whole = not self.others(place) and self.over(place)
        return spec.fate == "delete-row" and not tight and self.free(place) and whole

    def cut(self, place: Place) -> set[str]:
        """Name the references that a row which stays lets go of."""
        spec = self.project.tables[place[0]]
        found: set[str] = set()
        if not self.free(place) or not self.over(place):
            return found
        for role, path in spec.roles.items():
            if len(path) == 1 and self.others(place) and self.people(place, role) & self.erased:
                found.add(path[0])
        if not self.others(place):
            if spec.fate == "keep-without-person":
                found |= {path[0] for path in spec.roles.values() if path}
            if place[0] == "people" and "address_id" in spec.refs:
                found.add("address_id")
        if self.ready(place) and spec.own:
            found.add(spec.own)
        return {column for column in found if spec.refs[column].nullable}

    def gone(self) -> set[Place]:
        """Take back what something that stays refers to, until nothing changes."""
        gone = {place for place in self.by_id if self.ready(place)}
        while True:
            needed = {place for place in gone if any(self.keeping(place, gone))}
            if not needed:
                return gone
            gone -= needed

    def keeping(self, place: Place, gone: set[Place]) -> Iterator[Place]:
        """Yield rows that stay and refer to a row."""
        for table, spec in self.project.tables.items():
            for column, ref in spec.refs.items():
                for row in self.rows[table] if ref.target == place[0] else ():
                    other = (table, row["id"])
                    if row[column] != place[1] or other == place:
                        continue
                    if other not in gone and column not in self.cut(other):
                        yield other

    def changed(self, place: Place) -> Row:
        """Empty what goes of a row that stays."""
        spec, row = self.project.tables[place[0]], dict(self.by_id[place])
        if not self.free(place):
            return row
        roles = self.roles(place)
        for column, one in spec.fields.items():
            whose = not self.others(place) or bool(one.of and roles[one.of] & self.erased)
            if whose and not (one.duty and not self.over(place)):
                row[column] = "" if one.filled else None
        return row | dict.fromkeys(self.cut(place))
