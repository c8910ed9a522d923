"""A slow, obviously right answer to "what must go, what is emptied, what stays?", in plain Python.

Written from the design, not from the planner: it looks at one row at a time, walks each path by comparing values,
counts periods day by day, and takes back decisions until nothing changes any more. It knows nothing of SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
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
class Rule:
    """A period after an event; no period means for ever."""

    months: int | None = None
    days: int = 0
    event: str = ""
    latest_of: tuple[tuple[str, str], ...] = ()
    """Table and column of each date, where the event is the latest of several."""
    chosen: bool = False
    """People decided this end themselves (an opt-out): no own interest stands against it."""


@dataclass(kw_only=True)
class Spec:
    """One table, and what the data map says of it."""

    refs: dict[str, Ref] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    """Rule of each personal column."""
    dates: dict[str, str] = field(default_factory=dict)
    """Column that dates each event."""
    on_expiry: str | None = None
    paths: tuple[tuple[str, ...], ...] = ()
    """Ways to people, as columns to follow one after the other; the people's own table has one empty way."""
    owned_by: tuple[str, str] | None = None
    """Table and column of those who own these rows."""
    controlled: bool = False
    """Rows with `controller` other than 'us' belong to somebody else."""


@dataclass(kw_only=True)
class Hold:
    """A hold on rows of one table, by id; `own` for an own interest, which expiry alone respects."""

    name: str
    table: str
    ids: frozenset[int]
    own: bool = False


@dataclass(kw_only=True)
class Project:
    """Everything a decision follows from."""

    tables: dict[str, Spec]
    rules: dict[str, Rule]
    caps: tuple[tuple[Rule, frozenset[str]], ...] = ()
    """Rules that end others sooner, and which."""
    holds: tuple[Hold, ...] = ()
    circle: frozenset[tuple[str, str]] = frozenset()
    """References (table, column) that may be emptied to break a circle."""


@dataclass(kw_only=True)
class Decision:
    """What must become of every row."""

    gone: set[Place]
    blanked: dict[Place, set[str]]
    """Columns that become empty, on rows that stay."""
    kept: dict[Place, str]
    """Why a row stays that is over."""


