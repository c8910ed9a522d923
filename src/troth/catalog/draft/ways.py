"""The ways from a table's rows to other tables: foreign keys, and references found by comparing values.

Mirrors what `catalog.reach` accepts, so that a `via` written from here can be read there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from troth.catalog.detect import Overlap, Survey
from troth.catalog.detect.kinds import IDENTITIES, Kind

LONGEST = 6
MOST = 12
_WRITABLE = re.compile(r"[^=>(),\n]+")
"""Names that `via` can carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step from a table to another."""

    source: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    declared: bool
    """A foreign key, not only equal values."""
    by_value: bool = False
    """The same e-mail address or other identity, rather than a key."""

    @property
    def words(self) -> str:
        """Write the step as an item of `via`."""
        if self.declared:
            return self.columns[0] if len(self.columns) == 1 else f"({', '.join(self.columns)})"
        return f"{self.columns[0]} = {self.target}.{self.target_columns[0]}"


Way = tuple[Step, ...]


def words(way: Way) -> str:
    """Write a way as `via` takes it."""
    return " > ".join(step.words for step in way)


def steps(survey: Survey) -> Mapping[str, tuple[Step, ...]]:
    """List the steps that start at each table: foreign keys, then references without one, then equal identities."""
    found: dict[str, list[Step]] = {name: [] for name in survey.catalog.tables}
    for name, table in survey.catalog.tables.items():
        for key in table.foreign_keys:
            found[name].append(
                Step(
                    source=name,
                    columns=key.columns,
                    target=key.target,
                    target_columns=key.target_columns,
                    declared=True,
                )
            )
    for overlap in survey.overlaps:
        if overlap.pair.kind is Kind.TECHNICAL_ID or overlap.pair.kind in IDENTITIES:
            found[overlap.pair.table].append(_inferred(overlap))
    return {name: tuple(s for s in own if _can_be_written(s)) for name, own in found.items()}


def ways(start: str, ends: Sequence[str], known: Mapping[str, Sequence[Step]]) -> Iterator[Way]:
    """Yield simple ways from a table to any of the ends, shortest first; by value only as a single last resort."""
    waiting: deque[Way] = deque([()])
    given = 0
    while waiting and given < MOST:
        way = waiting.popleft()
        here = way[-1].target if way else start
        if way and here in ends:
            given += 1
            yield way
            continue
        if len(way) < LONGEST:
            seen = {start, *(step.target for step in way)}
            waiting += [(*way, s) for s in known.get(here, ()) if s.target not in seen and not s.by_value]
    if given == 0:
        yield from ((step,) for step in known.get(start, ()) if step.by_value and step.target in ends)


def _inferred(overlap: Overlap) -> Step:
    pair = overlap.pair
    return Step(
        source=pair.table,
        columns=(pair.column,),
        target=pair.target,
        target_columns=(pair.target_column,),
        declared=False,
        by_value=pair.kind is not Kind.TECHNICAL_ID,
    )


def _can_be_written(step: Step) -> bool:
    return all(_WRITABLE.fullmatch(name) for name in (*step.columns, *step.target_columns, step.target))
