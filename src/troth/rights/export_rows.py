"""One row of a person as it may be shown: without secrets, without other people, with the day it ends. Pure.

Made once for each dataset, then asked for every row: what costs time stands outside the loop, and rows of one person
alone go through untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from troth import periods
from troth.catalog.datamap import Controller
from troth.people import normal
from troth.people.entries import Entry, Way
from troth.people.manifest import Manifest, Person
from troth.periods import Period
from troth.rights.export import ELSE, Label, Reason, Sheet
from troth.rights.export_cells import document
from troth.rights.export_redact import Redactor
from troth.rights.export_text import AsText


class Row(Protocol):
    """A row about a person, as a store reads it (`apply.people.Record`)."""

    @property
    def person(self) -> int: ...  # noqa: D102
    @property
    def roles(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def shared(self) -> bool: ...  # noqa: D102
    @property
    def values(self) -> Mapping[str, object]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row as it may be shown."""

    values: Mapping[str, Any]
    until: Mapping[str, str]
    """Last day of each retention class that the row's own dates tell."""
    redacted: tuple[str, ...] = ()
    """Columns in which something of somebody else was taken out."""
    hidden: Reason | None = None
    """Why the row is not shown at all."""

    @property
    def apart(self) -> Mapping[str, Any]:
        """Return the values one by one, also where they came as text."""
        return self.values.values_read if isinstance(self.values, AsText) else self.values


_NOTHING: Mapping[str, str] = {}


class Shaper:
    """Shapes the rows of one dataset."""

    def __init__(self, sheet: Sheet, people: Manifest, zone: str) -> None:
        self.sheet = sheet
        self.names = tuple(label.column for label in sheet.shown)
        self.people = {person.number: person for person in people.people}
        self.entries = {entry.number: entry for entry in people.entries}
        self.redactors: dict[int, Redactor] = {}
        self.endings = tuple(
            (e.kept_as, e.column, _calendar(e.period, sheet.zone, zone)) for e in sheet.endings
        )
        self.one = len(self.endings) == 1
        self.exact = set(sheet.read) == set(self.names) and not any(set(n) == {"@"} for n in self.names)
        self.documents = tuple(label.column for label in sheet.shown if label.document)
        self.theirs = tuple(label for label in sheet.shown if label.of or any(p.of for p in label.parts))

    @property
    def straight(self) -> bool:
        """Tell whether a row of one person alone, that comes as text, is written as it came."""
        more = self.endings or self.theirs or self.documents or self.sheet.controller is not None
        return self.exact and not more

    def shape(self, row: Row) -> Shown:
        """Return what may be shown of a row."""
        values = row.values
        controller = self.sheet.controller
        if controller is not None and (reason := _foreign(controller, values)):
            return Shown(values={}, until=_NOTHING, hidden=reason)
        until = self._until(values) if self.endings else _NOTHING
        # What comes as text was read with the columns asked for, and needs no look where all of them are shown.
        shown = values if self.exact and isinstance(values, AsText) else self._picked(values)
        if self.documents:
            shown = {**shown, **{name: document(shown.get(name)) for name in self.documents}}
        if not row.shared and not self.theirs:
            return Shown(values=shown, until=until)
        return self._redacted(row, dict(shown), until)

    def _picked(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: values[name] for name in self.names if name in values}

    def _until(self, values: Mapping[str, object]) -> Mapping[str, str]:
        if self.one:
            kept_as, column, ends = self.endings[0]
            return ends(kept_as, values.get(column))
        found: dict[str, str] = {}
        for kept_as, column, ends in self.endings:
            found.update(ends(kept_as, values.get(column)))
        return found

    def _redacted(self, row: Row, shown: dict[str, Any], until: Mapping[str, str]) -> Shown:
        """Take out what is about somebody else."""
        gone: dict[str, None] = {}
        person = self.people[row.person]
        for name, value in shown.items():
            if isinstance(value, tuple):
                shown[name] = list(value)
        for label in self.theirs:
            self._of_others(label, row.roles, shown, gone)
        if row.shared:
            redactor = self._redactor(person)
            for name in self._links(row, person):
                value = shown.get(name)
                listed = isinstance(value, list)
                covered = [one if redactor.own(one) else ELSE for one in value or ()] if listed else ELSE
                if value is not None and covered != value:
                    shown[name] = covered
                    gone[name] = None
            own = {label.column for label in self.theirs if label.of in row.roles}
            for label in self.sheet.shown:
                self._text(label, shown, gone, redactor, own)
        return Shown(values=shown, until=until, redacted=tuple(gone))

    def _of_others(
        self, label: Label, roles: tuple[str, ...], shown: dict[str, Any], gone: dict[str, None]
    ) -> None:
        if label.of and label.of not in roles and shown.get(label.column) is not None:
            shown[label.column] = ELSE
            gone[label.column] = None
            return
        for part in label.parts:
            if part.of and part.of not in roles:
                without = _without(shown.get(label.column), part.path)
                if without is not shown.get(label.column):
                    shown[label.column] = without
                    gone[label.column] = None

    def _links(self, row: Row, person: Person) -> list[str]:
        """Name the columns that lead to somebody else: of other roles, or with a value that is not the person's."""
        found: list[str] = []
        mine: set[str] = set()
        for way in self.sheet.ways:
            columns = tuple(own for own, _ in way.path[0][1]) if way.path else way.end.columns
            if way.role not in row.roles or not self._own(way, person, row.values):
                found += columns
            else:
                mine.update(columns)
        return [name for name in found if name not in mine]

    def _own(self, way: Way, person: Person, values: Mapping[str, object]) -> bool:
        """Tell whether the columns of a way hold what is the person's; what is looked up elsewhere counts as it.

        Where the role has this way alone, it is the one that found the row.
        """
        alone = sum(1 for one in self.sheet.ways if one.role == way.role) == 1
        if way.path or alone or self.sheet.inside:
            return True
        entry = self.entries[way.end.entry]
        have = tuple(_text(entry, values.get(name)) for name in way.end.columns)
        return any(have == tuple(_text(entry, v) for v in row) for row in person.values.get(entry.number, ()))

    def _text(
        self,
        label: Label,
        shown: dict[str, Any],
        gone: dict[str, None],
        redactor: Redactor,
        own: set[str],
    ) -> None:
        value = shown.get(label.column)
        if value is None or label.column in own or value == ELSE:
            return
        if not label.declared:
            shown[label.column] = ELSE
            gone[label.column] = None
            return
        if isinstance(value, (str, list, dict)):
            without = redactor.value(value)
            if without != value:
                shown[label.column] = without
                gone[label.column] = None

    def _redactor(self, person: Person) -> Redactor:
        if person.number not in self.redactors:
            self.redactors[person.number] = Redactor(person.identities, self._region())
        return self.redactors[person.number]

    def _region(self) -> str:
        return next((entry.region for entry in self.entries.values() if entry.region), "")


