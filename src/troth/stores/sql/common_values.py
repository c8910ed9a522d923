"""Values of the people at hand that somebody else has too, in whatever spelling: worked out once, beside the people.

A row is compared with what is staged, and so is every row of the subject's dataset: two texts are one value where
both are spellings of the same person's. A person with two values in one entry, of which somebody has one, is taken to
share both: the row stays then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from troth.catalog.model import Table
from troth.plan.predicates import Common, Not, Staged
from troth.stores.sql import memory, staging_mariadb, staging_values
from troth.stores.sql.render import From, Renderer, Truth, table_clause

if TYPE_CHECKING:
    from troth.stores.sql.staged_people import StagedPeople

TABLE = "troth_common_"
_SCHEMA = {"sqlite": "temp", "postgresql": "pg_temp"}
_COLUMNS = {"mariadb": f"(spelling text, {staging_mariadb.UNLOGGED}) {staging_mariadb.TEXT}"}


def table(staged: StagedPeople, asked: Common) -> sa.TableClause:
    """Return the table of what others have too: the one place that knows where it is."""
    name = f"{TABLE}{staged.commons.index(asked)}"
    return sa.table(name, sa.column("spelling"), schema=_SCHEMA.get(staged.catalog.dialect))


def created(staged: StagedPeople, asked: Common, *, drop: bool) -> str:
    """Write the statement that makes the table."""
    dialect = staged.catalog.dialect
    made, schema = table(staged, asked).name, _SCHEMA.get(dialect)
    columns = _COLUMNS.get(dialect, "(spelling text)")
    end = " ON COMMIT DROP" if drop and dialect == "postgresql" else ""
    return f"CREATE TEMPORARY TABLE {f'{schema}.' if schema else ''}{made} {columns}{end}"


def fill(connection: sa.Connection, staged: StagedPeople, asked: Common) -> None:
    """Put in what others have too.

    Raises:
        SQLAlchemyError: the store does not answer.
    """
    target = table(staged, asked)
    if staged.catalog.dialect == "mariadb":
        # INSERT … SELECT would lock what it reads, every row of the dataset and the gaps between them, so that nobody
        # could sign up until the transaction ends (mariadb.com/kb, "InnoDB Lock Modes").
        found = connection.execute(_shared(staged, asked)).scalars().all()
        if found:
            connection.execute(sa.insert(target), [{"spelling": spelling} for spelling in found])
        return
    key = ("common", staged.outline, asked)
    memory.run(
        connection,
        staged.catalog,
        key,
        lambda: sa.insert(target).from_select(["spelling"], _shared(staged, asked)),
    )


def _shared(staged: StagedPeople, asked: Common) -> sa.Select[tuple[str]]:
    """Select the spellings of everybody at hand of whom somebody else has one."""
    other = staged.catalog.dataset(asked.dataset)
    assert other is not None, asked.dataset
    rows, render = table_clause(other).alias("troth_rows"), Renderer(staged.catalog, staging=staged)
    here, there = staged.spelt(asked.entry, "troth_here"), staged.spelt(asked.entry, "troth_there")
    same = _form(staged, asked, other, rows, asked.other) == there.c.spelling
    joined = sa.join(rows, there, same)
    joined = sa.join(joined, here, here.c.person == there.c.person)
    truths = [render.where(asked.dataset, Not(of=asked.key), rows)]
    if asked.entry in staged.ranged:
        # What an index answers says no more than the join does.
        has = Staged(entry=asked.entry, columns=(asked.other,))
        truths += [here.c.lo.is_(None), there.c.lo.is_(None), render.where(asked.dataset, has, rows)]
    return sa.select(here.c.spelling).distinct().select_from(joined).where(*truths)


def _form(
    staged: StagedPeople, asked: Common, own: Table, source: From, column: str
) -> sa.ColumnElement[str]:
    """Bring a column to its normal form."""
    family = staged.entries[asked.entry].family
    assert family is not None
    return staged.matcher.form(family, staging_values.found(own, column), source.c[column])


def among(staged: StagedPeople, asked: Common, own: Table, source: From) -> Truth:
    """Render that a column of a row holds a value that others hold as well; unknown where it is NULL."""
    found = sa.select(table(staged, asked).c.spelling)
    value = _form(staged, asked, own, source, asked.column)
    if staged.catalog.dialect != "postgresql":
        return value.in_(found)
    # As an array it is worked out once; a query would count anew for every row that is looked up, so that PostgreSQL
    # reads the whole table instead.
    return value == sa.any_(sa.func.array(found.scalar_subquery()))
