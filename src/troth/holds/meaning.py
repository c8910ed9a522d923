"""From a hold's condition to the planner's predicate, by what the live table says its columns are.

Pure. A test on NULL does not hold, and its `not` does, so that `not status = 'closed'` covers rows without a
status too. A date means the whole day, in the zone the data map declares. Every fault is collected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias, assert_never

from troth.catalog.model import Column, ColumnKind, Table
from troth.holds.conditions import (
    Comparison,
    Emptiness,
    Every,
    Membership,
    Operator,
    Opposite,
    Some,
    Tree,
    Value,
)
from troth.plan.dates import Dated
from troth.plan.predicates import (
    NEVER,
    Compare,
    Filled,
    Null,
    OneOf,
    Predicate,
    both,
    either,
    negate,
)
from troth.problems import Problem, nearest
from troth.spans import Span

Dates: TypeAlias = Callable[[Column, date], Dated]
"""Says which rows are dated before the start of a day, in the column's own way of writing dates."""

NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.NUMBER})
TEXTS = frozenset({ColumnKind.TEXT, ColumnKind.ENUM, ColumnKind.UUID, ColumnKind.INET})
DATES = frozenset({ColumnKind.DATE, ColumnKind.DATETIME, ColumnKind.DATETIME_TZ})
EXPECTED = {
    **dict.fromkeys(NUMBERS, "a number"),
    **dict.fromkeys(TEXTS, "a text in single quotes"),
    **dict.fromkeys(DATES, "a date as YYYY-MM-DD"),
    ColumnKind.BOOLEAN: "true or false",
}
"""What a column of each kind is compared with; kinds that are not here are only asked for NULL."""


def compile(tree: Tree, table: Table, dates: Dates) -> tuple[Predicate, tuple[Problem, ...]]:
    """Return the predicate of a condition, with everything that is wrong with it; use it only if nothing is."""
    compiler = _Compiler(table=table, dates=dates)
    return compiler.of(tree), tuple(compiler.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiler:
    table: Table
    dates: Dates
    problems: list[Problem] = field(default_factory=list)

    def of(self, tree: Tree) -> Predicate:
        match tree:
            case Every():
                return both(*(self.of(part) for part in tree.of))
            case Some():
                return either(*(self.of(part) for part in tree.of))
            case Opposite():
                return negate(self.of(tree.of))
            case Emptiness():
                return Null(column=tree.column) if self.column(tree.column, tree.span) else NEVER
            case Comparison():
                return self.comparison(tree.column, tree.operator, tree.value, tree.span)
            case Membership():
                return self.membership(tree)
            case _:
                assert_never(tree)

    def membership(self, tree: Membership) -> Predicate:
        if any(isinstance(value, date) for value in tree.values):
            days = (self.comparison(tree.column, "=", value, tree.span) for value in tree.values)
            return either(*days)
        column = self.column(tree.column, tree.span)
        if column is None:
            return NEVER
        misfits = [value for value in tree.values if not self.fits(column, value, tree.span)]
        if misfits:
            return NEVER
        values = tuple(v for v in tree.values if not isinstance(v, date))
        return OneOf(column=tree.column, values=values)

    def comparison(self, name: str, operator: Operator, value: Value, span: Span) -> Predicate:
        column = self.column(name, span)
        if column is None or not self.fits(column, value, span):
            return NEVER
        if isinstance(value, date):
            return self.dated(column, operator, value)
        if isinstance(value, bool) and operator not in ("=", "!="):
            self.fault(span, f"'{name}' is true or false, which is compared with = and != only")
            return NEVER
        return Compare(column=name, operator=operator, value=value)

    def dated(self, column: Column, operator: Operator, day: date) -> Predicate:
        start, end = self.dates(column, day), self.dates(column, day + timedelta(days=1))
        if start.problem:
            self.problems.append(start.problem)
        filled = Filled(column=column.name)
        within = both(filled, negate(start.expired), end.expired)
        match operator:
            case "<":
                return start.expired
            case "<=":
                return end.expired
            case ">":
                return both(filled, negate(end.expired))
            case ">=":
                return both(filled, negate(start.expired))
            case "=":
                return within
            case "!=":
                return both(filled, negate(within))
            case _:
                assert_never(operator)

    def column(self, name: str, span: Span) -> Column | None:
        found = self.table.column(name)
        if found is None:
            names = self.table.column_names
            self.problems.append(
                Problem(
                    code="bad-condition",
                    message=f"'{self.table.name}' has no such column.",
                    span=span,
                    valid=names,
                    nearest=nearest(name, names),
                    hint="Names are written as the database spells them; odd ones in double quotes.",
                )
            )
        return found

    def fits(self, column: Column, value: Value, span: Span) -> bool:
        kind = column.kind
        if kind is ColumnKind.OTHER:
            return True
        expected = EXPECTED.get(kind)
        if expected is None:
            self.fault(span, f"'{column.name}' holds {kind.value}, which can only be asked for NULL")
            return False
        if not _is(value, kind):
            self.fault(span, f"'{column.name}' holds {kind.value}: expected {expected}, found {_what(value)}")
            return False
        if kind is ColumnKind.ENUM and column.choices and value not in column.choices:
            self.fault(span, f"'{column.name}' never holds that value", valid=column.choices)
            return False
        return True

    def fault(self, span: Span, what: str, *, valid: tuple[str, ...] = ()) -> None:
        message = f"The condition cannot be used: {what}."
        self.problems.append(Problem(code="bad-condition", message=message, span=span, valid=valid))


def _is(value: Value, kind: ColumnKind) -> bool:
    if kind is ColumnKind.BOOLEAN:
        return isinstance(value, bool)
    if kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, date) if kind in DATES else isinstance(value, str)


def _what(value: Value) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case date():
            return "a date"
        case _:
            return "a number"