def _foreign(controller: Controller, values: Mapping[str, object]) -> Reason | None:
    value = values.get(controller.column)
    if value is None:
        return "unknown-controller"
    return None if str(value) in {str(one) for one in controller.ours} else "other-controller"


def _text(entry: Entry, value: object) -> object:
    """Write a value as it is compared."""
    if value is None:
        return None
    text = str(value)
    return text if entry.family is None else normal.normal(entry.family, text, entry.region) or text


def _without(value: Any, path: tuple[str, ...]) -> Any:
    """Return a document with somebody else's value at a path covered; the same object where there is none."""
    if not isinstance(value, Mapping) or path[0] not in value or value[path[0]] is None:
        return value
    inner = ELSE if len(path) == 1 else _without(value[path[0]], path[1:])
    return value if inner is value[path[0]] else {**value, path[0]: inner}


Ends = Callable[[str, object], Mapping[str, str]]


def _calendar(period: Period, own: str, zone: str) -> Ends:
    """Return what tells the last day of a class from a stored date; days repeat, so each is worked out once."""
    here, there = ZoneInfo(zone), ZoneInfo(own or "UTC")

    @lru_cache(maxsize=20_000)
    def ends(kept_as: str, value: object) -> Mapping[str, str]:
        moment = _moment(value, there)
        if moment is None:
            return _NOTHING
        try:
            if isinstance(moment, datetime):
                if period.exact:
                    end = moment.timestamp() + period.seconds
                    return {kept_as: datetime.fromtimestamp(end, UTC).astimezone(here).date().isoformat()}
                moment = moment.astimezone(here).date()
            return {kept_as: periods.end(moment, period).isoformat()}
        except (ValueError, OverflowError, OSError):
            return _NOTHING

    def known(kept_as: str, value: object) -> Mapping[str, str]:
        return ends(kept_as, value) if isinstance(value, (str, date)) else _NOTHING

    return known


def _moment(value: object, zone: ZoneInfo) -> date | datetime | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return value if isinstance(value, date) else None
