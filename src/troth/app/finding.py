"""Find people by what is known of them: read what was typed, ask every store, count every dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from troth.app import project as projects
from troth.app import stores
from troth.app.clock import Moment
from troth.app.project import Project
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.reach import Reaches
from troth.errors import StoreError
from troth.people import closure, kinds, places, typed
from troth.people.closure import Answer, Closure, Count, Hit
from troth.people.places import LeftOut, Place, Places
from troth.people.report import Counted, Report
from troth.people.typed import Identity, Known, Line, Typed
from troth.problems import BadInput
from troth.stores.sql import find as seeking
from troth.stores.sql import find_count
from troth.stores.sql.find import Seeker


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for."""

    lines: Sequence[Line]
    limit: int
    region: str = ""
    """Country of phone numbers without one; taken from the data map where empty."""


@dataclass(frozen=True, slots=True)
class Seekers:
    """All open stores, asked together."""

    seekers: Sequence[Seeker]

    def find(self, wanted: Sequence[Identity], *, typed: bool, limit: int) -> Answer:
        """Ask each store, and join what they say."""
        hits: list[Hit] = []
        counts: dict[Identity, Count] = {}
        for seeker in self.seekers:
            answer = seeker.find(wanted, typed=typed, limit=limit)
            hits += answer.hits
            for identity, count in answer.counts.items():
                counts[identity] = count.most(counts.get(identity, Count()))
        return Answer(hits=tuple(hits), counts=counts)


def find(wish: Wish, folder: Path, environment: Mapping[str, str], moment: Moment) -> Report:
    """Look for people in every store that answers.

    Raises:
        BadInput: with everything that is wrong about the project or what was typed; no value is repeated.
        StoreError: when a store stops answering in the middle.
    """
    project = projects.load(folder, moment.at.date())
    asked = typed_in(wish, project.datamap)
    with stores.opened(project, environment, readonly=True, patient=True) as opened, ExitStack() as stack:
        where = places.places(project.datamap, opened.catalogs)
        silent = dict(opened.unreachable)
        seekers: dict[str, Seeker] = {}
        for name, catalog in opened.catalogs.items():
            try:
                seekers[name] = stack.enter_context(seeking.opened(opened.engines[name], catalog, where.of))
            except StoreError as error:
                silent[name] = error
        found = closure.close(asked, Seekers(tuple(seekers.values())), limit=wish.limit)
        reaches = reach.resolve(project.datamap, opened.catalogs)
        for seeker in seekers.values():
            seeker.take(found.found, _proven(asked, found))
        counted = [_counted(seekers, name, reaches) for name in project.datamap.datasets]
        return Report(
            at=moment.at,
            simulation=moment.simulation,
            typed=len(asked),
            limit=wish.limit,
            closure=found,
            datasets=tuple(one for one in counted if isinstance(one, Counted)),
            left_out=(
                *_closed(silent, opened.unbuilt),
                *where.left_out,
                *(one for one in counted if isinstance(one, LeftOut)),
            ),
            notes=tuple(_notes(project, seekers, where, reaches)),
            unreachable=bool(silent),
        )


def typed_in(wish: Wish, datamap: DataMap) -> tuple[Typed, ...]:
    """Read what somebody typed.

    Raises:
        BadInput: with everything that cannot be read; no value is repeated.
    """
    known = Known(
        kinds=places.declared_kinds(datamap),
        subjects=tuple(datamap.subjects),
        region=wish.region.upper() or places.region(datamap),
    )
    found, problems = typed.read(wish.lines, known)
    if problems:
        raise BadInput(problems)
    return found


def _proven(asked: Sequence[Typed], found: Closure) -> tuple[Identity, ...]:
    """List what copies may be compared with: what was typed, but for what too many people have."""
    stopped = {one.typed for one in found.stopped}
    return tuple(one.identity for one in asked if one.number not in stopped)


def _counted(seekers: Mapping[str, Seeker], dataset: str, reaches: Reaches) -> Counted | LeftOut | None:
    seeker = seekers.get(dataset.partition(".")[0])
    if seeker is None:
        return None
    if seeker.catalog.dataset(dataset) is None:
        return LeftOut(what=dataset, why="its table is not in the store")
    known = {p.subject for p in seeker.places}
    ways = [way for way in reaches.of.get(dataset, ()) if way.subject in known]
    if not ways:
        return LeftOut(what=dataset, why="the data map gives no way from it to a person that can be followed")
    return find_count.count(seeker, dataset, ways)


def _closed(silent: Mapping[str, StoreError], unbuilt: Sequence[str]) -> list[LeftOut]:
    refused = [LeftOut(what=f"store {name}", why=error.message) for name, error in silent.items()]
    return [*refused, *(LeftOut(what=f"store {name}", why="its kind has no engine yet") for name in unbuilt)]


def _notes(project: Project, seekers: Mapping[str, Seeker], where: Places, reaches: Reaches) -> list[str]:
    """Say what may hide a hit, or make one doubtful."""
    notes = [
        f"{name} is declared `links: yes`; its kind never leads on, so it is not followed."
        for name in places.overruled(project.datamap)
    ]
    notes += [
        f"{p.subject}.{p.kind} leads on without a column that says it is verified: what somebody typed is followed."
        for p in where.of
        if p.links and not p.verified and p.family is not kinds.Family.ACCOUNT
    ]
    for name, seeker in seekers.items():
        notes += _hidden(project.datamap, seeker)
        if seeker.matcher.misses:
            notes.append(f"Store {name} {seeker.matcher.misses}")
    notes += [
        f"{dataset} is compared by a value nobody can say is verified ({find_count.written(way)})."
        for dataset, ways in reaches.of.items()
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
