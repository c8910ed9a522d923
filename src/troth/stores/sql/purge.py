"""What an engine keeps of deleted rows, dealt with: dead tuples, statistics, free pages, the write-ahead log.

PostgreSQL: VACUUM (ANALYZE) makes dead tuples reusable and re-samples the statistics, in which values of deleted
rows would otherwise stay readable (manual, chapter 52.27 "pg_stats"). SQLite: secure_delete overwrites with zeros
(PRAGMA secure_delete), the write-ahead log is cut off, sampled statistics are taken again. What stays readable is
said, never passed over. MariaDB: InnoDB purges deleted rows by itself and wipes no page before it is used again;
statistics with values in them are taken again, OPTIMIZE TABLE is left to the owner, for it copies the whole table.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.stores.sql import purge_mariadb
from troth.stores.sql.places import as_value
from troth.stores.sql.render import Renderer, table_clause

_OURS = sa.text(
    "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = CAST(:name AS regclass)"
)
"""Before version 17 only the owner may vacuum; to others the server answers with a warning and does nothing."""


def run(engine: sa.Engine, catalog: Catalog, datasets: Sequence[str]) -> Purged:
    """Purge the datasets that were touched, and say what may still be read."""
    if catalog.dialect == "sqlite":
        return _sqlite(engine, catalog)
    if catalog.dialect == "mariadb":
        return purge_mariadb.run(engine, catalog, datasets)
    return _postgresql(engine, catalog, datasets)


def _postgresql(engine: sa.Engine, catalog: Catalog, datasets: Sequence[str]) -> Purged:
    left: list[str] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for dataset in datasets:
            source = table_clause(Renderer(catalog).table(dataset))
            if not _vacuumed(connection, source):
                left.append(
                    f"{dataset}: the role does not own it, so dead rows and statistics are autovacuum's."
                )
    archive = "Archived write-ahead logs and base backups keep old pages until they are rotated."
    return Purged(
        store=catalog.store,
        engine="postgresql",
        outcome="partly" if left else "done",
        readable=("dead-tuples", "statistics", "wal-archive") if left else ("wal-archive",),
        notes=(*left, archive),
    )


def _vacuumed(connection: sa.Connection, source: sa.TableClause) -> bool:
    if not connection.execute(_OURS, {"name": as_value(connection, source)}).scalar_one():
        return False
    name = connection.dialect.identifier_preparer.format_table(source)
    connection.exec_driver_sql(f"VACUUM (ANALYZE) {name}")
    return True


def _sqlite(engine: sa.Engine, catalog: Catalog) -> Purged:
    readable: list[str] = []
    notes: list[str] = []
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()
        if busy and busy[0]:
            readable.append("write-ahead-log")
            notes.append("A reader keeps the write-ahead log open; it is cut off at the next purge.")
        sampled = cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").fetchone()
        if sampled:
            cursor.execute("ANALYZE")
        (free,) = cursor.execute("PRAGMA freelist_count").fetchone() or (0,)
        notes.append(f"{free} free pages, overwritten with zeros as they were freed.")
    finally:
        raw.close()
    return Purged(
        store=catalog.store,
        engine="sqlite",
        outcome="partly" if readable else "done",
        readable=tuple(readable),
        notes=tuple(notes),
    )
