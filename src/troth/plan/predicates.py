"""Which rows a step or a hold is about, as a small closed algebra that stands in the plan itself.

A predicate is about one row of one dataset; `Exists` looks at other rows through equal columns. The SQL, the
sentence and the re-test of every batch are all made from the same tree. Rendering is done in `stores`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = str | int | float | bool
Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Form = Literal["instant", "wall", "day", "text", "number"]
"""How a bound is written: an instant with zone, wall time without one, a day, text, or a number (epoch)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """True for every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The dated column lies strictly before a bound; false where it is NULL, or holds no date (see `Unreadable`)."""

    column: str
    bound: Value
    form: Form
    layout: str = ""
    """For dates kept as text or numbers: the layout every readable value has (`stores.sql.layouts`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The column is filled, but not with a date of the layout the others have, or with a mark for no date."""

    column: str
    layout: str
    """A layout of text or numbers, or the form of a column that holds dates: instant, wall or day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """The column holds nothing."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The column holds something."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """The column compares so with a constant; false where it is NULL."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The column is one of some constants."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """The value is not yet what a change would make of it (see `changes.Coarsen`, `changes.Replace`)."""

    column: str
    to: str
    """`text:…`, `unique:…`, `ip-prefix`, `month` or `year`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HasPath:
    """The JSON document in the column has a value at a path of keys; false where it is no document."""

    column: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The row's columns are among the values that one entry of the manifest has for the people at hand.

    Who they are stands in no plan: a store fills its staging tables from the sealed manifest before it runs a step.
    """

    entry: int
    """Number of the entry (`people.manifest.Entry`)."""
    columns: tuple[str, ...]
    """Own columns, in the order of the entry's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The column holds a value of the people at hand that somebody else has as well, however each of them writes it.

    The value is an identity; it is looked for in rows of the dataset whose key is none of the people's.
    """

    entry: int
    """Number of the identity's entry."""
    column: str
    """Own column."""
    dataset: str
    """The subject's dataset, in the same store."""
    other: str
    """Its column."""
    key: Staged
    """Its key, and the entry of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Some hold that outranks `rank` keeps the row.

    Which rows that are is a secret of the ledger: a plan says only that holds are asked, and `grounds.filled` puts
    them in before a step runs.
    """

    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """Some row of another dataset (or of this one) has equal columns and satisfies a predicate."""

    dataset: str
    match: tuple[tuple[str, str], ...]
    """Pairs of (column of the row at hand, column of the other row)."""
    where: Predicate = Always()


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Every part holds."""

    of: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Any:
    """At least one part holds."""

    of: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold; a part that is unknown (NULL) counts as not holding."""

    of: Predicate


Predicate: TypeAlias = (
    Always
    | Before
    | Unreadable
    | Null
    | Filled
    | Compare
    | OneOf
    | Differs
    | HasPath
    | Staged
    | Common
    | Held
    | Exists
    | All
    | Any
    | Not
)
ALWAYS = Always()
NEVER = Not(of=ALWAYS)


def both(*parts: Predicate) -> Predicate:
    """Join parts that must all hold, without needless nesting."""
    flat: list[Predicate] = []
    for part in parts:
        if isinstance(part, All):
            flat.extend(part.of)
        elif not isinstance(part, Always):
            flat.append(part)
    if NEVER in flat:
        return NEVER
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else All(of=unique) if unique else Always()


def either(*parts: Predicate) -> Predicate:
    """Join parts of which one is enough, without needless nesting; nothing to join never holds."""
    flat: list[Predicate] = []
    for part in parts:
        if isinstance(part, Any):
            flat.extend(part.of)
        elif part != NEVER:
            flat.append(part)
    if any(isinstance(part, Always) for part in flat):
        return Always()
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else Any(of=unique) if unique else NEVER


def negate(part: Predicate) -> Predicate:
    """Return the opposite."""
    return part.of if isinstance(part, Not) else Not(of=part)


Step: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""One look at another dataset: its name, and the pairs of columns that are equal."""
Path: TypeAlias = tuple[Step, ...]


def through(path: Path, where: Predicate = ALWAYS) -> Predicate:
    """Say of the row at hand that some row at the end of a path satisfies a predicate."""
    found = where
    for dataset, match in reversed(path):
        found = NEVER if found == NEVER else Exists(dataset=dataset, match=match, where=found)
    return found


def conjuncts(part: Predicate) -> tuple[Predicate, ...]:
    """List the parts that must all hold."""
    match part:
        case Always():
            return ()
        case All():
            return tuple(one for each in part.of for one in conjuncts(each))
        case Not(of=Any(of=parts)):
            return tuple(negate(each) for each in parts)
        case _:
            return (part,)


def replaced(part: Predicate, held: Callable[[int], Predicate]) -> Predicate:
    """Put in, for every question about holds, the rows they are about, by the rank they must outdo."""
    match part:
        case Held(rank=rank):
            return held(rank)
        case All(of=parts):
            return both(*(replaced(p, held) for p in parts))
        case Any(of=parts):
            return either(*(replaced(p, held) for p in parts))
        case Not(of=inner):
            return negate(replaced(inner, held))
        case _:
            return part


def datasets(part: Predicate) -> frozenset[str]:
    """Name every other dataset a predicate looks at."""
    match part:
        case Exists():
            return datasets(part.where) | {part.dataset}
        case Common():
            return frozenset({part.dataset})
        case All() | Any():
            return frozenset().union(*(datasets(p) for p in part.of))
        case Not():
            return datasets(part.of)
        case _:
            return frozenset()


def columns(part: Predicate) -> frozenset[str]:
    """Name the columns of the row itself that a predicate reads."""
    match part:
        case Exists():
            return frozenset(own for own, _ in part.match)
        case All() | Any():
            return frozenset().union(*(columns(p) for p in part.of))
        case Not():
            return columns(part.of)
        case Always() | Held():
            return frozenset()
        case Staged():
            return frozenset(part.columns)
        case _:
            return frozenset({part.column})
