"""Make the store of the JanusIPM example: a small web application with a known number of broken promises.

Writes SQLite, or PostgreSQL with `--url`. The same arguments always give the same rows; nobody in them exists.
Every account belongs to one cohort below, and each cohort is made so that what has expired in it is known
beforehand: nothing here looks at a policy or at Troth. PLANTED.md says what is planted and why.

    python examples/janusipm/generate.py --out app.sqlite --at 2026-06-01
"""

from __future__ import annotations

import argparse
import calendar
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

ZONE = ZoneInfo("America/New_York")
"""The organisation's time zone: its calendar ends periods."""

FULL = 20_000
"""The number of accounts PLANTED.md is written for; other numbers scale what is planted."""

MARGIN = timedelta(days=5)
"""What is planted is at least this far past its end, what is not at least this far before it."""

SCHEMA = Path(__file__).with_name("schema.sql")
TYPES = {
    "sqlite": {"key": "INTEGER PRIMARY KEY", "int": "INTEGER", "flag": "INTEGER", "stamp": "TEXT"},
    "postgresql": {"key": "BIGINT PRIMARY KEY", "int": "BIGINT", "flag": "BOOLEAN", "stamp": "TIMESTAMPTZ"},
}

COHORTS = {
    "silent": 150,
    "thread-kept-by-login": 40,
    "silent-since-last-day": 4,
    "closed-lately": 2_400,
    "closed-on-last-day": 5,
    "overdue-alone": 180,
    "overdue-with-old-payment": 12,
    "overdue-with-young-payment": 88,
    "overdue-with-live-preference": 9,
    "overdue-with-young-page-view": 14,
    "overdue-with-later-message": 8,
}
"""Accounts of each cohort, of 20,000; all others are open and in use."""
PLANTED_ROWS = {"calls": 50, "payments": 87, "page_views": 1_204, "preferences": 412, "cookies": 640}
"""Rows past their end that are not counted by cohort, of 20,000 accounts."""

FIRST = (
    "Ada",
    "Ben",
    "Chloe",
    "Dan",
    "Eva",
    "Finn",
    "Gia",
    "Hugo",
    "Ines",
    "Jon",
    "Kira",
    "Liam",
    "Mia",
    "Noah",
    "Olga",
    "Pau",
    "Quinn",
    "Rosa",
    "Sam",
    "Tara",
    "Uma",
    "Vic",
)
LAST = (
    "Abbott",
    "Brandt",
    "Cole",
    "Duarte",
    "Eriksen",
    "Fontaine",
    "Greer",
    "Hale",
    "Ito",
    "Jansen",
    "Khan",
    "Lopez",
    "Moreau",
    "Novak",
    "Okoye",
    "Price",
)
COUNTRIES = ("US", "US", "US", "US", "CA", "GB", "DE", "FR", "NL", "ES")
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0)",
    "Mozilla/5.0 (Macintosh)",
    "Mozilla/5.0 (X11; Linux)",
    "Mozilla/5.0 (Android 14)",
)
PATHS = ("/", "/patents", "/docket", "/billing", "/help", "/settings", "/search")
COOKIES = {
    "necessary": ("sid", 30),
    "functional": ("lang", 365),
    "analytics": ("_va", 390),
    "marketing": ("_ad", 90),
}
"""Lifetime of each type of cookie, in days."""

Row = tuple[Any, ...]


@cache
def first_kept(at: date, months: int) -> date:
    """Return the earliest day whose period of months is not over at `at`: rows of that day stay one day more."""
    day = at - timedelta(days=months * 31 + 5)
    while _end(day, months) < at:
        day += timedelta(days=1)
    return day


