"""Read the structure of a PostgreSQL database from pg_catalog, in one statement.

Own questions rather than SQLAlchemy's inspector: partitions, triggers, domains, partial unique indexes and
generated columns are needed too, and 500 tables must take well under five seconds. The database writes all answers
as JSON: one text, by which a process sees that nothing has changed since it last looked (`introspect`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import LiteralString, TypeAlias

import sqlalchemy as sa

from troth.catalog.model import Check, Column, ColumnKind, ForeignKey, Table, TableKind
from troth.stores.sql import given

_SYSTEM = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"

_SCHEMAS: LiteralString = f"SELECT n.nspname FROM pg_namespace n WHERE {_SYSTEM} ORDER BY 1"

_RELATIONS: LiteralString = f"""
SELECT c.oid::bigint AS oid, n.nspname, n.nspname = current_schema() AS is_default, c.relname,
       c.relkind::text AS relkind,
       c.relispartition, c.relrowsecurity, c.relrowsecurity AND row_security_active(c.oid) AS rows_hidden,
       NOT (CAST(%(schemas)s AS text[]) IS NULL OR n.nspname = ANY (CAST(%(schemas)s AS text[]))) AS outside,
       c.reltuples::bigint AS reltuples,
       NOT has_table_privilege(c.oid, 'SELECT') AND EXISTS (
         SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')) AS unreadable,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS heirs,
       (SELECT i.inhparent::bigint FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) AS parent
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_SYSTEM}
  AND (CAST(%(schemas)s AS text[]) IS NULL OR n.nspname = ANY (CAST(%(schemas)s AS text[])) OR EXISTS (
      SELECT FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace s ON s.oid = t.relnamespace
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND s.nspname = ANY (CAST(%(schemas)s AS text[]))))
ORDER BY n.nspname, c.relname
"""

_COLUMNS: LiteralString = """
SELECT a.attrelid::bigint AS attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS declared,
       a.attnotnull, a.attgenerated::text AS generated, a.attidentity::text AS identity, a.atthasdef,
       a.atttypid::bigint AS atttypid, a.atttypmod, a.attcollation::bigint AS attcollation
FROM pg_attribute a
WHERE a.attrelid = ANY ({relations}) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_TYPES: LiteralString = """
SELECT t.oid::bigint AS oid, t.typname, t.typtype::text AS typtype, t.typcategory::text AS typcategory,
       t.typbasetype::bigint AS typbasetype, t.typtypmod, t.typnotnull, t.typdefault IS NOT NULL AS has_default,
       CASE t.typtype WHEN 'e' THEN ARRAY(
         SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END AS labels,
       CASE t.typtype WHEN 'd' THEN ARRAY(
         SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
         WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname) END AS checks
FROM pg_type t
WHERE t.oid = ANY (ARRAY(SELECT DISTINCT a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY ({relations})))
   OR t.typtype = 'd' OR t.oid = ANY (ARRAY(SELECT d.typbasetype FROM pg_type d WHERE d.typtype = 'd'))
ORDER BY t.oid
"""

_CONSTRAINTS: LiteralString = """
SELECT k.conrelid::bigint AS conrelid, k.conname, k.contype::text AS contype, k.conkey,
       k.confrelid::bigint AS confrelid, k.confkey, k.confdeltype::text AS confdeltype, k.condeferrable,
       CASE WHEN k.contype = 'c' THEN pg_get_constraintdef(k.oid) END AS definition
FROM pg_constraint k
WHERE k.conrelid = ANY ({relations}) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
  AND NOT (k.conparentid <> 0 AND EXISTS (
      SELECT FROM pg_class t WHERE t.oid = k.confrelid AND t.relispartition))
ORDER BY k.conrelid, k.conname
"""

_INDEXES: LiteralString = """
SELECT i.indrelid::bigint AS indrelid, i.indisunique, i.indnkeyatts, i.indkey::int2[] AS indkey,
       i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AS is_whole,
       CASE WHEN i.indisvalid AND i.indpred IS NULL THEN i.indclass[0]::bigint END AS opclass,
       i.indcollation[0]::bigint AS collation
FROM pg_index i WHERE i.indrelid = ANY ({relations}) AND i.indislive ORDER BY i.indrelid, i.indexrelid
"""

