"""What becomes of each personal field of the people at hand: emptied where it is theirs, kept where a duty wants it.

Pure. A statutory duty (a retention rule with `because`) keeps its fields on rows that have not outlived it; of a
duty with a minimal record only the columns named in it. Every other field goes, whatever rule it has or lacks:
what `on-expiry` says of a value is about its end, not about erasure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from troth.catalog.datamap import DataField
from troth.catalog.model import ColumnKind, Table
from troth.periods import Period
from troth.plan import changes, groups
from troth.plan.groups import Group
from troth.plan.model import Blank, Change, Prune
from troth.plan.predicates import ALWAYS, NEVER, Filled, Predicate, both, either, negate, through
from troth.plan.world import World
from troth.policy.model import Retention
from troth.rights.shared import Link, Role, Standing

TEXTS = frozenset({ColumnKind.TEXT, ColumnKind.JSON, ColumnKind.ARRAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A statutory duty on some columns of a dataset."""

    rule: str
    because: str
    promise: str
    ends: str
    """In words."""
    columns: frozenset[str]
    """What it wants kept: its fields, and the dates it counts from."""
    over: Predicate
    """Rows that have outlived it; none while its end cannot be computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Changes that are made on the same rows."""

    changes: tuple[Change, ...]
    rows: Predicate
    """Besides that the row is about somebody at hand, ours, and not held."""
    pending: Predicate
    """Rows on which at least one of them is still to do."""

    @property
    def columns(self) -> frozenset[str]:
        """Name the columns that change."""
        return frozenset(change.column for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A field that the schema does not let go, and why."""

    column: str
    key: bool
    what: str
    hint: str
    rows: Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Fields that stay on some rows for a reason of their own."""

    columns: tuple[str, ...]
    detail: str
    rows: Predicate
    duty: Duty | None = None
    needed: bool = False
    """Another dataset's duty counts from it."""


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Everything decided about the fields of one dataset."""

    parts: tuple[Part, ...] = ()
    scrubs: tuple[tuple[str, Predicate], ...] = ()
    """Columns of free text, and on which rows the people are taken out of them."""
    fixed: tuple[Fixed, ...] = ()
    stays: tuple[Stays, ...] = ()
    duties: tuple[Duty, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    field: DataField
    whose: Predicate
    """Rows in which it is somebody's at hand."""
    duty: Duty | None
    needed: tuple[tuple[Duty, Predicate], ...]
    """Duties of other datasets that count from it, with the rows whose date they still need."""

    @property
    def rows(self) -> Predicate:
        over = self.duty.over if self.duty else ALWAYS
        return both(self.whose, over, *(negate(rows) for _, rows in self.needed))


Dating = dict[str, list[tuple[Duty, Predicate]]]
"""For `store.table.column`: the duties of other datasets that count from it, and the rows that they need."""


def of(world: World, dataset: str, table: Table, standing: Standing, dating: Dating) -> Fields:
    """Decide about every declared field of a dataset, and about values that lead to people."""
    duties, warnings = obliged(world, dataset)
    lists = {c: link for link in standing.links for c in link.columns if _is_list(table, c)}
    found = [
        _Field(
            field=field,
            whose=_whose(standing, field),
            duty=next((d for d in duties if field.name in d.columns), None),
            needed=tuple(dating.get(f"{dataset}.{field.name}", ())),
        )
        for field in _declared(world, dataset, standing)
        if field.name not in lists or field.path
    ]
    emptied = [(one, _emptied(dataset, table, one.field)) for one in found]
    parts = _parts((one, made.change, made.pending) for one, made in emptied if made.change is not None)
    texts = dict(_scrubs(world, dataset, table, found, duties))
    named = ((c, both(link.end, _over(duties, c))) for c, link in lists.items() if c not in texts)
    return Fields(
        parts=_links_last(parts, standing),
        scrubs=(*named, *texts.items()),
        fixed=tuple(_fixed(table, emptied)),
        stays=(*_obliged(found, table), *_dated(found), *_shared(world, dataset, standing, found, table)),
        duties=duties,
        warnings=(*warnings, *_computed(dataset, table, found)),
    )


def _declared(world: World, dataset: str, standing: Standing) -> Iterator[DataField]:
    """Yield the fields of the map, and values that lead to people, each with whose it is."""
    roles = {
        link.columns[0]: role
        for role in standing.roles
        for link in role.links
        if link.by_value and len(link.columns) == 1
    }
    several = len(standing.roles) > 1
    seen: set[str] = set()
    for fields in world.dataset(dataset).fields.values():
        for field in fields:
            role = roles.get(field.name)
            seen.add(field.name)
            yield field.model_copy(update={"of": role.name}) if role and several and not field.of else field
    for column, role in roles.items():
        if column not in seen:
            yield DataField(name=column, of=role.name if several else None)


def _whose(standing: Standing, field: DataField) -> Predicate:
    """Say in which rows a value is somebody's at hand: their own identity, theirs by role, or all that is left."""
    alone = negate(standing.others)
    copied = next((one for one in standing.links if one.by_value and one.columns == (field.name,)), None)
    if copied is not None and not field.path and copied.twins != standing.others:
        return either(alone, both(copied.end, negate(copied.twins)))
    role = standing.role(field.whose) if field.whose else None
    return either(alone, role.clear) if role else alone


def _is_list(table: Table, name: str) -> bool:
    """Tell whether a column lists several people: only some of them are taken out."""
    column = table.column(name)
    return column is not None and column.kind is ColumnKind.ARRAY


def _emptied(dataset: str, table: Table, field: DataField) -> changes.Emptied:
    return changes.empty(dataset, table, field.model_copy(update={"on_expiry": "blank"}))


def _parts(made: Iterator[tuple[_Field, Change, Predicate]]) -> list[Part]:
    """Join changes on the same rows; a document that is emptied needs no value taken out of it."""
    found: dict[Predicate, dict[Change, Predicate]] = {}
    for one, change, pending in made:
        found.setdefault(one.rows, {})[change] = pending
    parts = []
    for rows, pairs in found.items():
        whole = {c.column for c in pairs if not isinstance(c, Prune)}
        kept = {c: p for c, p in pairs.items() if not (isinstance(c, Prune) and c.column in whole)}
        if rows != NEVER:
            parts.append(Part(changes=tuple(kept), rows=rows, pending=either(*kept.values())))
    return parts


def _links_last(parts: Sequence[Part], standing: Standing) -> tuple[Part, ...]:
    """Empty last what a row is recognised by."""
    ways = {column for link in standing.links for column in link.columns}
    return tuple(sorted(parts, key=lambda part: bool(part.columns & ways)))


def _over(duties: Sequence[Duty], column: str) -> Predicate:
    """Say of a row that no duty wants the column any more."""
    return both(*(duty.over for duty in duties if column in duty.columns))


def _scrubs(
    world: World, dataset: str, table: Table, found: Sequence[_Field], duties: Sequence[Duty]
) -> Iterator[tuple[str, Predicate]]:
    """Yield each column of free text with the rows that keep their text: those in which it is not emptied.

    A text that a duty wants stays as it was written.
    """
    for name in dict.fromkeys(world.dataset(dataset).free_text):
        column = table.column(name)
        if column is None or column.kind not in TEXTS or column.generated:
            continue
        own = next((one for one in found if one.field.name == name and not one.field.path), None)
        rows = both(negate(own.whose) if own else ALWAYS, _over(duties, name))
        if rows != NEVER:
            yield name, both(rows, Filled(column=name))


def _fixed(table: Table, emptied: Sequence[tuple[_Field, changes.Emptied]]) -> Iterator[Fixed]:
    for one, made in emptied:
        if made.problem is not None and one.rows != NEVER and table.column(one.field.name) is not None:
            yield Fixed(
                column=one.field.name,
                key=_is_key(table, one.field.name),
                what=made.problem.message,
                hint=made.problem.hint,
                rows=both(one.rows, Filled(column=one.field.name)),
            )


def _is_key(table: Table, name: str) -> bool:
    return name in table.primary_key or any(name in key.columns for key in table.foreign_keys)


def _filled(found: Sequence[_Field], table: Table) -> Predicate:
    names = dict.fromkeys(o.field.name for o in found if table.column(o.field.name) is not None)
    return either(*(Filled(column=name) for name in names))


def _obliged(found: Sequence[_Field], table: Table) -> Iterator[Stays]:
    for duty in dict.fromkeys(one.duty for one in found if one.duty):
        own = [one for one in found if one.duty == duty]
        for whose in dict.fromkeys(one.whose for one in own):
            kept = [one for one in own if one.whose == whose]
            rows = both(whose, negate(duty.over), _filled(kept, table))
            yield Stays(columns=_names(kept), detail=because(duty), rows=rows, duty=duty)


def _dated(found: Sequence[_Field]) -> Iterator[Stays]:
    for one in found:
        for duty, rows in one.needed:
            where = both(one.whose, rows, Filled(column=one.field.name))
            yield Stays(columns=(one.field.name,), detail=because(duty), rows=where, duty=duty, needed=True)


def _shared(
    world: World, dataset: str, standing: Standing, found: Sequence[_Field], table: Table
) -> Iterator[Stays]:
    """Name fields of nobody in particular that stay in rows of several people; texts are scrubbed instead.

    What stands in a subject's own row is that subject's, whoever else the row mentions.
    """
    if standing.others == NEVER or any(role.own for role in standing.roles):
        return
    free = set(world.dataset(dataset).free_text)
    copied = {link.columns[0] for link in standing.links if link.by_value}
    kept = [one for one in found if not one.field.whose and one.field.name not in free | copied]
    filled = _filled(kept, table)
    if filled != NEVER:
        roles = " and ".join(role.name for role in standing.roles)
        yield Stays(columns=_names(kept), detail=roles, rows=both(standing.others, filled))


def _names(found: Sequence[_Field]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(".".join(filter(None, (one.field.name, one.field.path))) for one in found))


def because(duty: Duty) -> str:
    """Name a duty, and what asks for it."""
    return f"{duty.rule} ({duty.because})" if duty.because != duty.rule else duty.rule


def _computed(dataset: str, table: Table, found: Sequence[_Field]) -> Iterator[str]:
    for one in found:
        column = table.column(one.field.name)
        if column is None:
            yield f"{dataset}.{one.field.name}: the live schema has no such column; mend the data map"
        elif column.generated:
            yield f"{dataset}.{one.field.name} is computed by the database: it changes with what it is made of"


def obliged(world: World, dataset: str) -> tuple[tuple[Duty, ...], tuple[str, ...]]:
    """List the statutory duties on a dataset, and what cannot be said of them."""
    found, _ = groups.of(world, dataset, grace=False)
    by_rule: dict[str, list[Group]] = {}
    for group in found:
        if world.policy.retention[group.rule].because:
            by_rule.setdefault(group.rule, []).append(group)
    made = [_duty(world, dataset, parts) for parts in by_rule.values()]
    return tuple(duty for duty, _ in made), tuple(w for _, warnings in made for w in warnings)


def _duty(world: World, dataset: str, parts: Sequence[Group]) -> tuple[Duty, list[str]]:
    """Make the duty of one rule; its end is that of the fields it keeps, where a cap parts them from the others."""
    rule = world.policy.retention[parts[0].rule]
    named, warnings = _wanted(world, dataset, rule, parts[0].rule)
    own = [frozenset(field.name for field in group.fields) for group in parts]
    group = next((g for g, names in zip(parts, own, strict=True) if named & names), parts[0])
    if group.unproven:
        warnings.append(
            f"{dataset}: the end of {group.rule} cannot be computed ({group.unproven}), so what it keeps stays"
        )
    duty = Duty(
        rule=group.rule,
        because=rule.because,
        promise=group.promises[0],
        ends=ends(rule),
        columns=(named or frozenset().union(*own)) | _dates(dataset, group),
        over=group.expired,
    )
    return duty, warnings


def _wanted(world: World, dataset: str, rule: Retention, name: str) -> tuple[frozenset[str], list[str]]:
    """Name the columns of the minimal record; none where the duty keeps all, or the map knows nothing of it."""
    if not rule.minimal_record:
        return frozenset(), []
    columns = world.dataset(dataset).minimal_record
    named = frozenset(columns[label] for label in rule.minimal_record if label in columns)
    if named:
        return named, []
    return named, [f"{dataset} maps nothing of the minimal record of {name}, so all fields of the class stay"]


def _dates(dataset: str, group: Group) -> frozenset[str]:
    """Name own columns that the end is read from."""
    prefix = f"{dataset}."
    return frozenset(
        place.removeprefix(prefix)
        for place in group.anchored.read
        if place.startswith(prefix) and "." not in place.removeprefix(prefix)
    )


def ends(rule: Retention) -> str:
    """Say in words when a rule ends."""
    if rule.until:
        return f"when {rule.until} comes"
    if rule.for_ == "ever":
        return "never"
    period = rule.period
    if isinstance(period, Period) and rule.after:
        return f"{period} after {rule.after}"
    return f"a period after {rule.after}" if rule.after else ""


def dating(world: World, dataset: str) -> tuple[Dating, tuple[str, ...]]:
    """Find dates in other datasets that duties on this one count from, with the way back to rows that need them."""
    found: Dating = {}
    warnings: list[str] = []
    personal = {
        f"{name}.{field.name}"
        for name, entry in world.datamap.datasets.items()
        for fields in entry.fields.values()
        for field in fields
    }
    duties, _ = obliged(world, dataset)
    read = {g.rule: g.anchored.read for g in groups.of(world, dataset, grace=False)[0]}
    for duty in duties:
        for place in sorted(read[duty.rule] & personal):
            target = place.rpartition(".")[0]
            if target == dataset:
                continue
            back = tuple(_back(world, dataset, target))
            found.setdefault(place, []).extend((duty, through(path, negate(duty.over))) for path in back)
            if not back:
                warnings.append(f"{dataset}: the end of {duty.rule} is read from {place}, which is emptied")
    return found, tuple(warnings)


def _back(
    world: World, dataset: str, target: str
) -> Iterator[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]]:
    """Yield the ways from rows of a target back to the rows that lead to it."""
    for reach in world.ways(dataset):
        for length, hop in enumerate(reach.hops, start=1):
            if hop.target == target and hop.target.partition(".")[0] == dataset.partition(".")[0]:
                steps = reversed(reach.hops[:length])
                yield tuple((h.source, tuple((there, own) for own, there in h.match)) for h in steps)


def loosened(table: Table, columns: tuple[str, ...]) -> tuple[Change, ...]:
    """Empty enough columns of a reference that it leads nowhere; nothing where the schema forbids it."""
    bare = replace(table, foreign_keys=())
    made = [changes.empty(table.name, bare, DataField(name=name)).change for name in columns]
    blanks = [change for change in made if isinstance(change, Blank)]
    others = [key for key in table.foreign_keys if key.columns != columns]
    free = [b for b in blanks if not any(b.column in key.columns for key in others)]
    return tuple(free or blanks)


def role_of(standing: Standing, link: Link) -> Role:
    """Return the role a link belongs to."""
    return next(role for role in standing.roles if link in role.links)
