"""What an export says of every value: category, purposes, source, retention, and why some are not shown.

Pure: a declaration becomes a table of labels, once for all people; `export_rows` applies it to rows, the writers
(`export_json`, `export_csv`, `export_page`) print it. Access is GDPR Art. 15(1)(a), (d) and (g); the variant for
portability (Art. 20(1)) leaves out what the person did not provide, and what rests on no consent or contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from troth.catalog import headings, undeclared
from troth.catalog.datamap import Controller, DataField, Dataset
from troth.catalog.detect import names
from troth.catalog.detect.kinds import Kind
from troth.catalog.model import Column, ColumnKind, Table
from troth.people.entries import Way
from troth.periods import Period
from troth.plan import groups
from troth.plan.groups import Group
from troth.plan.world import World
from troth.policy.model import PeriodBy, Retention

Variant = Literal["access", "portability"]
Reason = Literal[
    "secret",
    "someone-else",
    "undeclared-shared",
    "other-controller",
    "unknown-controller",
    "not-provided",
    "no-consent-or-contract",
]
REASONS: Mapping[Reason, str] = {
    "secret": "a password or key: showing it would put the account at risk",
    "someone-else": "it is about somebody else (GDPR Art. 15(4))",
    "undeclared-shared": "the row is about several people, and nobody has said whose value this is",
    "other-controller": "we hold it for somebody else, who answers for it",
    "unknown-controller": "the row does not say for whom it is held: a person has to decide",
    "not-provided": "the person did not provide it (GDPR Art. 20(1))",
    "no-consent-or-contract": "no purpose of it rests on consent or a contract (GDPR Art. 20(1)(a))",
}
"""Every reason why a value or a row is not shown, in words that follow "not shown:"."""
PORTABLE = frozenset({"consent", "contract"})
SECRETS = frozenset({"secret", "secrets", "credential", "credentials", "password", "passwords"})
"""Categories whose values are never shown."""
ELSE = "[someone else]"
"""Stands where a value of somebody else stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A declared value inside a JSON column."""

    path: tuple[str, ...]
    category: str
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is said of one column."""

    column: str
    category: str = ""
    """Empty where it is not declared as personal: keys, links, dates."""
    kept_as: str = ""
    """Its retention class; empty where no rule ends it."""
    of: str = ""
    """The role whose value it is, in rows of several people."""
    parts: tuple[Part, ...] = ()
    declared: bool = True
    document: bool = False
    """Holds JSON that comes as text."""
    hidden: Reason | None = None
    """Why it is shown in no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """When the values of a retention class end, counted from a date of the row itself."""

    kept_as: str
    column: str
    period: Period


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is said of one dataset."""

    dataset: str
    source: str
    """Where the data comes from, as the map says; empty where it does not."""
    labels: tuple[Label, ...]
    """In the order of the columns; columns declared to hold nothing personal are left out."""
    ways: tuple[Way, ...] = ()
    endings: tuple[Ending, ...] = ()
    zone: str = ""
    """Zone of dates that carry none."""
    controller: Controller | None = None
    derived_from: tuple[str, ...] = ()
    label: str = ""
    """What people call it, as the map says; empty where it does not."""
    inside: bool = False
    """People are found inside of texts and lists of the row, and its columns are the same in every such store."""
    hidden: Reason | None = None
    """Why none of its rows is shown."""

    @cached_property
    def shown(self) -> tuple[Label, ...]:
        """List the columns that rows are shown with."""
        return tuple(label for label in self.labels if label.hidden is None)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Name the roles people stand in."""
        return tuple(dict.fromkeys(way.role for way in self.ways))

    @cached_property
    def read(self) -> tuple[str, ...]:
        """List the columns that must be read: those shown, and those that decide what is."""
        found = [label.column for label in self.shown]
        found += [ending.column for ending in self.endings]
        found += [self.controller.column] if self.controller else []
        if len(self.ways) > 1:
            found += [name for way in self.ways for name in _links(way)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A purpose, as it is told."""

    label: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A retention class, as it is told."""

    promise: str
    ends: str


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Everything an export says that is the same for all people."""

    variant: Variant
    sheets: Mapping[str, Sheet]
    categories: Mapping[str, str] = field(default_factory=dict)
    """The label of each category used."""
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The purposes of each category."""
    purposes: Mapping[str, Use] = field(default_factory=dict)
    retention: Mapping[str, Kept] = field(default_factory=dict)
    zone: str = "UTC"
    """The calendar in which periods end."""

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """Map each dataset to its heading; no two are the same."""
        return headings.headings({name: sheet.label for name, sheet in self.sheets.items()})

    @property
    def left_out(self) -> Mapping[str, Reason]:
        """Map the datasets of which nothing is shown to the reason."""
        return {name: sheet.hidden for name, sheet in self.sheets.items() if sheet.hidden is not None}


def labels(world: World, ways: Mapping[str, tuple[Way, ...]], variant: Variant = "access") -> Labels:
    """Say of every dataset with a way to people what an export tells of it."""
    unsaid = {p.about for p in undeclared.undeclared(world.datamap, world.catalogs)}
    sheets = {
        name: _sheet(world, name, table, found, variant, unsaid)
        for name, found in ways.items()
        if found and (table := world.table(name)) is not None
    }
    every = [label for sheet in sheets.values() if sheet.hidden is None for label in sheet.labels]
    used = dict.fromkeys(
        c for label in every for c in (label.category, *(p.category for p in label.parts)) if c
    )
    known = world.policy.categories
    uses = {c: tuple(n for n, p in world.policy.purposes.items() if c in p.uses) for c in used}
    serving = dict.fromkeys(name for found in uses.values() for name in found)
    kept = dict.fromkeys(label.kept_as for label in every if label.kept_as)
    return Labels(
        variant=variant,
        sheets=sheets,
        categories={c: known[c].label if c in known and known[c].label else c for c in used},
        uses=uses,
        purposes={n: _use(world, n) for n in serving},
        retention={n: _kept(n, world.policy.retention[n]) for n in kept},
        zone=world.policy.organisation.timezone,
    )


def _use(world: World, name: str) -> Use:
    purpose = world.policy.purposes[name]
    return Use(label=purpose.label or name, basis=purpose.basis or "")


def _kept(name: str, rule: Retention) -> Kept:
    return Kept(promise=groups.promise_id(name, rule), ends=ends(rule))


def ends(rule: Retention) -> str:
    """Say when a rule ends data, in words that follow "kept"."""
    duty = f", as {rule.because} law asks" if rule.because else ""
    if rule.until:
        return f"until {rule.until}{duty}"
    after = f" after {rule.after}" if rule.after else ""
    if rule.for_ == "ever":
        return f"for ever, {'without the person' if rule.without_person else 'as it is'}{after}{duty}"
    if rule.for_ == "as-contracted":
        return f"as long as the contract says{after}{duty}"
    if isinstance(rule.for_, PeriodBy):
        return f"for a period that depends on law, store or kind of person{after}{duty}"
    if rule.for_ is None and rule.at_most is None:
        return f"as long as needed{after}{duty}"
    return f"{'at most ' if rule.for_ is None else 'for '}{rule.period}{after}{duty}"


def _sheet(
    world: World, name: str, table: Table, ways: tuple[Way, ...], variant: Variant, unsaid: set[str]
) -> Sheet:
    dataset = world.dataset(name)
    found, _ = groups.of(world, name, grace=False)
    links = {own for way in ways for own in _links(way)}
    said = {*links, *dataset.free_text, dataset.soft_deleted}
    hidden = _hidden(world, name, dataset, variant)
    inside = world.datamap.stores[name.partition(".")[0]].kind in ("mail", "logs", "tree")
    known = said if not inside else frozenset(table.column_names)
    columns = [
        _label(world, name, column, declared=column.name in known or f"{name}.{column.name}" not in unsaid)
        for column in table.columns
        if not _harmless(world, name, column.name)
    ]
    if variant == "portability":
        columns = [_portable(world, label) for label in columns]
    return Sheet(
        dataset=name,
        source=dataset.source,
        labels=tuple(columns),
        ways=ways,
        endings=tuple(_endings(world, dataset, found)),
        zone=world.zone(name),
        controller=dataset.controller if isinstance(dataset.controller, Controller) else None,
        derived_from=dataset.derived_from,
        label=dataset.label,
        inside=inside,
        hidden=hidden,
    )


def _links(way: Way) -> tuple[str, ...]:
    return tuple(own for own, _ in way.path[0][1]) if way.path else way.end.columns


def _harmless(world: World, dataset: str, column: str) -> bool:
    return column in world.dataset(dataset).no_personal_data or (
        f"{dataset}.{column}" in world.datamap.no_personal_data
    )


def _hidden(world: World, name: str, dataset: Dataset, variant: Variant) -> Reason | None:
    """Say why no row of a dataset is shown, if so."""
    if isinstance(dataset.controller, str) and dataset.controller != "us":
        return "other-controller"
    if variant == "access":
        return None
    own = any(subject.dataset == name for subject in world.datamap.subjects.values())
    provided = dataset.source == "person" or (not dataset.source and own)
    return None if provided and not dataset.derived_from else "not-provided"


def _label(world: World, name: str, column: Column, *, declared: bool) -> Label:
    fields = list(_fields(world.dataset(name), column.name))
    whole = next(((c, f) for c, f in fields if not f.path), None)
    parts = tuple(
        Part(path=tuple(f.path.split(".")), category=c, of=f.whose or "") for c, f in fields if f.path
    )
    category, one = whole or (parts[0].category if parts else "", None)
    rule = groups.rule_of(world, name, *fields[0]) if fields else None
    return Label(
        column=column.name,
        category=category,
        kept_as=rule or "",
        of=(one.whose or "") if one else "",
        parts=parts,
        declared=declared or bool(fields),
        document=column.kind is ColumnKind.JSON
        and world.catalogs[name.partition(".")[0]].dialect in ("sqlite", "mariadb"),
        hidden="secret" if secret(column.name, (c for c, _ in fields)) else None,
    )


def _fields(dataset: Dataset, column: str) -> Iterator[tuple[str, DataField]]:
    for category, fields in dataset.fields.items():
        for one in fields:
            if one.name == column:
                yield category, one


def secret(column: str, categories: Iterable[str] = ()) -> bool:
    """Tell whether a column holds what opens an account: by its category, or by its own name."""
    if SECRETS & set(categories):
        return True
    return any(hit.kind is Kind.SECRET and hit.certain for hit in names.hits(column))


def _portable(world: World, label: Label) -> Label:
    """Hide from portability what is not declared personal, and what rests on no consent or contract."""
    if label.hidden is not None:
        return label
    bases = {p.basis for p in world.policy.purposes.values() if label.category in p.uses}
    reason: Reason | None = None
    if not label.category:
        reason = "not-provided"
    elif not bases & PORTABLE:
        reason = "no-consent-or-contract"
    return replace(label, hidden=reason)


def _endings(world: World, dataset: Dataset, found: Iterable[Group]) -> Iterator[Ending]:
    """List the classes whose end a row's own date tells: one period, nothing above it, nothing unproven."""
    for group in found:
        rule = world.policy.retention[group.rule]
        column = dataset.anchors.get(rule.after or "")
        plain = isinstance(rule.for_, Period) and len(group.promises) == 1 and not group.unproven
        if plain and column is not None and isinstance(rule.for_, Period):
            yield Ending(kept_as=group.rule, column=column, period=rule.for_)
