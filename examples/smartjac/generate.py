"""Make the two stores of the Smartjac example in SQLite: what runs the site, and the records of the office.

The same arguments always give the same rows; nobody in them exists, and addresses are of the domains kept for
documentation. README.md says who is who.

    python examples/smartjac/generate.py --out app.sqlite --office office.sqlite
"""

from __future__ import annotations

import argparse
import random
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")
BEGIN = datetime(2025, 9, 1, 8)
"""When the first row is dated; nothing in the example depends on today."""

PEOPLE = (
    ("lea", "FR", "ticked"),
    ("max", "US", "accepted"),
    ("ned", "US", "unsubscribed"),
    ("rex", "DE", "accepted"),
    ("ada", "US", "ticked"),
    ("ben", "US", "accepted"),
    ("cho", "KR", "accepted"),
    ("dan", "GB", "ticked"),
    ("eva", "ES", "accepted"),
    ("fin", "IE", "accepted"),
    ("gil", "US", "unsubscribed"),
    ("hana", "US", "accepted"),
    ("ivo", "HR", "accepted"),
    ("jane", "US", "ticked"),
)
"""Name, country and what was done about marketing: ticked, later unsubscribed, or only accepted the policy."""
CLOSED = {"rex": "fraud"}
"""Accounts that Smartjac closed, and why."""
BUYERS = ("lea", "rex", "ada", "dan", "fin", "jane")
PRODUCTS = ("Converter", "Spelling", "Templates")

Row = tuple[Any, ...]


def make(seed: int = 1) -> dict[str, list[Row]]:
    """Make every row of both stores, by table."""
    made = random.Random(seed)
    rows: dict[str, list[Row]] = {}
    for number, (who, country, choice) in enumerate(PEOPLE, start=1):
        for table, row in _account(made, number, who, country, choice):
            rows.setdefault(table, []).append(row)
    rows["visits"].append((100, None, "198.51.100.7", "/prices", "laptop", "Firefox", "c-guest", _at(40)))
    for number, who in enumerate((*BUYERS, "zoe"), start=1):
        name, mail = f"{who.capitalize()} Jensen", f"{who}@mail.example"
        rows.setdefault("customers", []).append(
            (number, mail, int(who != "zoe"), name, f"{who} & co", _at(number))
        )
        rows.setdefault("quotations", []).append(
            (number, number, f"{number} seats, says {name}", 9_900, _at(50))
        )
        if who in BUYERS:
            paid = made.choice(("paypal", "stripe"))
            rows.setdefault("invoices", []).append(
                (number, number, f"S-{number:04}", name, 9_900, paid, _at(60))
            )
    return rows


def _account(made: random.Random, number: int, who: str, country: str, choice: str) -> list[tuple[str, Row]]:
    """Make one account with what hangs on it."""
    name, mail, why = f"{who.capitalize()} Jensen", f"{who}@mail.example", CLOSED.get(who)
    language = made.choice(("en", "de", "fr"))
    status, closed = ("closed", _at(100)) if why else ("open", None)
    account = (number, mail, 1, name, language, country, status, why, _at(number), closed)
    document = (number, number, "Letter", f"Yours sincerely, {name}, {mail}", _at(30))
    visit = (
        number,
        number,
        f"192.0.2.{number}",
        "/help",
        "laptop",
        "Firefox",
        f"c-{made.getrandbits(32):08x}",
        _at(20),
    )
    found: list[tuple[str, Row]] = [
        ("accounts", account),
        ("product_uses", (number, number, made.choice(PRODUCTS), _at(25))),
        ("visits", visit),
        ("documents", document),
    ]
    if choice != "accepted":
        left = _at(80) if choice == "unsubscribed" else None
        found.append(("mail_choices", (number, int(left is None), "2025-08", _at(number), left)))
    return found


def _at(day: int) -> str:
    return f"{BEGIN + timedelta(days=day):%Y-%m-%d %H:%M:%S}"


def write(rows: dict[str, list[Row]], app: Path, office: Path) -> None:
    """Write both stores into new SQLite files."""
    for path, schema in zip((app, office), SCHEMA.read_text().split("-- office\n"), strict=True):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"PRAGMA foreign_keys=ON; {schema}")
            every = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
            for (table,) in every:
                marks = ", ".join("?" * len(rows[table][0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
            connection.commit()


def main() -> None:
    """Write the stores and say how many people are in them."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, required=True, help="SQLite file of the site; replaced")
    options.add_argument("--office", type=Path, required=True, help="SQLite file of the office; replaced")
    options.add_argument("--seed", type=int, default=1, help="another seed makes other values")
    given = options.parse_args()
    rows = make(given.seed)
    write(rows, given.out, given.office)
    print(f"{len(rows['accounts'])} accounts, {sum(map(len, rows.values()))} rows in all.")


if __name__ == "__main__":
    main()