_OPCLASSES: LiteralString = """
SELECT o.oid::bigint AS oid, o.opcname FROM pg_opclass o
WHERE o.opcname IN ('text_ops', 'varchar_ops', 'text_pattern_ops', 'varchar_pattern_ops')
  AND o.opcmethod = (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')
  AND o.opcnamespace = 'pg_catalog'::regnamespace
"""

_COLLATIONS: LiteralString = """
SELECT k.oid::bigint AS oid, k.collname, coalesce(to_jsonb(k) ->> 'collisdeterministic', 'true') = 'true' AS strict,
       CASE CASE k.oid WHEN 100 THEN coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') ELSE k.collprovider::text END
       WHEN 'b' THEN true
       WHEN 'c' THEN CASE k.oid WHEN 100 THEN d.datcollate ELSE k.collcollate END IN ('C', 'POSIX')
       ELSE false END AS bytewise
FROM pg_collation k CROSS JOIN pg_database d
WHERE d.datname = current_database() AND k.oid = ANY (ARRAY(
  SELECT DISTINCT a.attcollation FROM pg_attribute a WHERE a.attrelid = ANY ({relations})) || 950::oid)
ORDER BY k.oid
"""
"""Collation 100 is the database's own, 950 "C". PostgreSQL's own (`b`) sort by code point, those of the system (`c`)
by language but for two, those of ICU (`i`) always."""

_TRIGGERS: LiteralString = """
SELECT t.tgrelid::bigint AS relation, t.tgname::text AS name, (t.tgtype & 8) <> 0 AS on_delete,
       (t.tgtype & 16) <> 0 AS on_update
FROM pg_trigger t
WHERE t.tgrelid = ANY ({relations}) AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 24) <> 0
UNION ALL
SELECT r.ev_class::bigint, r.rulename::text, r.ev_type = '4', r.ev_type = '2'
FROM pg_rewrite r WHERE r.ev_class = ANY ({relations}) AND r.ev_type IN ('2', '4') AND r.ev_enabled <> 'D'
ORDER BY 1, 2
"""

_PARTS: Mapping[str, LiteralString] = {
    "relations": "SELECT * FROM relations",
    "types": _TYPES,
    "columns": _COLUMNS,
    "constraints": _CONSTRAINTS,
    "indexes": _INDEXES,
    "opclasses": _OPCLASSES,
    "collations": _COLLATIONS,
    "triggers": _TRIGGERS,
}
_WHOLE = f"WITH relations AS MATERIALIZED ({_RELATIONS}) SELECT " + ", ".join(
    f"(SELECT coalesce(json_agg(row_to_json(part)), '[]') FROM ({question}) AS part)::text"
    for question in _PARTS.values()
).replace("{relations}", "ARRAY(SELECT oid FROM relations)::oid[]")

_ASKING: LiteralString = "pg_postmaster_start_time(), current_database(), current_user, current_schema()"
"""Who asks, and whom."""

_SNAPSHOT: LiteralString = f"""SELECT concat_ws('/', {_ASKING}, pg_conf_load_time(),
  CASE WHEN pg_is_in_recovery() THEN clock_timestamp()::text ELSE txid_current_snapshot()::text END)"""
"""Which transactions of the whole server have ended (PostgreSQL manual, chapter 9.26.9), and when its settings were
read: where both are the same, no row was written that anybody can read. A standby's snapshot lists no transaction
under way (`GetSnapshotData`), so that one of them may end unseen: there the text is always another. What VACUUM
counts (`reltuples`) is written by no transaction. `pg_current_snapshot` says the same, from version 13 on."""

