"""Random small projects: tables, a data map, rules, holds and rows, for the planner and for the oracle alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from db.oracle import Hold, Project, Ref, Row, Rule, Spec
from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog
from troth.plan.predicates import OneOf
from troth.plan.world import Facts, Rank, World
from troth.plan.world import Hold as PlanHold
from troth.policy.model import Policy

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = AT.date()
DATES = [None, date(2019, 2, 28), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 8, 31)]
DATES += [date(2025, 2, 28), date(2025, 3, 1), date(2025, 12, 31), date(2026, 2, 20)]


@dataclass(kw_only=True)
class Case:
    """One random project with its rows."""

    project: Project
    rows: dict[str, list[Row]]
    policy: dict[str, Any]
    datamap: dict[str, Any]


def make(seed: int) -> Case:
    """Make the project of a seed."""
    return _Maker(random.Random(seed)).case()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.tables: dict[str, Spec] = {}
        self.circle: set[tuple[str, str]] = set()

    def maybe(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def case(self) -> Case:
        self.rules = {
            "account": Rule(months=12, event="closed"),
            "legal": Rule(months=24, event="closed"),
            "made": Rule(months=18, days=2, event="made"),
            "choice": Rule(months=0, event="opted.out", chosen=True),
            "ever": Rule(),
        }
        self.people()
        for number in range(1, self.chance.randint(2, 5)):
            self.child(f"t{number}")
        if self.maybe(0.3):
            self.addresses()
        self.latest()
        caps = ()
        if self.maybe(0.3):
            caps = ((Rule(months=30, event="closed"), frozenset(self.rules) - {"talk"}),)
        rows = self.rows()
        project = Project(
            tables=self.tables,
            rules=self.rules,
            caps=caps,
            holds=self.holds(rows),
            circle=frozenset(self.circle),
        )
        return Case(project=project, rows=rows, policy=_policy(project), datamap=_datamap(project))

    def people(self) -> None:
        spec = Spec(on_expiry=self.fate(), paths=((),), controlled=self.maybe(0.2))
        spec.dates = {"closed": "closed_at", "opted.out": "opted_at"}
        spec.fields = self.fields(["account", "account", "legal", "choice", "made", "ever"])
        if self.maybe(0.2):
            spec.fields["closed_at"] = "account"
        if "made" in spec.fields.values() or self.maybe(0.3):
            spec.dates["made"] = "made_at"
        self.tables["people"] = spec

    def fate(self) -> str | None:
        return self.chance.choice(["delete-row"] * 5 + ["keep-row", "keep-without-person", None])

    def fields(self, rules: list[str]) -> dict[str, str]:
        return {f"f{n}": self.chance.choice(rules) for n in range(self.chance.randint(1, 3))}

    def child(self, name: str) -> None:
        parent = self.chance.choice(list(self.tables))
        spec = Spec(on_expiry=self.fate(), controlled=self.maybe(0.15))
        spec.refs["up_id"] = Ref(target=parent, nullable=self.maybe(0.4))
        above = self.tables[parent].paths[0] if self.tables[parent].paths else ()
        spec.paths = (("up_id", *above),)
        if parent == "people" and self.maybe(0.3):
            spec.refs["other_id"] = Ref(target="people", nullable=self.maybe(0.7))
            spec.paths = (("up_id",), ("other_id",))
        if self.maybe(0.25):
            spec.refs["self_id"] = Ref(target=name)
            if spec.on_expiry == "delete-row":
                self.circle.add((name, "self_id"))
        if len(self.tables[parent].paths) > 1:
            spec.paths = (("up_id", "up_id"),)
        dated = self.maybe(0.5)
        if dated:
            spec.dates = {"made": "made_at"}
        reachable = "made" in self.tables[parent].dates
        spec.fields = self.fields(
            ["account", "legal", "choice", *(["made"] * 3 if dated or reachable else [])]
        )
        if self.maybe(0.1):
            spec.fields["f9"] = "ever"
        self.tables[name] = spec

    def addresses(self) -> None:
        people = self.tables["people"]
        people.refs["address_id"] = Ref(target="addresses")
        spec = Spec(on_expiry=self.fate(), owned_by=("people", "address_id"))
        spec.fields = self.fields(["account", "legal"])
        self.tables["addresses"] = spec

    def latest(self) -> None:
        """Let tables that hang on people share the latest of their dates, under one rule."""
        able = [
            n
            for n, s in self.tables.items()
            if n != "people" and "made" in s.dates and s.refs["up_id"].target == "people"
        ]
        if not able or not self.maybe(0.4):
            return
        sources = tuple((name, "made_at") for name in able)
        self.rules["talk"] = Rule(months=12, event="last.word", latest_of=sources)
        for name in able:
            self.tables[name].fields = dict.fromkeys(self.tables[name].fields, "talk")

    def rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        order = sorted(self.tables, key=lambda n: (n != "addresses", n != "people", n))
        for name in order:
            spec = self.tables[name]
            count = self.chance.randint(0, 7)
            found[name] = []
            for ident in range(1, count + 1):
                row: Row = {"id": ident}
                fits = True
                for column, ref in spec.refs.items():
                    ids = [r["id"] for r in found[ref.target]]
                    if ref.target == name:
                        ids = list(range(1, ident + 1))
                    if ref.nullable and (not ids or self.maybe(0.3)):
                        row[column] = None
                    elif ids:
                        row[column] = self.chance.choice(ids)
                    else:
                        fits = False
                for column in sorted({*spec.fields, *spec.dates.values()}):
                    dated = column in spec.dates.values()
                    row[column] = self.chance.choice(DATES) if dated else self.chance.choice(["x", "x", None])
                if spec.controlled:
                    row["controller"] = self.chance.choice(["us", "us", "them", None])
                if fits:
                    found[name].append(row)
        return found

    def holds(self, rows: dict[str, list[Row]]) -> tuple[Hold, ...]:
        made = []
        for number in range(self.chance.choice([0, 0, 1, 2])):
            table = self.chance.choice(["people", *rows])
            ids = [r["id"] for r in rows[table]]
            chosen = frozenset(self.chance.sample(ids, min(len(ids), 2)))
            made.append(Hold(name=f"hold:{number}", table=table, ids=chosen, own=self.maybe(0.3)))
        return tuple(sorted(made, key=lambda h: h.own))


PERIODS = {0: "0 days", 12: "12 months", 18: "18 months", 24: "24 months", 30: "30 months"}


def _policy(project: Project) -> dict[str, Any]:
    retention: dict[str, Any] = {}
    for name, rule in project.rules.items():
        if rule.months is None:
            retention[name] = {"for": "ever"}
        elif rule.chosen:
            retention[name] = {"until": rule.event}
        else:
            days = f" {rule.days} days" if rule.days else ""
            retention[name] = {"for": PERIODS[rule.months] + days, "after": rule.event}
    for number, (cap, over) in enumerate(project.caps):
        assert cap.months is not None
        retention[f"cap{number}"] = {
            "at-most": PERIODS[cap.months],
            "after": cap.event,
            "over": sorted(over),
        }
    return {"organisation": {"name": "Test"}, "retention": retention}


def _datamap(project: Project) -> dict[str, Any]:
    datasets: dict[str, Any] = {}
    events: dict[str, Any] = {}
    for name, spec in project.tables.items():
        entry: dict[str, Any] = {
            "fields": {"things": [{"name": c, "kept-as": r} for c, r in spec.fields.items()]},
            "anchors": dict(spec.dates),
        }
        if spec.on_expiry:
            entry["on-expiry"] = spec.on_expiry
        if spec.owned_by:
            entry["owned-by"] = f"person via {'.'.join(spec.owned_by)}"
        elif spec.paths[0]:
            entry["subject"] = [f"person via {' > '.join(path)}" for path in spec.paths]
        if spec.controlled:
            entry["controller"] = {"column": "controller", "ours": ["us"]}
        datasets[f"app.{name}"] = entry
    for rule in project.rules.values():
        if rule.latest_of:
            events[rule.event] = {"latest-of": [f"app.{t}.{c}" for t, c in rule.latest_of]}
    return {
        "stores": {"app": {"url": "x", "timezone": "UTC"}},
        "subjects": {"person": {"dataset": "app.people", "key": "id"}},
        "datasets": datasets,
        "events": events,
    }


def metadata(project: Project) -> sa.MetaData:
    """Declare the tables."""
    meta = sa.MetaData()
    for name, spec in project.tables.items():
        columns: list[sa.Column[Any]] = [sa.Column("id", sa.Integer, primary_key=True)]
        for column, ref in spec.refs.items():
            key = sa.ForeignKey(f"{ref.target}.id", name=f"{name}_{column}", use_alter=False)
            columns.append(sa.Column(column, sa.Integer, key, nullable=ref.nullable))
        for column in sorted({*spec.fields, *spec.dates.values()}):
            kind = sa.Date if column in spec.dates.values() else sa.Text
            columns.append(sa.Column(column, kind))
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


def world(case: Case, catalog: Catalog) -> World:
    """Show a project to the planner."""
    datamap = DataMap.model_validate(case.datamap)
    catalogs = {"app": catalog}
    holds = tuple(
        PlanHold(
            id=hold.name,
            rank=Rank.OWN_INTEREST if hold.own else Rank.LEGAL_HOLD,
            ground="fraud" if hold.own else "legal hold",
            review="2027-01-01",
            dataset=f"app.{hold.table}",
            where=OneOf(column="id", values=tuple(sorted(hold.ids))),
        )
        for hold in case.project.holds
    )
    layouts = {
        f"app.{name}.{column}": "date"
        for name, spec in case.project.tables.items()
        for column in spec.dates.values()
    }
    return World(
        policy=Policy.model_validate(case.policy),
        datamap=datamap,
        catalogs=catalogs,
        reaches=reach.resolve(datamap, catalogs),
        facts=Facts(holds=holds, layouts=layouts),
        at=AT,
    )
