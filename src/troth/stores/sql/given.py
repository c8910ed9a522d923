"""Values of a few people as parameters of a question, where the server writes parameters nowhere.

Making temporary tables costs PostgreSQL more than what is asked of one person, and a standby can make none. But a
parameter may end in the server's log, which a temporary table's rows never do: so a server is asked first whether it
writes any. What it does not let the role see counts as writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET

from troth.catalog.model import Column, ColumnKind

FEW = 50
"""People for whom parameters are the better way; for more, tables have statistics."""
_SILENT_LIBRARIES = ("", "pg_stat_statements")
"""Libraries of a server that keep no parameter; what others do is not known (`auto_explain` and pgaudit do)."""
_ASKED = "troth-quiet"
_PATIENT = "troth-patient"
SAID = """
  current_setting('log_statement') IN ('none', 'ddl')
  AND current_setting('log_min_duration_statement') = '-1'
  AND coalesce(current_setting('log_min_duration_sample', true), '-1') = '-1'
  AND coalesce(current_setting('log_transaction_sample_rate', true), '0') = '0'
  AND coalesce(current_setting('log_parameter_max_length_on_error', true), '0') = '0'
  AND current_setting('debug_print_plan') = 'off' AND current_setting('debug_print_parse') = 'off'
  AND current_setting('debug_print_rewritten') = 'off',
  CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN concat_ws(',',
    current_setting('shared_preload_libraries'), current_setting('session_preload_libraries'),
    current_setting('local_preload_libraries')) END,
  current_setting('statement_timeout') = '0'
"""
"""What a server says of where it writes parameters, as columns of a question: whether its settings let it write none,
and the libraries it loads, NULL where the role may not see them (PostgreSQL manual, chapters 20.8, 20.11.4); and if a
statement may take as long as it needs."""
TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "integer": sa.Integer(),
    "bigint": sa.BigInteger(),
    "numeric": sa.Numeric(),
    "text": sa.Text(),
    "uuid": sa.Uuid(),
    "inet": INET(),
    "bytea": sa.LargeBinary(),
}
_OWN = {ColumnKind.INTEGER: "bigint", ColumnKind.UUID: "uuid"}
_PLAIN_TEXT = ("text", "character varying")


def quiet(connection: sa.Connection) -> bool:
    """Tell whether the server writes no parameter of a statement anywhere; asked once for each session.

    Raises:
        SQLAlchemyError: the server does not answer.
    """
    if connection.dialect.name != "postgresql":
        return False
    if _ASKED not in connection.info:
        note(connection, *connection.exec_driver_sql(f"SELECT {SAID}").one())
    return bool(connection.info[_ASKED])


def patient(connection: sa.Connection) -> bool:
    """Tell whether a statement may take as long as it needs, in a session that was asked if it is quiet."""
    return bool(connection.info.get(_PATIENT))


def note(connection: sa.Connection, settings: object, libraries: object, patient: object) -> None:
    """Remember for a session what its server says (`SAID`)."""
    connection.info[_PATIENT] = patient
    named = None if libraries is None else {one.strip() for one in str(libraries).split(",")}
    connection.info[_ASKED] = bool(settings) and named is not None and named <= {*_SILENT_LIBRARIES}


def own_type(column: Column) -> str | None:
    """Return the type whose values compare with a column as its own do; none for what only a copy of it would.

    Case-blind texts, padded ones, domains and enums compare by rules of their own.
    """
    if column.kind is ColumnKind.TEXT:
        plain = column.declared.lower().partition("(")[0].strip() in _PLAIN_TEXT
        return "text" if plain else None
    return _OWN.get(column.kind)


def table(name: str, columns: Mapping[str, str], alias: str | None = None) -> sa.FromClause:
    """Return parameters as a table: one array for each column, unnested side by side.

    Args:
        name: What `values` calls the table.
        columns: Their types, keys of `TYPES`.
        alias: What it is called in the question.
    """
    kinds = [TYPES[kind] for kind in columns.values()]
    arrays = [sa.bindparam(f"{name}_{n}", type_=ARRAY(kind), required=False) for n, kind in enumerate(kinds)]
    quoted = [sa.sql.quoted_name(column, quote=True) for column in columns]
    shown: list[Any] = [sa.column(column, kind) for column, kind in zip(quoted, kinds, strict=True)]
    return sa.func.unnest(*arrays).table_valued(*shown).render_derived(name=alias or name)


def values(name: str, width: int, rows: Iterable[Sequence[object]]) -> dict[str, str]:
    """Write rows of so many columns as the parameters of `table`: an array's text each (manual, chapter 8.15.2)."""
    columns = list(zip(*rows, strict=True)) or [()] * width
    return {f"{name}_{n}": f"{{{_listed(columns[n])}}}" for n in range(width)}


def _listed(values: Sequence[object]) -> str:
    kinds = set(map(type, values))
    if kinds == {str} and not any('"' in one or "\\" in one for one in cast("Sequence[str]", values)):
        return '"' + '","'.join(cast("Sequence[str]", values)) + '"'
    return ",".join(map(_literal, values))


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bytes() | bytearray() | memoryview():
            return f'"\\\\x{bytes(value).hex()}"'
        case int():
            return str(value)
        case _:
            return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