_MARK: LiteralString = f"""
WITH spaces AS MATERIALIZED (SELECT n.oid, n.xmin FROM pg_namespace n WHERE {_SYSTEM}),
  relations AS MATERIALIZED (SELECT c.oid, c.xmin, c.reltuples, c.relrowsecurity FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = ANY (ARRAY(SELECT oid FROM spaces)))
SELECT concat_ws('/', {_ASKING},
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM spaces),
  (SELECT string_agg(concat_ws(',', oid, xmin, reltuples, relrowsecurity AND row_security_active(oid),
          CASE WHEN has_table_privilege(oid, 'SELECT') THEN 'whole' ELSE (SELECT count(*)::text FROM pg_attribute a
            WHERE a.attrelid = relations.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND has_column_privilege(relations.oid, a.attnum, 'SELECT')) END), ';') FROM relations),
  (SELECT string_agg(concat_ws(',', attrelid, attnum, xmin), ';') FROM pg_attribute
   WHERE attrelid = ANY (ARRAY(SELECT oid FROM relations))),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_constraint
   WHERE connamespace = ANY (ARRAY(SELECT oid FROM spaces))),
  (SELECT string_agg(concat_ws(',', indexrelid, xmin, indisvalid, indislive), ';') FROM pg_index
   WHERE indrelid = ANY (ARRAY(SELECT oid FROM relations))),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_type
   WHERE typnamespace = ANY (ARRAY(SELECT oid FROM spaces))),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_enum),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_collation
   WHERE collnamespace = ANY (ARRAY(SELECT oid FROM spaces))),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_trigger),
  (SELECT string_agg(concat_ws(',', oid, xmin), ';') FROM pg_rewrite
   WHERE ev_class = ANY (ARRAY(SELECT oid FROM relations))),
  (SELECT string_agg(concat_ws(',', roleid, member, xmin), ';') FROM pg_auth_members),
  (SELECT string_agg(concat_ws(',', inhrelid, xmin), ';') FROM pg_inherits))
"""
"""Which transaction wrote each row of the system's tables that the answers are made of, with what is changed in place
there (`reltuples`, states of indexes), who asks, and the server's start. It costs a third of the answers; temporary
tables of anybody do not touch it."""

_KINDS = {"r": TableKind.TABLE, "p": TableKind.PARTITIONED}
"""All else (views, materialised views, foreign tables) holds no rows that are changed here."""

_ON_DELETE = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

_BY_NAME = {
    ColumnKind.TEXT: "text varchar bpchar citext name xml",
    ColumnKind.INTEGER: "int2 int4 int8 oid",
    ColumnKind.NUMBER: "numeric float4 float8 money",
    ColumnKind.BOOLEAN: "bool",
    ColumnKind.DATE: "date",
    ColumnKind.DATETIME: "timestamp",
    ColumnKind.DATETIME_TZ: "timestamptz",
    ColumnKind.TIME: "time timetz",
    ColumnKind.UUID: "uuid",
    ColumnKind.INET: "inet cidr",
    ColumnKind.JSON: "json jsonb hstore",
    ColumnKind.BYTES: "bytea",
}
_KIND_OF = {name: kind for kind, names in _BY_NAME.items() for name in names.split()}

_PLAIN_TEXT = (25, 1043)
"""The oids of `text` and `varchar`."""
_C = 950
_EASIEST = ("own", "pattern", "C")

Row: TypeAlias = SimpleNamespace
Answers: TypeAlias = tuple[str, ...]
"""What the database says of its structure, as texts of JSON."""


def schemas(connection: sa.Connection) -> tuple[str, ...]:
    """List the schemas that are not the system's own."""
    return tuple(connection.execute(sa.text(_SCHEMAS)).scalars())


def snapshot(connection: sa.Connection) -> str:
    """Ask for a text that stays the same while nothing at all is written; and whether the server is quiet."""
    asked = f"{_SNAPSHOT},{given.SAID}"
    found, *said = connection.exec_driver_sql(asked, execution_options={"no_parameters": True}).one()
    given.note(connection, *said)
    return str(found)


def mark(connection: sa.Connection) -> str:
    """Ask for a text that stays the same only while every answer of `look` does."""
    return str(connection.exec_driver_sql(_MARK, execution_options={"no_parameters": True}).scalar_one())


def look(connection: sa.Connection, *, schemas: Sequence[str] | None) -> Answers:
    """Ask for every table and view of the schemas: equal answers mean equal tables."""
    wanted = list(schemas) if schemas else None
    return tuple(connection.exec_driver_sql(_WHOLE, {"schemas": wanted}).one())


