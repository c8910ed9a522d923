"""What an engine keeps of deleted rows, dealt with: dead tuples, statistics, free pages, the write-ahead log.

PostgreSQL: VACUUM makes dead tuples reusable, ANALYZE re-samples the statistics, in which values of deleted rows
would otherwise stay readable (manual, chapter 52.27 "pg_stats"). SQLite and MariaDB: see `purge_sqlite` and
`purge_mariadb`. What stays readable is said, never passed over; whether statistics still show somebody is looked at
by the recheck (`scan_statistics`).
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from troth.apply.ports import Purged
from troth.catalog.model import Catalog
from troth.stores.sql import purge_mariadb, purge_sqlite
from troth.stores.sql.places import as_value
from troth.stores.sql.render import Renderer, table_clause

_OURS = sa.text(
    "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = CAST(:name AS regclass)"
)
"""Before version 17 only the owner may vacuum; to others the server answers with a warning and does nothing."""


_OLDER = sa.text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() "
    "AND backend_type = 'client backend' AND backend_xmin IS NOT NULL AND xact_start < statement_timestamp())"
)
"""Whoever began before sees rows as they were: VACUUM must leave them (manual, chapter 25.1.2)."""
_DEAD = sa.text(
    "SELECT coalesce(sum(pg_stat_get_dead_tuples(c.oid)), 0) FROM pg_class AS c "
    "WHERE c.oid = CAST(:name AS regclass) OR c.oid IN (SELECT relid FROM pg_partition_tree(CAST(:name AS regclass)))"
)
"""Dead rows that a VACUUM had to leave."""
_SERVER = sa.text(
    "SELECT current_setting('archive_mode') <> 'off' AS archives, "
    "(SELECT count(*) FROM pg_replication_slots) AS slots"
)
OLDER = "A transaction that is older than the erasure keeps old versions of rows; vacuum again after it ends."
SPACE = "VACUUM frees the place of old rows and overwrites none: the database's files show them until it is reused."
ARCHIVE = (
    "The write-ahead log, its archives, replicas and base backups keep old pages until they are rotated."
)


def run(engine: sa.Engine, catalog: Catalog, datasets: Sequence[str]) -> Purged:
    """Purge the datasets that were touched, and say what may still be read."""
    if catalog.dialect == "sqlite":
        return purge_sqlite.run(engine, catalog)
    if catalog.dialect == "mariadb":
        return purge_mariadb.run(engine, catalog, datasets)
    return _postgresql(engine, catalog, datasets)


def _postgresql(engine: sa.Engine, catalog: Catalog, datasets: Sequence[str]) -> Purged:
    left: dict[str, list[str]] = {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        older = connection.execute(_OLDER).scalar_one()
        dead = 0
        for dataset in datasets:
            source = table_clause(Renderer(catalog).table(dataset))
            if not _vacuumed(connection, source):
                note = f"{dataset}: the role does not own it, so dead rows and statistics are autovacuum's."
                left.setdefault("statistics", []).append(note)
                left.setdefault("dead-tuples", [])
            elif older:
                dead += connection.execute(_DEAD, {"name": as_value(connection, source)}).scalar_one()
            # After the count: taking statistics anew also sets what counts as dead.
            _analyzed(connection, source)
        server = connection.execute(_SERVER).one()
    if dead:
        left.setdefault("dead-tuples", []).append(OLDER)
    readable = [*left, "free-space", "wal-archive" if server.archives else "wal"]
    notes = [note for found in left.values() for note in found]
    if server.slots:
        readable.append("replication-slots")
        notes.append(
            f"{server.slots} replication slots: replicas and logical consumers keep what was sent to them."
        )
    return Purged(
        store=catalog.store,
        engine="postgresql",
        outcome="partly" if left else "done",
        readable=tuple(readable),
        notes=(*notes, SPACE, ARCHIVE),
    )


def _vacuumed(connection: sa.Connection, source: sa.TableClause) -> bool:
    if not connection.execute(_OURS, {"name": as_value(connection, source)}).scalar_one():
        return False
    name = connection.dialect.identifier_preparer.format_table(source)
    connection.exec_driver_sql(f"VACUUM {name}")
    return True


def _analyzed(connection: sa.Connection, source: sa.TableClause) -> None:
    """Take statistics anew; who may not is answered with a warning."""
    name = connection.dialect.identifier_preparer.format_table(source)
    connection.exec_driver_sql(f"ANALYZE {name}")
