"""The data map as a picture shows it: kinds of people, datasets with categories, stores, and what is undeclared.

Made from the project's files and the last look at each store; nothing here opens one. One dataset is told field by
field: what it is, which class and rule end it, and which promises touch it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.app import history, ledgers, looking
from troth.app import project as projects
from troth.app.history import Line
from troth.app.looking import Seen
from troth.app.project import Project
from troth.app.requests.steps import Place
from troth.catalog.datamap import Controller, DataField, DataMap, Dataset
from troth.problems import BadInput, Problem, nearest
from troth.promises import listing

ENDS = {
    "blank": "is emptied",
    "ip-prefix": "becomes a network address",
    "month": "becomes its month",
    "year": "becomes its year",
    "keep": "stays until its row goes",
}
ROWS = {
    "delete-row": "the row is deleted",
    "keep-row": "the row stays, its personal fields are empty",
    "keep-without-person": "the row stays without its person",
    None: "its fields are emptied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One dataset of the map."""

    name: str
    store: str
    people: tuple[str, ...]
    """Kinds of people its rows lead to."""
    categories: tuple[str, ...]
    fields: int
    undeclared: int
    """Columns of it the map leaves unsaid."""
    missing: bool
    """The store does not have it."""
    label: str = ""
    """What people call it; empty where the map does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One store of the map."""

    name: str
    kind: str
    located: str
    datasets: int
    seen: Seen
    tables: tuple[str, ...]
    """Tables in neither list of the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole data map."""

    people: tuple[str, ...]
    datasets: tuple[Kept, ...]
    stores: tuple[Home, ...]
    categories: tuple[tuple[str, str, int], ...]
    """Name, label and number of fields of each category."""

    @property
    def undeclared(self) -> tuple[tuple[str, str], ...]:
        """Return code and place of everything the map leaves unsaid."""
        return tuple(one for store in self.stores for one in store.seen.undeclared)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTold:
    """One personal field of a dataset."""

    name: str
    path: str
    category: str
    label: str
    """What people call the category."""
    kept_as: str
    rule: str
    """When it ends, in words; empty where no rule ends it."""
    end: str
    """What becomes of the value then."""
    free_text: bool
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetTold:
    """One dataset, field by field."""

    kept: Kept
    fields: tuple[FieldTold, ...]
    row: str
    """What becomes of a row once every field has ended."""
    located: str
    controller: str
    source: str
    dates: tuple[tuple[str, str], ...]
    """Event and column that dates it."""
    harmless: tuple[str, ...]
    undeclared: tuple[str, ...]
    ways: tuple[str, ...]
    """How its rows lead to people, as the map says it."""
    promises: tuple[Line, ...]
    seen: Seen


def picture(at: Place) -> Picture:
    """Return the data map with what the last looks found.

    Raises:
        BadInput: when the project has faults.
    """
    project = projects.load(at.folder, at.clock.now().date())
    return of(project, _looks(project, at))


def of(project: Project, looks: Mapping[str, Seen]) -> Picture:
    """Join the declared map and the last looks into a picture."""
    datamap = project.datamap
    datasets = tuple(_kept(name, one, datamap, looks) for name, one in datamap.datasets.items())
    homes = []
    for name, store in datamap.stores.items():
        tables = tuple(p for code, p in looks[name].undeclared if code == "undeclared-table")
        held = sum(one.store == name for one in datasets)
        kind = store.kind or ("files" if store.files else "database" if store.url else "place")
        homes.append(
            Home(name=name, kind=kind, located=store.located, datasets=held, seen=looks[name], tables=tables)
        )
    counts: dict[str, int] = {}
    for one in datamap.datasets.values():
        for category, fields in one.fields.items():
            counts[category] = counts.get(category, 0) + len(fields)
    return Picture(
        people=tuple(datamap.subjects),
        datasets=datasets,
        stores=tuple(homes),
        categories=tuple((name, _label(project, name), number) for name, number in counts.items()),
    )