def tables(answers: Answers) -> Iterable[Table]:
    """Read every table and view from what the database has said."""
    parts = {
        name: json.loads(text, object_hook=lambda found: Row(**found))
        for name, text in zip(_PARTS, answers, strict=True)
    }
    relations = parts["relations"]
    named = {row.oid: row.relname if row.is_default else f"{row.nspname}.{row.relname}" for row in relations}
    reader = _Reader(
        types={row.oid: row for row in parts["types"]},
        columns=_grouped(parts["columns"], "attrelid"),
        constraints=_grouped(parts["constraints"], "conrelid"),
        indexes=_grouped(parts["indexes"], "indrelid"),
        triggers=_grouped(parts["triggers"], "relation"),
        orders=_Orders(parts["opclasses"], parts["collations"]),
        named=named,
    )
    return [reader.table(row) for row in relations]


def _grouped(rows: Iterable[Row], key: str) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


class _Orders:
    """Which indexes sort texts by bytes, so that they can be asked for beginnings."""

    def __init__(self, opclasses: Iterable[Row], collations: Iterable[Row]) -> None:
        self.opclasses = {row.oid: row.opcname for row in opclasses}
        self.collations = {row.oid: row for row in collations}

    def of(self, index: Row, column: Row) -> str | None:
        """Say how a question names the order in which an index has its first column; none where it is another.

        An index serves a question in its own collation only: the column's, or "C" named outright. Where different
        texts of the column count as equal, no index tells them apart.
        """
        own, sorted_by = self.collations.get(column.attcollation), self.collations.get(index.collation)
        name = self.opclasses.get(index.opclass)
        if name is None or own is None or not own.strict or column.atttypid not in _PLAIN_TEXT:
            return None
        if name.endswith("pattern_ops"):
            return "pattern"
        if sorted_by is None or not sorted_by.bytewise:
            return None
        return "own" if sorted_by is own else "C" if sorted_by.oid == _C else None


