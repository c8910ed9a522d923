"""Random small projects with people in them: tables, a data map and rows, for erasures and their oracle alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from db.erasure_oracle import Field, Project, Ref, Row, Spec
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.plan.predicates import OneOf
from troth.plan.world import Facts, Hold, Rank, World
from troth.policy.model import Policy

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATES = [None, date(2019, 12, 31), date(2015, 1, 1), date(2024, 2, 29), date(2026, 1, 1)]
BEFORE = date(2021, 3, 1)
"""Five years before the instant."""


@dataclass(kw_only=True)
class Case:
    """One random project with its rows."""

    project: Project
    rows: dict[str, list[Row]]


def make(seed: int, *, plain: bool = False) -> Case:
    """Make the project of a seed.

    Args:
        seed: Decides everything.
        plain: Nothing in it has a reason to stay: every row may go, every link may be cut.
    """
    return _Maker(random.Random(seed), plain).case()


class _Maker:
    def __init__(self, chance: random.Random, plain: bool) -> None:
        self.chance, self.plain = chance, plain
        self.tables: dict[str, Spec] = {}

    def maybe(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def rough(self, share: float) -> bool:
        """Tell whether something that keeps rows comes in."""
        return not self.plain and self.maybe(share)

    def case(self) -> Case:
        self.people()
        for number in range(1, self.chance.randint(2, 5)):
            self.child(f"t{number}")
        if self.rough(0.3):
            target = self.chance.choice(list(self.tables))
            self.tables["unmapped"] = Spec(refs={"up_id": Ref(target=target)})
        rows = self.rows()
        ids = [row["id"] for row in rows["people"]]
        held = frozenset(self.chance.sample(ids, 1)) if ids and self.rough(0.25) else frozenset()
        return Case(project=Project(tables=self.tables, held=held, before=BEFORE), rows=rows)

    def people(self) -> None:
        spec = Spec(roles={"person": ()}, fate=self.fate(), controlled=self.rough(0.15))
        spec.fields = {"email": Field(), **self.fields([])}
        if self.maybe(0.4):
            spec.refs["address_id"] = Ref(target="addresses", nullable=self.plain or self.maybe(0.8))
            owned = Spec(roles={"person": ()}, fate=self.fate(), owned=True, fields=self.fields([]))
            self.tables["addresses"] = owned
        if self.maybe(0.3):
            spec.refs["by_id"] = Ref(target="people")
            spec.roles["referrer"] = ("by_id",)
            spec.own = "by_id"
        self.tables["people"] = spec
        if self.maybe(0.3):
            copy = Spec(roles={"person": ()}, fate=self.fate(), copy=True)
            copy.fields = {"email": Field(), **self.fields([])}
            self.tables["copies"] = copy

    def fate(self) -> str:
        return (
            "delete-row"
            if self.plain
            else self.chance.choice(["delete-row"] * 4 + ["keep-row", "keep-without-person"])
        )

    def fields(self, roles: list[str]) -> dict[str, Field]:
        return {
            f"f{n}": Field(
                of=self.chance.choice([*roles, roles[0]] if roles else [""]), filled=self.maybe(0.3)
            )
            for n in range(self.chance.randint(1, 3))
        }

    def child(self, name: str) -> None:
        parent = self.chance.choice([n for n in self.tables if n.startswith("t") or n == "people"])
        above = self.tables[parent].roles
        spec = Spec(fate=self.fate(), controlled=self.rough(0.1))
        spec.refs["up_id"] = Ref(target=parent, nullable=self.maybe())
        if parent == "people" and self.maybe(0.4):
            spec.refs["up_id"].nullable |= self.plain
            spec.refs["other_id"] = Ref(target="people", nullable=self.plain or self.maybe(0.7))
            spec.roles = {"sender": ("up_id",), "recipient": ("other_id",)}
        elif parent == "people":
            spec.roles = {"person": ("up_id",)}
        else:
            spec.roles = {role: ("up_id", *path) for role, path in above.items()}
        if self.maybe(0.25) and not self.plain:
            spec.refs["self_id"] = Ref(target=name, nullable=self.maybe(0.8))
            spec.own = "self_id"
        several = [role for role in spec.roles if len(spec.roles) > 1]
        spec.fields = self.fields([*several, *([] if self.plain else [""])] if several else [])
        if self.rough(0.3):
            for one in spec.fields.values():
                one.duty = self.maybe(0.6)
        self.tables[name] = spec

    def rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {name: [] for name in self.tables}
        for name in sorted(self.tables, key=lambda n: (n != "addresses", n != "people", n == "unmapped", n)):
            for ident in range(1, self.chance.randint(0, 7) + 1):
                row = self.row(name, ident, found)
                if row is not None:
                    found[name].append(row)
        return found

    def row(self, name: str, ident: int, found: dict[str, list[Row]]) -> Row | None:
        spec = self.tables[name]
        row: Row = {"id": ident}
        for column, ref in spec.refs.items():
            ids = [r["id"] for r in found[ref.target]]
            if ref.target == name:
                ids = [*ids, ident] if not ref.nullable else ids
            if ref.nullable and (not ids or self.maybe(0.3)):
                row[column] = None
            elif ids:
                row[column] = self.chance.choice(ids)
            else:
                return None
        for column, one in spec.fields.items():
            row[column] = self.chance.choice(["x", "y"] if one.filled else ["x", "y", None])
        if "email" in spec.fields:
            mails = [f"p{ident}@x.org", None] if name == "people" else [f"p{n}@x.org" for n in range(1, 5)]
            row["email"] = self.chance.choice(mails)
        if any(one.duty for one in spec.fields.values()):
            row["made_at"] = self.chance.choice(DATES)
        if spec.controlled:
            row["controller"] = self.chance.choice(["us", "us", "them", None])
        return row


def datamap(project: Project) -> dict[str, Any]:
    """Write the data map."""
    datasets: dict[str, Any] = {}
    for name, spec in project.tables.items():
        if not spec.fate:
            continue
        entry: dict[str, Any] = {"on-expiry": spec.fate, "fields": {"things": []}}
        for column, one in spec.fields.items():
            said: dict[str, Any] = {"name": column}
            said |= {"of": one.of} if one.of else {}
            said |= {"kept-as": "tax"} if one.duty else {}
            entry["fields"]["things"].append(said)
        if any(one.duty for one in spec.fields.values()):
            entry["anchors"] = {"made": "made_at"}
        if spec.owned:
            entry["owned-by"] = "person via people.address_id"
        elif spec.copy:
            entry["subject"] = "person via email = people.email"
        else:
            entry["subject"] = [
                f"{role} via {' > '.join(path)}" if path else role for role, path in spec.roles.items()
            ]
        if spec.controlled:
            entry["controller"] = {"column": "controller", "ours": ["us"]}
        datasets[f"app.{name}"] = entry
    return {
        "stores": {"app": {"url": "x", "timezone": "UTC"}},
        "subjects": {"person": {"dataset": "app.people", "key": "id", "identities": {"email": "email"}}},
        "datasets": datasets,
    }


POLICY = {
    "organisation": {"name": "Test"},
    "retention": {"tax": {"for": "5 years", "after": "made", "because": "tax"}},
    "erasure": {"backups": "30 days"},
}


def metadata(project: Project) -> sa.MetaData:
    """Declare the tables."""
    meta = sa.MetaData()
    for name, spec in project.tables.items():
        columns: list[sa.Column[Any]] = [sa.Column("id", sa.Integer, primary_key=True)]
        for column, ref in spec.refs.items():
            key = sa.ForeignKey(f"{ref.target}.id", name=f"{name}_{column}")
            columns.append(sa.Column(column, sa.Integer, key, nullable=ref.nullable))
        for column, one in spec.fields.items():
            columns.append(sa.Column(column, sa.Text, nullable=not one.filled))
        if any(one.duty for one in spec.fields.values()):
            columns.append(sa.Column("made_at", sa.Date))
        if spec.controlled:
            columns.append(sa.Column("controller", sa.Text))
        sa.Table(name, meta, *columns)
    return meta


def fill(engine: sa.Engine, case: Case) -> None:
    """Make the tables and put the rows in."""
    meta = metadata(case.project)
    meta.create_all(engine)
    with engine.begin() as connection:
        for table in meta.sorted_tables:
            for row in case.rows[table.name]:
                connection.execute(sa.insert(table).values(**row))


def content(case: Case, engine: sa.Engine) -> dict[str, list[Row]]:
    """Read every row."""
    with engine.connect() as connection:
        return {
            name: [dict(r) for r in connection.execute(sa.select(table).order_by(table.c.id)).mappings()]
            for name, table in metadata(case.project).tables.items()
        }


def world(case: Case, catalog: Catalog) -> World:
    """Show a project to the planner."""
    declared = DataMap.model_validate(datamap(case.project))
    catalogs = {"app": catalog}
    held = tuple(sorted(case.project.held))
    holds = (
        Hold(
            id="hold:1",
            rank=Rank.LEGAL_HOLD,
            ground="legal hold",
            review="2027-01-01",
            dataset="app.people",
            where=OneOf(column="id", values=held),
            subject="person",
        ),
    )
    layouts = {f"app.{name}.made_at": "date" for name in case.project.tables}
    return World(
        policy=Policy.model_validate(POLICY),
        datamap=declared,
        catalogs=catalogs,
        reaches=reach.resolve(declared, catalogs, across=True),
        facts=Facts(holds=holds if held else (), layouts=layouts),
        at=AT,
    )
