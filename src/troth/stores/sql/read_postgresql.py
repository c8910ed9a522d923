"""Read the structure of a PostgreSQL database from pg_catalog, in six statements.

Own statements rather than SQLAlchemy's inspector: partitions, triggers, domains, partial unique indexes and
generated columns are needed too, and 500 tables must take well under five seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import sqlalchemy as sa

from troth.catalog.model import Check, Column, ColumnKind, ForeignKey, Table, TableKind

_SYSTEM = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"

_SCHEMAS: LiteralString = f"SELECT n.nspname FROM pg_namespace n WHERE {_SYSTEM} ORDER BY 1"

_RELATIONS: LiteralString = f"""
SELECT c.oid, n.nspname, n.nspname = current_schema() AS is_default, c.relname, c.relkind::text AS relkind,
       c.relispartition, c.relrowsecurity, c.relrowsecurity AND row_security_active(c.oid) AS rows_hidden,
       NOT (CAST(:schemas AS text[]) IS NULL OR n.nspname = ANY (CAST(:schemas AS text[]))) AS outside,
       c.reltuples::bigint AS reltuples,
       c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS heirs,
       (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) AS parent
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_SYSTEM}
  AND (CAST(:schemas AS text[]) IS NULL OR n.nspname = ANY (CAST(:schemas AS text[])) OR EXISTS (
      SELECT FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace s ON s.oid = t.relnamespace
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND s.nspname = ANY (CAST(:schemas AS text[]))))
ORDER BY n.nspname, c.relname
"""

_COLUMNS: LiteralString = """
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS declared, a.attnotnull,
       a.attgenerated::text AS generated, a.attidentity::text AS identity, a.atthasdef,
       a.atttypid, a.atttypmod
FROM pg_attribute a
WHERE a.attrelid = ANY (:relations) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_TYPES: LiteralString = """
SELECT t.oid, t.typname, t.typtype::text AS typtype, t.typcategory::text AS typcategory, t.typbasetype,
       t.typtypmod, t.typnotnull, t.typdefault IS NOT NULL AS has_default,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e
             WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname) AS checks
FROM pg_type t
WHERE t.oid IN (SELECT DISTINCT a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY (:relations))
   OR t.typtype = 'd' OR t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b'
   OR t.oid IN (SELECT d.typbasetype FROM pg_type d WHERE d.typtype = 'd')
"""

_CONSTRAINTS: LiteralString = """
SELECT k.conrelid, k.conname, k.contype::text AS contype, k.conkey, k.confrelid, k.confkey,
       k.confdeltype::text AS confdeltype, k.condeferrable,
       CASE WHEN k.contype = 'c' THEN pg_get_constraintdef(k.oid) END AS definition
FROM pg_constraint k
WHERE k.conrelid = ANY (:relations) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
  AND NOT (k.conparentid <> 0 AND EXISTS (
      SELECT FROM pg_class t WHERE t.oid = k.confrelid AND t.relispartition))
ORDER BY k.conrelid, k.conname
"""

_INDEXES: LiteralString = """
SELECT i.indrelid, i.indisunique, i.indnkeyatts, i.indkey::int2[] AS indkey,
       i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AS is_whole
FROM pg_index i WHERE i.indrelid = ANY (:relations) AND i.indislive ORDER BY i.indrelid, i.indexrelid
"""

_TRIGGERS: LiteralString = """
SELECT t.tgrelid AS relation, t.tgname::text AS name, (t.tgtype & 8) <> 0 AS on_delete,
       (t.tgtype & 16) <> 0 AS on_update
FROM pg_trigger t
WHERE t.tgrelid = ANY (:relations) AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 24) <> 0
UNION ALL
SELECT r.ev_class, r.rulename::text, r.ev_type = '4', r.ev_type = '2'
FROM pg_rewrite r WHERE r.ev_class = ANY (:relations) AND r.ev_type IN ('2', '4') AND r.ev_enabled <> 'D'
ORDER BY 1, 2
"""

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

Row = sa.Row[Any]


def schemas(connection: sa.Connection) -> tuple[str, ...]:
    """List the schemas that are not the system's own."""
    return tuple(connection.execute(sa.text(_SCHEMAS)).scalars())


def tables(connection: sa.Connection, *, schemas: Sequence[str] | None) -> Iterable[Table]:
    """Read every table and view of the schemas."""
    wanted = list(schemas) if schemas else None
    relations = connection.execute(sa.text(_RELATIONS), {"schemas": wanted}).all()
    oids = [row.oid for row in relations]
    named = {row.oid: row.relname if row.is_default else f"{row.nspname}.{row.relname}" for row in relations}
    reader = _Reader(
        types={row.oid: row for row in _ask(connection, _TYPES, oids)},
        columns=_grouped(_ask(connection, _COLUMNS, oids), "attrelid"),
        constraints=_grouped(_ask(connection, _CONSTRAINTS, oids), "conrelid"),
        indexes=_grouped(_ask(connection, _INDEXES, oids), "indrelid"),
        triggers=_grouped(_ask(connection, _TRIGGERS, oids), "relation"),
        named=named,
    )
    return [reader.table(row) for row in relations]


def _ask(connection: sa.Connection, statement: LiteralString, oids: list[int]) -> Sequence[Row]:
    query = sa.text(statement).bindparams(sa.bindparam("relations", oids, type_=sa.ARRAY(sa.BigInteger)))
    return connection.execute(query).all()


def _grouped(rows: Iterable[Row], key: str) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


class _Reader:
    """The answers of the six statements, and how tables are made of them."""

    def __init__(
        self,
        *,
        types: Mapping[int, Row],
        columns: Mapping[int, list[Row]],
        constraints: Mapping[int, list[Row]],
        indexes: Mapping[int, list[Row]],
        triggers: Mapping[int, list[Row]],
        named: Mapping[int, str],
    ) -> None:
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
            heirs=relation.heirs,
            outside=relation.outside,
            indexes=tuple(dict.fromkeys(self._index_columns(oid, i) for i in self.indexes.get(oid, []))),
            rows=relation.reltuples if relation.reltuples >= 0 and kind in _KINDS.values() else None,
        )

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
            for text in self.types[row.atttypid].checks
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
