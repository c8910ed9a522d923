"""Find people by what is known of them: read what was typed, ask every store, count every dataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from troth.app import people, wishes
from troth.app import project as projects
from troth.app.clock import Moment
from troth.app.people import Everywhere
from troth.app.project import Project
from troth.app.wishes import Wish
from troth.apply.people import Question
from troth.catalog.datamap import DataMap
from troth.catalog.reach import Reach
from troth.errors import StoreError
from troth.people import closure, kinds, places
from troth.people.closure import Closure
from troth.people.manifest import Manifest
from troth.people.places import LeftOut, Place
from troth.people.report import Counted, Report, Way
from troth.people.typed import Identity, Typed
from troth.plan.predicates import either
from troth.stores.sql import find as seeking
from troth.stores.sql import find_count
from troth.stores.sql.find import Seeker

NO_WAY = "the data map gives no way from it to a person that can be followed"


def find(wish: Wish, folder: Path, environment: Mapping[str, str], moment: Moment) -> Report:
    """Look for people in every store that answers.

    Raises:
        BadInput: with everything that is wrong about the project or what was typed; no value is repeated.
        StoreError: when a store stops answering in the middle.
    """
    project = projects.load(folder, moment.at.date())
    asked = wishes.typed_in(wish, project.datamap)
    with people.everywhere(project, environment, moment, readonly=True) as where, ExitStack() as stack:
        silent: dict[str, StoreError] = {}
        seekers: dict[str, Seeker] = {}
        for name, catalog in where.sql.catalogs.items():
            try:
                engine = where.sql.engines[name]
                seekers[name] = stack.enter_context(seeking.opened(engine, catalog, where.places.of))
            except StoreError as error:
                silent[name] = error
        found = closure.close(asked, wishes.Seekers(tuple(seekers.values())), limit=wish.limit)
        counted = list(_datasets(where, seekers, found, asked))
        return Report(
            at=moment.at,
            simulation=moment.simulation,
            typed=len(asked),
            limit=wish.limit,
            closure=found,
            datasets=tuple(one for one in counted if isinstance(one, Counted)),
            left_out=(
                *(LeftOut(what=f"store {name}", why=error.message) for name, error in silent.items()),
                *where.closed,
                *_by_hand(where),
                *where.places.left_out,
                *people.unread(where.stores),
                *(one for one in counted if isinstance(one, LeftOut)),
            ),
            notes=tuple(_notes(project, seekers, where)),
            unreachable=bool(silent) or where.unreachable,
        )


def _by_hand(where: Everywhere) -> Iterator[LeftOut]:
    """Name the stores that only people can look into."""
    for name, store in where.stores.items():
        described = store.describe()
        if not described.can:
            yield LeftOut(what=f"store {name}", why=" ".join(described.notes))


def _datasets(
    where: Everywhere, seekers: Mapping[str, Seeker], found: Closure, asked: Sequence[Typed]
) -> Iterator[Counted | LeftOut]:
    """Count every dataset: within a database by the search's own tables, elsewhere by what a manifest holds."""
    for seeker in seekers.values():
        seeker.take(found.found, _proven(asked, found))
    whom = None
    for name in where.project.datamap.datasets:
        store = name.partition(".")[0]
        own, reaches = seekers.get(store), where.world.reaches.of.get(name, ())
        if store not in where.stores or (store in where.sql.catalogs and own is None):
            continue
        if not where.stores[store].describe().can:
            continue
        table = where.stores[store].catalog.dataset(name)
        ways = [way for way in reaches if _home(where, way) in seekers]
        if table is None or not ways:
            why = "its table is not in the store" if table is None else NO_WAY
            yield LeftOut(what=name, why=why)
        elif own is not None and all(_home(where, way) == store for way in ways):
            yield find_count.count(own, name, ways)
        else:
            whom = whom or people.manifest_of(where, seekers, found, asked)
            yield _by_manifest(where, whom, name)


def _home(where: Everywhere, way: Reach) -> str:
    return where.project.datamap.subjects[way.subject].dataset.partition(".")[0]


def _by_manifest(where: Everywhere, whom: Manifest, name: str) -> Counted | LeftOut:
    ways, reaches = where.ways[name], where.world.reaches.of[name]
    every = either(*(way.where for way in ways))
    questions = [Question(dataset=name, where=one) for one in (every, *(way.where for way in ways))]
    try:
        total, *by_way = where.stores[name.partition(".")[0]].count(whom, questions)
    except StoreError as error:
        return LeftOut(what=name, why=error.message)
    counted = (
        Way(role=reach.role, path=find_count.written(reach), rows=rows)
        for reach, rows in zip(reaches, by_way, strict=True)
    )
    return Counted(dataset=name, rows=total, ways=tuple(counted))


def _proven(asked: Sequence[Typed], found: Closure) -> tuple[Identity, ...]:
    """List what copies may be compared with: what was typed, but for what too many people have."""
    stopped = {one.typed for one in found.stopped}
    return tuple(one.identity for one in asked if one.number not in stopped)


def _notes(project: Project, seekers: Mapping[str, Seeker], where: Everywhere) -> list[str]:
    """Say what may hide a hit, or make one doubtful."""
    notes = [
        f"{name} is declared `links: yes`; its kind never leads on, so it is not followed."
        for name in places.overruled(project.datamap)
    ]
    notes += [
        f"{p.subject}.{p.kind} leads on without a column that says it is verified: what somebody typed is followed."
        for p in where.places.of
        if p.links and not p.verified and p.family is not kinds.Family.ACCOUNT
    ]
    for name, seeker in seekers.items():
        notes += _hidden(project.datamap, seeker)
        if seeker.matcher.misses:
            notes.append(f"Store {name} {seeker.matcher.misses}")
    notes += [
        f"{dataset} is found by a value that no column calls verified ({find_count.written(way)}): "
        "what somebody else typed there would be found too."
        for dataset, ways in where.world.reaches.of.items()
        for way in ways
        if find_count.by_claim(_of(seekers, dataset), way)
    ]
    return list(dict.fromkeys(notes))


def _of(seekers: Mapping[str, Seeker], dataset: str) -> tuple[Place, ...]:
    seeker = seekers.get(dataset.partition(".")[0])
    return seeker.places if seeker else ()


def _hidden(datamap: DataMap, seeker: Seeker) -> list[str]:
    return [
        f"Row-level security hides rows of {name} from the role that looks: there may be more."
        for name in datamap.datasets
        if (table := seeker.catalog.dataset(name)) is not None and table.rows_hidden
    ]