def dataset(name: str, at: Place) -> DatasetTold:
    """Return one dataset, field by field.

    Raises:
        BadInput: when the data map has no such dataset.
    """
    project = projects.load(at.folder, at.clock.now().date())
    datamap = project.datamap
    found = datamap.datasets.get(name)
    if found is None:
        raise BadInput([_unknown(name, tuple(datamap.datasets))])
    looks = _looks(project, at)
    kept = _kept(name, found, datamap, looks)
    store = datamap.stores.get(kept.store)
    fields = tuple(_fields(project, found))
    return DatasetTold(
        kept=kept,
        fields=fields,
        row=ROWS[found.on_expiry],
        located=found.located or (store.located if store else ""),
        controller=_controller(found),
        source=found.source,
        dates=tuple(found.anchors.items()),
        harmless=found.no_personal_data,
        undeclared=tuple(p for _, p in looks[kept.store].undeclared if p.startswith(f"{name}."))
        if kept.store in looks
        else (),
        ways=(*found.subject, *((found.owned_by,) if found.owned_by else ())),
        promises=_touching(project, kept, fields, at),
        seen=looks[kept.store],
    )


def _looks(project: Project, at: Place) -> Mapping[str, Seen]:
    with ledgers.opened(at.folder, at.environment, at.clock) as ledger:
        return {seen.store: seen for seen in looking.last(ledger, project.datamap)}


def _kept(name: str, one: Dataset, datamap: DataMap, looks: Mapping[str, Seen]) -> Kept:
    store = name.partition(".")[0]
    seen = looks.get(store)
    reached = dict(seen.reach) if seen else {}
    unsaid = sum(place.startswith(f"{name}.") for _, place in seen.undeclared) if seen else 0
    return Kept(
        name=name,
        store=store,
        people=reached[name] if name in reached else _declared(name, one, datamap),
        categories=tuple(one.fields),
        fields=sum(map(len, one.fields.values())),
        undeclared=unsaid,
        missing=bool(seen and name in seen.missing),
        label=one.label,
    )


def _declared(name: str, one: Dataset, datamap: DataMap) -> tuple[str, ...]:
    """Return the kinds of people a dataset leads to by the map alone, before any look."""
    words = [*one.subject, one.owned_by]
    named = [w.split()[0] for w in words if w.split() and w.split()[0] in datamap.subjects]
    own = [kind for kind, subject in datamap.subjects.items() if subject.dataset == name]
    return tuple(dict.fromkeys([*own, *named]))


def _fields(project: Project, one: Dataset) -> Iterator[FieldTold]:
    rules = {p.key: p.title for p in listing.promises(project.policy) if p.kind == "retention"}
    for category, fields in one.fields.items():
        for field in fields:
            kept_as = _class(project, one, field, category)
            title = rules.get(kept_as, "")
            yield FieldTold(
                name=field.name,
                path=field.path,
                category=category,
                label=_label(project, category),
                kept_as=kept_as,
                rule=title.partition(": ")[2] or title,
                end=f"becomes “{field.replace}”" if field.replace is not None else ENDS[field.on_expiry],
                free_text=field.name in one.free_text,
                of=field.of or "",
            )


def _class(project: Project, one: Dataset, field: DataField, category: str) -> str:
    """Return the retention class of a field: its own, its dataset's, or that of its category's name."""
    return field.kept_as or one.kept_as or (category if category in project.policy.retention else "")


def _label(project: Project, category: str) -> str:
    found = project.policy.categories.get(category)
    return (found.label if found else "") or category.replace("-", " ")


def _controller(one: Dataset) -> str:
    if isinstance(one.controller, Controller):
        return f"as {one.controller.column} says, row by row"
    return one.controller or "ourselves"


def _touching(project: Project, kept: Kept, fields: tuple[FieldTold, ...], at: Place) -> tuple[Line, ...]:
    """Return the promises about this dataset's classes and categories, with what they came to."""
    policy = project.policy
    classes = {field.kept_as for field in fields}
    categories = set(kept.categories)
    purposes = {key for key, purpose in policy.purposes.items() if categories & set(purpose.uses)}
    recipients = {key for key, one in policy.recipients.items() if categories & set(one.categories)}
    wanted = {
        "retention": classes,
        "categories": categories,
        "purposes": purposes,
        "recipients": recipients,
    }
    return tuple(
        line for line in history.board(at).lines if line.promise.key in wanted.get(line.promise.kind, ())
    )


def _unknown(name: str, valid: tuple[str, ...]) -> Problem:
    return Problem(
        code="unknown-name",
        message="The data map has no dataset of that name.",
        found=name,
        nearest=nearest(name, valid),
        hint="The data map lists every dataset.",
    )
