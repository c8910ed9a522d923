"""Rectification (GDPR Art. 16): which columns may hold a copy of a wrong value, and what forbids the right one.

Pure. A copy is in a row of the person, in the field itself, in a column of the same kind of identity or of the same
category, and equals the wrong value; free text is counted and left alone. Rows of other people are never meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind
from troth.people import kinds, normal
from troth.people.kinds import Family
from troth.people.places import region_of
from troth.problems import BadInput, Problem, nearest

CORRECTABLE = frozenset(
    {
        ColumnKind.TEXT,
        ColumnKind.INTEGER,
        ColumnKind.NUMBER,
        ColumnKind.BOOLEAN,
        ColumnKind.DATE,
        ColumnKind.DATETIME,
        ColumnKind.DATETIME_TZ,
        ColumnKind.UUID,
        ColumnKind.INET,
        ColumnKind.ENUM,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The field that is wrong."""

    dataset: str
    column: str
    category: str
    kind: str = ""
    """Kind of identity, where it is one."""
    verified: str = ""
    """Column that says the old value was proven."""

    @property
    def family(self) -> Family | None:
        """Say how its values are compared, where they are an identity's."""
        found = kinds.family(self.kind) if self.kind else None
        return found if found in kinds.TOGETHER else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A column that may hold the wrong value, in rows of the person."""

    dataset: str
    column: str
    role: str = ""
    """The role whose value it is, where a row has several people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a correction does, or would do, in one column."""

    dataset: str
    column: str
    rows: int
    left: int = 0
    """Rows that still hold the wrong value afterwards."""


def field(datamap: DataMap, name: str) -> Field:
    """Find a declared field by `store.table.column`.

    Raises:
        BadInput: there is none of that name.
    """
    known: dict[str, Field] = {}
    for dataset, declared in datamap.datasets.items():
        for category, fields in declared.fields.items():
            for one in fields:
                if not one.path:
                    known[f"{dataset}.{one.name}"] = Field(
                        dataset=dataset, column=one.name, category=category
                    )
    for subject in datamap.subjects.values():
        for kind, identity in subject.identities.items():
            place = f"{subject.dataset}.{identity.field}"
            category = known[place].category if place in known else ""
            known[place] = Field(
                dataset=subject.dataset,
                column=identity.field,
                category=category,
                kind=kind,
                verified=identity.verified,
            )
    if name in known:
        return known[name]
    close = nearest(name, known)
    raise BadInput(
        [
            Problem(
                code="unknown-name",
                message="--field names no personal field of the data map.",
                found=name,
                valid=tuple(sorted(known)),
                nearest=close,
                hint=f"Write `{close}`." if close else "Write it as store.table.column.",
            )
        ]
    )


def copies(datamap: DataMap, catalogs: Mapping[str, Catalog], wrong: Field) -> tuple[Copy, ...]:
    """List the columns of databases that may hold a copy, the field itself first."""
    found = {(wrong.dataset, wrong.column): Copy(dataset=wrong.dataset, column=wrong.column)}
    for dataset, declared in datamap.datasets.items():
        for one in declared.fields.get(wrong.category, ()):
            if not one.path and one.name not in declared.free_text:
                copy = Copy(dataset=dataset, column=one.name, role=one.whose or "")
                found.setdefault((dataset, one.name), copy)
    for subject in datamap.subjects.values():
        for kind, identity in subject.identities.items():
            if wrong.kind and kinds.match(kind) == kinds.match(wrong.kind):
                copy = Copy(dataset=subject.dataset, column=identity.field)
                found.setdefault((subject.dataset, identity.field), copy)
    return tuple(copy for copy in found.values() if _correctable(catalogs, copy))


def texts(datamap: DataMap) -> Iterator[Copy]:
    """Yield the columns in which people write freely."""
    for dataset, declared in datamap.datasets.items():
        for name in declared.free_text:
            yield Copy(dataset=dataset, column=name)


def value(datamap: DataMap, wrong: Field, text: str) -> str:
    """Check what is to stand there instead.

    Raises:
        BadInput: it is empty, or no value of the field's kind; it is not repeated.
    """
    found = text.strip("\r\n")
    region = region_of(datamap, wrong.dataset)
    fits = wrong.family is None or normal.normal(wrong.family, found, region) is not None
    if found.strip() and fits and "\n" not in found and "\0" not in found:
        return found
    what = f"no usable {wrong.kind}" if wrong.family else "empty, or has several lines"
    message = f"The new value of {wrong.dataset}.{wrong.column} is {what}."
    raise BadInput([Problem(code="bad-value", message=message, hint="Give one value, on one line.")])


def unfit(column: Column, text: str) -> str:
    """Say what of a column forbids a value, as far as its structure tells; empty where nothing does."""
    if column.generated:
        return "the database computes it"
    if column.length is not None and len(text) > column.length:
        return f"it takes {column.length} characters, and the value has {len(text)}"
    if column.choices and text not in column.choices:
        return "it takes one of a list of values, and this is none of them"
    return ""


def _correctable(catalogs: Mapping[str, Catalog], copy: Copy) -> bool:
    catalog = catalogs.get(copy.dataset.partition(".")[0])
    table = catalog.dataset(copy.dataset) if catalog else None
    column = table.column(copy.column) if table and table.writable else None
    return column is not None and column.kind in CORRECTABLE
