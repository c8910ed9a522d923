"""Values that a planner's statistics keep of rows: most common ones, bounds of histograms, samples.

They outlive the rows until statistics are taken again, and whoever may read the column may read them (PostgreSQL
manual, "pg_stats"; sqlite.org/fileformat2 §2.6.4; mariadb.com/kb, "mysql.column_stats Table"). The purge takes them
again; here it is looked whether that was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import LiteralString

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from troth.catalog.model import Catalog
from troth.stores.sql.trouble import Trouble, classify

COLUMN = "(statistics)"
"""Added to the name of the column whose values statistics keep."""
DENIED = "the role may not read the statistics (mysql.column_stats)"

_POSTGRESQL: tuple[LiteralString, ...] = (
    """
    SELECT CASE WHEN schemaname = current_schema() THEN tablename::text ELSE schemaname || '.' || tablename END,
           attname::text, concat_ws(chr(10), most_common_vals::text, histogram_bounds::text, most_common_elems::text)
    FROM pg_stats WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'
    """,
    """
    SELECT CASE WHEN schemaname = current_schema() THEN tablename::text ELSE schemaname || '.' || tablename END,
           array_to_string(attnames, ' ', ''), most_common_vals::text
    FROM pg_stats_ext WHERE most_common_vals IS NOT NULL
    """,
    """
    SELECT CASE WHEN schemaname = current_schema() THEN tablename::text ELSE schemaname || '.' || tablename END,
           expr, concat_ws(chr(10), most_common_vals::text, histogram_bounds::text, most_common_elems::text)
    FROM pg_stats_ext_exprs
    """,
)
_FIRST_WITH_EXPRESSIONS = (14,)
_SQLITE: LiteralString = "SELECT tbl, idx, sample FROM sqlite_stat4"
_MARIADB: LiteralString = (
    "SELECT table_name, column_name, "
    "CONCAT_WS(CHAR(10), min_value, max_value, DECODE_HISTOGRAM(hist_type, histogram)) "
    "FROM mysql.column_stats WHERE db_name = DATABASE()"
)


def kept(connection: sa.Connection, catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Yield (dataset, column, text) for every column whose values statistics keep.

    Raises:
        SQLAlchemyError: the role may not read them; see `refused`.
    """
    for query in _queries(connection, catalog):
        for table, column, text in connection.execute(sa.text(query)):
            yield f"{catalog.store}.{_text(table)}", f"{_text(column)} {COLUMN}", _text(text)


def refused(error: SQLAlchemyError) -> bool:
    """Tell whether the role lacks the right to read statistics."""
    return classify(error) is Trouble.DENIED


def _queries(connection: sa.Connection, catalog: Catalog) -> Iterable[LiteralString]:
    if catalog.dialect == "postgresql":
        version = connection.dialect.server_version_info or (0,)
        return _POSTGRESQL if version >= _FIRST_WITH_EXPRESSIONS else _POSTGRESQL[:2]
    if catalog.dialect == "mariadb":
        return (_MARIADB,)
    sampled = sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat4'")
    return (_SQLITE,) if connection.execute(sampled).scalar_one() else ()


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)
