"""Small worlds from a few lines of YAML: tables in shorthand, policy and data map as they are written.

A column reads `name type`, with `?` for "may be empty", `key`, `unique`, `generated`, and `-> table` for a
reference: `customer_id int? -> customers`. A text may be narrow: `text(8)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, Check, Column, ColumnKind, ForeignKey, Table, TableKind
from troth.plan.draft import Draft, draft
from troth.plan.model import ChangeFields, Coarsen, Replace, Step
from troth.plan.predicates import Compare, OneOf, Predicate
from troth.plan.seal import Answer, Answers
from troth.plan.world import Facts, Hold, Rank, World
from troth.policy.model import Policy

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = {
    "int": ColumnKind.INTEGER,
    "text": ColumnKind.TEXT,
    "date": ColumnKind.DATE,
    "wall": ColumnKind.DATETIME,
    "instant": ColumnKind.DATETIME_TZ,
    "number": ColumnKind.NUMBER,
    "flag": ColumnKind.BOOLEAN,
    "inet": ColumnKind.INET,
}
_COLUMN = re.compile(r"(?P<name>\S+) (?P<kind>[a-z]+)(\((?P<length>\d+)\))?(?P<null>\?)?(?P<rest>.*)")


def world(case: Mapping[str, Any], dialect: str = "postgresql") -> World:
    """Make the world of a case."""
    catalogs: dict[str, Catalog] = {}
    for store, tables in (case.get("stores") or {"app": case["tables"]}).items():
        made = {name: table(name, lines) for name, lines in tables.items()}
        catalogs[store] = Catalog(store=store, dialect=dialect, tables=made)
    policy = {"organisation": {"name": "Alma"}, "retention": case.get("rules", {})}
    said = case.get("map", {})
    datamap = DataMap.model_validate(
        {
            "stores": {name: {"url": "x", "timezone": "UTC"} for name in catalogs},
            "subjects": said.get("subjects", {"customer": {"dataset": "app.customers", "key": "id"}}),
            "datasets": said.get("datasets", {}),
            "events": said.get("events", {}),
        }
    )
    holds = tuple(_hold(number, words) for number, words in enumerate(case.get("holds", ()), start=1))
    return World(
        policy=Policy.model_validate(policy),
        datamap=datamap,
        catalogs=catalogs,
        reaches=reach.resolve(datamap, catalogs),
        facts=Facts(holds=holds, layouts=case.get("layouts", {})),
        at=AT,
    )


def table(name: str, said: list[str] | Mapping[str, Any]) -> Table:
    """Read a table's shorthand."""
    extra = said if isinstance(said, Mapping) else {"columns": said}
    columns: list[Column] = []
    keys: list[str] = []
    uniques: list[tuple[str, ...]] = []
    references: list[ForeignKey] = []
    for line in extra["columns"]:
        parts = _COLUMN.fullmatch(line)
        assert parts, line
        column, rest = parts["name"], parts["rest"]
        keys += [column] if " key" in rest else []
        uniques += [(column,)] if " unique" in rest else []
        columns.append(
            Column(
                name=column,
                kind=KINDS[parts["kind"]],
                nullable=bool(parts["null"]),
                length=int(parts["length"]) if parts["length"] else None,
                generated="generated" in rest,
            )
        )
        if "->" in rest:
            target, _, own = rest.partition("->")[2].strip().partition(".")
            references.append(ForeignKey(columns=(column,), target=target, target_columns=(own or "id",)))
    for own, target in extra.get("references", {}).items():
        there, _, names = target.partition(".")
        references.append(
            ForeignKey(columns=tuple(own.split("+")), target=there, target_columns=tuple(names.split("+")))
        )
    return Table(
        name=name,
        table=name,
        kind=TableKind(extra.get("kind", "table")),
        columns=tuple(columns),
        primary_key=tuple(keys),
        uniques=tuple(uniques),
        checks=tuple(Check(text=t, columns=tuple(c)) for t, c in extra.get("checks", ())),
        foreign_keys=tuple(references),
        triggers=tuple(extra.get("triggers", ())),
    )


def _hold(number: int, words: Mapping[str, Any]) -> Hold:
    where: Predicate | None = None
    if "id" in words:
        where = Compare(column="id", operator="=", value=words["id"])
    elif "status" in words:
        where = OneOf(column="status", values=(words["status"],))
    return Hold(
        id=f"hold:{number}",
        rank=Rank[words["rank"]],
        ground=words["rank"].lower(),
        review="2027-01-01",
        dataset=words["dataset"],
        where=where,
    )


def drafted(case: Mapping[str, Any], dialect: str = "postgresql") -> Draft:
    """Draft the plan of a case."""
    return draft(world(case, dialect), grace=case.get("grace", False))


def said(step: Step) -> str:
    """Say a step in a few words: `change app.orders account: blank email, ip → ip-prefix`."""
    kind = step.id.split("-")[1]
    if not isinstance(step, ChangeFields):
        return f"{kind} {step.dataset}"
    words = []
    for change in step.changes:
        if isinstance(change, Coarsen):
            words.append(f"{change.column} to {change.to}")
        elif isinstance(change, Replace):
            words.append(f"{change.column} = '{change.text}'{' + key' if change.unique else ''}")
        else:
            words.append(change.column)
    rule = f" {step.rule}" if step.rule else ""
    return f"{kind} {step.dataset}{rule}: {', '.join(words)}"


def all_of(made: Draft, rows: int = 7) -> Answers:
    """Answer every survey as if each case and state had so many rows, and everything asked were true."""
    answers: dict[str, tuple[Answer, ...]] = {}
    for survey in made.surveys:
        groups = len(survey.groups)
        answers[survey.dataset] = tuple(
            Answer(
                case=number,
                states=(1,) * groups,
                rows=rows,
                oldest=("2020-01-02",) * groups,
                newest=("2023-04-05",) * groups,
                asked=(True,) * len(survey.questions),
            )
            for number in range(len(survey.cases))
        )
    return answers
