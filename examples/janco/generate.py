"""Make the two stores of the Janco example in SQLite: an application with its accounts, and a CRM.

The same arguments always give the same rows; nobody in them exists, and addresses are of the domains kept for
documentation. Three of four accounts are the person's own; the others are administered by a customer of Janco.
README.md says who is who.

    python examples/janco/generate.py --out app.sqlite --crm crm.sqlite
"""

from __future__ import annotations

import argparse
import random
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")
BEGIN = datetime(2025, 1, 6, 9)
"""When the first row is dated; nothing in the example depends on today."""

OURS = "janco"
DOMAINS = {
    "acme.example": ("customer", "acme"),
    "springfield.example": ("customer", "springfield-school"),
    "cable.example": ("provider", "cable"),
}
"""Domains a customer claimed, and domains of service providers; every other domain is private."""

PEOPLE = (
    ("ana", "mail.example", "FR"),
    ("bo", "acme.example", "US"),
    ("cy", "cable.example", "US"),
    ("dee", "mail.example", "US"),
    ("eli", "mail.example", "DE"),
    ("fay", "mail.example", "US"),
    ("gus", "mail.example", "US"),
    ("hal", "cable.example", "US"),
    ("ida", "acme.example", "US"),
    ("jon", "springfield.example", "US"),
    ("kim", "mail.example", "GB"),
    ("lou", "springfield.example", "US"),
    ("mia", "mail.example", "US"),
    ("ned", "cable.example", "CA"),
    ("oda", "mail.example", "SE"),
    ("pia", "mail.example", "US"),
    ("rex", "acme.example", "US"),
    ("sue", "mail.example", "US"),
    ("tom", "mail.example", "IE"),
    ("una", "mail.example", "US"),
)
"""Name, domain of the address, and country of everybody with an account."""

Row = tuple[Any, ...]


def classify(domain: str) -> tuple[str, str]:
    """Return the kind of an account and who answers for it; a customer's claim goes before a provider's."""
    kind, organisation = DOMAINS.get(domain, ("", ""))
    if kind == "customer":
        return "work-or-school", organisation
    return ("third-party" if kind == "provider" else "personal"), OURS


def make(seed: int = 1) -> dict[str, list[Row]]:
    """Make every row of both stores, by table."""
    made = random.Random(seed)
    rows: dict[str, list[Row]] = {"domains": [(name, *of) for name, of in DOMAINS.items()]}
    for number, (who, domain, country) in enumerate(PEOPLE, start=1):
        for table, row in _account(made, number, who, domain, country):
            rows.setdefault(table, []).append(row)
    rows["purchases"].append((100, 2, "Template pack", 4_900, "Bo Vance, at home", OURS, _at(40)))
    rows["address_book"] += [
        (100, 1, "Gus Vance", "gus@mail.example", OURS),
        (101, 6, "Aunt May", None, OURS),
    ]
    rows["messages"] = [
        (1, 1, 7, "Dear Gus, the draft is in my folder. Ana", OURS, _at(50)),
        (2, 7, 1, "Thanks! ana@mail.example is still right?", OURS, _at(51)),
        (3, 2, 9, "Ida, please look at the salary table.", "acme", _at(52)),
    ]
    rows["leads"] = [
        (1, "ana@mail.example", 1, "Ana Vance", "+33 1 99 00 00 01", "Vance & Co", None, _at(60)),
        (2, "zoe@mail.example", 0, "Zoe Quist", None, "Quist Ltd", "Lists & More", _at(61)),
    ]
    rows["tickets"] = [
        (1, "ana@mail.example", "Crash on save, Ana", "at save() of ana@mail.example", "Firefox", _at(70)),
        (2, "fay@mail.example", "Cannot print", "", "Chrome", _at(71)),
    ]
    rows["engagements"] = [
        (1, "Ida Vance", "ida@acme.example", "Job descriptions of 40 people", "acme", _at(80)),
        (2, "Tom Vance", "tom@mail.example", "My own plan of recovery", OURS, _at(81)),
    ]
    return rows


def _account(made: random.Random, number: int, who: str, domain: str, country: str) -> list[tuple[str, Row]]:
    """Make one account with what hangs on it."""
    kind, held_for = classify(domain)
    phone = f"+1 303 555 01{number:02}"
    secret = f"$argon2id$v=19$m=65536${made.getrandbits(64):016x}"
    name, mail = f"{who.capitalize()} Vance", f"{who}@{domain}"
    found: list[tuple[str, Row]] = [
        ("accounts", (number, mail, 1, name, phone, secret, country, kind, held_for, _at(number))),
        (
            "devices",
            (
                number,
                number,
                f"ad-{made.getrandbits(32):08x}",
                "Firefox",
                f"192.0.2.{number}",
                held_for,
                _at(90),
            ),
        ),
        (
            "activities",
            (number, number, "Templates", "opened a template", "job description", held_for, _at(91)),
        ),
        (
            "interests",
            (number, number, made.choice(("security", "staffing", "budget")), number % 2, held_for),
        ),
        ("choices", (number, 1, 1, 1, 1, number % 2, held_for)),
        ("files", (number, number, f"plan-{number}.txt", f"Draft of {name}", held_for)),
        ("purchases", (number, number, "Handbook", 29_900, name, held_for, _at(92))),
    ]
    if number % 3 == 1:
        found.append(
            ("cards", (number, number, "Visa", f"{made.randrange(10_000):04}", f"tok_{number}", held_for))
        )
    if number % 4 == 1:
        found.append(
            ("address_book", (number, number, "Sam Friend", f"sam{number}@friends.example", held_for))
        )
    return found


def _at(day: int) -> str:
    return f"{BEGIN + timedelta(days=day):%Y-%m-%d %H:%M:%S}"


def write(rows: dict[str, list[Row]], app: Path, crm: Path) -> None:
    """Write both stores into new SQLite files."""
    ours, theirs = SCHEMA.read_text().split("-- crm\n")
    for path, schema in ((app, ours), (crm, theirs)):
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            connection.executescript(f"PRAGMA foreign_keys=ON; {schema}")
            tables = [
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for table in tables:
                marks = ", ".join("?" * len(rows[table][0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
        connection.close()


def main() -> None:
    """Write the stores and say how many people are in them."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, required=True, help="SQLite file of the application; replaced")
    options.add_argument("--crm", type=Path, required=True, help="SQLite file of the CRM; replaced")
    options.add_argument("--seed", type=int, default=1, help="another seed makes other values")
    given = options.parse_args()
    rows = make(given.seed)
    write(rows, given.out, given.crm)
    print(f"{len(rows['accounts'])} accounts, {sum(map(len, rows.values()))} rows in all.")


if __name__ == "__main__":
    main()
