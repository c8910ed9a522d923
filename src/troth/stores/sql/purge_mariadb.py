"""What MariaDB keeps of deleted rows, dealt with as far as a role may, and named as far as not.

InnoDB marks rows deleted and removes them by itself once no snapshot needs them; the space they leave is wiped only
when it is used again, or when OPTIMIZE TABLE builds the table anew. Undo and redo logs are circular; a binary log
(its rows hold whole values) and its replicas keep what was until they expire. Statistics independent of the engine
hold least, greatest and sampled values (mariadb.com/kb, "mysql.column_stats Table"); InnoDB's own hold only counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.apply.ports import Purged
from troth.catalog.model import Catalog, Table
from troth.stores.sql.read_mariadb import HISTORY
from troth.stores.sql.render import Renderer, table_clause
from troth.stores.sql.trouble import Trouble, classify

_SAMPLED = sa.text(
    "SELECT count(*) FROM mysql.column_stats WHERE db_name = COALESCE(:schema, DATABASE()) AND table_name = :name"
)
_WORDS = sa.text(
    "SELECT count(*) FROM information_schema.statistics WHERE table_schema = COALESCE(:schema, DATABASE()) "
    "AND table_name = :name AND index_type = 'FULLTEXT'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """Something that may stay readable."""

    code: str
    note: str
    ours: bool = True
    """Whether a role with more rights, or the owner, could end it at once."""


def run(engine: sa.Engine, catalog: Catalog, datasets: Sequence[str]) -> Purged:
    """Purge the datasets that were touched, and say what may still be read."""
    left: list[_Left] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for dataset in datasets:
            left += _table(connection, dataset, Renderer(catalog).table(dataset))
        left += _server(connection)
    pages = "Free pages and undo logs hold old rows until InnoDB uses them again; OPTIMIZE TABLE frees them."
    left.append(_Left(code="free-pages", note=pages, ours=False))
    return Purged(
        store=catalog.store,
        engine="mariadb",
        outcome="partly" if any(one.ours for one in left) else "done",
        readable=tuple(dict.fromkeys(one.code for one in left)),
        notes=tuple(dict.fromkeys(one.note for one in left)),
    )


def _table(connection: sa.Connection, dataset: str, table: Table) -> Iterator[_Left]:
    where = {"schema": table.schema, "name": table.table}
    if any(trigger.startswith(HISTORY) for trigger in table.triggers):
        note = f"{dataset}: system versioning keeps old rows; DELETE HISTORY FROM it ends that."
        yield _Left(code="history", note=note)
    if connection.execute(_WORDS, where).scalar_one():
        note = f"{dataset}: the full-text index keeps words of deleted rows until OPTIMIZE TABLE cleans it."
        yield _Left(code="full-text-index", note=note)
    if not _renewed(connection, table, where):
        note = f"{dataset}: the role may not see or renew mysql.column_stats, where sampled values may stand."
        yield _Left(code="statistics", note=note)


def _renewed(connection: sa.Connection, table: Table, where: dict[str, str | None]) -> bool:
    """Take statistics with values in them again, where there are any."""
    name = connection.dialect.identifier_preparer.format_table(table_clause(table))
    try:
        if not connection.execute(_SAMPLED, where).scalar_one():
            return True
        rows = connection.exec_driver_sql(f"ANALYZE NO_WRITE_TO_BINLOG TABLE {name} PERSISTENT FOR ALL").all()
    except SQLAlchemyError as error:
        if classify(error) is not Trouble.DENIED:
            raise
        return False
    return not any(row[2] == "Error" for row in rows)


def _server(connection: sa.Connection) -> Iterator[_Left]:
    logged, days = connection.execute(sa.text("SELECT @@log_bin, @@expire_logs_days")).one()
    if logged:
        until = f"for {float(days):g} days" if days else "until somebody purges it"
        note = f"The binary log and the replicas that read it keep old rows {until}."
        yield _Left(code="binary-log", note=note, ours=False)
