"""One batch on its way through Delta tables: new files beside the old ones, then one commit for all of a table.

Rows are told by their number within a file, found by the keys in the session's tables: no commit names a predicate,
so nobody's identity gets into the log, which outlives every row.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from troth.catalog.model import ColumnKind
from troth.errors import StoreError
from troth.stores.delta import log
from troth.stores.delta.log import New
from troth.stores.delta.snapshot import Snapshot
from troth.stores.lake import columnar, hits, swapping
from troth.stores.lake.engine import Unreadable, one_file
from troth.stores.lake.erasing import ANEW, Erasing
from troth.stores.lake.fragment import Piece, piece, quoted, value
from troth.stores.lake.hits import Work
from troth.stores.lake.parts import Part, literal_path
from troth.stores.lake.sheets import kind

_MEASURED = frozenset({ColumnKind.INTEGER, ColumnKind.DATE})


@dataclass(slots=True)
class Committing(Erasing):
    """A batch on the tables of one store."""

    snapshots: Mapping[str, Snapshot]
    again: Callable[[str], Snapshot]
    """Read a table anew."""
    personal: Mapping[str, frozenset[str]]
    now: Callable[[], datetime]

    def carry_out(self, work: Work, parts: Sequence[Part]) -> Counter[int]:
        """Write the new files of a table and commit them; anew where somebody else has committed meanwhile."""
        snapshot = self.snapshots[work.sheet.name]
        for _ in range(ANEW):
            rows = self._attempt(work, parts, snapshot)
            if rows is not None:
                return rows
            snapshot = self.again(work.sheet.name)
            work = replace(work, sheet=snapshot.sheet)
            parts = self.located(work)[0]
        raise StoreError(
            f"Store `{self.store.name}`: somebody else keeps committing to the table of {work.steps[0][1].dataset}.",
            hint="Run the same command again when the other writer rests: what is done stays done.",
        )

    def _attempt(self, work: Work, parts: Sequence[Part], snapshot: Snapshot) -> Counter[int] | None:
        made: list[tuple[New, Path]] = []
        rows = Counter[int]()
        committed = False
        try:
            for part in parts:
                found = self._written(work, part, snapshot, made)
                rows.update(found)
            if not made:
                return rows
            mark = {
                "plan": self.batch.plan,
                "batch": self.batch.number,
                "rows": {str(n): c for n, c in rows.items()},
            }
            committed = log.commit(snapshot, [new for new, _ in made], mark, self.now())
            return rows if committed else None
        finally:
            for new, path in made if not committed else ():
                if new.encoded:
                    path.unlink(missing_ok=True)

    def _written(
        self, work: Work, part: Part, snapshot: Snapshot, made: list[tuple[New, Path]]
    ) -> Mapping[int, int]:
        if part.frozen:
            self.store.trouble(work.sheet, part, part.frozen)
            return {}
        try:
            with one_file(self.store.name):
                hits.look(work, part)
                found = hits.scrub(work, part)
                if not found.any:
                    return {}
                made.append(self._file(work, part, snapshot))
                return found.rows
        except Unreadable as bad:
            self.store.trouble(work.sheet, part, str(bad))
            return {}

    def _file(self, work: Work, part: Part, snapshot: Snapshot) -> tuple[New, Path]:
        """Write one new file; it is part of the table only once it is committed."""
        old = snapshot.live[part.relative]
        target = part.path.with_name(f"part-00000-{uuid.uuid4()}-c000.parquet")
        with swapping.beside(part.path) as draft:
            kept = columnar.write(work, part, draft)
            if not kept:
                return New(old=old), target
            swapping.finish(draft, part.path)
            swapping.put(draft, target)
        folder = old.encoded.rpartition("/")[0]
        encoded = f"{folder}/{target.name}" if folder else quote(target.name)
        statistics = self._statistics(work, target, kept, snapshot)
        return New(old=old, encoded=encoded, size=target.stat().st_size, statistics=statistics), target

    def _statistics(self, work: Work, path: Path, rows: int, snapshot: Snapshot) -> Mapping[str, object]:
        """Measure columns of numbers and dates that are nobody's: what engines skip files by."""
        own = {column for way in work.ways for column in way.end.columns}
        personal = self.personal.get(f"{self.store.name}.{work.sheet.name}", frozenset()) | own
        listed = snapshot.settings.get("delta.dataSkippingStatsColumns")
        wanted = [
            name
            for name, declared in work.sheet.columns.items()
            if kind(declared) in _MEASURED
            and name not in personal | work.sheet.fixed
            and (listed is None or name in [one.strip(" `") for one in listed.split(",")])
        ]
        if not wanted:
            return {"numRecords": rows}
        asked = ", ".join(f"min({n}), max({n}), count(*) - count({n})" for n in map(quoted, wanted))
        (row,) = self.db.rows(
            piece("SELECT {} FROM read_parquet({})", Piece(asked), value(literal_path(path)))
        )
        low: dict[str, Any] = {}
        high: dict[str, Any] = {}
        empty: dict[str, int] = {}
        for name, least, most, nulls in zip(wanted, row[0::3], row[1::3], row[2::3], strict=True):
            empty[name] = nulls
            if least is not None:
                low[name], high[name] = (one if isinstance(one, int) else str(one) for one in (least, most))
        return {"numRecords": rows, "minValues": low, "maxValues": high, "nullCount": empty}
