"""From the end of a period to the constant that SQL compares a bare column with.

A date is kept in many ways: an instant, wall time without zone, a day, text in one of several layouts, a
number of seconds. `dated` writes the bound the way the column does, so that no function stands around the
column and an index can serve. What cannot be written is a finding, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from troth.catalog.model import Column, ColumnKind
from troth.periods import Cutoff
from troth.plan.predicates import NEVER, Before, Predicate, Unreadable
from troth.plan.world import World
from troth.problems import Problem

TEXT_LAYOUTS = {
    "date": "%Y-%m-%d",
    "datetime-space": "%Y-%m-%d %H:%M:%S",
    "datetime-T": "%Y-%m-%dT%H:%M:%S",
    "datetime-T-Z": "%Y-%m-%dT%H:%M:%S",
}
"""Layouts of dates kept as text.

A bound is written as short as it can be (no zone mark, no seconds where there are none), because shorter text
sorts before longer: `2020-01-01 00:00` lies before none of the ways to write that minute.
"""

EARLIEST = 1000
"""The first year of a date: what lies before is a mark for none (`-infinity`, year 1, `0000-00-00`)."""
EPOCH = (10**8, 10**10)
"""1973 to 2286 as seconds since 1970: what lies elsewhere is a mark, or written in another unit."""
NUMBER_LAYOUTS = {"epoch-s": 1, "epoch-ms": 1000}
ZONED_LAYOUTS = frozenset({"datetime-T-Z", *NUMBER_LAYOUTS})
LAYOUTS = (*TEXT_LAYOUTS, *NUMBER_LAYOUTS)
WHEN_EMPTY = "datetime-space"
"""Assumed for a column without a value; rows that come later in another layout count as unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A column compared with the end of a period."""

    expired: Predicate
    unreadable: Predicate = NEVER
    missing: Predicate = NEVER
    """Filled with what stands for no date, such as `-infinity`."""
    problem: Problem | None = None


def dated(world: World, dataset: str, column: Column, cutoff: Cutoff) -> Dated:
    """Say when this column's date has run out, in the column's own way of writing dates."""
    dialect = world.catalogs[dataset.partition(".")[0]].dialect
    native = dialect != "sqlite"
    if native and column.kind is ColumnKind.DATETIME_TZ:
        return _before(column, cutoff.instant.isoformat(), "instant")
    if native and column.kind is ColumnKind.DATE:
        return _before(column, cutoff.day.isoformat(), "day")
    if native and column.kind is ColumnKind.DATETIME:
        return _wall(world, dataset, column, cutoff)
    if column.kind in _KEPT_AS_TEXT_OR_NUMBER:
        return _laid_out(world, dataset, column, cutoff)
    message = f"{dataset}.{column.name} is {column.kind.value}, which dates nothing"
    return _refused("bad-anchor", dataset, column, message, "Name a column that holds a date.")


_KEPT_AS_TEXT_OR_NUMBER = frozenset(
    {ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.DATE, ColumnKind.DATETIME,
     ColumnKind.DATETIME_TZ, ColumnKind.OTHER}
)  # fmt: skip


def _before(column: Column, bound: str, form: str) -> Dated:
    return Dated(
        expired=Before(column=column.name, bound=bound, form=form),  # type: ignore[arg-type]
        missing=Unreadable(column=column.name, layout=form),
    )


def _refused(code: str, dataset: str, column: Column, message: str, hint: str) -> Dated:
    about = f"{dataset}.{column.name}"
    return Dated(expired=NEVER, problem=Problem(code=code, message=message, hint=hint, about=about))


def _zone_missing(dataset: str, column: Column) -> Dated:
    message = f"{dataset}.{column.name} carries no time zone, and none is declared for it"
    return _refused(
        "timezone-missing", dataset, column, message, "Add timezone: UTC to the store or dataset."
    )


def _wall(world: World, dataset: str, column: Column, cutoff: Cutoff) -> Dated:
    zone = world.zone(dataset)
    if not zone:
        return _zone_missing(dataset, column)
    local = cutoff.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return _before(column, local.isoformat(sep=" "), "wall")


def _laid_out(world: World, dataset: str, column: Column, cutoff: Cutoff) -> Dated:
    layout = world.facts.layouts.get(f"{dataset}.{column.name}", "empty")
    layout = WHEN_EMPTY if layout == "empty" else layout
    if layout not in LAYOUTS or (layout in NUMBER_LAYOUTS and column.kind is ColumnKind.TEXT):
        message = f"{dataset}.{column.name} holds dates in more than one layout, or none that is known"
        hint = (
            "Write the whole column in one layout: 2026-01-31, 2026-01-31 12:00:00, 2026-01-31T12:00:00Z, or numbers "
            "of seconds or milliseconds since 1970."
        )
        return _refused("mixed-dates", dataset, column, message, hint)
    unreadable = Unreadable(column=column.name, layout=layout)
    if layout in NUMBER_LAYOUTS:
        number = int(cutoff.instant.timestamp()) * NUMBER_LAYOUTS[layout]
        expired = Before(column=column.name, bound=number, form="number", layout=layout)
        return Dated(expired=expired, unreadable=unreadable)
    zone = "UTC" if layout in ZONED_LAYOUTS else world.zone(dataset)
    if layout == "date":
        bound = cutoff.day.isoformat()
    elif zone:
        local = cutoff.instant.astimezone(ZoneInfo(zone))
        bound = local.strftime(TEXT_LAYOUTS[layout]).removesuffix("" if local.second else ":00")
    else:
        return _zone_missing(dataset, column)
    return Dated(
        expired=Before(column=column.name, bound=bound, form="text", layout=layout), unreadable=unreadable
    )
