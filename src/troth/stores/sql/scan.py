"""Look for what is left of people in a database: one scan of every table, in the data map or not.

Reads only. What may show somebody is picked out by the database where it can (`scan_postgresql`), else by Python as
rows stream past (`scan_stream`); then each text is read exactly. Names and keys are looked for only in rows that
still lead to their person (`scan_reached`). Residues are told by place, never by value; what was not looked at is
named with the reason. What a plan lets stay is looked at like all else, and told apart row by row (`scan_kept`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.people import Coverage, Kept, Residue, Scanned, Stayed
from troth.catalog.model import Catalog
from troth.people.entries import Way
from troth.people.tokens import SHORTEST_KEY, Spot, Tokens
from troth.stores.sql import (
    scan_kept,
    scan_known,
    scan_places,
    scan_postgresql,
    scan_reached,
    scan_statistics,
    scan_stream,
    staged_people,
    staging,
)
from troth.stores.sql.scan_places import DENIED, HIDDEN, Place
from troth.stores.sql.scan_postgresql import Hunt
from troth.stores.sql.staged_people import StagedPeople
from troth.stores.sql.trouble import Trouble, classify, explain
from troth.stores.tally import Tally

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
    kept: Mapping[str, Sequence[Kept]],
    tick: Callable[[str], None],
) -> Scanned:
    """Look for people in every table of a store.

    Args:
        engine: The store.
        catalog: Its structure.
        tokens: What is looked for, in every form.
        ways: How rows reach people.
        kept: What stays by the plan, by dataset.
        tick: Told the dataset before it is scanned.

    Raises:
        StoreError: the store stops answering, or lets nobody make a temporary table.
    """
    own = {name: found for name, found in ways.items() if found and catalog.dataset(name) is not None}
    rules = {name: found for name, found in kept.items() if name in own}
    asked = ((name, rule.where) for name, found in rules.items() for rule in found)
    needed = staged_people.asked(catalog, tokens.manifest, own, asked)
    places, unlooked = scan_places.places(catalog)
    with staging.opened(engine, catalog, tokens.manifest, needed) as (connection, staged):
        work = _Scan(connection, catalog, tokens, own, staged, rules)
        work.unlooked += unlooked
        work.prepare()
        for place in work.readable(places):
            tick(place.dataset)
            work.look(place)
        work.statistics()
        return work.result()


@dataclass(slots=True)
class _Scan:
    """One store on its way through a scan."""

    connection: sa.Connection
    catalog: Catalog
    tokens: Tokens
    ways: Mapping[str, tuple[Way, ...]]
    staged: StagedPeople
    kept: Mapping[str, Sequence[Kept]]
    unlooked: list[tuple[str, str]] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
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
        tally = self.tallies[place.dataset] = Tally(self.kept.get(place.dataset, ()))
        try:
            self._begin()
            rows, size = self._scan(place, tally)
            self._reached(place, tally)
            self._settle(place, tally)
        except SQLAlchemyError as error:
            self.connection.rollback()
            why = REFUSED.get(classify(error))
            if why is None:
                raise explain(error, self.catalog.store) from error
            self.unlooked.append((place.dataset, why))
            tally.settle({})
            return
        columns = len(place.columns)
        self.coverage.append(Coverage(dataset=place.dataset, rows=rows, bytes=size, columns=columns))
        if place.binary:
            self.unlooked.append((place.dataset, scan_places.BINARY))

    def statistics(self) -> None:
        """Look at the values that statistics keep; those of rows that stay by the plan may."""
        try:
            self._begin()
            for dataset, column, text in scan_statistics.kept(self.connection, self.catalog):
                name = column.removesuffix(f" {scan_statistics.COLUMN}")
                tally = self.tallies.setdefault(dataset, Tally())
                for seen in tally.strange(name, self.tokens.spot(text)):
                    tally.residues[column, seen.how, seen.kind] += 1
        except SQLAlchemyError as error:
            self.connection.rollback()
            if not scan_statistics.refused(error):
                raise explain(error, self.catalog.store) from error
            self.unlooked.append((self.catalog.store, scan_statistics.DENIED))

    def _begin(self) -> None:
        if self.hunt is not None:
            self.connection.rollback()
            scan_postgresql.begin(self.connection)

    def _scan(self, place: Place, tally: Tally) -> tuple[int, int]:
        see = partial(self._see, place, tally)
        if self.hunt is None:
            return scan_stream.look(self.connection, place, self.tokens, see, addressed=bool(tally.rules))
        found = scan_postgresql.hits(self.connection, place, self.hunt)
        for address, row in scan_postgresql.read(self.connection, place, found):
            see(address, [self.tokens.spot(text) if text else () for text in row])
        return found.rows, found.bytes

    def _see(self, place: Place, tally: Tally, address: Hashable, row: Sequence[Iterable[Spot]]) -> None:
        """Count a row for every place in it that shows somebody."""
        pairs = zip(place.columns, row, strict=True)
        tally.later(address, [(column.name, spot) for (column, _), spots in pairs for spot in spots])

    def _reached(self, place: Place, tally: Tally) -> None:
        ways = self.ways.get(place.dataset, ())
        if ways and place.table.writable:
            found = scan_reached.look(self.connection, place, ways, self.staged, self.tokens)
            for address, row in found:
                self._see(place, tally, address, row)

    def _settle(self, place: Place, tally: Tally) -> None:
        """Tell apart what stays by the plan; nothing is asked where nothing was found."""
        if tally.waiting:
            ways = self.ways[place.dataset]
            tally.settle(scan_kept.stays(self.connection, place, ways, self.staged, tally))

    def result(self) -> Scanned:
        """Put together what was found."""
        if self.tokens.short_keys:
            self.unlooked.append((self.catalog.store, SHORT_KEYS))
        return Scanned(
            store=self.catalog.store,
            residues=tuple(self._residues()),
            coverage=tuple(self.coverage),
            unlooked=tuple(dict.fromkeys(self.unlooked)),
            stayed=tuple(self._stayed()),
        )

    def _residues(self) -> Iterator[Residue]:
        for dataset, tally in sorted(self.tallies.items()):
            yield from tally.named(dataset)

    def _stayed(self) -> Iterator[Stayed]:
        for dataset, tally in sorted(self.tallies.items()):
            yield from tally.keeping(dataset)
