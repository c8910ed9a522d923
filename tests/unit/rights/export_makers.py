"""A small shop with messages between its customers, its labels, and rows, for tests of exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Column, ColumnKind, ForeignKey, Table
from troth.people import entries
from troth.people.manifest import Manifest, Person
from troth.people.typed import Identity
from troth.plan.world import Facts, World
from troth.policy.model import Policy
from troth.rights import export
from troth.rights.export import Labels, Sheet, Variant
from troth.rights.export_made import Made
from troth.rights.export_rows import Shaper, Shown

POLICY: dict[str, Any] = {
    "organisation": {"name": "The Shop", "timezone": "Europe/Berlin"},
    "categories": {"contact": {"label": "Contact data"}, "identity": {}, "communication": {}},
    "purposes": {
        "support": {"label": "Customer support", "uses": ["contact"], "basis": "contract"},
        "fraud": {"uses": ["identity"], "basis": "legitimate-interests"},
    },
    "retention": {
        "account": {"for": "2 years", "after": "account.closed"},
        "communication": {"for": "1 month", "after": "sent", "because": "tax"},
    },
}
MAP: dict[str, Any] = {
    "stores": {"app": {"url": "x", "timezone": "UTC"}},
    "subjects": {
        "customer": {
            "dataset": "app.customers",
            "key": "id",
            "identities": {"email": "email", "phone": "phone"},
        }
    },
    "datasets": {
        "app.customers": {
            "kept-as": "account",
            "fields": {"identity": ["name"], "contact": ["email", "phone"]},
            "anchors": {"account.closed": "closed_at"},
            "no-personal-data": ["colour"],
        },
        "app.messages": {
            "subject": ["sender via from_id", "recipient via to_id"],
            "fields": {"communication": ["body", {"name": "secret_note", "of": "sender"}]},
            "anchors": {"sent": "sent_at"},
        },
    },
}
T, N, D = ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.DATETIME_TZ
TABLES = {
    "customers": {
        "id": N,
        "name": T,
        "email": T,
        "phone": T,
        "colour": T,
        "closed_at": D,
        "password_hash": T,
    },
    "messages": {"id": N, "from_id": N, "to_id": N, "body": T, "secret_note": T, "sent_at": D, "mood": T},
}


def catalog(dialect: str = "postgresql") -> Catalog:
    """Return the store's structure."""
    keys = {"messages": (("from_id",), ("to_id",))}
    tables = {
        name: Table(
            name=name,
            table=name,
            columns=tuple(Column(name=n, kind=kind) for n, kind in columns.items()),
            primary_key=("id",),
            foreign_keys=tuple(
                ForeignKey(columns=own, target="customers", target_columns=("id",))
                for own in keys.get(name, ())
            ),
        )
        for name, columns in TABLES.items()
    }
    return Catalog(store="app", dialect=dialect, tables=tables)


def labels(
    variant: Variant = "access", datamap: Mapping[str, Any] = MAP, dialect: str = "postgresql"
) -> Labels:
    """Label the shop."""
    return _looked(variant, datamap, dialect)[0]


def _looked(variant: Variant, datamap: Mapping[str, Any], dialect: str) -> tuple[Labels, entries.Entries]:
    declared = DataMap.model_validate(datamap)
    catalogs = {"app": catalog(dialect)}
    reaches = reach.resolve(declared, catalogs, across=True)
    known = entries.entries(declared, catalogs, reaches)
    world = World(
        policy=Policy.model_validate(POLICY),
        datamap=declared,
        catalogs=catalogs,
        reaches=reaches,
        facts=Facts(),
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    return export.labels(world, entries.ways(known, declared, catalogs, reaches), variant), known


def dataset(name: str, **changes: Any) -> dict[str, Any]:
    """Return the map with something changed in one dataset."""
    return {**MAP, "datasets": {**MAP["datasets"], name: {**MAP["datasets"][name], **changes}}}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as a store reads it."""

    values: Mapping[str, object]
    person: int = 1
    roles: tuple[str, ...] = ("sender",)
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A shaper of one dataset, for customer 1 with an e-mail address and a phone number."""

    name: str
    datamap: Mapping[str, Any] = field(default_factory=lambda: MAP)
    dialect: str = "postgresql"

    @property
    def sheet(self) -> Sheet:
        """The labels of the dataset."""
        return labels(datamap=self.datamap, dialect=self.dialect).sheets[self.name]

    def shape(self, row: Row) -> Shown:
        """Shape a row."""
        made, known = _looked("access", self.datamap, self.dialect)
        identities = (
            Identity(match="email", value="ada@example.org"),
            Identity(match="phone", value="+14155550100"),
        )
        values: dict[int, tuple[tuple[object, ...], ...]] = {e.number: () for e in known.of}
        values[known.key("customer").number] = ((1,),)
        person = Person(number=1, values=values, identities=identities)
        people = Manifest(entries=known.of, people=(person,))
        return Shaper(made.sheets[self.name], people, made.zone).shape(row)


MADE = Made(
    organisation="The <Shop>",
    contact="privacy@shop.example",
    at="2026-03-01T12:00:00Z",
    simulation=False,
    policy="a" * 64,
    stores=("app",),
    unlooked=(("store binders", "a person has to look there"),),
    notes=("Names & all",),
)
