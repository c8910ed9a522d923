"""A small shop and the project over it, driven through the command line in processes of their own.

Of `customers`, every second one closed the account in 2020 (rule: 2 years), the others are open. Customer n has
orders n*10 to n*10+2 from 2015 (rule: 7 years), and every fourth customer one more from 2025. So of 40 customers
20 are over; of these the 10 with a young order stay, blanked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from e2e import inside
from troth.stores.sql import open as opening

NOW = "2026-06-01T12:00"
SRC = Path(__file__).parents[2] / "src"

TROTH = """\
troth: 1
include: [datamap.yaml]
organisation: {name: The Shop, timezone: UTC}
categories:
  identity: {label: Who}
  contact: {label: How}
  transaction: {label: What}
retention:
  account: {for: 2 years, after: account.closed}
  transaction: {for: 7 years, after: transaction.made}
limits: {share: 100}
"""
DATAMAP = """\
stores:
  app: {url: "${APP_DB}", located: US, timezone: UTC}
subjects:
  customer: {dataset: app.customers, key: id, identities: {email: email}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    fields: {identity: [name], contact: [email]}
    anchors: {account.closed: closed_at}
    open-while: {account.closed: {column: status, is: [open]}}
  app.orders:
    subject: customer
    kept-as: transaction
    on-expiry: delete-row
    fields: {transaction: [total]}
    anchors: {transaction.made: ordered_at}
"""
SCHEMA = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name text, email text, status text NOT NULL, closed_at {time})",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total integer, "
    "ordered_at {time} NOT NULL)",
    "CREATE INDEX orders_customer ON orders (customer_id)",
)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A project's folder and its store."""

    folder: Path
    url: str
    customers: int = 40
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, url: str, *, customers: int = 40) -> Shop:
        """Write the project, fill the store."""
        folder.mkdir()
        (folder / "troth.yaml").write_text(TROTH)
        (folder / "datamap.yaml").write_text(DATAMAP)
        made = cls(folder=folder, url=url, customers=customers)
        made.fill()
        return made

    def fill(self) -> None:
        """Make the tables and their rows."""
        engine = self.engine()
        time = {"sqlite": "text", "mariadb": "datetime"}.get(engine.dialect.name, "timestamp")
        numbers = range(1, self.customers + 1)
        people = [
            {"id": n, "name": f"N{n}", "email": f"n{n}@example.org", "status": "open", "closed_at": None}
            if n % 2
            else {
                "id": n,
                "name": f"N{n}",
                "email": f"n{n}@example.org",
                "status": "closed",
                "closed_at": f"2020-03-{n % 28 + 1:02} 10:00:00",
            }
            for n in numbers
        ]
        orders = [
            {
                "id": n * 10 + k,
                "customer_id": n,
                "total": 5,
                "ordered_at": f"2015-01-{n % 28 + 1:02} 10:00:00",
            }
            for n in numbers
            for k in range(3)
        ]
        orders += [
            {"id": n * 10 + 5, "customer_id": n, "total": 5, "ordered_at": "2025-01-01 10:00:00"}
            for n in numbers
            if n % 4 == 0
        ]
        with engine.begin() as connection:
            for statement in SCHEMA:
                connection.exec_driver_sql(statement.format(time=time))
            connection.execute(
                sa.text(
                    f"INSERT INTO customers VALUES (:id, :name, :email, :status, CAST(:closed_at AS {time}))"
                ),
                people,
            )
            connection.execute(
                sa.text(
                    f"INSERT INTO orders VALUES (:id, :customer_id, :total, CAST(:ordered_at AS {time}))"
                ),
                orders,
            )
        engine.dispose()

    def engine(self) -> sa.Engine:
        """Open the store."""
        return opening.connect(self.url, create=True)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in the store and return its rows."""
        engine = self.engine()
        try:
            with engine.begin() as connection:
                found = connection.exec_driver_sql(statement)
                return [tuple(row) for row in found.all()] if found.returns_rows else []
        finally:
            engine.dispose()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Count customers, those with a name, and orders."""
        return (
            self.sql("SELECT count(*) FROM customers")[0][0],
            self.sql("SELECT count(name) FROM customers")[0][0],
            self.sql("SELECT count(*) FROM orders")[0][0],
        )

    def having(self, **environment: str) -> Shop:
        """Return the shop with more environment variables; an empty one is taken away."""
        return replace(self, environment={**self.environment, **environment})

    def write(self, name: str, old: str, new: str) -> None:
        """Replace a part of a file of the project."""
        path = self.folder / name
        before = path.read_text()
        assert old in before
        path.write_text(before.replace(old, new))

    @property
    def _environment(self) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("TROTH_", "APP_DB", "PYTHONDONT"))}
        ours = {"PYTHONPATH": str(SRC), "APP_DB": self.url, "TROTH_TEST_CLOCK": NOW, "USER": "tester"}
        return {k: v for k, v in {**base, **ours, **self.environment}.items() if v}

    def troth(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command and return what it said."""
        return inside.give(arguments, self.folder, self._environment, stdin)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and go on; it hears Ctrl-C even where the tests themselves run in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "troth", *arguments],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_interrupts,  # noqa: PLW1509  # these tests start no threads
        )

    def plan(self) -> None:
        """Make plan.json."""
        done = self.troth("plan", "retention", "--out", "plan.json")
        assert done.returncode == 0, done.stderr


def refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Expect an exit code, these words, and no traceback."""
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said, said
    for word in words:
        assert word in said, said
