"""Answer a plan's surveys: one pass over each dataset, one line per combination of case and states.

The number of statements is the number of datasets; it does not depend on how many people there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from troth.catalog.model import Catalog
from troth.plan.draft import GroupStates, Survey
from troth.plan.predicates import NEVER, All, Exists, Not, Predicate, both, conjuncts
from troth.plan.predicates import Any as AnyOf
from troth.plan.seal import EXPIRED, NEEDS, NOT_STARTED, UNREADABLE, Answer
from troth.stores.sql import coarse
from troth.stores.sql.render import From, Joins, Renderer, Shelf, by_key, table_clause
from troth.stores.sql.trouble import explain

STATES = 5
CODE = "troth_code"


def measure(engine: sa.Engine, catalog: Catalog, surveys: Iterable[Survey]) -> dict[str, tuple[Answer, ...]]:
    """Count what the surveys of one store ask, in one read transaction.

    Raises:
        StoreError: when the store does not answer or the structure has changed meanwhile.
    """
    renderer = Renderer(catalog)
    try:
        with engine.connect() as connection:
            coarse.teach(connection)
            return {s.dataset: _answers(s, connection.execute(statement(renderer, s))) for s in surveys}
    except SQLAlchemyError as error:
        raise explain(error, catalog.store) from error


def statement(renderer: Renderer, survey: Survey) -> sa.Select[Any]:
    """Render one survey as one statement."""
    source, renderer = _rows(replace(renderer, shelf=Shelf()), survey)
    joins = Joins(source)
    code = _code(replace(renderer, joins=joins), survey, source).label(CODE)
    dated = [source.c[g.column] for g in survey.groups if g.column]
    bounds = [bound for column in dated for bound in (sa.func.min(column), sa.func.max(column))]
    columns: list[ColumnElement[Any]] = [code, sa.func.count(), *bounds]
    return sa.select(*columns).select_from(joins.joined).group_by(sa.literal_column("1"))


def _rows(renderer: Renderer, survey: Survey) -> tuple[From, Renderer]:
    """Where an end stands in another dataset, work it out once per row, and let the cases read the result.

    `OFFSET 0` keeps PostgreSQL and SQLite from dissolving the inner query, and so from doing the work again.
    """
    table = table_clause(renderer.table(survey.dataset))
    ends = dict.fromkeys(g.expired for g in survey.groups if _asks_others(renderer, g.expired))
    if not ends:
        return table, renderer
    named = {end: f"troth_end_{number}" for number, end in enumerate(ends)}
    flags = [renderer.where(survey.dataset, end, table).label(name) for end, name in named.items()]
    inner = sa.select(*table.c, *flags).limit(-1 if renderer.catalog.dialect == "sqlite" else None).offset(0)
    return inner.subquery("troth_rows"), replace(renderer, known=named)


def _asks_others(renderer: Renderer, predicate: Predicate) -> bool:
    """Tell whether a predicate needs rows that no join by key can bring."""
    match predicate:
        case Exists():
            return not by_key(renderer.catalog, predicate) or _asks_others(renderer, predicate.where)
        case All() | AnyOf():
            return any(_asks_others(renderer, part) for part in predicate.of)
        case Not():
            return _asks_others(renderer, predicate.of)
        case _:
            return False


def _code(renderer: Renderer, survey: Survey, source: From) -> ColumnElement[int]:
    """Number each row's case, states and answers in one integer: bits above case * 5**n above state * 5**i."""

    def rendered(predicate: Predicate) -> ColumnElement[bool]:
        return renderer.where(survey.dataset, predicate, source)

    weight = STATES ** len(survey.groups)
    reachable = _reachable(survey)
    cases: list[Any] = [
        (rendered(survey.cases[i].where), sa.literal_column(str(i * weight))) for i in reachable
    ]
    last: ColumnElement[Any] = sa.literal_column(str(reachable[-1] * weight))
    code: ColumnElement[int] = sa.case(*cases[:-1], else_=last) if len(cases) > 1 else last
    for index, group in enumerate(survey.groups):
        states: list[Any] = [
            (rendered(predicate), _state(group, state, STATES**index, rendered))
            for state, predicate in _states(group)
            if predicate != NEVER
        ]
        if states:
            code = code + sa.case(*states, else_=sa.literal_column("0"))
    for number, question in enumerate(survey.questions):
        bit: ColumnElement[int] = sa.literal_column(str(len(survey.cases) * weight * 2**number))
        code = code + sa.case((rendered(question.where), bit), else_=sa.literal_column("0"))
    return code


def _reachable(survey: Survey) -> list[int]:
    """Leave out cases that never hold, and those an earlier case always comes before; the last holds always."""
    seen: list[frozenset[Predicate]] = []
    found: list[int] = []
    for number, case in enumerate(survey.cases):
        parts = frozenset(conjuncts(case.where))
        if case.where != NEVER and not any(earlier <= parts for earlier in seen):
            seen.append(parts)
            found.append(number)
    return found


def _state(
    group: GroupStates, state: int, factor: int, rendered: Callable[[Predicate], ColumnElement[bool]]
) -> ColumnElement[Any]:
    """Number a state; whether something may still go is asked only of rows that have expired."""
    number: ColumnElement[Any] = sa.literal_column(str(state * factor))
    if state != EXPIRED or group.needs == NEVER:
        return number
    rest = [part for part in conjuncts(group.needs) if part not in conjuncts(group.expired)]
    return sa.case((rendered(both(*rest)), sa.literal_column(str(NEEDS * factor))), else_=number)


def _states(group: GroupStates) -> tuple[tuple[int, Predicate], ...]:
    return (
        (EXPIRED, group.expired),
        (NOT_STARTED, group.not_started),
        (UNREADABLE, group.unreadable),
    )


def _answers(survey: Survey, rows: Iterable[Any]) -> tuple[Answer, ...]:
    count = len(survey.groups)
    made = []
    for code, number, *bounds in rows:
        bits, rest = divmod(int(code), STATES**count * len(survey.cases))
        case, rest = divmod(rest, STATES**count)
        states = tuple(rest // STATES**i % STATES for i in range(count))
        pairs = iter(zip(bounds[::2], bounds[1::2], strict=True))
        dated = [next(pairs) if g.column else (None, None) for g in survey.groups]
        made.append(
            Answer(
                case=case,
                states=states,
                rows=int(number),
                oldest=tuple(_iso(low) for low, _ in dated),
                newest=tuple(_iso(high) for _, high in dated),
                asked=tuple(bool(bits >> i & 1) for i in range(len(survey.questions))),
            )
        )
    return tuple(sorted(made, key=lambda a: (a.case, a.states, a.asked)))


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ][0-9:.+Z-]*)?")


def _iso(value: object) -> str:
    """Write a date as text; what stands where a date should be is left out, for it may be personal."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return text if isinstance(value, int | float) or _DATE.fullmatch(text) else ""
