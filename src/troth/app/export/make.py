"""Export people's data: find who is meant, read every store once, write a signed package, keep proof of it.

A package is put in place only when all of it is there: a store that goes away in the middle leaves none. Evidence
holds counts and hashes; who it was about stands in the package alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from troth import __version__
from troth.app import ledgers, people, unchanged
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.erasing import Instruction
from troth.app.export import files as export_files
from troth.app.export.files import Files
from troth.app.export.people import Folders, Format, Written
from troth.app.people import Everywhere, Selected
from troth.app.wishes import Wish
from troth.apply.people import Record
from troth.errors import StoreError
from troth.evidence import keys
from troth.evidence.entry import Entry
from troth.evidence.fields import place
from troth.evidence.instants import instant
from troth.ledger.ledger import Ledger
from troth.people.entries import Way
from troth.people.typed import Typed
from troth.plan import seal
from troth.rights import export as labelling
from troth.rights import export_manifest
from troth.rights.export import Labels, Variant
from troth.rights.export_made import Made
from troth.rights.export_manifest import Count, Folder
from troth.rights.model import Unlooked
from troth.stores.sql import read
from troth.stores.sql.people import SqlPeople

SALT = 16
BY_HAND = "it is no database or file: a person has to look there"
NAMES = (
    "In entries that are about several people, e-mail addresses and phone numbers of others were taken out of the "
    "text; names of others that somebody wrote there cannot be told and may still stand in it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is to be made."""

    out: Path
    formats: tuple[Format, ...] = ("json", "csv", "html")
    variant: Variant = "access"
    incomplete: bool = False
    """Make it though a store does not answer; the package says so."""
    joined: bool = False
    """Several rows of one kind of subject are taken for one person."""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What came of it."""

    folders: tuple[Folder, ...]
    """One for each person; empty where nothing of anybody was found."""
    counts: tuple[Count, ...]
    files: int
    bytes: int
    unmatched: tuple[Typed, ...]
    unlooked: tuple[Unlooked, ...]
    notes: tuple[str, ...]
    unreachable: bool
    simulation: bool
    leftovers: tuple[str, ...] = ()
    """Folders that stopped exports to the same place have left."""
    keys: tuple[tuple[str, str], ...] = ()
    """The people's own rows: kind of subject and key."""

    @property
    def anybody(self) -> bool:
        """Tell whether there is a package."""
        return any(folder.name for folder in self.folders)

    @property
    def rows(self) -> int:
        """Count the rows handed out."""
        return sum(folder.rows for folder in self.folders)


def export(
    wish: Wish,
    package: Package,
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    moment: Moment,
    *,
    instruction: Instruction | None = None,
) -> Exported:
    """Export everything about the people some identities name; under an instruction, what is held for its giver.

    Raises:
        BadInput: the project has faults, or what was typed cannot be read.
        Refused: it is not clear who is meant, or the folder is not empty.
        StoreError: a store does not answer, or stops answering; then there is no package.
    """
    export_files.free(package.out)
    project = projects.load(folder, moment.at.date())
    if instruction is not None:
        project = projects.held_for(project, instruction.controller)
    with people.everywhere(project, environment, moment, readonly=True) as where:
        if where.closed and not package.incomplete:
            raise _closed(where)
        with (
            people.selecting(where, wish, joined=package.joined) as selected,
            ledgers.opened(folder, environment, clock) as ledger,
            export_files.building(package.out) as files,
        ):
            return _exported(selected, package, files, ledger, clock, moment)


def _closed(where: Everywhere) -> StoreError:
    one = where.closed[0]
    return StoreError(
        f"Not looked at: {one.what}: {one.why} A package without it would not be whole, so none was made.",
        hint="Mend it and run the same command again; --incomplete makes a package that says what is missing.",
    )


