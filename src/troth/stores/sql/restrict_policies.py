"""Row security of one PostgreSQL table: what it was before a restriction, what is put in place, and put back.

Nobody may come to see more: where a table had no row security, one permissive policy lets everybody see what they
saw; where it had some, nothing permissive is added but for the owner, whom forcing it would bind anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from troth.stores.sql.store import SCHEMA

__all__ = ["SCHEMA", "Policies", "quoted"]

EVERYONE, OWNER, RESTRICTED = "troth_everyone", "troth_owner", "troth_restricted_"
_STATE = """
SELECT c.oid, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text AS owner,
  EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive
          AND p.polname NOT LIKE 'troth\\_restricted\\_%') AS narrowing
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :s AND c.relname = :t
"""


def quoted(connection: sa.Connection, *names: str) -> str:
    """Write a name, with its schema before it, for a statement handed to the driver."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    return ".".join(quote(name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A table's row security before any restriction."""

    enabled: bool
    forced: bool
    owner: str
    """As SQL writes it."""
    narrowing: bool
    """It has restrictive policies of somebody else."""
    ours: str | None
    """Digest of the policies a restriction put in place; None where there is none."""

    def forbids(self, *, force: bool) -> str:
        """Say why row security cannot be used without changing what others see; empty where it can."""
        if self.narrowing and not self.enabled:
            return "it has restrictive policies that are switched off, and would be switched on"
        if self.narrowing and force and not self.forced:
            return "its owner is a declared role, and policies the owner was free of would bind it"
        return ""


@dataclass(frozen=True, slots=True)
class Policies:
    """The row security of one table, in a transaction."""

    connection: sa.Connection
    schema: str
    table: str

    @property
    def _place(self) -> str:
        return quoted(self.connection, self.schema, self.table)

    @property
    def _key(self) -> dict[str, str]:
        return {"s": self.schema, "t": self.table}

    def before(self) -> Before:
        """Read what the table was before: from the note of the first restriction, where there is one."""
        now = self.connection.execute(sa.text(_STATE), self._key).one()
        query = f"SELECT * FROM {SCHEMA}.restricted_tables WHERE schema_name = :s AND table_name = :t"
        noted = self.connection.execute(sa.text(query), self._key).one_or_none()
        return Before(
            enabled=noted.enabled if noted else now.relrowsecurity,
            forced=noted.forced if noted else now.relforcerowsecurity,
            owner=now.owner,
            narrowing=now.narrowing,
            ours=noted.policies if noted else None,
        )

    def owned_by(self, roles: Sequence[str]) -> bool:
        """Tell whether one of some roles has the owner's rights: only forcing binds it."""
        query = (
            "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r "
            "WHERE n.nspname = :s AND c.relname = :t AND r.rolname = ANY (:roles) "
            "AND pg_has_role(r.oid, c.relowner, 'USAGE'))"
        )
        return bool(self.connection.scalar(sa.text(query), {**self._key, "roles": list(roles)}))

    def put(
        self, roles: Sequence[str], lists: Mapping[str, tuple[str, ...]], before: Before, *, force: bool
    ) -> None:
        """Put a restrictive policy in place for each role; where all stand as wanted, nobody is locked out."""
        wanted = {f"{RESTRICTED}{_short(role)}": self._restrictive(role, lists) for role in roles}
        if not before.enabled:
            wanted[EVERYONE] = "AS PERMISSIVE FOR ALL TO PUBLIC USING (true) WITH CHECK (true)"
        elif force and not before.forced:
            wanted[OWNER] = f"AS PERMISSIVE FOR ALL TO {before.owner} USING (true) WITH CHECK (true)"
        digest = hashlib.sha256(repr((sorted(wanted.items()), force)).encode()).hexdigest()
        if before.ours == digest and self._standing() == set(wanted):
            return
        self._drop()
        made = [f"CREATE POLICY {name} ON {self._place} {rest}" for name, rest in wanted.items()]
        made.append(f"ALTER TABLE {self._place} ENABLE ROW LEVEL SECURITY")
        forcing = "FORCE" if force or before.forced else "NO FORCE"
        made.append(f"ALTER TABLE {self._place} {forcing} ROW LEVEL SECURITY")
        self.connection.exec_driver_sql("; ".join(made))
        note = (
            f"INSERT INTO {SCHEMA}.restricted_tables VALUES (:s, :t, :enabled, :forced, :ours) "
            "ON CONFLICT (schema_name, table_name) DO UPDATE SET policies = excluded.policies"
        )
        values = {**self._key, "enabled": before.enabled, "forced": before.forced, "ours": digest}
        self.connection.execute(sa.text(note), values)

    def put_back(self) -> None:
        """Take our policies away and switch row security as it was."""
        query = (
            f"DELETE FROM {SCHEMA}.restricted_tables WHERE schema_name = :s AND table_name = :t RETURNING *"
        )
        noted = self.connection.execute(sa.text(query), self._key).one_or_none()
        lists = f"DELETE FROM {SCHEMA}.restricted_lists WHERE schema_name = :s AND table_name = :t"
        self.connection.execute(sa.text(lists), self._key)
        gone = self.connection.execute(sa.text(_STATE), self._key).one_or_none() is None
        if noted is None or gone:
            return
        self._drop()
        able = "ENABLE" if noted.enabled else "DISABLE"
        force = "FORCE" if noted.forced else "NO FORCE"
        begun = f"ALTER TABLE {self._place}"
        self.connection.exec_driver_sql(
            f"{begun} {able} ROW LEVEL SECURITY; {begun} {force} ROW LEVEL SECURITY"
        )

    def _restrictive(self, role: str, lists: Mapping[str, tuple[str, ...]]) -> str:
        """Write a role's policy: rows on a list that does not let it through are not there; new ones may come."""
        literal = "'" + role.replace("'", "''") + "'"
        parts = []
        for name, columns in lists.items():
            same = " AND ".join(
                f"troth_list.k{n} = {self._place}.{quoted(self.connection, column)}"
                for n, column in enumerate(columns)
            )
            asked = f"SELECT FROM {SCHEMA}.{name} troth_list WHERE {same} AND {literal} <> ALL (troth_list.allowed)"
            parts.append(f"NOT EXISTS ({asked})")
        to = quoted(self.connection, role)
        return f"AS RESTRICTIVE FOR ALL TO {to} USING ({' AND '.join(parts)}) WITH CHECK (true)"

    def _standing(self) -> set[str]:
        query = (
            "SELECT p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :s AND c.relname = :t"
        )
        names = self.connection.execute(sa.text(query), self._key).scalars()
        return {name for name in names if name in (EVERYONE, OWNER) or name.startswith(RESTRICTED)}

    def _drop(self) -> None:
        for name in sorted(self._standing()):
            self.connection.exec_driver_sql(f"DROP POLICY {name} ON {self._place}")


def _short(role: str) -> str:
    return hashlib.sha256(role.encode()).hexdigest()[:12]
