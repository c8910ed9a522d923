"""Count, in each dataset, the rows about the people found: one statement a dataset, however many people.

Each way of a dataset becomes a membership: rows whose columns are among those of the next dataset, up to the
working table of keys. Copies without a key are compared by their normal form, and only with verified values where
the data map says which are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.reach import Hop, Reach
from troth.people.kinds import TOGETHER
from troth.people.places import LeftOut, Place
from troth.people.report import Counted, Way
from troth.stores.sql import compare_mariadb
from troth.stores.sql.find import Seeker
from troth.stores.sql.render import table_clause
from troth.stores.sql.trouble import Trouble, classify, explain


def count(seeker: Seeker, dataset: str, ways: Sequence[Reach]) -> Counted | LeftOut:
    """Count the rows of one dataset, in all and by each way.

    Raises:
        StoreError: the store does not answer.
    """
    try:
        with seeker.connection.begin_nested():
            total, *by_way = seeker.connection.execute(statement(seeker, dataset, ways)).one()
    except SQLAlchemyError as error:
        if classify(error) is Trouble.DENIED:
            return LeftOut(what=dataset, why="the role that looks may not read it")
        raise explain(error, seeker.catalog.store) from error
    counted = tuple(
        Way(role=way.role, path=written(way), rows=int(rows or 0))
        for way, rows in zip(ways, by_way, strict=True)
    )
    return Counted(dataset=dataset, rows=int(total), ways=counted)


def statement(seeker: Seeker, dataset: str, ways: Sequence[Reach]) -> sa.Select[Any]:
    """Render the count of one dataset."""
    rows = table_clause(seeker.table(dataset)).alias("troth_rows")
    truths = [_member(seeker, rows, way.hops, way.subject, 0) for way in ways]
    one: sa.ColumnElement[int] = sa.literal_column("1")
    none: sa.ColumnElement[int] = sa.literal_column("0")
    columns: list[Any] = [sa.func.count(), *(sa.func.sum(sa.case((t, one), else_=none)) for t in truths)]
    return sa.select(*columns).select_from(rows).where(sa.or_(*truths))


def written(way: Reach) -> str:
    """Write a way as people read it."""
    if not way.hops:
        return "the people themselves"
    return " > ".join(
        f"{'+'.join(hop.columns)} = {hop.target}.{'+'.join(hop.target_columns)}" for hop in way.hops
    )


def by_claim(places: Sequence[Place], way: Reach) -> bool:
    """Tell whether a way compares a value nobody can say is verified."""
    place = compared(places, way.hops[-1]) if way.hops else None
    return place is not None and not place.verified


def compared(places: Sequence[Place], hop: Hop) -> Place | None:
    """Return the identity of a subject that a hop compares by value, if it does."""
    return next(
        (
            p
            for p in places
            if p.dataset == hop.target
            and p.columns == hop.target_columns
            and not p.typed_only
            and p.family in TOGETHER
        ),
        None,
    )


def _member(
    seeker: Seeker, rows: sa.FromClause, hops: Sequence[Hop], subject: str, depth: int
) -> sa.ColumnElement[bool]:
    keys = seeker.keys(subject)
    if not hops:
        names = [column.name for column in keys.c]
        return _in([rows.c[name] for name in names], sa.select(*keys.c))
    hop = hops[0]
    names = [column.name for column in keys.c]
    if len(hops) == 1 and sorted(hop.target_columns) == sorted(names):
        own = dict(zip(hop.target_columns, hop.columns, strict=True))
        pairs = _alike(seeker, hop, rows, keys, [(own[name], name) for name in names])
        return _in([left for left, _ in pairs], sa.select(*(right for _, right in pairs)))
    there = table_clause(seeker.table(hop.target)).alias(f"troth_{depth}")
    where = _member(seeker, there, hops[1:], subject, depth + 1)
    place = compared(seeker.places, hop)
    if place is not None:
        return _by_value(seeker, rows, there, hop, place, where)
    pairs = _alike(seeker, hop, rows, there, hop.match)
    return _in([left for left, _ in pairs], sa.select(*(right for _, right in pairs)).where(where))


def _alike(
    seeker: Seeker, hop: Hop, rows: sa.FromClause, there: sa.FromClause, match: Sequence[tuple[str, str]]
) -> list[tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
    """Pair own columns with those of the next dataset, in a form the store compares rightly."""
    if seeker.catalog.dialect != "mariadb":
        return [(rows.c[own], there.c[theirs]) for own, theirs in match]
    source, target = seeker.table(hop.source), seeker.table(hop.target)
    return [
        compare_mariadb.alike(source.column(own), target.column(theirs), rows.c[own], there.c[theirs])
        for own, theirs in match
    ]


def _by_value(
    seeker: Seeker,
    rows: sa.FromClause,
    there: sa.FromClause,
    hop: Hop,
    place: Place,
    where: sa.ColumnElement[bool],
) -> sa.ColumnElement[bool]:
    """Compare a copy with what was typed, and with verified values of the people found, however written."""
    own = seeker.table(hop.source).column(hop.columns[0])
    theirs = seeker.table(hop.target).column(hop.target_columns[0])
    assert own is not None and theirs is not None
    form = seeker.matcher.form
    left = form(place.family, own, rows.c[own.name])
    right = form(place.family, theirs, there.c[theirs.name])
    filled = there.c[theirs.name].is_not(None)
    known = sa.select(right).where(where, filled, seeker.verified(place, there), right != "")
    wanted = seeker.wanted
    typed = sa.select(wanted.c.spelling).where(wanted.c.place == place.number)
    return sa.or_(_in([left], known), _in([left], typed))


def _in(columns: Sequence[sa.ColumnElement[Any]], found: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return columns[0].in_(found) if len(columns) == 1 else sa.tuple_(*columns).in_(found)