def _exported(
    selected: Selected, package: Package, files: Files, ledger: Ledger, clock: Clock, moment: Moment
) -> Exported:
    where = selected.everywhere
    ways, missing = readable(where)
    labels = _labels(where, ways, package.variant)
    unlooked = (*where.unlooked, *missing)
    made = _made(where, labels, unlooked, moment)
    folders = Folders(files, package.formats, labels, made, selected.manifest)
    for record in records(selected, labels):
        folders.add(record)
    unlooked = tuple(dict.fromkeys((*unlooked, *_unread(where))))
    folders.made = made = replace(made, unlooked=tuple((one.what, one.why) for one in unlooked))
    written = folders.finish(_asked(selected), ledger.keys.signing)
    if any(one.name for one in written.folders):
        _finished(files, package, labels, made, written, ledger, clock, moment)
    return Exported(
        folders=written.folders,
        counts=written.counts,
        files=written.files,
        bytes=written.bytes,
        unmatched=selected.closure.unmatched,
        unlooked=unlooked,
        notes=made.notes,
        unreachable=where.unreachable,
        simulation=moment.simulation,
        keys=tuple((row.subject, str(row.key[0])) for row in selected.closure.found if len(row.key) == 1),
        leftovers=tuple(n for n in export_files.leftovers(package.out) if n != Path(files.folder).name),
    )


def _unread(where: Everywhere) -> Iterator[Unlooked]:
    """Say what could not be read to its end, which is known once it was read; the head of a JSON file is before."""
    return (Unlooked(what=one.what, why=one.why) for one in people.unread(where.stores))


def _labels(where: Everywhere, ways: Mapping[str, tuple[Way, ...]], variant: Variant) -> Labels:
    """Say what is told of every dataset; the same for everybody."""
    world = where.world
    key = ("labels", variant, tuple(ways.items()), *world.catalogs, *sorted(world.facts.layouts.items()))
    parts = (world.policy, world.datamap, *world.catalogs.values())
    return unchanged.kept(parts, key, lambda: labelling.labels(world, ways, variant))


def readable(where: Everywhere) -> tuple[dict[str, tuple[Way, ...]], tuple[Unlooked, ...]]:
    """Leave out what the role that looks may not read, and name it; name what only a person can look at."""
    denied: dict[str, str] = {}
    for name, store in where.stores.items():
        if isinstance(store, SqlPeople):
            own = {n: w for n, w in where.ways.items() if n.startswith(f"{name}.")}
            through = {n: {n, *(step for way in found for step, _ in way.path)} for n, found in own.items()}
            closed = {n for n in set().union(*through.values()) if _unreadable(store, n)}
            denied |= {n: sorted(tables & closed)[0] for n, tables in through.items() if tables & closed}
    by_hand = [
        Unlooked(what=f"store {name}", why=BY_HAND)
        for name, store in where.project.datamap.stores.items()
        if store.kind in _SHELVES
    ]
    refused = [
        Unlooked(what=name, why=f"the role that looks may not read {'it' if table == name else table}")
        for name, table in denied.items()
    ]
    return {n: w for n, w in where.ways.items() if n not in denied}, (*refused, *by_hand)


def _unreadable(store: SqlPeople, dataset: str) -> bool:
    """Tell whether reading would end at a column that the role may not read."""
    table = store.catalog.dataset(dataset)
    return table is not None and table.unreadable


def _made(where: Everywhere, labels: Labels, unlooked: tuple[Unlooked, ...], moment: Moment) -> Made:
    organisation = where.world.policy.organisation
    contacts = organisation.contacts
    shown = [sheet for sheet in labels.sheets.values() if sheet.hidden is None]
    rules = where.world.policy, where.world.datamap
    several = any(len(sheet.ways) > 1 or _owned(where, sheet.ways[0]) for sheet in shown)
    return Made(
        organisation=organisation.name,
        contact=contacts.get("privacy") or next(iter(contacts.values()), ""),
        at=instant(moment.at),
        simulation=moment.simulation,
        policy=unchanged.kept(rules, "rules", lambda: seal.rules(*rules)),
        stores=tuple(
            name for name in where.stores if where.project.datamap.stores[name].kind not in _SHELVES
        ),
        unlooked=tuple((one.what, one.why) for one in unlooked),
        notes=(NAMES,) if several else (),
        incomplete=where.unreachable,
    )