class _Reader:
    """The answers of the database, and how tables are made of them."""

    def __init__(
        self,
        *,
        types: Mapping[int, Row],
        columns: Mapping[int, list[Row]],
        constraints: Mapping[int, list[Row]],
        indexes: Mapping[int, list[Row]],
        triggers: Mapping[int, list[Row]],
        orders: _Orders,
        named: Mapping[int, str],
    ) -> None:
        self.orders = orders
        self.types, self.columns, self.constraints = types, columns, constraints
        self.indexes, self.triggers, self.named = indexes, triggers, named
        self.numbers = {oid: {row.attnum: row.attname for row in rows} for oid, rows in columns.items()}

    def table(self, relation: Row) -> Table:
        oid = relation.oid
        constraints = self.constraints.get(oid, [])
        kind = self._kind(relation)
        return Table(
            name=self.named[oid],
            table=relation.relname,
            schema=None if relation.is_default else relation.nspname,
            kind=kind,
            columns=tuple(self._column(row) for row in self.columns.get(oid, [])),
            primary_key=next((self._names(oid, c.conkey) for c in constraints if c.contype == "p"), ()),
            uniques=self._uniques(oid, whole=True),
            partial_uniques=self._uniques(oid, whole=False),
            checks=(*self._checks(oid, constraints), *self._domain_checks(oid)),
            foreign_keys=tuple(self._foreign_key(oid, c) for c in constraints if self._is_followed(c)),
            triggers=tuple(f"{t.name} ({_events(t)})" for t in self.triggers.get(oid, [])),
            partition_of=self.named.get(relation.parent, "") if kind is TableKind.PARTITION else "",
            row_security=relation.relrowsecurity,
            rows_hidden=relation.rows_hidden,
            unreadable=relation.unreadable,
            heirs=relation.heirs,
            outside=relation.outside,
            indexes=tuple(dict.fromkeys(self._index_columns(oid, i) for i in self.indexes.get(oid, []))),
            bytewise=tuple(self._bytewise(oid)),
            rows=relation.reltuples if relation.reltuples >= 0 and kind in _KINDS.values() else None,
        )

    def _bytewise(self, oid: int) -> Iterable[tuple[str, str]]:
        """Name columns that an index sorts by bytes; where several do, by the one that is easiest to ask."""
        columns = {row.attnum: row for row in self.columns.get(oid, [])}
        found: dict[str, str] = {}
        for index in self.indexes.get(oid, []):
            column = columns.get(next(iter(index.indkey), 0))
            how = self.orders.of(index, column) if column else None
            if column and how:
                found[column.attname] = min(how, found.get(column.attname, how), key=_EASIEST.index)
        return found.items()

    def _kind(self, relation: Row) -> TableKind:
        """Take a plain heir with its parent's columns for a partition: it is reached through the parent."""
        if relation.relispartition:
            return TableKind.PARTITION
        mine, parents = self.numbers.get(relation.oid, {}), self.numbers.get(relation.parent or 0, {})
        if relation.relkind == "r" and parents and set(mine.values()) == set(parents.values()):
            return TableKind.PARTITION
        return _KINDS.get(relation.relkind, TableKind.VIEW)

    def _column(self, row: Row) -> Column:
        kind, base, length, choices = self._type(row.atttypid, row.atttypmod)
        top = self.types[row.atttypid]
        return Column(
            name=row.attname,
            kind=kind,
            declared=row.declared,
            nullable=not (row.attnotnull or (top.typtype == "d" and top.typnotnull)),
            length=length if base in ("varchar", "bpchar") else None,
            generated=bool(row.generated) or row.identity == "a",
            has_default=row.atthasdef or bool(row.identity) or top.has_default,
            choices=choices,
        )

    def _type(self, oid: int, modifier: int) -> tuple[ColumnKind, str, int | None, tuple[str, ...]]:
        """Follow domains down to the type that stores the value."""
        found = self.types[oid]
        while found.typtype == "d" and found.typbasetype in self.types:
            modifier = found.typtypmod if found.typtypmod >= 0 else modifier
            found = self.types[found.typbasetype]
        length = modifier - 4 if modifier >= 4 else None
        if found.typtype == "e":
            return ColumnKind.ENUM, found.typname, None, tuple(found.labels)
        if found.typcategory == "A":
            return ColumnKind.ARRAY, found.typname, None, ()
        return _KIND_OF.get(found.typname, ColumnKind.OTHER), found.typname, length, ()

    def _names(self, oid: int, numbers: Iterable[int] | None) -> tuple[str, ...]:
        names = self.numbers.get(oid, {})
        return tuple(names[number] for number in numbers or () if number in names)

    def _uniques(self, oid: int, *, whole: bool) -> tuple[tuple[str, ...], ...]:
        """List what is unique in the whole table, or else what is so in part, by expression or by exclusion."""
        constraints = self.constraints.get(oid, [])
        declared = [self._names(oid, c.conkey) for c in constraints if c.contype == ("u" if whole else "x")]
        primary = [self._names(oid, c.conkey) for c in constraints if c.contype == "p"]
        indexes = [i for i in self.indexes.get(oid, []) if i.indisunique and i.is_whole is whole]
        indexed = [self._index_columns(oid, i) for i in indexes]
        return tuple(sorted({key for key in [*declared, *indexed] if key and key not in primary}))

    def _index_columns(self, oid: int, index: Row) -> tuple[str, ...]:
        return self._names(oid, index.indkey[: index.indnkeyatts])

    def _checks(self, oid: int, constraints: list[Row]) -> Iterable[Check]:
        return [
            Check(text=c.definition, columns=self._names(oid, sorted(c.conkey or ())), name=c.conname)
            for c in constraints
            if c.contype == "c"
        ]

    def _domain_checks(self, oid: int) -> Iterable[Check]:
        return [
            Check(text=text, columns=(row.attname,), name=self.types[row.atttypid].typname)
            for row in self.columns.get(oid, [])
            for text in self.types[row.atttypid].checks or ()
        ]

    def _is_followed(self, constraint: Row) -> bool:
        return constraint.contype == "f" and constraint.confrelid in self.named

    def _foreign_key(self, oid: int, constraint: Row) -> ForeignKey:
        return ForeignKey(
            columns=self._names(oid, constraint.conkey),
            target=self.named[constraint.confrelid],
            target_columns=self._names(constraint.confrelid, constraint.confkey),
            on_delete=_ON_DELETE[constraint.confdeltype],
            deferrable=constraint.condeferrable,
            name=constraint.conname,
        )


def _events(trigger: Row) -> str:
    return ", ".join(
        word for word, on in (("update", trigger.on_update), ("delete", trigger.on_delete)) if on
    )
