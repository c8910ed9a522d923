"""A small store that is copied, erased from and put back, and the project over it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db import servers
from troth.app import burying, erasing, ledgers, people, restoring
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.finding import Wish
from troth.app.restoring import Replayed
from troth.apply import erase
from troth.apply.erase import Tools
from troth.ledger.people_journal import LedgerPeopleJournal
from troth.people import manifest as manifests
from troth.people.typed import Line
from troth.rights.model import ErasurePlan
from troth.stores.sql import open as opening

MADE = datetime(2026, 5, 1, 2, tzinfo=UTC)
ERASED = datetime(2026, 5, 20, 9, tzinfo=UTC)
RESTORED = datetime(2026, 6, 1, 12, tzinfo=UTC)

TROTH = """\
troth: 1
include: [datamap.yaml]
organisation: {name: The Shop, timezone: UTC}
categories: {identity: {label: Who}, contact: {label: How}, transaction: {label: What}}
retention:
  account: {for: 2 years, after: account.closed}
  transaction: {for: 7 years, after: transaction.made}
  tax: {for: 10 years, after: transaction.made, because: tax}
erasure: {backups: 30 days}
rights: {offer: [erase]}
limits: {share: 100}
"""
DATAMAP = """\
stores:
  app: {url: "${APP_DB}", located: US, timezone: UTC}
subjects:
  customer: {dataset: app.customers, key: id, identities: {email: {field: email, verified: verified}}}
datasets:
  app.customers:
    kept-as: account
    on-expiry: delete-row
    fields: {identity: [name], contact: [email]}
    anchors: {account.closed: closed_at}
    no-personal-data: [verified, created_at]
  app.orders:
    subject: customer
    kept-as: transaction
    on-expiry: delete-row
    fields: {transaction: [total]}
    anchors: {transaction.made: ordered_at}
  app.letters:
    subject: customer via email = customers.email
    kept-as: transaction
    on-expiry: delete-row
    fields: {contact: [email], transaction: [body]}
    anchors: {transaction.made: sent_at}