def _owned(where: Everywhere, way: Way) -> bool:
    """Tell whether people's rows point at these: several may."""
    entry = next(one for one in where.known.of if one.number == way.end.entry)
    return entry != where.known.key(way.subject) and entry.family is None


_SHELVES = ("physical", "device", "service")


def records(selected: Selected, labels: Labels) -> Iterator[Record]:
    """Read every store, dataset by dataset; what is not shown is not read."""
    stores = selected.everywhere.stores
    for name, store in stores.items():
        ways = {
            dataset: sheet.ways
            for dataset, sheet in labels.sheets.items()
            if sheet.hidden is None and dataset.startswith(f"{name}.")
        }
        if isinstance(store, SqlPeople):
            columns = {dataset: labels.sheets[dataset].read for dataset in ways}
            session = selected.sessions.get(name)
            yield from read.read(store.engine, store.catalog, selected.manifest, ways, columns, session)
            if session is not None and name != [*stores][-1]:
                session.rollback()  # Others may take long to read: no transaction stays open beside them.
        elif ways:
            yield from store.read(selected.manifest, ways)


def _asked(selected: Selected) -> dict[int, tuple[int, ...]]:
    """Say by which of the identities that were typed each person is meant."""
    closure = selected.closure
    typed = {one.identity: one.number for one in selected.asked}
    found: dict[int, tuple[int, ...]] = {}
    for person in selected.manifest.people:
        if person.number <= len(closure.people):
            rows = closure.people[person.number - 1]
            numbers = {closure.found[row].typed for row in rows if closure.found[row].typed}
        else:
            numbers = {typed[one] for one in person.identities if one in typed}
        found[person.number] = tuple(sorted(numbers))
    return found


def _finished(  # noqa: PLR0913, PLR0917
    files: Files,
    package: Package,
    labels: Labels,
    made: Made,
    written: Written,
    ledger: Ledger,
    clock: Clock,
    moment: Moment,
) -> None:
    """Sign the whole, write down that it was made, and put it in place.

    Evidence comes first: an entry about a package that a kill then prevented is the lesser evil than a package that
    nothing tells of.
    """
    salt = secrets.token_bytes(SALT)
    begun = export_manifest.head(made, labels)
    data = export_manifest.of_all(begun, written.counts, written.own, written.folders, salt.hex())
    kept = files.whole("", export_manifest.MANIFEST, data)
    note = export_manifest.note(kept.sha256, made.at, ledger.keys.signing)
    files.whole("", export_manifest.NOTE, note)
    if moment.simulation and not clock.test:
        export_files.put(files, package.out)
        return
    digest = keys.digest(ledger.keys.commitments, salt, kept.sha256.encode())
    with ledger.writing():
        staff = ledger.staff.identify(package.by, at=clock.now())
        ledger.append(_entry(digest, staff, package, made, written, clock))
    export_files.put(files, package.out)


def _entry(digest: str, staff: int, package: Package, made: Made, written: Written, clock: Clock) -> Entry:
    hits = [count.dataset for count in written.counts if count.rows]
    body: dict[str, object] = {
        "manifest": digest,
        "variant": package.variant,
        "policy": made.policy,
        "people": sum(1 for folder in written.folders if folder.name),
        "rows": sum(folder.rows for folder in written.folders),
        "withheld_rows": sum(n for count in written.counts for n in count.withheld.values()),
        "files": written.files,
        "bytes": written.bytes,
        "stores": [place(name) for name in made.stores][:MOST],
        "datasets": [place(*name.split(".")) for name in hits][:MOST],
        "looked_at": sum(1 for count in written.counts if count.left_out is None),
        "not_looked_at": len(made.unlooked),
        "incomplete": made.incomplete,
        "troth": __version__,
        "by": f"staff:{staff}",
    }
    return Entry(kind="export.made", at=clock.now(), body=body)


MOST = 500
"""Items of a list in an entry."""
