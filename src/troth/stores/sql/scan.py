"""Look for what is left of people in a database: one scan of every table, in the data map or not.

Reads only. What may show somebody is picked out by the database where it can (`scan_postgresql`), else by Python as
rows stream past (`scan_stream`); then each text is read exactly. Names and keys are looked for only in rows that
still lead to their person (`scan_reached`). Residues are told by place, never by value; what was not looked at is
named with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Coverage, Residue, Scanned
from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.tokens import SHORTEST_KEY, Seen, Tokens
from troth.stores.sql import (
    scan_known,
    scan_places,
    scan_postgresql,
    scan_reached,
    scan_statistics,
    scan_stream,
    staging,
)
from troth.stores.sql.scan_places import DENIED, HIDDEN, Place
from troth.stores.sql.scan_postgresql import Hunt
from troth.stores.sql.staging import StagedPeople
from troth.stores.sql.trouble import Trouble, classify, explain

REFUSED: Mapping[Trouble, str] = {
    Trouble.DENIED: DENIED,
    Trouble.HIDDEN: HIDDEN,
    Trouble.LOCKED: "somebody has it locked",
    Trouble.SCHEMA: "its structure has changed since it was read",
    Trouble.DAMAGED: "the database says that it is damaged",
}
"""What keeps one table from being looked at, and not the others."""
SHORT_KEYS = f"keys of fewer than {SHORTEST_KEY} characters stand in any text"


def scan(
    engine: sa.Engine,
    catalog: Catalog,
    tokens: Tokens,
    ways: Mapping[str, tuple[Way, ...]],
    spared: Mapping[str, frozenset[str]],
    tick: Callable[[str], None],
) -> Scanned:
    """Look for people in every table of a store.

    Args:
        engine: The store.
        catalog: Its structure.
        tokens: What is looked for, in every form.
        ways: How rows reach people.
        spared: Columns that stay by the plan, by dataset: they are not read.
        tick: Told the dataset before it is scanned.

    Raises:
        StoreError: the store stops answering, or lets nobody make a temporary table.
    """
    own = {name: found for name, found in ways.items() if found and catalog.dataset(name) is not None}
    shapes = staging.asked(catalog, tokens.manifest, own)
    places, unlooked = scan_places.places(catalog, spared)
    with staging.opened(engine, catalog, tokens.manifest, shapes) as (connection, staged):
        work = _Scan(connection, catalog, tokens, own, staged)
        work.unlooked += unlooked
        work.prepare()
        for place in work.readable(places):
            tick(place.dataset)
            work.look(place)
        work.statistics(spared)
        return work.result()


@dataclass(slots=True)
class _Scan:
    """One store on its way through a scan."""

    connection: sa.Connection
    catalog: Catalog
    tokens: Tokens
    ways: Mapping[str, tuple[Way, ...]]
    staged: StagedPeople
    unlooked: list[tuple[str, str]] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    residues: Counter[tuple[str, str, Seen]] = field(default_factory=Counter)
    hunt: Hunt | None = None

    def prepare(self) -> None:
        """Stage the keys where the database picks out rows by itself."""
        if self.catalog.dialect == "postgresql":
            self.connection.rollback()
            self.connection.exec_driver_sql("SET TRANSACTION READ WRITE")
            self.hunt = scan_postgresql.stage(self.connection, self.tokens)
            self.connection.commit()
        else:
            scan_stream.prepare(self.connection)

    def readable(self, places: Sequence[Place]) -> Iterator[Place]:
        """Leave out what the role may not read, and what only the database knows to be no table of its own."""
        found, unlooked = scan_known.readable(self.connection, self.catalog, places)
        self.unlooked += unlooked
        yield from found

    def look(self, place: Place) -> None:
        """Scan one table, then its rows that lead to somebody; what the database refuses to read is named."""
        try:
            self._begin()
            rows, size = self._scan(place)
            self._reached(place)
        except SQLAlchemyError as error:
            self.connection.rollback()
            why = REFUSED.get(classify(error))
            if why is None:
                raise explain(error, self.catalog.store) from error
            self.unlooked.append((place.dataset, why))
            return
        columns = len(place.columns)
        self.coverage.append(Coverage(dataset=place.dataset, rows=rows, bytes=size, columns=columns))
        if place.binary:
            self.unlooked.append((place.dataset, scan_places.BINARY))

    def statistics(self, spared: Mapping[str, frozenset[str]]) -> None:
        """Look at the values that statistics keep; those of columns that stay by the plan may."""
        try:
            self._begin()
            for dataset, column, text in scan_statistics.kept(self.connection, self.catalog):
                name = column.removesuffix(f" {scan_statistics.COLUMN}")
                for one in self.tokens.look(text) if name not in spared.get(dataset, ()) else ():
                    self.residues[dataset, column, one] += 1
        except SQLAlchemyError as error:
            self.connection.rollback()
            if not scan_statistics.refused(error):
                raise explain(error, self.catalog.store) from error
            self.unlooked.append((self.catalog.store, scan_statistics.DENIED))

    def _begin(self) -> None:
        if self.hunt is not None:
            self.connection.rollback()
            scan_postgresql.begin(self.connection)

    def _scan(self, place: Place) -> tuple[int, int]:
        if self.hunt is None:
            return scan_stream.look(self.connection, place, self.tokens, partial(self._see, place))
        found = scan_postgresql.hits(self.connection, place, self.hunt)
        for row in scan_postgresql.read(self.connection, place, found):
            self._see(place, [self.tokens.look(text) if text else () for text in row])
        return found.rows, found.bytes

    def _see(self, place: Place, row: Sequence[Iterable[Seen]]) -> None:
        """Count a row for every place in it that shows somebody."""
        for (column, _), seen in zip(place.columns, row, strict=True):
            for one in seen:
                self.residues[place.dataset, column.name, one] += 1

    def _reached(self, place: Place) -> None:
        ways = self.ways.get(place.dataset, ())
        if ways and place.table.writable:
            for row in scan_reached.look(self.connection, place, ways, self.staged, self.tokens):
                self._see(place, row)

    def result(self) -> Scanned:
        """Put together what was found."""
        if self.tokens.short_keys:
            self.unlooked.append((self.catalog.store, SHORT_KEYS))
        return Scanned(
            store=self.catalog.store,
            residues=tuple(
                Residue(
                    dataset=dataset, column=column, how=seen.how, kind=seen.kind, rows=rows, declared=False
                )
                for (dataset, column, seen), rows in sorted(self.residues.items())
            ),
            coverage=tuple(self.coverage),
            unlooked=tuple(dict.fromkeys(self.unlooked)),
        )
