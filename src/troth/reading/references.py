"""Names that rules and map use, against the names that are declared.

Each use of an undeclared name is a fault with the names that exist and the nearest one. A name that a faulty
block declares counts as declared: one slip makes one fault. Fingerprints are checked by `policy.lint`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from troth.catalog import roles
from troth.catalog.datamap import EVERYONE, DataMap, Dataset
from troth.codes import ALL, Severity
from troth.grammar.nodes import Path, Place
from troth.policy import promises
from troth.policy.model import Policy, Rights
from troth.problems import Problem, nearest


@dataclass(frozen=True, kw_only=False)
class World:
    """What can be referred to, and from where."""

    policy: Policy
    datamap: DataMap
    values: Mapping[str, Any]
    """The sections as written, faulty blocks included."""
    places: Mapping[Path, Place]

    def names(self, section: str) -> tuple[str, ...]:
        """List the names a section declares."""
        found = self.values.get(section)
        return tuple(found) if isinstance(found, Mapping) else ()

    @cached_property
    def zones(self) -> frozenset[str]:
        """List the time zones of the IANA database."""
        return frozenset(available_timezones())

    def unknown(
        self, kind: str, path: Path, found: str, valid: tuple[str, ...], *, key: bool = False
    ) -> Problem:
        """Make the fault for a name that nothing declares."""
        close = nearest(found, valid)
        place = self.places.get(path) or self.places.get(path[:-1])
        span = None if place is None else place.key if key else place.value
        return Problem(
            code="unknown-name",
            message=f"No {kind} is called `{found}`.",
            span=span,
            found=found,
            valid=valid,
            nearest=close,
            hint=f"Write `{close}`, or declare `{found}`." if close else f"Declare the {kind} `{found}`.",
        )


def faults(world: World) -> Iterator[Problem]:
    """Yield a fault for each use of a name that nothing declares."""
    yield from _policy(world)
    yield from _attested(world)
    yield from _accepted(world)
    yield from _zones(world)
    yield from _subjects(world)
    for name, dataset in world.datamap.datasets.items():
        yield from _dataset(world, name, dataset)
    yield from _sources(world)


def _policy(world: World) -> Iterator[Problem]:
    categories, rules, purposes = (world.names(s) for s in ("categories", "retention", "purposes"))
    lists: list[tuple[str, Path, tuple[str, ...], tuple[str, ...]]] = []
    for name, purpose in world.policy.purposes.items():
        lists.append(("category", ("purposes", name, "uses"), purpose.uses, categories))
    for name, rule in world.policy.retention.items():
        lists.append(("retention rule", ("retention", name, "over"), rule.over, rules))
    for name, transfer in world.policy.transfers.items():
        lists.append(("category", ("transfers", name, "categories"), transfer.categories, categories))
    for name, recipient in world.policy.recipients.items():
        lists.append(("purpose", ("recipients", name, "purposes"), recipient.purposes, purposes))
        lists.append(("category", ("recipients", name, "categories"), recipient.categories, categories))
    contacts = tuple(world.policy.organisation.contacts)
    if world.policy.rights is not None:
        lists.append(("contact route", ("rights", "routes"), world.policy.rights.routes, contacts))
        yield from _only_for(world, world.policy.rights)
    for kind, path, used, valid in lists:
        yield from _each(world, kind, path, used, valid)


def _only_for(world: World, rights: Rights) -> Iterator[Problem]:
    for right in rights.only_for:
        if right not in rights.offer:
            path = ("rights", "only-for", right)
            yield world.unknown("offered right", path, right, rights.offer, key=True)


def _each(
    world: World, kind: str, path: Path, used: tuple[str, ...], valid: tuple[str, ...]
) -> Iterator[Problem]:
    known = frozenset(valid)
    for index, name in enumerate(used):
        if name not in known:
            yield world.unknown(kind, (*path, index), name, valid)


def _attested(world: World) -> Iterator[Problem]:
    valid = tuple(promises.ids(world.policy))
    for index, attestation in enumerate(world.policy.attested):
        if attestation.promise not in valid:
            yield world.unknown("promise", ("attested", index, "promise"), attestation.promise, valid)


def _accepted(world: World) -> Iterator[Problem]:
    valid = tuple(name for name, code in ALL.items() if code.severity is Severity.FINDING)
    for index, acceptance in enumerate(world.policy.accepted):
        if acceptance.finding not in valid:
            yield world.unknown("finding", ("accepted", index, "finding"), acceptance.finding, valid)


def _zones(world: World) -> Iterator[Problem]:
    uses: list[tuple[Path, str]] = [(("organisation", "timezone"), world.policy.organisation.timezone)]
    uses += [(("stores", name, "timezone"), store.timezone) for name, store in world.datamap.stores.items()]
    uses += [(("datasets", name, "timezone"), d.timezone) for name, d in world.datamap.datasets.items()]
    for path, zone in uses:
        if zone and not _is_zone(zone):
            problem = world.unknown("time zone", path, zone, tuple(sorted(world.zones)))
            close = problem.nearest or "Europe/Paris"
            yield Problem(
                code=problem.code,
                message=problem.message,
                span=problem.span,
                found=zone,
                valid=("a name of the IANA database, such as Europe/Paris or UTC",),
                nearest=problem.nearest,
                hint=f"Write `{close}`." if problem.nearest else "Use a name of the IANA time zone database.",
            )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _subjects(world: World) -> Iterator[Problem]:
    datasets = world.names("datasets")
    for name, subject in world.datamap.subjects.items():
        if subject.dataset not in datasets:
            yield world.unknown("dataset", ("subjects", name, "dataset"), subject.dataset, datasets)


def _dataset(world: World, name: str, dataset: Dataset) -> Iterator[Problem]:
    path: Path = ("datasets", name)
    rules, datasets = world.names("retention"), world.names("datasets")
    yield from _store(world, path, name, key=True)
    whose = (*(roles.named(dataset) or world.names("subjects")), EVERYONE)
    if dataset.kept_as and dataset.kept_as not in rules:
        yield world.unknown("retention rule", (*path, "kept-as"), dataset.kept_as, rules)
    for category, fields in dataset.fields.items():
        here = (*path, "fields", category)
        if category not in world.names("categories"):
            yield world.unknown("category", here, category, world.names("categories"), key=True)
        for index, field in enumerate(fields):
            if field.kept_as and field.kept_as not in rules:
                yield world.unknown("retention rule", (*here, index, "kept-as"), field.kept_as, rules)
            if field.of and field.of not in whose:
                yield world.unknown("role", (*here, index, "of"), field.of, whose)
    for index, words in enumerate(dataset.subject):
        kind = words.strip()
        if " " not in kind and kind not in world.names("subjects"):
            yield world.unknown("subject", (*path, "subject", index), kind, world.names("subjects"))
    if dataset.archive_of and dataset.archive_of not in datasets:
        yield world.unknown("dataset", (*path, "archive-of"), dataset.archive_of, datasets)
    yield from _each(world, "dataset", (*path, "derived-from"), dataset.derived_from, datasets)


def _store(world: World, path: Path, dataset: str, *, key: bool) -> Iterator[Problem]:
    store, dot, _ = dataset.partition(".")
    if store not in world.names("stores"):
        if dot:
            yield world.unknown("store", path, store, world.names("stores"), key=key)
        else:
            valid = tuple(f"{name}.{dataset}" for name in world.names("stores"))
            yield world.unknown("dataset of a store", path, dataset, valid, key=key)


def _sources(world: World) -> Iterator[Problem]:
    """Check the columns that date events, and the harmless datasets."""
    datasets = world.names("datasets")
    for event, source in world.datamap.events.items():
        for index, column in enumerate(source.latest_of):
            if column.rpartition(".")[0] not in datasets:
                dataset = column.rpartition(".")[0] or column
                yield world.unknown("dataset", ("events", event, "latest-of", index), dataset, datasets)
    for index, name in enumerate(world.datamap.no_personal_data):
        yield from _store(world, ("no-personal-data", index), name, key=False)