def _end(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@cache
def leap_day_over(at: date, months: int) -> date:
    """Return the latest 29 February whose period is over for good."""
    year = first_kept(at, months).year
    while not calendar.isleap(year) or _end(date(year, 2, 29), months) >= at - MARGIN:
        year -= 1
    return date(year, 2, 29)


@dataclass(kw_only=True)
class Store:
    """The rows of the store while they are made, and what is planted in them."""

    at: date
    """The day, in the organisation's zone, the store is looked at."""
    accounts: int
    random: random.Random
    rows: dict[str, list[Row]] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)
    """Rows past their end, by dataset; accounts parted into those that can go and those that are needed."""

    def add(self, table: str, *values: Any, key: bool = True) -> None:
        """Add a row; numbered where the table has a key of its own."""
        rows = self.rows.setdefault(table, [])
        rows.append((len(rows) + 1, *values) if key else values)

    def plant(self, what: str, rows: int = 1) -> None:
        """Note rows that are past their end."""
        self.planted[what] = self.planted.get(what, 0) + rows

    def share(self, base: int) -> int:
        """Scale a number that is meant for 20,000 accounts."""
        return max(1, base * self.accounts // FULL)

    def moment(self, day: date, at: time | None = None) -> datetime:
        """Return an instant on a day of the organisation's calendar."""
        chosen = at or time(
            self.random.randrange(7, 22), self.random.randrange(60), self.random.randrange(60)
        )
        return datetime.combine(day, chosen, ZONE).astimezone(UTC)

    def between(self, early: date, late: date) -> datetime:
        """Return an instant from `early` to `late`, both included."""
        return self.moment(early + timedelta(days=self.random.randint(0, max(0, (late - early).days))))

    def ago(self, low: int, high: int) -> datetime:
        """Return an instant `low` to `high` days before the store is looked at."""
        return self.between(self.at - timedelta(days=high), self.at - timedelta(days=low))


def make(at: date, accounts: int = FULL) -> Store:
    """Make every row of the store; the same arguments give the same rows."""
    store = Store(at=at, accounts=accounts, random=random.Random(f"janusipm {at} {accounts}"))
    cohorts = [name for name, base in COHORTS.items() for _ in range(store.share(base))]
    cohorts += ["in-use"] * (accounts - len(cohorts))
    store.random.shuffle(cohorts)
    in_use: list[int] = []
    for number, cohort in enumerate(cohorts, start=1):
        _account(store, number, cohort)
        if cohort == "in-use":
            in_use.append(number)
    _old_payments(store, in_use)
    _old_page_views(store, in_use)
    _opt_outs(store, in_use)
    _expired_cookies(store, in_use)
    _exchanges(store, in_use)
    store.rows["products"] = [(1, "Docket", 2_900), (2, "Docket for teams", 9_900)]
    store.rows["settings"] = [("schema_version", "41"), ("maintenance", "off")]
    return store


def _account(store: Store, number: int, cohort: str) -> None:
    """Add an account with its profile, and what its cohort did."""
    closed = _closed(store, cohort)
    created = store.ago(2_700, 4_000)
    first, last = store.random.choice(FIRST), store.random.choice(LAST)
    name = f"{first}.{last}{number}".lower()
    phone = f"+1 555 01{store.random.randrange(100):02} {number:05}" if store.random.random() < 0.4 else None
    store.add("accounts", name, f"{name}@example.net", store.random.random() < 0.9, phone, f"pbkdf2${number:08x}",
              store.random.choice(COUNTRIES), "closed" if closed else "open", created, closed)  # fmt: skip
    store.add("profiles", number, first, last, "America/New_York", created, key=False)
    if cohort.startswith("overdue"):
        assert closed is not None
        _overdue(store, number, cohort, closed)
    elif cohort in ("silent", "silent-since-last-day", "thread-kept-by-login"):
        _silent(store, number, cohort)
    elif closed:
        before = store.random.randint(0, 10) if cohort == "closed-lately" else 0
        store.add("logins", number, _ip(store), closed - timedelta(days=before))
        _payments(store, number, store.random.randint(0, 2))
    else:
        _in_use(store, number)


def _closed(store: Store, cohort: str) -> datetime | None:
    kept = first_kept(store.at, 24)
    if cohort == "closed-lately":
        return store.ago(30, 690)
    if cohort == "closed-on-last-day":
        return store.moment(kept, time(0, 30))
    if cohort == "overdue-alone" and store.planted.get("accounts that can go", 0) < 2:
        return store.moment(leap_day_over(store.at, 24), time(23, 30))
    if cohort == "overdue-with-young-page-view":
        return store.moment(kept - timedelta(days=15))
    if cohort == "overdue-with-later-message":
        return store.between(kept - timedelta(days=300), kept - MARGIN)
    return store.between(kept - timedelta(days=900), kept - MARGIN) if "overdue" in cohort else None


def _overdue(store: Store, number: int, cohort: str, closed: datetime) -> None:
    """Add what is left of an account closed more than two years ago."""
    last = closed - timedelta(days=store.random.randint(1, 4))
    store.plant("profiles")
    store.add("logins", number, _ip(store), last)
    for _ in range(2):
        later = cohort == "overdue-with-later-message"
        _message(
            store, number, store.ago(20, 300) if later else last - timedelta(days=store.random.randint(1, 90))
        )
    if cohort != "overdue-with-later-message":
        store.plant("messages", 2)
        store.plant("logins")
    if cohort == "overdue-with-old-payment":
        _payment(store, number, store.between(*_old(store, 84)))
        store.plant("payments")
    elif cohort == "overdue-with-young-payment":
        _payment(store, number, closed - timedelta(days=store.random.randint(1, 200)))
    elif cohort == "overdue-with-live-preference":
        _preference(store, number)
    elif cohort == "overdue-with-young-page-view":
        _page_view(store, number, closed - timedelta(days=store.random.randint(1, 20)))
    alone = cohort in ("overdue-alone", "overdue-with-old-payment")
    store.plant("accounts that can go" if alone else "accounts still needed")


def _silent(store: Store, number: int, cohort: str) -> None:
    """Add an open account whose last word is long ago, to the day, or long ago but for one login."""
    kept = first_kept(store.at, 24)
    if cohort == "silent-since-last-day":
        _message(store, number, store.moment(kept, time(0, 30)))
        return
    for _ in range(3):
        _message(store, number, store.between(kept - timedelta(days=1_000), kept - MARGIN))
    if cohort == "thread-kept-by-login":
        store.add("logins", number, _ip(store), store.ago(5, 300))
        return
    for _ in range(2):
        store.add("logins", number, _ip(store), store.between(kept - timedelta(days=1_000), kept - MARGIN))
    store.plant("messages", 3)
    store.plant("logins", 2)
    if store.planted.get("calls", 0) < store.share(PLANTED_ROWS["calls"]):
        called = store.between(kept - timedelta(days=1_000), kept - MARGIN)
        store.add("calls", number, f"+1 555 0100 {number:05}", "Asked for a copy of an invoice.", 240, called)
        store.plant("calls")


def _in_use(store: Store, number: int) -> None:
    chance = store.random.random
    store.add("logins", number, _ip(store), store.ago(0, 600))
    if chance() < 0.5:
        store.add("logins", number, _ip(store), store.ago(0, 1_500))
    for _ in range(store.random.randint(0, 4)):
        _message(store, number, store.ago(1, 1_500))
    if chance() < 0.2:
        store.add("calls", number, None, "Asked about the price of a plan.", 180, store.ago(1, 1_500))
    _payments(store, number, store.random.randint(0, 3))
    for _ in range(store.random.randint(0, 6)):
        _page_view(store, number if chance() < 0.6 else None, store.ago(0, 760))
    if chance() < 0.8:
        _preference(store, number)
    for kind, (name, days) in COOKIES.items():
        if chance() < 0.4:
            left = timedelta(days=store.random.randint(MARGIN.days, days))
            _cookie(store, number, kind, store.moment(store.at + left) - timedelta(days=days), name)


def _payments(store: Store, number: int, count: int) -> None:
    for _ in range(count):
        _payment(
            store, number, store.between(first_kept(store.at, 84) + MARGIN, store.at - timedelta(days=1))
        )


def _payment(store: Store, number: int, paid: datetime) -> None:
    invoice = f"JI-{len(store.rows.get('payments', ())) + 1:07}"
    holder = f"{store.random.choice(FIRST)} {store.random.choice(LAST)}"
    amount = store.random.choice((2_900, 9_900))
    store.add(
        "payments", number, invoice, amount, "USD", paid, holder, f"{store.random.randrange(10_000):04}"
    )


def _message(store: Store, number: int, sent: datetime) -> None:
    direction = store.random.choice(("in", "out"))
    store.add("messages", number, direction, "A question", "Which filing date does the docket use?", sent)


def _preference(store: Store, number: int, opted_out: datetime | None = None) -> None:
    status = "opted-out" if opted_out else "active"
    store.add(
        "preferences", number, True, store.random.random() < 0.3, "news,offers", status, opted_out, key=False
    )


def _page_view(store: Store, number: int | None, viewed: datetime) -> None:
    path, agent = store.random.choice(PATHS), store.random.choice(AGENTS)
    store.add(
        "page_views", number, f"v{store.random.randrange(16**8):08x}", path, None, _ip(store), agent, viewed
    )


def _cookie(store: Store, number: int | None, kind: str, set_at: datetime, name: str) -> None:
    expires = set_at + timedelta(days=COOKIES[kind][1])
    store.add("cookies", number, name, kind, f"{store.random.randrange(16**12):012x}", set_at, expires)


def _ip(store: Store) -> str:
    """Return an address of the ranges kept for documentation (RFC 5737, RFC 3849)."""
    if store.random.random() < 0.2:
        return f"2001:db8:{store.random.randrange(16**4):x}::{store.random.randrange(1, 16**4):x}"
    return f"{store.random.choice(('192.0.2', '198.51.100', '203.0.113'))}.{store.random.randrange(1, 255)}"


def _old(store: Store, months: int) -> tuple[date, date]:
    kept = first_kept(store.at, months)
    return kept - timedelta(days=400), kept - MARGIN


def _old_payments(store: Store, in_use: list[int]) -> None:
    """Add payments older than 7 years, one on a 29 February, and some on the last day that may still be there."""
    while store.planted.get("payments", 0) < store.share(PLANTED_ROWS["payments"]):
        _payment(store, store.random.choice(in_use), store.between(*_old(store, 84)))
        store.plant("payments")
    store.rows["payments"].pop()
    _payment(store, store.random.choice(in_use), store.moment(leap_day_over(store.at, 84), time(23, 30)))
    for _ in range(3):
        _payment(store, store.random.choice(in_use), store.moment(first_kept(store.at, 84), time(0, 30)))


def _old_page_views(store: Store, in_use: list[int]) -> None:
    for index in range(store.share(PLANTED_ROWS["page_views"])):
        viewer = store.random.choice(in_use) if index % 2 else None
        leap = store.moment(leap_day_over(store.at, 26), time(23, 30))
        _page_view(store, viewer, leap if index < 3 else store.between(*_old(store, 26)))
        store.plant("page_views")
    for _ in range(6):
        _page_view(store, None, store.moment(first_kept(store.at, 26), time(0, 30)))


def _opt_outs(store: Store, in_use: list[int]) -> None:
    """Turn some live preferences into opt-outs that nobody acted on."""
    rows, wanted = store.rows["preferences"], set(in_use)
    live = [index for index, row in enumerate(rows) if row[0] in wanted]
    for index in store.random.sample(live, store.share(PLANTED_ROWS["preferences"])):
        rows[index] = (*rows[index][:4], "opted-out", store.ago(MARGIN.days, 500))
        store.plant("preferences")


def _expired_cookies(store: Store, in_use: list[int]) -> None:
    for _ in range(store.share(PLANTED_ROWS["cookies"])):
        kind = store.random.choice(list(COOKIES))
        name, days = COOKIES[kind]
        past = store.moment(store.at - timedelta(days=store.random.randint(MARGIN.days, 200)))
        _cookie(store, store.random.choice(in_use), kind, past - timedelta(days=days), name)
        store.plant("cookies")


def _exchanges(store: Store, in_use: list[int]) -> None:
    """Let people in use write to one another, each naming themself in the text; nothing of it is past its end."""
    names = {number: f"{first} {last}" for number, first, last, *_ in store.rows["profiles"]}
    mails = {row[0]: row[2] for row in store.rows["accounts"]}
    for sender, recipient in zip(in_use[::3], in_use[1::3], strict=False):
        body = f"Could you look at the filing before Friday? Reach me at {mails[sender]}. {names[sender]}"
        store.add("exchanges", sender, recipient, body, store.ago(1, 600))


def write_sqlite(store: Store, path: Path) -> None:
    """Write the store into a new SQLite file; instants are text in UTC."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;")
    tables, indices = _statements("sqlite")
    connection.executescript(tables)
    with connection:
        connection.execute("BEGIN")
        for table, rows in store.rows.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", _as_text(rows))
    connection.executescript(f"{indices}; PRAGMA journal_mode=DELETE;")
    connection.close()


def write_postgresql(store: Store, url: str) -> None:
    """Write the store into an empty PostgreSQL database."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    tables, indices = _statements("postgresql")
    with engine.begin() as connection:
        connection.exec_driver_sql(tables)
        cursor: Any = connection.connection.cursor()
        for table, rows in store.rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.exec_driver_sql(indices)
    engine.dispose()


def _statements(dialect: str) -> tuple[str, str]:
    """Part the schema into tables and indices, written for a dialect."""
    tables, create, indices = SCHEMA.read_text().format(**TYPES[dialect]).partition("CREATE INDEX")
    return tables, create + indices


def _as_text(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield tuple(f"{v:%Y-%m-%d %H:%M:%S}" if isinstance(v, datetime) else v for v in row)


def main() -> None:
    """Write the store and print what is planted in it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, help="SQLite file to write; replaced where it exists")
    options.add_argument("--url", help="an empty PostgreSQL database to write as well: postgresql://…")
    options.add_argument(
        "--at", type=date.fromisoformat, default=datetime.now(ZONE).date(), help="the day; today"
    )
    options.add_argument("--accounts", type=int, default=FULL, help="how many accounts; at least 1,000")
    given = options.parse_args()
    if not given.out and not given.url:
        options.error("say where to write: --out app.sqlite, --url postgresql://…, or both")
    if given.accounts < 1_000:
        options.error("fewer than 1,000 accounts leave no room for what is planted")
    store = make(given.at, given.accounts)
    if given.out:
        write_sqlite(store, given.out)
    if given.url:
        write_postgresql(store, given.url)
    print(f"Planted, as of {given.at} in {ZONE.key}:")
    for what, rows in sorted(store.planted.items()):
        print(f"  {rows:>6,} {what}")
    print(f"  of {sum(map(len, store.rows.values())):,} rows in all")


if __name__ == "__main__":
    main()
