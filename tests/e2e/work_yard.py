"""A project with two stores, many plans for it, and workers that can be killed; counted by triggers of the store.

Each plan is for another day, and each day a few more rows have outlived their rule: whatever order plans are
carried out in, each row must be touched once. Customers whose order is young stay and are blanked: a trigger counts
how often.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import sqlalchemy as sa

from e2e.shops import SRC
from troth.app import erasing, ledgers, retention, stores, wishes
from troth.app import project as projects
from troth.app.clock import Clock, Moment
from troth.app.erasing import Asker
from troth.app.plans import approvals, carrying
from troth.app.plans.carrying import Order
from troth.app.requests.steps import Place
from troth.evidence.entry import Entry
from troth.people.typed import Line
from troth.stores.sql import open as opening

from troth.ledger.ledger import Ledger  # isort: skip  # after app, which configures Django

NOW = "2026-06-01T12:00"
FIRST = datetime(2025, 1, 1, 12, tzinfo=UTC)
"""The day the first plan is for."""
PER_DAY = 6
OPEN_FROM = 20_001
"""Number of the first person whose account is open."""
CANARY = "zq-canary"
"""Stands in every personal value."""
TROTH = """\
troth: 1
include: [datamap.yaml]
organisation: {name: The Yard, timezone: UTC}
categories:
  identity: {label: Who}
  contact: {label: How}
  transaction: {label: What}
  usage: {label: Traces}
retention:
  account: {for: 2 years, after: account.closed}
  transaction: {for: 7 years, after: transaction.made}
  usage: {for: 2 years, after: visit.made}
limits: {share: 100}
"""
DATAMAP = """\
stores:
  app: {url: "${APP_DB}", located: US, timezone: UTC}
  web: {url: "${WEB_DB}", located: US, timezone: UTC}
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
  web.visits:
    subject: customer via customer_id = app.customers.id
    kept-as: usage
    on-expiry: delete-row
    fields: {usage: [path]}
    anchors: {visit.made: at}
