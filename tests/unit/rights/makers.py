"""Small worlds for erasures, in the shorthand of `unit.plan.makers`, and plans said in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from troth.catalog import reach
from troth.catalog.datamap import DataMap
from troth.catalog.model import Catalog, ColumnKind
from troth.people import entries
from troth.people.entries import Entries
from troth.plan.model import Prune, Replace
from troth.plan.predicates import (
    All,
    Always,
    Before,
    Common,
    Compare,
    Differs,
    Exists,
    Filled,
    HasPath,
    Held,
    Not,
    Null,
    OneOf,
    Predicate,
    Staged,
)
from troth.plan.predicates import Any as AnyOf
from troth.plan.world import World
from troth.policy.model import Policy
from troth.rights import draft as drafting
from troth.rights import seal
from troth.rights.abilities import Described
from troth.rights.drafted import Draft
from troth.rights.model import EraseFields, ErasurePlan, ErasureStep, Spared
from unit.plan import makers

EVERYTHING = frozenset(
    {"delete", "blank", "replace", "generalise", "scrub", "prune", "detach", "restrict", "recheck"}
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A case, drafted."""

    world: World
    known: Entries
    draft: Draft


def world(
    case: Mapping[str, Any], dialect: str = "postgresql", arrays: Mapping[str, str] | None = None
) -> World:
    """Make the world of a case, with ways across stores; `arrays` names columns that hold lists."""
    made = makers.world(case, dialect)
    made = replace(made, catalogs={n: _listing(c, arrays or {}) for n, c in made.catalogs.items()})
    policy = {"organisation": {"name": "Alma"}, "retention": case.get("rules", {}), **case.get("policy", {})}
    said = case.get("map", {})
    stores = {name: {"url": "x", "timezone": "UTC"} for name in made.catalogs} | said.get("stores", {})
    datamap = made.datamap.model_copy(update={"stores": DataMap.model_validate({"stores": stores}).stores})
    return replace(
        made,
        policy=Policy.model_validate(policy),
        datamap=datamap,
        reaches=reach.resolve(datamap, made.catalogs, across=True),
    )


def _listing(catalog: Catalog, arrays: Mapping[str, str]) -> Catalog:
    tables = {
        name: replace(
            table,
            columns=tuple(
                replace(column, kind=ColumnKind.ARRAY)
                if arrays.get(f"{catalog.store}.{name}") == column.name
                else column
                for column in table.columns
            ),
        )
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)


def drafted(
    case: Mapping[str, Any], dialect: str = "postgresql", arrays: Mapping[str, str] | None = None
) -> Made:
    """Draft the erasure of a case."""
    seen = world(case, dialect, arrays)
    known = entries.entries(seen.datamap, seen.catalogs, seen.reaches)
    ways = entries.ways(known, seen.datamap, seen.catalogs, seen.reaches)
    abilities = {
        name: Described(
            store=name,
            engine=dialect,
            can=EVERYTHING - frozenset(case.get("cannot", {}).get(name, ())),
            atomic=True,
            joins=name not in case.get("blind", ()),
        )
        for name in seen.catalogs
    }
    return Made(world=seen, known=known, draft=drafting.draft(seen, known, ways, abilities, seen.at))


def sealed(made: Made, rows: int = 7) -> ErasurePlan:
    """Seal a draft as if every question had so many rows as an answer."""
    return seal.seal(
        made.world,
        made.draft,
        dict.fromkeys(made.draft.asked, rows),
        away={one.asked: rows for one in made.draft.away},
        manifest_digest="d" * 64,
        people=2,
        simulation=False,
    )


def step(made: ErasureStep) -> str:
    """Say a step in a few words."""
    kind = made.id.partition("-")[0]
    if not isinstance(made, EraseFields):
        return f"{kind} {made.dataset}"
    words = []
    for change in made.changes:
        if isinstance(change, Replace):
            words.append(f"{change.column} = '{change.text}'{' + key' if change.unique else ''}")
        elif isinstance(change, Prune):
            words.append(".".join((change.column, *change.path)))
        else:
            words.append(change.column)
    return f"{kind} {made.dataset}: {', '.join(words)}"


def spared(made: Spared) -> str:
    """Say what stays in a few words."""
    names = f" ({', '.join(made.fields)})" if made.fields else ""
    return f"{made.reason} {made.dataset}{names}: {made.detail}"


def where(known: Entries, part: Predicate) -> str:
    """Say a predicate in a few words; `id in customers.id` asks whether the person is at hand."""
    match part:
        case Always():
            return "always"
        case Staged(entry=number, columns=columns):
            entry = known.of[number]
            return f"{'+'.join(columns)} in {entry.dataset.partition('.')[2]}.{'+'.join(entry.columns)}"
        case All(of=parts):
            return " and ".join(_nested(known, each) for each in parts)
        case AnyOf(of=parts):
            return " or ".join(_nested(known, each) for each in parts)
        case Not(of=inner):
            return f"not {_nested(known, inner)}"
        case Exists(dataset=dataset, match=match, where=inner):
            joined = ", ".join(f"{there}={own}" for own, there in match)
            rest = "" if inner == Always() else f" with {_nested(known, inner)}"
            return f"some {dataset.partition('.')[2]} [{joined}]{rest}"
        case Common(column=column, dataset=dataset, other=other):
            return f"{column} of others in {dataset.partition('.')[2]}.{other}"
        case Held():
            return "held"
        case _:
            return _leaf(part)


def _leaf(part: Predicate) -> str:
    match part:
        case Filled(column=column):
            return f"{column}!"
        case Null(column=column):
            return f"{column}?"
        case Differs(column=column):
            return f"{column}≠"
        case HasPath(column=column, path=path):
            return f"{column}.{'.'.join(path)}!"
        case Before(column=column):
            return f"{column} old"
        case Compare(column=column, operator=operator, value=value):
            return f"{column}{operator}{value}"
        case OneOf(column=column, values=values):
            return f"{column} of {'|'.join(map(str, values))}"
        case _:
            return type(part).__name__


def _nested(known: Entries, part: Predicate) -> str:
    text = where(known, part)
    return f"({text})" if isinstance(part, All | AnyOf) else text
