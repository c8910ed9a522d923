"""What changed between two structures of a store, in sentences a person can read.

Pure. Statistics and indexes do not count; what a planner relies on does: columns, types, keys, constraints,
triggers. `catalog.fingerprint` says whether, this says what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from troth.catalog.model import Catalog, Check, Column, ForeignKey, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference."""

    about: str
    """The dataset, or dataset.column, concerned."""
    sentence: str
    """What changed."""

    def __str__(self) -> str:
        return self.sentence


def diff(old: Catalog, new: Catalog) -> tuple[Change, ...]:
    """List what changed from one structure to the other, by dataset; nothing exactly when fingerprints agree."""
    return tuple(_changes(old, new))


def _changes(old: Catalog, new: Catalog) -> Iterator[Change]:
    if old.dialect != new.dialect:
        yield Change(about=new.store, sentence=f"the store was {old.dialect} and is {new.dialect}")
    for name in sorted({*old.tables, *new.tables}):
        before, after = old.tables.get(name), new.tables.get(name)
        dataset = f"{new.store}.{name}"
        if before is None and after is not None:
            columns = ", ".join(after.column_names) or "no columns"
            yield Change(about=dataset, sentence=f"{dataset} is new, a {after.kind.value} with {columns}")
        elif after is None:
            yield Change(about=dataset, sentence=f"{dataset} is gone")
        elif before is not None:
            yield from _table(dataset, before, after)


def _table(dataset: str, old: Table, new: Table) -> Iterator[Change]:
    yield from _columns(dataset, old, new)
    for what, before, after in (
        ("kind", old.kind.value, new.kind.value),
        ("primary key", _list(old.primary_key), _list(new.primary_key)),
        ("parent table", old.partition_of, new.partition_of),
        ("row security", _on(old.row_security), _on(new.row_security)),
        ("WITHOUT ROWID", _on(old.without_rowid), _on(new.without_rowid)),
    ):
        if before != after:
            yield _said(dataset, f"the {what} was {before or 'nothing'} and is {after or 'nothing'}")
    olds, news = ((*t.uniques, *t.partial_uniques) for t in (old, new))
    yield from _sets(dataset, "the unique constraint over", map(_list, olds), map(_list, news))
    yield from _sets(dataset, "the check", map(_check, old.checks), map(_check, new.checks))
    yield from _sets(dataset, "the foreign key", map(_key, old.foreign_keys), map(_key, new.foreign_keys))
    yield from _sets(dataset, "the trigger", old.triggers, new.triggers)
    if (old.table, old.schema) != (new.table, new.schema):
        yield _said(dataset, "it stands in another schema")


def _columns(dataset: str, old: Table, new: Table) -> Iterator[Change]:
    for name in dict.fromkeys((*old.column_names, *new.column_names)):
        before, after, place = old.column(name), new.column(name), f"{dataset}.{name}"
        if before is None and after is not None:
            empty = "may be empty" if after.nullable else "may not be empty"
            yield Change(
                about=place, sentence=f"{place} is new: {after.declared or after.kind.value}, {empty}"
            )
        elif after is None:
            yield Change(about=place, sentence=f"{place} is gone")
        elif before is not None:
            for sentence in _column(before, after):
                yield Change(about=place, sentence=f"{place} {sentence}")
    kept = [n for n in old.column_names if new.column(n)]
    if kept != [n for n in new.column_names if old.column(n)]:
        yield _said(dataset, "its columns stand in another order")


def _column(old: Column, new: Column) -> Iterator[str]:
    if (old.declared, old.kind) != (new.declared, new.kind):
        yield f"was {old.declared or old.kind.value} and is {new.declared or new.kind.value}"
    if old.nullable != new.nullable:
        yield "may now be empty" if new.nullable else "may no longer be empty"
    if old.length != new.length:
        yield f"took {_length(old.length)} and takes {_length(new.length)}"
    if old.generated != new.generated:
        yield "is now computed by the database" if new.generated else "is no longer computed by the database"
    if old.has_default != new.has_default:
        yield "has a default now" if new.has_default else "has no default any more"
    if old.choices != new.choices:
        yield "takes other values of its enum"


def _sets(dataset: str, what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Change]:
    before, after = list(old), list(new)
    for gone in sorted(set(before) - set(after)):
        yield _said(dataset, f"{what} {gone} is gone")
    for added in sorted(set(after) - set(before)):
        yield _said(dataset, f"{what} {added} is new")
    if sorted(set(before)) == sorted(set(after)) and before != after:
        yield _said(dataset, f"{what} {after[0]} and others stand in another order")


def _said(dataset: str, sentence: str) -> Change:
    return Change(about=dataset, sentence=f"{dataset}: {sentence}")


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(columns)


def _on(value: bool) -> str:
    return "on" if value else "off"


def _length(length: int | None) -> str:
    return "any length" if length is None else f"{length} characters"


def _check(check: Check) -> str:
    over = f" over {_list(check.columns)}" if check.columns else ""
    return f"{f'{check.name}: ' if check.name else ''}{check.text}{over}"


def _key(key: ForeignKey) -> str:
    later = ", deferrable" if key.deferrable else ""
    name = f"{key.name}: " if key.name else ""
    return (
        f"{name}{_list(key.columns)} → {key.target} ({_list(key.target_columns)}), "
        f"on delete {key.on_delete}{later}"
    )
