"""What a Delta table still shows of people besides its live rows: old files, entries of the log, checkpoints.

Old versions keep every row; the log keeps minima and maxima of every file it ever had, and predicates of deletes.
All of it is read here and looked through with the same tokens as the rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from troth.apply.people import Residue
from troth.people.tokens import Seen, Tokens
from troth.stores.delta import log
from troth.stores.delta.snapshot import LOG, Snapshot
from troth.stores.lake.engine import Session, Unreadable, one_file
from troth.stores.lake.fragment import piece, value
from troth.stores.lake.parts import literal_path
from troth.stores.lake.scan import FILE_NAME, spelt
from troth.stores.tally import How, Tally

STATISTICS, OPERATIONS, CHECKPOINTS, OLD_FILES = (
    "(statistics)",
    "(operations)",
    "(checkpoints)",
    "(old files)",
)
OTHER_LOG = "(log)"


@dataclass(slots=True)
class History:
    """One look at what is not a live row."""

    db: Session
    store: str
    snapshot: Snapshot
    tokens: Tokens
    rows: Tally = field(default_factory=Tally)
    """What was found in the live rows, and whose of it stays there."""
    found: Counter[tuple[str, How, str]] = field(default_factory=Counter)
    unlooked: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Read the whole log, and every file that no live version names."""
        live = {one.encoded for one in self.snapshot.live.values()}
        for _, path in log.commits(self.snapshot.folder):
            for action in log.actions(path):
                self._action(action, live)
        for _, path in log.checkpoints(self.snapshot.folder):
            self._rows(path, CHECKPOINTS)
        for path in log.others(self.snapshot.folder):
            self._text(path.read_text(errors="replace"), OTHER_LOG)
        for path in stale(self.snapshot):
            self._rows(path, OLD_FILES)
            self._name(path)

    def _action(self, action: Mapping[str, object], live: set[str]) -> None:
        add, info = action.get("add"), action.get("commitInfo")
        if isinstance(info, dict):
            self._text(json.dumps(info, ensure_ascii=False), OPERATIONS)
        if isinstance(add, dict) and isinstance(add.get("stats"), str):
            self._statistics(add["stats"], live=add.get("path") in live)
        for one in (add, action.get("remove")):
            # The path of a live file is looked at with its rows.
            if isinstance(one, dict) and one.get("path") not in live:
                self._seen(self.tokens.look(spelt(unquote(str(one.get("path", ""))))), OPERATIONS)

    def _statistics(self, statistics: str, *, live: bool) -> None:
        """Look at the statistics of a file; those of a live one may show what stays in its rows."""
        if not live or not self.rows.whose:
            self._text(statistics, STATISTICS)
            return
        found: dict[Seen, None] = {}
        for column, text in _by_column(statistics):
            found |= dict.fromkeys(self.rows.strange(column, self.tokens.spot(text)))
        self._seen(tuple(found), STATISTICS)

    def _rows(self, path: Path, place: str) -> None:
        try:
            with one_file(self.store):
                query = (
                    "SELECT CAST(to_json(t) AS VARCHAR) FROM read_parquet({}, hive_partitioning = false) AS t"
                )
                for (text,) in self.db.stream(piece(query, value(literal_path(path)))):
                    self._text(text, place)
        except Unreadable as bad:
            self.unlooked.append(f"{place}: {bad}")

    def _text(self, text: str, place: str) -> None:
        self._seen(self.tokens.look(text), place)

    def _name(self, path: Path) -> None:
        self._seen(self.tokens.look(spelt(str(path.relative_to(self.snapshot.folder)))), FILE_NAME)

    def _seen(self, seen: tuple[Seen, ...], place: str) -> None:
        for one in seen:
            how: How = "object-name" if place == FILE_NAME else one.how
            self.found[place, how, one.kind] += 1

    def residues(self) -> Iterator[Residue]:
        """Yield what was found, by place."""
        for (place, how, sort), rows in sorted(self.found.items()):
            yield Residue(
                dataset=f"{self.store}.{self.snapshot.name}",
                column=place,
                how=how,
                kind=sort,
                rows=rows,
                declared=False,
            )


def _by_column(statistics: str) -> Iterator[tuple[str, str]]:
    """Take statistics apart: (column, text); what is no document has no column."""
    try:
        found = json.loads(statistics)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        yield "", statistics
        return
    for name, group in found.items():
        for column, one in group.items() if isinstance(group, dict) else [("", group)]:
            yield column, json.dumps([name, column, one], ensure_ascii=False)


def stale(snapshot: Snapshot) -> list[Path]:
    """List the data files below a table's folder that its newest version does not name."""
    live = {snapshot.folder / relative for relative in snapshot.live}
    found = (path for path in snapshot.folder.rglob("*.parquet") if path.is_file())
    return sorted(
        path for path in found if path not in live and LOG not in path.relative_to(snapshot.folder).parts
    )
