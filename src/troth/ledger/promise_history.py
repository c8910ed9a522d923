"""What each promise came to, check by check: a row from the first check that said so to the last.

Two checks say the same when status and number are the same; the words beside them may move. A whole check is written
with a few statements, however many promises it is about. When clocks go back no row is shortened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from troth.ledger.models_desk import PromiseSeen
from troth.ledger.session import Session

LONGEST_WHY = 1_000
BATCH = 100
"""Rows written by one statement; SQLite takes 999 values in one of an older build."""
COLUMNS = ("promise", "status", "number", "why", "since", "last", "entry")
_TABLE = PromiseSeen._meta.db_table
_SINCE = f"""
SELECT now.promise, MIN(run.since), MIN(run.id)
FROM {_TABLE} now JOIN {_TABLE} run ON run.promise = now.promise
WHERE now.id IN (SELECT MAX(id) FROM {_TABLE} GROUP BY promise)
  AND run.id > COALESCE(
    (SELECT MAX(other.id) FROM {_TABLE} other WHERE other.promise = now.promise AND other.status <> now.status), 0)
GROUP BY now.promise
"""
"""For each promise: when its present status began. Rows of a promise are numbered in the order of checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check says of one promise."""

    promise: str
    status: str
    number: int
    why: str
    entry: int | None
    """Its entry in the evidence log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What a promise came to for a while."""

    promise: str
    status: str
    number: int
    why: str
    since: datetime
    """The first check that said so."""
    last: datetime
    """The newest one."""
    entry: int | None
    """Of the newest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The newest stretch of a promise, and since when it has had its status."""

    newest: Stretch
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseHistory:
    """Keep and read what promises came to."""

    session: Session

    def keep(self, findings: Iterable[Finding], *, at: datetime) -> None:
        """Write down one check; findings that say what the newest row says lengthen it."""
        with self.session.writing() as alias:
            rows = PromiseSeen.objects.using(alias)
            newest = {row.promise: row for row in rows.filter(pk__in=_newest(alias))}
            new, longer = [], []
            for one in findings:
                row = newest.get(one.promise)
                why = one.why[:LONGEST_WHY]
                if row is not None and (row.status, row.number) == (one.status, one.number):
                    row.last, row.entry, row.why = max(row.last, at), one.entry, why
                    longer.append(row)
                else:
                    new.append(_row(one, why, at))
            rows.bulk_create(
                longer,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=["last", "entry", "why"],
                batch_size=BATCH,
            )
            rows.bulk_create(new, batch_size=BATCH)

    def present(self) -> Mapping[str, Present]:
        """Return the newest of every promise that was ever checked, in two statements."""
        with self.session.reading() as alias:
            rows = PromiseSeen.objects.using(alias).filter(pk__in=_newest(alias)).values(*COLUMNS)
            newest = {row["promise"]: _stretch(row) for row in rows}
            starts = {name: first for name, _, first in self.session.ask(_SINCE)}
            begun = dict(
                PromiseSeen.objects.using(alias).filter(pk__in=starts.values()).values_list("pk", "since")
            )
        return {name: Present(newest=one, since=begun[starts[name]]) for name, one in newest.items()}

    def of(self, promise: str, *, last: int = 200) -> tuple[Stretch, ...]:
        """Return the newest stretches of one promise, oldest first."""
        with self.session.reading() as alias:
            rows = PromiseSeen.objects.using(alias).filter(promise=promise).order_by("-pk").values(*COLUMNS)
            return tuple(_stretch(row) for row in rows[:last])[::-1]

    def since(self, start: datetime) -> tuple[Stretch, ...]:
        """Return every stretch that still stood at an instant or began later, and the newest of each promise."""
        with self.session.reading() as alias:
            rows = PromiseSeen.objects.using(alias)
            late = rows.filter(last__gte=start) | rows.filter(pk__in=_newest(alias))
            return tuple(_stretch(row) for row in late.order_by("pk").values(*COLUMNS))


def _newest(alias: str) -> Any:
    """Return the query for the newest row of every promise."""
    return PromiseSeen.objects.using(alias).values("promise").annotate(newest=Max("pk")).values("newest")


def _row(one: Finding, why: str, at: datetime) -> PromiseSeen:
    return PromiseSeen(
        promise=one.promise,
        status=one.status,
        number=one.number,
        why=why,
        since=at,
        last=at,
        entry=one.entry,
    )


def _stretch(row: Mapping[str, Any]) -> Stretch:
    return Stretch(**{**row, "number": row["number"] or 0})


def statuses(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Join neighbours of one status: each keeps its newest number and words, and its first instant."""
    joined: list[Stretch] = []
    for one in stretches:
        if joined and joined[-1].status == one.status:
            since = joined.pop().since
            joined.append(Stretch(**{**{name: getattr(one, name) for name in COLUMNS}, "since": since}))
        else:
            joined.append(one)
    return tuple(joined)