"""
SCHEMA = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(80), email varchar(80), verified integer, "
    "closed_at {time}, created_at {time})",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total integer, "
    "ordered_at {time})",
    "CREATE TABLE letters (id integer PRIMARY KEY, email varchar(80), body varchar(200), sent_at {time})",
    "CREATE INDEX orders_customer ON orders (customer_id)",
    "CREATE INDEX letters_email ON letters (email)",
)
TABLES = ("customers", "orders", "letters")


def _tool(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's."""
    done = subprocess.run(
        [str(servers.find_binaries() / name), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@dataclass(kw_only=True)
class Story:
    """The store, its copies, and the project."""

    folder: Path
    url: str
    new_url: Callable[[], str] | None = None
    """Makes an empty database on the server; None for SQLite."""
    clock_at: datetime = ERASED
    copies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, folder: Path, new_url: Callable[[], str] | None, people: int = 6) -> Story:
        """Write the project and fill the store."""
        folder.mkdir()
        (folder / "troth.yaml").write_text(TROTH)
        (folder / "datamap.yaml").write_text(DATAMAP)
        url = new_url() if new_url else f"sqlite:///{folder / 'app.db'}"
        made = cls(folder=folder, url=url, new_url=new_url)
        made._fill(people)
        return made

    def _fill(self, people: int) -> None:
        engine = opening.connect(self.url, create=True)
        time = {"sqlite": "text", "mariadb": "datetime"}.get(engine.dialect.name, "timestamp")
        with engine.begin() as connection:
            for statement in SCHEMA:
                connection.exec_driver_sql(statement.format(time=time))
            for n in range(1, people + 1):
                address = f"Person{n}@example.org"
                connection.exec_driver_sql(
                    f"INSERT INTO customers VALUES ({n}, 'Name {n}', '{address}', 1, NULL, '2024-01-0{n} 10:00:00')"
                )
                for k in range(2):
                    connection.exec_driver_sql(
                        f"INSERT INTO orders VALUES ({n * 10 + k}, {n}, {n}, '2025-02-0{n} 10:00:00')"
                    )
                connection.exec_driver_sql(
                    f"INSERT INTO letters VALUES ({n}, '{address.lower()}', 'Dear {n}', '2025-03-0{n} 10:00:00')"
                )
        engine.dispose()

    def run(self, *statements: str) -> None:
        """Change the store as the application would."""
        engine = opening.connect(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def state(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        engine = opening.connect(self.url, readonly=True)
        with engine.connect() as connection:
            found = {
                name: [tuple(r) for r in connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY id"))]
                for name in TABLES
            }
        engine.dispose()
        return found

    def copy(self) -> Mapping[str, list[tuple[Any, ...]]] | Path:
        """Back the store up."""
        if self.url.startswith("sqlite"):
            target = self.folder / "copy.db"
            shutil.copy(self.folder / "app.db", target)
            return target
        if self.url.startswith("postgresql"):
            target = self.folder / "copy.sql"
            _tool("pg_dump", "--clean", "--if-exists", "--no-owner", f"--file={target}", self.url)
            return target
        return self.state()

    def restore(self, copied: Mapping[str, list[tuple[Any, ...]]] | Path) -> None:
        """Put an old copy in the store's place."""
        if isinstance(copied, Path) and copied.suffix == ".sql":
            _tool("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={copied}", self.url)
            return
        if isinstance(copied, Path):
            shutil.copy(copied, self.folder / "app.db")
            return
        engine = opening.connect(self.url)
        with engine.begin() as connection:
            for name in reversed(TABLES):
                connection.exec_driver_sql(f"DELETE FROM {name}")
            for name in TABLES:
                for row in copied[name]:
                    marks = ", ".join(f":v{n}" for n in range(len(row)))
                    values = {f"v{n}": value for n, value in enumerate(row)}
                    connection.execute(sa.text(f"INSERT INTO {name} VALUES ({marks})"), values)
        engine.dispose()

    @property
    def environment(self) -> dict[str, str]:
        """What commands are given."""
        return {"APP_DB": self.url}

    def clock(self, at: datetime) -> Clock:
        """Return a clock that stands."""
        return Clock(now=lambda: at, test=True)

    def erase(self, *typed: str, at: datetime = ERASED) -> None:
        """Erase people from plan to tombstones."""
        lines = tuple(Line(source="<arguments>", line=n, text=text) for n, text in enumerate(typed, 1))
        wish = Wish(lines=lines, limit=20)
        asker = erasing.Asker(by="tester")
        planned = erasing.plan(wish, self.folder, self.environment, self.clock(at), Moment(at=at), asker)
        assert planned.plan is not None
        self.apply(planned.plan, at=at)

    def apply(self, made: ErasurePlan, *, at: datetime) -> None:
        """Carry an erasure plan out and make tombstones."""
        project = projects.load(self.folder, at.date())
        with (
            people.everywhere(project, self.environment, Moment(at=at), readonly=False) as where,
            ledgers.opened(self.folder, self.environment, self.clock(at)) as ledger,
        ):
            whom = manifests.load(ledger.manifests.open(made.manifest))
            staff = ledger.staff.identify("tester", at=at)
            tools = Tools(
                stores=where.stores,
                journal=LedgerPeopleJournal(ledger, made, staff=staff, test_clock=True, now=lambda: at),
                world=erasing.seen(where, ledger)[0],
                holds=lambda: (),
                ways=where.ways,
                held=lambda _some: frozenset(),
                now=lambda: at,
            )
            results = erase.run(made, whom, tools)
            assert all(one.state == "done" for one in results), results
            burying.bury(ledger, made, whom, where.ways, at=at)

    def replay(
        self,
        *,
        since: str = "2026-05-01",
        untouched: bool = False,
        plan: bool = True,
        at: datetime = RESTORED,
    ) -> Replayed:
        """Look for who was erased since the copy was made."""
        wish = restoring.Wish(store="app", restored_from=since, untouched=untouched, plan=plan, by="tester")
        return restoring.replay(wish, self.folder, self.environment, self.clock(at), Moment(at=at))

    def replayed(self, *, since: str = "2026-05-01", untouched: bool = False) -> Replayed:
        """Look, and carry the plan out."""
        found = self.replay(since=since, untouched=untouched)
        if found.plan is not None:
            self.apply(found.plan, at=RESTORED + timedelta(minutes=1))
        return found