def passed(anchor: date, rule: Rule, today: date) -> bool:
    """Tell whether the last day of a period lies before today, by stepping."""
    assert rule.months is not None
    year, month = anchor.year, anchor.month
    for _ in range(rule.months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    day = anchor.day
    while True:
        try:
            last = date(year, month, day)
            break
        except ValueError:
            day -= 1
    for _ in range(rule.days):
        last += timedelta(days=1)
    return last < today


class Oracle:
    """Decides about every row of a small database."""

    def __init__(self, project: Project, rows: Mapping[str, list[Row]], today: date) -> None:
        self.project, self.rows, self.today = project, rows, today
        self.by_id = {(t, r["id"]): r for t, found in rows.items() for r in found}

    # ways -------------------------------------------------------------------------------------------------

    def walk(self, table: str, row: Row, path: tuple[str, ...]) -> Iterator[Place]:
        """Yield every row on a path, the first one included, as far as it leads."""
        yield table, row["id"]
        for column in path:
            target = self.project.tables[table].refs[column].target
            here = row[column]
            if here is None or (target, here) not in self.by_id:
                return
            table, row = target, self.by_id[target, here]
            yield table, row["id"]

    def owners(self, table: str, row: Row) -> list[Place]:
        """List the rows that own a row."""
        owned = self.project.tables[table].owned_by
        assert owned is not None
        return [(owned[0], r["id"]) for r in self.rows[owned[0]] if r[owned[1]] == row["id"]]

    def people(self, table: str, row: Row) -> set[Place]:
        """Name the people a row leads to."""
        found = set()
        for path in self.project.tables[table].paths:
            *_, last = self.walk(table, row, path)
            if len(list(self.walk(table, row, path))) == len(path) + 1:
                found.add(last)
        return found

    # dates ------------------------------------------------------------------------------------------------

    def state(self, table: str, row: Row, rule: Rule) -> str:
        """Say `expired`, `current` or `open` (no date) for one row and one rule."""
        if rule.months is None:
            return "current"
        if rule.latest_of:
            return self.latest(table, row, rule)
        spec = self.project.tables[table]
        if rule.event in spec.dates:
            return self.dated(row[spec.dates[rule.event]], rule)
        if spec.owned_by:
            return self.of_all([self.state(t, self.by_id[t, i], rule) for t, i in self.owners(table, row)])
        states = []
        for path in spec.paths:
            if row[path[0]] is None:
                continue
            state = "open"
            for there, ident in list(self.walk(table, row, path))[1:]:
                column = self.project.tables[there].dates.get(rule.event)
                if column:
                    state = self.dated(self.by_id[there, ident][column], rule)
                    break
            states.append(state)
        return self.of_all(states)

    def of_all(self, states: list[str]) -> str:
        """Join the states of several people: the last one decides, and one without a date leaves it open."""
        if not states or "open" in states:
            return "open"
        return "expired" if set(states) == {"expired"} else "current"

    def dated(self, value: date | None, rule: Rule) -> str:
        if value is None:
            return "open"
        return "expired" if passed(value, rule, self.today) else "current"

    def latest(self, table: str, row: Row, rule: Rule) -> str:
        """Look at every date of every row with one of the same people, and at the row's own."""
        own = [row[c] for t, c in rule.latest_of if t == table]
        if own and not any(own):
            return "open"
        mine = self.people(table, row)
        dates = {value for value in own if value}
        for there, column in rule.latest_of:
            for other in self.rows[there]:
                if other[column] and self.people(there, other) & mine:
                    dates.add(other[column])
        return self.dated(max(dates, default=None), rule)

    def ended(self, table: str, row: Row, name: str) -> bool:
        """Tell whether a rule, or a cap over it, has ended a row's fields."""
        rules = [self.project.rules[name], *(cap for cap, over in self.project.caps if name in over)]
        return any(self.state(table, row, rule) == "expired" for rule in rules)

    # grounds ----------------------------------------------------------------------------------------------

    def leads_to(self, table: str, row: Row, seen: frozenset[Place] = frozenset()) -> set[Place]:
        """Name every row a row belongs to, by reference or as owned."""
        here = (table, row["id"])
        if here in seen:
            return set()
        found = {here}
        spec = self.project.tables[table]
        for column, ref in spec.refs.items():
            if (table, column) in self.project.circle or ref.target == table:
                continue
            target = (ref.target, row[column])
            if row[column] is not None and target in self.by_id:
                found |= self.leads_to(ref.target, self.by_id[target], seen | {here})
        if spec.owned_by and not seen:
            found |= set(self.owners(table, row))
        return found

    def held(self, table: str, row: Row, *, chosen: bool = False) -> str:
        """Name a hold that keeps a row, or nothing; an end that people chose beats an own interest."""
        places = self.leads_to(table, row)
        for hold in self.project.holds:
            if not (hold.own and chosen) and any((hold.table, i) in places for i in hold.ids):
                return hold.name
        return ""

    def ours(self, table: str, row: Row) -> bool:
        return not self.project.tables[table].controlled or row["controller"] == "us"

    # decisions --------------------------------------------------------------------------------------------

    def over(self, table: str, row: Row) -> bool:
        """Tell whether every personal field of a row has outlived its rule."""
        spec = self.project.tables[table]
        if spec.owned_by and not self.owners(table, row) and all(row[c] is None for c in spec.fields):
            return True  # nobody's, and empty
        rules = set(spec.fields.values())
        return bool(rules) and all(self.ended(table, row, name) for name in rules)

    def free(self, table: str, row: Row) -> bool:
        rules = set(self.project.tables[table].fields.values())
        chosen = all(self.project.rules[name].chosen for name in rules)
        return self.ours(table, row) and not self.held(table, row, chosen=chosen)

    def decide(self) -> Decision:
        """Let everything go that may, then take back what something else still needs."""
        ready = {
            place
            for place, row in self.by_id.items()
            if self.over(place[0], row) and self.free(place[0], row)
        }
        going = {p for p in ready if self.project.tables[p[0]].on_expiry == "delete-row"}
        loose = {p for p in ready if self.project.tables[p[0]].on_expiry == "keep-without-person"}
        kept: dict[Place, str] = {}
        while True:
            back = {p for p in going if self.needed(p, ready, going, loose)}
            tied = {p for p in loose if self.followed(p, going, loose)}
            if not back and not tied:
                break
            going, loose = going - back, loose - tied
            kept.update(dict.fromkeys(back, "needed"))
        return Decision(gone=going, blanked=self.blanked(ready, going, loose), kept=kept)

    def referring(self, place: Place) -> Iterator[tuple[Place, str]]:
        """Yield every row that holds a row's id, and the column."""
        for table, spec in self.project.tables.items():
            for column, ref in spec.refs.items():
                if ref.target == place[0]:
                    yield from (((table, r["id"]), column) for r in self.rows[table] if r[column] == place[1])

    def needed(self, place: Place, ready: set[Place], going: set[Place], loose: set[Place]) -> bool:
        """Tell whether some row that stays holds on to a row, or is owned by it and has not ended."""
        for other, column in self.referring(place):
            if other in going and other != place:
                continue
            spec = self.project.tables[other[0]]
            if (
                (other[0], column) in self.project.circle
                and other in ready
                and spec.on_expiry == "delete-row"
            ):
                continue
            if other in loose and column in self.links(other[0]) and spec.refs[column].nullable:
                continue
            return True
        for table, spec in self.project.tables.items():
            if spec.owned_by and spec.owned_by[0] == place[0]:
                owned = self.by_id[place][spec.owned_by[1]]
                row = self.by_id.get((table, owned))
                if row and not all(self.ended_for_owner(place, name) for name in set(spec.fields.values())):
                    return True
                if row and self.kept_back(table, row):
                    return True
        return False

    def kept_back(self, table: str, row: Row) -> bool:
        """Tell whether a hold keeps something in a row that has ended."""
        fields = self.project.tables[table].fields
        return any(
            row[column] is not None
            and self.ended(table, row, name)
            and bool(self.held(table, row, chosen=self.project.rules[name].chosen))
            for column, name in fields.items()
        )

    def ended_for_owner(self, owner: Place, name: str) -> bool:
        """Tell whether what one person owns has ended as far as that person goes."""
        return self.ended(owner[0], self.by_id[owner], name)

    def links(self, table: str) -> set[str]:
        """Name the columns by which a row leads to its people."""
        return {path[0] for path in self.project.tables[table].paths if path}

    def followed(self, place: Place, going: set[Place], loose: set[Place]) -> bool:
        """Tell whether a row that stays comes to its people by way of this one."""
        for table, spec in self.project.tables.items():
            for path in spec.paths:
                for row in self.rows[table]:
                    way = list(self.walk(table, row, path))
                    for here, onward in pairwise(way):
                        if onward == place and len(way) > way.index(onward) + 1 and here not in going:
                            if (
                                here in loose
                                and self.project.tables[here[0]].refs[path[way.index(here)]].nullable
                            ):
                                continue
                            return True
        return False

    def blanked(self, ready: set[Place], going: set[Place], loose: set[Place]) -> dict[Place, set[str]]:
        """Say which columns of the rows that stay become empty."""
        found: dict[Place, set[str]] = {}
        for place, row in self.by_id.items():
            if place in going or not self.ours(place[0], row):
                continue
            spec = self.project.tables[place[0]]
            columns = {
                column
                for column, name in spec.fields.items()
                if self.ended(place[0], row, name)
                and not self.held(place[0], row, chosen=self.project.rules[name].chosen)
                and self.may_empty(place, column, ready, going, loose)
            }
            if place in loose:
                columns |= {c for c in self.links(place[0]) if spec.refs[c].nullable}
            if place in ready and spec.on_expiry == "delete-row":
                columns |= {c for c in spec.refs if (place[0], c) in self.project.circle}
            columns = {c for c in columns if row[c] is not None}
            if columns:
                found[place] = columns
        return found

    def may_empty(
        self, place: Place, column: str, ready: set[Place], going: set[Place], loose: set[Place]
    ) -> bool:
        """Keep a date until its row is over and nobody counts from it any more."""
        spec = self.project.tables[place[0]]
        if column not in spec.dates.values():
            return True
        if not self.over(place[0], self.by_id[place]):
            return False
        for other, link in self.referring(place):
            on_a_path = any(
                link in path and place[0] == self.project.tables[other[0]].refs[link].target
                for path in self.project.tables[other[0]].paths
            )
            nullable = self.project.tables[other[0]].refs[link].nullable
            lets_go = other in loose and nullable and link in self.links(other[0])
            if on_a_path and other not in going and not lets_go:
                return False
        for table, other_spec in self.project.tables.items():
            if other_spec.owned_by and other_spec.owned_by[0] == place[0]:
                owned = (table, self.by_id[place][other_spec.owned_by[1]])
                if owned in self.by_id and owned not in going:
                    return False
        return True