"""
APP = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name text, email text, status text NOT NULL, closed_at {time})",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), total integer, "
    "ordered_at {time} NOT NULL)",
)
WEB = ("CREATE TABLE visits (id integer PRIMARY KEY, customer_id integer, path text, at {time} NOT NULL)",)
COUNTING = {
    "postgresql": (
        "CREATE SCHEMA counted",
        "CREATE TABLE counted.touched (id integer, what text)",
        "CREATE FUNCTION counted.count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO counted.touched VALUES (OLD.id, TG_OP); RETURN NULL; END $$",
        "CREATE TRIGGER counting AFTER UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION counted.count()",
    ),
}


@dataclass(kw_only=True)
class Yard:
    """The project, its stores, and who works there."""

    folder: Path
    app: str
    web: str
    ledger_url: str = ""
    workers: list[subprocess.Popen[str]] = field(default_factory=list)
    killed: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """Return what every process of it is told."""
        own = {"APP_DB": self.app, "WEB_DB": self.web, "TROTH_TEST_CLOCK": NOW, "PYTHONPATH": str(SRC)}
        ledger = {"TROTH_LEDGER": self.ledger_url} if self.ledger_url else {}
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "USER": "tester",
            **own,
            **ledger,
        }

    @property
    def place(self) -> Place:
        """Return where steps are done."""
        at = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
        return Place(folder=self.folder, environment=self.environment, clock=Clock(now=lambda: at, test=True))

    def fill(self, days: int, people: int) -> None:
        """Write the project and its rows: `days` of them fall due one after another, `people` are open and young."""
        self.folder.mkdir()
        (self.folder / "troth.yaml").write_text(TROTH)
        (self.folder / "datamap.yaml").write_text(DATAMAP)
        numbers = range(1, days * PER_DAY + 1)
        old = {
            n: FIRST + timedelta(days=(n - 1) // PER_DAY, hours=-30) - timedelta(days=731) for n in numbers
        }
        customers = [(n, f"{CANARY} {n}", f"{CANARY}{n}@example.org", "closed", old[n]) for n in numbers]
        orders = [(n, n, 5, datetime(2025, 1, 1)) for n in numbers if n % 2 == 0]
        visits = [(n, n, f"/{CANARY}", old[n]) for n in numbers]
        for n in range(OPEN_FROM, OPEN_FROM + people):
            customers.append((n, f"{CANARY} {n}", f"{CANARY}{n}@example.org", "open", None))
            orders.append((n, n, 5, datetime(2026, 1, 1)))
            visits.append((n, n, f"/{CANARY}", datetime(2026, 1, 1)))
        self._make(self.app, APP, {"customers": customers, "orders": orders}, counting=True)
        self._make(self.web, WEB, {"visits": visits}, counting=False)

    @staticmethod
    def _make(
        url: str, schema: tuple[str, ...], rows: dict[str, list[tuple[object, ...]]], *, counting: bool
    ) -> None:
        engine = opening.connect(url, create=True)
        lite = engine.dialect.name == "sqlite"
        with engine.begin() as connection:
            for statement in schema:
                connection.exec_driver_sql(statement.format(time="text" if lite else "timestamp"))
            for table, found in rows.items():
                names = [f"v{n}" for n in range(len(found[0]))]
                told = [
                    {
                        name: f"{v:%Y-%m-%d %H:%M:%S}" if lite and isinstance(v, datetime) else v
                        for name, v in zip(names, row, strict=True)
                    }
                    for row in found
                ]
                connection.execute(
                    sa.text(f"INSERT INTO {table} VALUES ({', '.join(f':{n}' for n in names)})"), told
                )
            for statement in COUNTING.get(engine.dialect.name, ()) if counting else ():
                connection.exec_driver_sql(statement)
        engine.dispose()

    def sql(self, url: str, statement: str) -> list[tuple[object, ...]]:
        """Ask a store."""
        engine = opening.connect(url)
        try:
            with engine.begin() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(statement).all()]
        finally:
            engine.dispose()

    def ledger(self) -> Ledger:
        """Return the ledger, which stays open."""
        at = self.place
        return ledgers.keep(at.folder, at.environment, at.clock)

    def retention_plans(self, days: int) -> list[str]:
        """Make a plan for each day, all before any is carried out, and return their hashes."""
        at, ledger = self.place, self.ledger()
        project = projects.load(at.folder, at.clock.now().date())
        hashes = []
        with stores.opened(project, at.environment, readonly=True) as opened:
            for day in range(days):
                moment = Moment(at=FIRST + timedelta(days=day))
                made = retention.plan(project, opened, ledger, moment).plan
                kept = approvals.keep(ledger, made, project.policy.limits, by="mira", at=at.clock.now())
                hashes.append(kept.hash)
        return hashes

    def erasure_plans(self, people: int) -> list[str]:
        """Make a plan for each of the people who are open, and return their hashes."""
        at, ledger = self.place, self.ledger()
        limits = projects.load(at.folder, at.clock.now().date()).policy.limits
        hashes = []
        for n in range(OPEN_FROM, OPEN_FROM + people):
            line = Line(source="<test>", line=1, text=f"email:{CANARY}{n}@example.org")
            wish = wishes.Wish(lines=(line,), limit=20)
            moment = Moment(at=at.clock.now())
            asker = Asker(by="mira", keep=True)
            made = erasing.plan(wish, at.folder, at.environment, at.clock, moment, asker).plan
            assert made is not None
            hashes.append(approvals.keep(ledger, made, limits, by="mira", at=at.clock.now()).hash)
        return hashes

    def start(self, hash: str) -> None:
        """Hand a plan to the workers."""
        carrying.start(hash, Order(by="mira", backup_taken=True), self.place)

    def worker(self) -> subprocess.Popen[str]:
        """Start a worker; what all of them say of faults stands in one file (`said`)."""
        with self._said.open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "troth", "worker"],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        self.workers.append(process)
        return process

    @property
    def _said(self) -> Path:
        return self.folder / ".troth" / "workers-said.txt"

    def said(self) -> str:
        """Return the end of what workers said."""
        return self._said.read_text()[-4000:]

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill a worker with SIGKILL."""
        process.kill()
        process.communicate(timeout=180)
        self.workers.remove(process)
        self.killed += 1

    def states(self) -> Counter[str]:
        """Count the kept plans by state."""
        found: Counter[str] = Counter()
        page = 1
        while some := self.ledger().kept_plans.listed(page=page):
            found.update(one.state for one in some)
            page += 1
        return found

    def reasons(self) -> list[str]:
        """Return why plans stopped."""
        return [one.reason for one in self.ledger().kept_plans.listed(("stopped", "failed"))]

    def wait(self, what: Callable[[], bool], seconds: float = 180.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.05)

    def entries(self) -> list[Entry]:
        """Return the evidence."""
        return [Entry.decode(one) for one in self.ledger().evidence.entries()]

    def jobs(self) -> str:
        """Return everything the database of jobs holds, as text."""
        if not self.ledger_url:
            import sqlite3

            with closing(sqlite3.connect(self.folder / ".troth" / "jobs.sqlite")) as connection:
                return "\n".join(connection.iterdump())
        with psycopg.connect(self.ledger_url) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'troth_jobs'"
            ).fetchall()
            return str(
                [connection.execute(f'SELECT t::text FROM troth_jobs."{n[0]}" t').fetchall() for n in tables]
            )

    def end(self) -> None:
        """End every worker."""
        for process in list(self.workers):
            process.kill()
            process.communicate(timeout=180)
